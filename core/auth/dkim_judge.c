/* Judging signatures by the published keys. Pure: no questions, no clock. */
#include "core/auth/dkim_int.h"

#include <stdlib.h>

enum {
	KEYS_KEPT = 32,
	/* looked at of one answer: fewer than are kept, so that none of them
	   goes while it is in use */
	RECORDS_MAX = 16,
	HASHES_KEPT = 8,
	TEXT_MAX = 4 * MAIL_HEADER_MAX,
	SCRATCH_MAX = 256 * 1024
};

/*
 * A record in use with its key: reading them takes longer than a verification.
 */
struct kept_key {
	char *text; /* of the record; its strings point into it */
	size_t len;
	struct dkim_record record; /* without the bytes of the key */
	struct crypto_key *key;    /* NULL: p= is no usable key */
};

struct kept_hash {
	bool sha1;
	enum dkim_canon canon;
	bool has_length;
	uint64_t length;
	uint64_t octets;
	size_t digest_len;
	uint8_t digest[CRYPTO_DIGEST_MAX];
};

struct dkim_judge {
	const struct crypto *crypto;
	struct crypto_hash *sha256, *sha1;
	struct arena *scratch; /* of one signature */
	struct buf text;
	struct dkim_body body;
	struct kept_key keys[KEYS_KEPT];
	size_t next_key;
	struct kept_hash hashes[HASHES_KEPT]; /* of the message */
	size_t n_hashes;
};

struct dkim_judge *
dkim_judge_new(const struct crypto *crypto)
{
	struct dkim_judge *j = calloc(1, sizeof(*j));
	if (j == NULL)
		return NULL;
	j->crypto = crypto;
	j->sha256 = crypto->hash_new(CRYPTO_SHA256);
	/* may be forbidden here; only to tell why something fails */
	j->sha1 = crypto->hash_new(CRYPTO_SHA1);
	j->scratch = arena_new(SCRATCH_MAX, NULL, NULL);
	buf_init(&j->text, TEXT_MAX);
	if (j->sha256 != NULL && j->scratch != NULL)
		return j;
	dkim_judge_free(j);
	return NULL;
}

void
dkim_judge_free(struct dkim_judge *j)
{
	if (j == NULL)
		return;
	for (size_t i = 0; i < KEYS_KEPT; i++) {
		j->crypto->key_free(j->keys[i].key);
		free(j->keys[i].text);
	}
	j->crypto->hash_free(j->sha256);
	j->crypto->hash_free(j->sha1);
	arena_free(j->scratch);
	buf_clear(&j->text);
	free(j);
}

void
dkim_judge_message(struct dkim_judge *j)
{
	j->n_hashes = 0;
}

/* Of the signature's digest; NULL when the library has it not. */
static struct crypto_hash *
hash_of(struct dkim_judge *j, const struct dkim_signature *s)
{
	return s->algorithm == DKIM_RSA_SHA1 ? j->sha1 : j->sha256;
}

static struct kept_hash *
body_hash(struct dkim_judge *j, struct str body, const struct dkim_signature *s)
{
	bool sha1 = s->algorithm == DKIM_RSA_SHA1;
	for (size_t i = 0; i < j->n_hashes; i++) {
		struct kept_hash *h = &j->hashes[i];
		if (h->canon == s->body_canon && h->sha1 == sha1 &&
		    h->has_length == s->has_length && h->length == s->length)
			return h;
	}
	/* more kinds than are kept: the last place is used again */
	if (j->n_hashes == HASHES_KEPT)
		j->n_hashes--;
	struct kept_hash *h = &j->hashes[j->n_hashes++];
	dkim_body_begin(&j->body, j->crypto, hash_of(j, s), s->body_canon);
	j->body.has_limit = s->has_length;
	j->body.limit = s->length;
	dkim_body_add(&j->body, body);
	h->canon = s->body_canon;
	h->sha1 = sha1;
	h->has_length = s->has_length;
	h->length = s->length;
	h->digest_len = dkim_body_end(&j->body, h->digest);
	h->octets = j->body.octets;
	return h;
}

