/*
 * ARC chains (RFC 8617): the sets that forwarders added, and whether the chain
 * of seals holds. Built on the signatures of core/auth/dkim.h.
 */
#ifndef CORE_AUTH_ARC_H
#define CORE_AUTH_ARC_H

#include "core/auth/dkim.h"

enum {
	ARC_SETS_MAX = 50 /* RFC 8617 4.2.1 */
};

/* The chain validation status, and "could not be tested". */
enum arc_result {
	ARC_NONE,
	ARC_PASS,
	ARC_FAIL,
	ARC_TEMPERROR
};

enum arc_reason {
	ARC_OK,
	ARC_STRUCTURE,   /* a set lacks a field, or has one twice */
	ARC_TOO_MANY,    /* more than ARC_SETS_MAX */
	ARC_BAD_FIELD,   /* a field cannot be read: see 'field' */
	ARC_CHAIN_VALUE, /* cv= does not fit the place in the chain */
	ARC_SAID_FAIL,   /* the newest seal says cv=fail */
	ARC_MESSAGE,     /* the newest message signature does not verify */
	ARC_SEAL,        /* a seal does not verify */
	ARC_REASONS
};

const char *arc_result_word(enum arc_result r);
const char *arc_reason_word(enum arc_reason r);
const char *arc_reason_text(enum arc_reason r);

/* One set: what one forwarder added. */
struct arc_set {
	const struct filter_field *results; /* ARC-Authentication-Results */
	struct dkim_signature message;      /* ARC-Message-Signature */
	struct dkim_signature seal;         /* ARC-Seal */
	struct dkim_verdict message_verdict, seal_verdict;
	bool judged; /* the verdicts are set */
};

struct arc_chain {
	enum arc_result result;
	enum arc_reason reason;
	unsigned at;            /* instance concerned, or 0 */
	enum dkim_reason field; /* of the signature concerned */
	struct str detail;
	struct arc_set *sets; /* [0] is i=1; in the arena */
	size_t n_sets;
	/* lowest instance whose message signature still verifies, 0: none */
	unsigned oldest_pass;
};

/* Collect and check the structure; nothing is asked. */
void arc_chain_parse(
    const struct mail_header *h, struct arena *a, struct arc_chain *out);

/* Validate the chain of 'm' (RFC 8617 5.2); keys are asked at once. */
void arc_verify(struct dkim_judge *j, const struct dkim_message *m,
    struct dns *dns, struct arena *a, int64_t now_s, struct arc_chain *out);

#endif
