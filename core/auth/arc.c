/* Validating ARC chains (RFC 8617 5.2). */
#include "core/auth/arc.h"

#include "core/auth/dkim_int.h"
#include "core/base/i18n.h"
#include "core/base/num.h"

enum {
	SEAL_TEXT_MAX = 4 * MAIL_HEADER_MAX
};

static const struct {
	const char *word;
	const char *text;
} reasons[ARC_REASONS] = {
	[ARC_OK] = { "ok", N_("every seal and the newest signature verify") },
	[ARC_STRUCTURE] = { "structure",
	    N_("a set lacks a field, has one twice, or has no number") },
	[ARC_TOO_MANY] = { "too-many", N_("there are more than 50 sets") },
	[ARC_BAD_FIELD] = { "field", N_("a field cannot be read") },
	[ARC_CHAIN_VALUE] = { "chain-value",
	    N_("cv= does not fit the place in the chain") },
	[ARC_SAID_FAIL] = { "said-fail",
	    N_("the newest seal says that the chain was broken already") },
	[ARC_MESSAGE] = { "message",
	    N_("the newest ARC-Message-Signature does not verify") },
	[ARC_SEAL] = { "seal", N_("an ARC-Seal does not verify") },
};

const char *
arc_result_word(enum arc_result r)
{
	static const char *const words[] = { "none", "pass", "fail",
		"temperror" };
	return words[r];
}

const char *
arc_reason_word(enum arc_reason r)
{
	return reasons[r].word;
}

const char *
arc_reason_text(enum arc_reason r)
{
	return _(reasons[r].text);
}

static void
chain_fail(struct arc_chain *c, enum arc_reason why, unsigned at)
{
	if (c->result == ARC_FAIL)
		return;
	c->result = ARC_FAIL;
	c->reason = why;
	c->at = at;
}

/* "i=1; authserv.example; ...": the instance is the first tag. */
static unsigned
results_instance(const struct filter_field *f)
{
	struct str rest, value;
	struct str name =
	    str_trim(str_cut(str_cut(f->body, ';', &rest), '=', &value));
	uint64_t n;
	if (rest.ptr == NULL || !str_is(name, "i") ||
	    !num_parse_u64(str_trim(value), ARC_SETS_MAX, &n))
		return 0;
	return (unsigned)n;
}

struct collecting {
	struct arc_chain *chain;
	struct arena *arena;
	unsigned seen[ARC_SETS_MAX]; /* one bit a kind of field */
};

enum {
	SEEN_RESULTS = 1 << 0,
	SEEN_MESSAGE = 1 << 1,
	SEEN_SEAL = 1 << 2,
	SEEN_ALL = 7
};

/* One field into its set; 'bit' says which. */
static void
collect(struct collecting *c, const struct filter_field *f, unsigned bit)
{
	struct dkim_signature s = { 0 };
	unsigned i;
	if (bit == SEEN_RESULTS) {
		i = results_instance(f);
	} else {
		dkim_signature_parse(f,
		    bit == SEEN_MESSAGE ? DKIM_FIELD_AMS : DKIM_FIELD_SEAL,
		    c->arena, &s);
		i = s.instance;
	}
	if (i == 0 || (c->seen[i - 1] & bit) != 0) {
		chain_fail(c->chain, ARC_STRUCTURE, i);
		return;
	}
	struct arc_set *set = &c->chain->sets[i - 1];
	c->seen[i - 1] |= bit;
	if (i > c->chain->n_sets)
		c->chain->n_sets = i;
	if (bit == SEEN_RESULTS)
		set->results = f;
	else if (bit == SEEN_MESSAGE)
		set->message = s;
	else
		set->seal = s;
}

/* Fields readable, cv= as its place asks; the first problem counts. */
static void
check_sets(struct arc_chain *c)
{
	for (size_t i = 0; i < c->n_sets; i++) {
		struct arc_set *s = &c->sets[i];
		unsigned at = (unsigned)i + 1;
		enum dkim_reason field = s->seal.problem != DKIM_OK
					     ? s->seal.problem
					     : s->message.problem;
		struct str cv = s->seal.chain_value;
		if (i + 1 == c->n_sets && str_is_nocase(cv, "fail"))
			chain_fail(c, ARC_SAID_FAIL, at);
		else if (!str_is_nocase(cv, i == 0 ? "none" : "pass"))
			chain_fail(c, ARC_CHAIN_VALUE, at);
		if (field == DKIM_OK || c->field != DKIM_OK)
			continue;
		c->field = field;
		c->detail = s->seal.problem != DKIM_OK ? s->seal.problem_tag
						       : s->message.problem_tag;
		chain_fail(c, ARC_BAD_FIELD, at);
	}
}