static enum crypto_kind
kind_of(const struct dkim_record *r)
{
	return str_is_nocase(r->kind, "ed25519") ? CRYPTO_ED25519 : CRYPTO_RSA;
}

/* The record parsed and its key read, now or before; NULL without memory. */
static const struct kept_key *
record_keep(struct dkim_judge *j, struct str text)
{
	for (size_t i = 0; i < KEYS_KEPT; i++) {
		struct kept_key *k = &j->keys[i];
		if (k->text != NULL && str_eq(str_n(k->text, k->len), text))
			return k;
	}
	char *copy = malloc(text.len + 1);
	if (copy == NULL)
		return NULL;
	struct kept_key *k = &j->keys[j->next_key];
	j->next_key = (j->next_key + 1) % KEYS_KEPT;
	j->crypto->key_free(k->key);
	free(k->text);
	if (text.len > 0)
		memcpy(copy, text.ptr, text.len);
	k->text = copy;
	k->len = text.len;
	dkim_record_parse(str_n(copy, text.len), j->scratch, &k->record);
	k->key = k->record.problem == DKIM_OK
		     ? j->crypto->key_public(
			   kind_of(&k->record), k->record.key, NULL)
		     : NULL;
	k->record.key = (struct str)STR_EMPTY;
	return k;
}

/*
 * The one record to use. Others at the name that are no key records (a wildcard
 * answer, say) do not count; two keys are an error, as RFC 6376 3.6.2.2 leaves
 * their meaning open.
 */
static enum dkim_reason
choose_record(struct dkim_judge *j, const struct dkim_key_answer *answer,
    const struct kept_key **out)
{
	size_t usable = 0;
	enum dkim_reason problem = DKIM_NO_KEY;
	for (size_t i = 0; i < answer->n && i < RECORDS_MAX && usable < 2;
	     i++) {
		const struct kept_key *k = record_keep(j, answer->records[i]);
		if (k == NULL)
			return DKIM_NO_CRYPTO;
		enum dkim_reason p = k->record.problem;
		if (p == DKIM_OK || p == DKIM_KEY_REVOKED) {
			*out = k;
			usable++;
		} else if (problem == DKIM_NO_KEY) {
			problem = p;
		}
	}
	if (usable > 1)
		return DKIM_KEY_SEVERAL;
	return usable == 1 ? (*out)->record.problem : problem;
}

static bool
identity_is_domain(const struct dkim_signature *s)
{
	size_t n = s->domain.len;
	return s->identity.len > n &&
	       s->identity.ptr[s->identity.len - n - 1] == '@';
}

enum dkim_reason
dkim_judge_key(struct dkim_judge *j, const struct dkim_signature *s,
    const struct dkim_key_answer *answer, struct crypto_key **key,
    struct dkim_verdict *v)
{
	const struct kept_key *kept = NULL;
	bool ed25519 = s->algorithm == DKIM_ED25519_SHA256;
	if (!answer->answered) {
		v->detail = answer->why;
		return DKIM_KEY_UNREACHABLE;
	}
	enum dkim_reason reason = choose_record(j, answer, &kept);
	if (reason != DKIM_OK)
		return reason;
	const struct dkim_record *r = &kept->record;
	*key = kept->key;
	v->testing = r->testing;
	if (!str_is_nocase(r->kind, ed25519 ? "ed25519" : "rsa"))
		return DKIM_KEY_KIND;
	if (!r->any_hash &&
	    !(s->algorithm == DKIM_RSA_SHA1 ? r->sha1 : r->sha256))
		return DKIM_KEY_HASH;
	if (!r->for_mail)
		return DKIM_KEY_SERVICE;
	if (r->strict && s->instance == 0 && !identity_is_domain(s))
		return DKIM_KEY_STRICT;
	if (*key == NULL)
		return DKIM_KEY_UNUSABLE;
	v->key_bits = j->crypto->key_bits(*key);
	return DKIM_OK;
}

