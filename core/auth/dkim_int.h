/* Shared by the files of DKIM and ARC. */
#ifndef CORE_AUTH_DKIM_INT_H
#define CORE_AUTH_DKIM_INT_H

#include "core/auth/dkim.h"
#include "core/auth/dkim_base64.h"

/* --- dkim_tags.c: tag=value lists (RFC 6376 3.2) --- */

enum {
	DKIM_LETTERS = 64 /* a letter's lowest six bits are its own */
};

struct dkim_tag {
	struct str name;
	struct str value; /* blanks at both ends cut, inner ones kept */
	struct str raw;   /* all between "=" and ";" */
};

struct dkim_tags {
	struct dkim_tag tags[DKIM_TAGS_MAX];
	size_t n;
	/* the place of the first tag of this one letter, from 1; 0: none */
	unsigned char single[DKIM_LETTERS];
};

enum dkim_tags_status {
	DKIM_TAGS_OK,
	DKIM_TAGS_SYNTAX,
	DKIM_TAGS_DOUBLE, /* a name twice: *at is the second */
};

/* 'at' (NULL allowed) is the tag that is wrong. Doubles are kept. */
enum dkim_tags_status dkim_tags_parse(
    struct str text, struct dkim_tags *out, struct str *at);
/* The first of the name, or NULL. Names count by case. */
const struct dkim_tag *dkim_tags_find(
    const struct dkim_tags *t, const char *name);
/* Next word of a colon-separated list, blanks cut; false at the end. */
bool dkim_list_next(struct str *rest, struct str *word);

/* DKIM-quoted-printable (RFC 6376 2.11); false when it is none. */
bool dkim_qp_decode(struct str text, struct arena *a, struct str *out);

/*
 * Names of fields, letter case aside. Most differ in length or in the first
 * letter already: no call is made for them.
 */
static inline bool
dkim_name_is(struct str a, struct str b)
{
	return a.len == b.len && a.len > 0 &&
	       ((a.ptr[0] ^ b.ptr[0]) & ~('a' ^ 'A')) == 0 &&
	       (memcmp(a.ptr, b.ptr, a.len) == 0 || str_eq_nocase(a, b));
}

/* --- blanks within lines (RFC 6376 3.4.2, 3.4.4) --- */

static inline bool
dkim_is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* What folding may put between the parts of a tag's value. */
static inline bool
dkim_is_fold(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* --- dkim_body.c: canonical bodies, in chunks of any size --- */

struct dkim_body {
	const struct crypto *crypto;
	struct crypto_hash *hash;
	enum dkim_canon canon;
	bool has_limit;
	uint64_t limit;  /* octets hashed at most */
	uint64_t octets; /* canonical octets so far */
	uint64_t empty;  /* line ends not yet known to be inside */
	bool in_line;    /* something stands on the current line */
	bool blank;      /* blanks wait for what follows (relaxed) */
	size_t used;     /* of the staging bytes */
	char stage[16384];
};

void dkim_body_begin(struct dkim_body *b, const struct crypto *crypto,
    struct crypto_hash *hash, enum dkim_canon canon);
void dkim_body_add(struct dkim_body *b, struct str bytes);
/* Length of the digest, 0 on failure. */
size_t dkim_body_end(struct dkim_body *b, uint8_t out[CRYPTO_DIGEST_MAX]);

/* --- dkim_header.c: canonical header fields --- */

/*
 * Append a field with its CRLF; what stands in 'cut' (a part of the field's
 * body, or empty) is left out, and without 'end' the final CRLF too.
 */
void dkim_header_add(struct buf *out, enum dkim_canon canon,
    const struct filter_field *f, struct str cut, bool end);
/*
 * Append the fields that h= selects, each from below (RFC 6376 5.4.2), 'self'
 * left out. *from_left (NULL allowed) counts From fields not selected.
 */
void dkim_header_select(struct buf *out, enum dkim_canon canon,
    const struct mail_header *h, const struct str *names, size_t n_names,
    const struct filter_field *self, size_t *from_left);

/* --- dkim_signature.c --- */

enum dkim_field_kind {
	DKIM_FIELD,      /* DKIM-Signature */
	DKIM_FIELD_AMS,  /* ARC-Message-Signature */
	DKIM_FIELD_SEAL, /* ARC-Seal */
};

void dkim_signature_parse(const struct filter_field *f,
    enum dkim_field_kind kind, struct arena *a, struct dkim_signature *out);
/* A name of labels, as d= has it. */
bool dkim_domain_is_valid(struct str s);

/* --- dkim_judge.c, for ARC too --- */

/*
 * Find the key for the signature: the record fits it and its key can be used.
 * Returns DKIM_OK with *key (kept by the judge) or why not.
 */
enum dkim_reason dkim_judge_key(struct dkim_judge *j,
    const struct dkim_signature *s, const struct dkim_key_answer *answer,
    struct crypto_key **key, struct dkim_verdict *v);
/* Is b= the signature of this canonical text by the key? */
enum dkim_reason dkim_judge_text(struct dkim_judge *j,
    const struct dkim_signature *s, struct crypto_key *key, struct str text);
/*
 * A fault of form in a signature that can be judged all the same: whether it
 * is by the domain and over this message says more.
 */
bool dkim_reason_is_formal(enum dkim_reason r);
/* The result that belongs to a reason. */
enum dkim_result dkim_result_of(enum dkim_reason r);

#endif