void
arc_chain_parse(
    const struct mail_header *h, struct arena *a, struct arc_chain *out)
{
	static const struct {
		const char *name;
		unsigned bit;
	} kinds[] = {
		{ "arc-authentication-results", SEEN_RESULTS },
		{ "arc-message-signature", SEEN_MESSAGE },
		{ "arc-seal", SEEN_SEAL },
	};
	*out = (struct arc_chain){ 0 };
	out->sets = ARENA_ARRAY(a, ARC_SETS_MAX, struct arc_set);
	struct collecting c = { .chain = out, .arena = a };
	size_t found = 0;
	for (size_t i = 0; out->sets != NULL && i < h->n_fields; i++) {
		for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
			if (!str_is_nocase(h->fields[i].name, kinds[k].name))
				continue;
			if (++found <= 3 * ARC_SETS_MAX)
				collect(&c, &h->fields[i], kinds[k].bit);
			else
				chain_fail(out, ARC_TOO_MANY, 0);
		}
	}
	for (size_t i = 0; i < out->n_sets; i++) {
		if (c.seen[i] != SEEN_ALL)
			chain_fail(out, ARC_STRUCTURE, (unsigned)i + 1);
	}
	if (found > 0 && out->result != ARC_FAIL)
		check_sets(out);
}

/* What seal i covers: the sets up to it, its own b= empty (RFC 8617 5.1.1). */
static bool
seal_text(const struct arc_chain *c, size_t i, struct buf *out)
{
	static const struct str nothing = STR_EMPTY;
	for (size_t k = 0; k <= i; k++) {
		const struct arc_set *s = &c->sets[k];
		dkim_header_add(out, DKIM_RELAXED, s->results, nothing, true);
		dkim_header_add(
		    out, DKIM_RELAXED, s->message.field, nothing, true);
		dkim_header_add(out, DKIM_RELAXED, s->seal.field,
		    k == i ? s->seal.b_raw : nothing, k != i);
	}
	return !out->failed;
}

static void
judge_seal(struct dkim_judge *j, struct arc_chain *c, size_t i,
    const struct dkim_key_answer *answer)
{
	struct arc_set *set = &c->sets[i];
	struct dkim_verdict *v = &set->seal_verdict;
	struct crypto_key *key = NULL;
	struct buf text = BUF_INIT(SEAL_TEXT_MAX);
	*v = (struct dkim_verdict){ 0 };
	v->reason = dkim_judge_key(j, &set->seal, answer, &key, v);
	if (v->reason == DKIM_OK)
		v->reason =
		    seal_text(c, i, &text)
			? dkim_judge_text(j, &set->seal, key, buf_str(&text))
			: DKIM_NO_CRYPTO;
	if (v->reason == DKIM_OK &&
	    set->seal.algorithm != DKIM_ED25519_SHA256 &&
	    v->key_bits < DKIM_RSA_BITS_MIN)
		v->reason = DKIM_KEY_SHORT;
	v->result = dkim_result_of(v->reason);
	buf_clear(&text);
}

/* A verdict that breaks the chain, or leaves it open. */
static void
weigh(struct arc_chain *c, const struct dkim_verdict *v, enum arc_reason why,
    unsigned at)
{
	if (v->result == DKIM_PASS)
		return;
	bool open = v->result == DKIM_TEMPERROR;
	if (c->result == ARC_FAIL || (open && c->result == ARC_TEMPERROR))
		return;
	c->result = open ? ARC_TEMPERROR : ARC_FAIL;
	c->reason = why;
	c->at = at;
	c->field = v->reason;
	c->detail = v->detail;
}

static void
judge_chain(struct dkim_judge *j, const struct dkim_message *m,
    struct dns_question *q, struct arena *a, int64_t now_s, struct arc_chain *c)
{
	bool whole = true;
	c->result = ARC_PASS;
	dkim_judge_message(j);
	for (size_t i = c->n_sets; i-- > 0;) {
		struct arc_set *set = &c->sets[i];
		struct dkim_key_answer message_key =
		    dkim_key_answer_of(q[2 * i].answer, a);
		struct dkim_key_answer seal_key =
		    dkim_key_answer_of(q[2 * i + 1].answer, a);
		dkim_judge_signature(j, m, &set->message, &message_key, now_s,
		    &set->message_verdict);
		judge_seal(j, c, i, &seal_key);
		set->judged = true;
		whole = whole && set->message_verdict.result == DKIM_PASS;
		if (whole)
			c->oldest_pass = (unsigned)i + 1;
		/* older message signatures may be broken by later changes */
		if (i + 1 == c->n_sets)
			weigh(c, &set->message_verdict, ARC_MESSAGE,
			    (unsigned)i + 1);
		weigh(c, &set->seal_verdict, ARC_SEAL, (unsigned)i + 1);
	}
}

void
arc_verify(struct dkim_judge *j, const struct dkim_message *m, struct dns *dns,
    struct arena *a, int64_t now_s, struct arc_chain *out)
{
	arc_chain_parse(&m->header, a, out);
	if (out->result == ARC_FAIL || out->n_sets == 0)
		return;
	struct dns_question *q =
	    ARENA_ARRAY(a, 2 * out->n_sets, struct dns_question);
	if (q == NULL) {
		out->result = ARC_TEMPERROR;
		return;
	}
	for (size_t i = 0; i < out->n_sets; i++) {
		q[2 * i].name = out->sets[i].message.key_name;
		q[2 * i + 1].name = out->sets[i].seal.key_name;
		q[2 * i].type = q[2 * i + 1].type = DNS_TXT;
	}
	dns_ask_all(dns, a, q, 2 * out->n_sets);
	judge_chain(j, m, q, a, now_s, out);
}