enum dkim_reason
dkim_judge_text(struct dkim_judge *j, const struct dkim_signature *s,
    struct crypto_key *key, struct str text)
{
	uint8_t digest[CRYPTO_DIGEST_MAX];
	enum crypto_digest which =
	    s->algorithm == DKIM_RSA_SHA1 ? CRYPTO_SHA1 : CRYPTO_SHA256;
	struct crypto_hash *hash = hash_of(j, s);
	j->crypto->hash_add(hash, text.ptr, text.len);
	size_t n = j->crypto->hash_end(hash, digest);
	if (n == 0)
		return DKIM_NO_CRYPTO;
	switch (j->crypto->verify(
	    key, which, str_n((const char *)digest, n), s->signature)) {
	case CRYPTO_GOOD:
		return DKIM_OK;
	case CRYPTO_WRONG:
		return DKIM_HEADER_CHANGED;
	case CRYPTO_FAILED:
		break;
	}
	return DKIM_NO_CRYPTO;
}

/* Body first: when both were changed, that is what explains more. */
static enum dkim_reason
judge_content(struct dkim_judge *j, const struct dkim_message *m,
    const struct dkim_signature *s, struct crypto_key *key,
    struct dkim_verdict *v)
{
	const struct kept_hash *h = body_hash(j, m->header.body, s);
	if (h->digest_len == 0)
		return DKIM_NO_CRYPTO;
	v->body_octets = h->octets;
	v->body_signed = s->has_length ? s->length : h->octets;
	if (s->has_length && s->length > h->octets)
		return DKIM_LENGTH_BEYOND;
	if (!str_eq(
		s->body_hash, str_n((const char *)h->digest, h->digest_len)))
		return DKIM_BODY_CHANGED;
	buf_reset(&j->text);
	dkim_header_select(&j->text, s->header_canon, &m->header, s->headers,
	    s->n_headers, s->field, &v->from_unsigned);
	dkim_header_add(&j->text, s->header_canon, s->field, s->b_raw, false);
	if (j->text.failed)
		return DKIM_NO_CRYPTO;
	return dkim_judge_text(j, s, key, buf_str(&j->text));
}

static enum dkim_reason
judge(struct dkim_judge *j, const struct dkim_message *m,
    const struct dkim_signature *s, const struct dkim_key_answer *answer,
    int64_t now_s, struct dkim_verdict *v)
{
	struct crypto_key *key = NULL;
	bool formal = dkim_reason_is_formal(s->problem);
	if (s->problem != DKIM_OK && !formal) {
		v->detail = s->problem_tag;
		return s->problem;
	}
	enum dkim_reason reason = dkim_judge_key(j, s, answer, &key, v);
	if (reason == DKIM_OK && hash_of(j, s) == NULL)
		reason = formal ? s->problem : DKIM_NO_CRYPTO;
	if (reason == DKIM_OK)
		reason = judge_content(j, m, s, key, v);
	if (reason != DKIM_OK)
		return reason;
	if (formal)
		return s->problem;
	if (s->algorithm != DKIM_ED25519_SHA256 &&
	    v->key_bits < DKIM_RSA_BITS_MIN)
		return DKIM_KEY_SHORT;
	if (s->expires >= 0 && now_s > s->expires)
		return DKIM_EXPIRED;
	return DKIM_OK;
}

void
dkim_judge_signature(struct dkim_judge *j, const struct dkim_message *m,
    const struct dkim_signature *s, const struct dkim_key_answer *key,
    int64_t now_s, struct dkim_verdict *out)
{
	*out = (struct dkim_verdict){ 0 };
	arena_reset(j->scratch);
	out->reason = judge(j, m, s, key, now_s, out);
	out->result = dkim_result_of(out->reason);
}
