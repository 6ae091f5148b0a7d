/*
 * DKIM signatures (RFC 6376, 8301, 8463): reading them from a message, judging
 * each by the key that was published, and making them. Parsing and judging are
 * pure: key records come as facts, so the daemon, the commands and the tests
 * use the same code. All bounds are below; what exceeds one gets a verdict.
 */
#ifndef CORE_AUTH_DKIM_H
#define CORE_AUTH_DKIM_H

#include "core/auth/crypto.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/dns/dns.h"
#include "core/mail/header.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	DKIM_TAGS_MAX = 64,        /* of a signature or key record */
	DKIM_SIGNATURES_MAX = 20,  /* judged of one message; others: policy */
	DKIM_HEADERS_MAX = 256,    /* names in h= */
	DKIM_RECORD_MAX = 16384,   /* bytes of a key record */
	DKIM_RSA_BITS_MIN = 1024,  /* RFC 8301 3.2 */
	DKIM_RSA_BITS_GOOD = 2048, /* RFC 8301 3.2: should sign with it */
	DKIM_STRING_MAX = 255      /* of one character string in the DNS */
};

/* Result words of RFC 8601 2.7.1. */
enum dkim_result {
	DKIM_NONE,      /* not signed */
	DKIM_PASS,      /* the signature is by the domain, over this message */
	DKIM_FAIL,      /* signed, but not this message: it was changed */
	DKIM_POLICY,    /* would verify, but weak, expired or one too many */
	DKIM_NEUTRAL,   /* signed, but it cannot be judged here */
	DKIM_TEMPERROR, /* could not be tested: no answer of the DNS */
	DKIM_PERMERROR  /* the signature or the key cannot be used */
};

enum dkim_algorithm {
	DKIM_RSA_SHA256,
	DKIM_ED25519_SHA256,
	DKIM_RSA_SHA1, /* recognised, never valid (RFC 8301 3.1) */
	DKIM_ALGORITHM_UNKNOWN
};

enum dkim_canon {
	DKIM_SIMPLE,
	DKIM_RELAXED
};

/* Why a signature did not pass; words and texts in dkim_words.c. */
enum dkim_reason {
	DKIM_OK,
	/* the field itself (permerror) */
	DKIM_BAD_TAGS,
	DKIM_BAD_VERSION,
	DKIM_VERSION_MISSING, /* as before RFC 4871 */
	DKIM_BAD_ALGORITHM,
	DKIM_SHA1,
	DKIM_BAD_CANON,
	DKIM_BAD_DOMAIN,
	DKIM_BAD_SELECTOR,
	DKIM_BAD_IDENTITY,
	DKIM_BAD_HEADERS,
	DKIM_FROM_UNSIGNED,
	DKIM_BAD_QUERY,
	DKIM_BAD_TIME,
	DKIM_BAD_LENGTH,
	DKIM_LENGTH_BEYOND,
	DKIM_BAD_BODY_HASH,
	DKIM_BAD_SIGNATURE,
	DKIM_TAG_MISSING,
	DKIM_BAD_INSTANCE,  /* ARC: i= */
	DKIM_TAG_FORBIDDEN, /* ARC: h= in a seal */
	/* the key record (permerror) */
	DKIM_NO_KEY,
	DKIM_KEY_SYNTAX,
	DKIM_KEY_VERSION,
	DKIM_KEY_SEVERAL,
	DKIM_KEY_REVOKED,
	DKIM_KEY_KIND,
	DKIM_KEY_HASH,
	DKIM_KEY_SERVICE,
	DKIM_KEY_STRICT,
	DKIM_KEY_UNUSABLE,
	/* could not be tested */
	DKIM_KEY_UNREACHABLE,
	DKIM_NO_CRYPTO,
	/* fail */
	DKIM_BODY_CHANGED,
	DKIM_HEADER_CHANGED,
	/* policy */
	DKIM_KEY_SHORT,
	DKIM_EXPIRED,
	DKIM_TOO_MANY,
	DKIM_REASONS
};

/* "pass", "permerror" ... */
const char *dkim_result_word(enum dkim_result r);
/* For programs: "body-changed". */
const char *dkim_reason_word(enum dkim_reason r);
/* For people, translated; names the tag where there is one. */
const char *dkim_reason_text(enum dkim_reason r);
const char *dkim_algorithm_word(enum dkim_algorithm a);
const char *dkim_canon_word(enum dkim_canon c);

