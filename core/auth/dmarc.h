/*
 * DMARC: records, the domain of From, alignment, policy. Two views of the same
 * message: RFC 9989 (tree walk; np, psd, t), which decides, and RFC 7489
 * (public suffix list, pct), which many receivers still follow. Pure: what it
 * must know of the DNS comes as facts (facts.h).
 */
#ifndef CORE_AUTH_DMARC_H
#define CORE_AUTH_DMARC_H

#include "core/auth/facts.h"
#include "core/auth/spf.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum dmarc_policy {
	DMARC_UNSET,
	DMARC_POLICY_NONE,
	DMARC_QUARANTINE,
	DMARC_REJECT
};

enum {
	DMARC_URIS_MAX = 64,
	DMARC_NOTES_MAX = 32,
	DMARC_PCT_ALL = 100,
	DMARC_INTERVAL = 86400 /* seconds, default of ri */
};

struct dmarc_uri {
	struct str uri; /* as written, without its limit */
	uint64_t limit; /* octets, 0: none given */
};

/* A tag that does not say what it should. */
struct dmarc_note {
	struct str tag, value;
	const char *why; /* translated by the reader */
};

struct dmarc_record {
	enum dmarc_policy p, sp, np;  /* UNSET: not there, or not valid */
	bool strict_dkim, strict_spf; /* adkim=s, aspf=s */
	bool testing;                 /* t=y */
	char psd;                     /* 'y', 'n', or 'u' */
	struct str fo;                /* "0" when not there */
	unsigned pct;                 /* 0-100 */
	uint32_t interval;            /* ri */
	struct dmarc_uri rua[DMARC_URIS_MAX], ruf[DMARC_URIS_MAX];
	size_t n_rua, n_ruf;
	struct dmarc_note notes[DMARC_NOTES_MAX];
	size_t n_notes;
};

/* Does it begin as a DMARC record ("v=DMARC1")? Others are thrown away. */
bool dmarc_record_is(struct str txt);
/*
 * Parse; views point into 'text'. False when no policy can be taken from it
 * (RFC 7489 6.6.3, RFC 9989 4.10.1): no valid p (or an sp or np that is not
 * valid) and no address for reports. With one the policy is none. Wrong tags
 * are noted and their defaults taken.
 */
MUST_USE bool dmarc_record_parse(struct str text, struct dmarc_record *out);
/*
 * The value of a tag rua or ruf alone; those that are no URI, and what is
 * beyond the maximum, are left out. Views point into 'list'. Gives how many.
 */
size_t dmarc_uris_parse(struct str list, struct dmarc_uri out[DMARC_URIS_MAX]);
const char *dmarc_policy_word(enum dmarc_policy policy); /* "reject" */
/* What counts for subdomains: sp, else p; for those that do not exist np. */
enum dmarc_policy dmarc_policy_below(const struct dmarc_record *r, bool exists);

/*
 * The mailto: address of a URI, escapes undone; false when it is none or has
 * bytes that no address may have.
 */
MUST_USE bool dmarc_uri_address(struct str uri, struct buf *out);

/*
 * The domain of a From field: of its first address, in lower case, as A-labels.
 * *others tells that further addresses are of other domains (NULL allowed).
 * False when there is none.
 */
MUST_USE bool dmarc_from_domain(
    struct str field, struct buf *out, bool *others);

/* Names equal, or with relaxed alignment their organizational domains. */
bool dmarc_is_aligned(struct str a, struct str a_organization, struct str b,
    struct str b_organization, bool strict);

/* The public suffix list; by core/auth/psl.h. */
struct psl;

enum dmarc_view {
	DMARC_RFC9989,
	DMARC_RFC7489
};

enum dmarc_result {
	DMARC_NONE, /* no policy */
	DMARC_PASS,
	DMARC_FAIL,
	DMARC_TEMPERROR, /* could not be told: DNS, or SPF or DKIM themselves */
};

struct dmarc_signature {
	struct str result; /* "pass", ... */
	struct str domain; /* d= */
};

struct dmarc_request {
	struct str from; /* domain of From */
	enum dmarc_view view;
	const struct psl *psl; /* needed for RFC 7489 */
	struct str spf_result; /* "pass", ...; empty: not checked */
	struct str spf_domain; /* MAIL FROM, or HELO for a null sender */
	const struct dmarc_signature *dkim;
	size_t n_dkim;
};

struct dmarc_outcome {
	enum dmarc_result result;
	enum dmarc_policy policy;      /* published for this message */
	enum dmarc_policy disposition; /* what a receiver shall do */
	const char *tag;         /* that gave the policy: "p", "sp", "np" */
	struct str record;       /* empty: none found */
	struct str where;        /* domain it stands at */
	struct str organization; /* of the From domain */
	struct dmarc_record parsed;
	bool spf_aligned;   /* passed and aligned */
	int dkim_aligned;   /* index of the signature, or -1 */
	struct str reason;  /* translated, one line */
	unsigned questions; /* names asked for the policy */
};

/* As spf_check: false while facts are wanted. */
MUST_USE bool dmarc_check(const struct dmarc_request *request,
    struct facts *facts, struct arena *a, struct dmarc_outcome *out);
void dmarc_check_wait(const struct dmarc_request *request, struct facts *facts,
    struct arena *a, struct dns *d, const struct dns_how *how,
    struct dmarc_outcome *out);
const char *dmarc_result_word(enum dmarc_result result);

/* The organizational domain by the tree walk; false while facts are wanted. */
MUST_USE bool dmarc_tree_organization(
    struct facts *facts, struct str domain, struct str *out);

enum dmarc_destination {
	DMARC_DESTINATION_OWN,      /* below the same organizational domain */
	DMARC_DESTINATION_VERIFIED, /* it agrees to get these reports */
	DMARC_DESTINATION_REFUSED,  /* it does not */
	DMARC_DESTINATION_UNTESTED, /* could not be asked */
	DMARC_DESTINATION_NO_MAIL   /* no mailto: address */
};
/*
 * May reports about 'domain' go to this URI (RFC 7489 7.1, RFC 9990 4)? False
 * while facts are wanted.
 */
MUST_USE bool dmarc_destination_check(struct facts *facts, struct arena *a,
    struct str domain, struct str organization, struct str uri,
    enum dmarc_destination *out);
/* For JSON as it is; marked for translation. */
const char *dmarc_destination_word(enum dmarc_destination d);

#endif