/* A parsed DKIM-Signature (or ARC-Message-Signature, ARC-Seal). */
struct dkim_signature {
	const struct filter_field *field;
	enum dkim_reason problem; /* found while parsing, or DKIM_OK */
	struct str problem_tag;   /* the tag it is about, or empty */
	enum dkim_algorithm algorithm;
	struct str algorithm_text; /* a= as written */
	enum dkim_canon header_canon, body_canon;
	struct str domain;   /* d= */
	struct str selector; /* s= */
	struct str identity; /* i=, decoded; "@DOMAIN" without the tag */
	struct str *headers; /* h=, in order */
	size_t n_headers;
	bool has_length;
	uint64_t length;            /* l= */
	int64_t signed_at, expires; /* t=, x=: Unix time, or -1 */
	struct str body_hash;       /* bh=, decoded */
	struct str signature;       /* b=, decoded */
	struct str b_raw;           /* b= with its blanks, in the field */
	unsigned instance;          /* i= of ARC */
	struct str chain_value;     /* cv= of a seal */
	struct str key_name;        /* "SELECTOR._domainkey.DOMAIN" */
};

/* A message ready for judging: LF line ends (FL-27). */
struct dkim_message {
	struct mail_header header;
	struct dkim_signature *signatures; /* in the order of the fields */
	size_t n_signatures;
};

/*
 * Read 'text' (which must outlive the result). Only a header beyond
 * MAIL_HEADER_MAX or MAIL_FIELDS_MAX makes it fail.
 */
MUST_USE bool dkim_message_parse(
    struct str text, struct arena *a, struct dkim_message *out, struct err *e);

/* A published key record (RFC 6376 3.6.1). */
struct dkim_record {
	enum dkim_reason problem;
	struct str version; /* v=, or empty */
	struct str kind;    /* k=, "rsa" without the tag */
	struct str key;     /* p=, decoded; empty: revoked */
	bool any_hash;      /* no h= */
	bool sha1, sha256;  /* in h= */
	bool testing;       /* t=y */
	bool strict;        /* t=s: i= must be in d= itself */
	bool for_mail;      /* s= has "email" or "*" */
	size_t p_tags;      /* how often p= is written: 1 */
	struct str notes;   /* n= */
};

void dkim_record_parse(
    struct str text, struct arena *a, struct dkim_record *out);

/* What the DNS said about a key. */
struct dkim_key_answer {
	bool answered;             /* false: could not be asked */
	struct str why;            /* then the reason */
	const struct str *records; /* TXT strings joined */
	size_t n;
};

struct dkim_key_answer dkim_key_answer_of(
    const struct dns_answer *answer, struct arena *a);

struct dkim_verdict {
	enum dkim_result result;
	enum dkim_reason reason;
	struct str detail; /* of the DNS or the tag concerned, or empty */
	unsigned key_bits; /* 0 when no key was seen */
	bool testing;      /* the key says t=y */
	/* body octets after canonicalisation, and how many are signed */
	uint64_t body_octets, body_signed;
	size_t from_unsigned; /* From fields that the signature leaves out */
};

/*
 * Keys and body hashes kept from one signature to the next; one for a message
 * or for many. Not for several threads.
 */
struct dkim_judge;
/* NULL when out of memory. 'crypto' is kept. */
struct dkim_judge *dkim_judge_new(const struct crypto *crypto);
void dkim_judge_free(struct dkim_judge *j); /* NULL allowed */

/*
 * Judge the i-th signature of the message by its key. 'now_s' is Unix time
 * (x=). Call dkim_judge_message before the first signature of each message.
 */
void dkim_judge_message(struct dkim_judge *j);
void dkim_judge_signature(struct dkim_judge *j, const struct dkim_message *m,
    const struct dkim_signature *s, const struct dkim_key_answer *key,
    int64_t now_s, struct dkim_verdict *out);

/*
 * All signatures with all keys asked at once: verdicts[i] belongs to
 * signatures[i], in the arena. Returns the overall result: pass if one
 * passes, else the one that says most.
 */
enum dkim_result dkim_verify(struct dkim_judge *j, const struct dkim_message *m,
    struct dns *dns, struct arena *a, int64_t now_s,
    struct dkim_verdict **verdicts);
enum dkim_result dkim_overall(const struct dkim_verdict *v, size_t n);

/* What a signature is made with. */
struct dkim_sign {
	const struct crypto *crypto;
	const struct crypto_key *key;
	struct str domain, selector;
	struct str identity; /* i=, or empty */
	enum dkim_canon header_canon, body_canon;
	int64_t now_s;
	int64_t lifetime_s; /* x= is so much later; 0: no x= */
	/* names to sign where present, LF between; empty: those of FL-117 */
	struct str headers;
};

/*
 * Append "DKIM-Signature: ...", folded, LF line ends, for a message (LF line
 * ends). Every field of a name that is signed is covered, and From once more,
 * so that none can be added (FL-117). l= is never written.
 */
MUST_USE bool dkim_sign(const struct dkim_sign *how,
    const struct mail_header *message, struct arena *a, struct buf *out,
    struct err *e);

#endif
