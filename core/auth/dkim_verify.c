/* Verifying a message: the keys of all its signatures asked at once. */
#include "core/auth/dkim_int.h"

/*
 * How much a verdict says, most first: the domain signed this (acceptably, or
 * not), it may have, it signed something else, nothing can be told.
 */
static int
rank(const struct dkim_verdict *v)
{
	static const int ranks[] = {
		[DKIM_PASS] = 0,
		[DKIM_TEMPERROR] = 1,
		[DKIM_POLICY] = 2,
		[DKIM_FAIL] = 3,
		[DKIM_PERMERROR] = 4,
		[DKIM_NEUTRAL] = 5,
		[DKIM_NONE] = 6,
	};
	return v->result == DKIM_PERMERROR && dkim_reason_is_formal(v->reason)
		   ? ranks[DKIM_POLICY]
		   : ranks[v->result];
}

enum dkim_result
dkim_overall(const struct dkim_verdict *v, size_t n)
{
	const struct dkim_verdict *best = NULL;
	for (size_t i = 0; i < n; i++) {
		if (best == NULL || rank(&v[i]) < rank(best))
			best = &v[i];
	}
	return best != NULL ? best->result : DKIM_NONE;
}

static bool
needs_key(const struct dkim_signature *s)
{
	return s->problem == DKIM_OK || dkim_reason_is_formal(s->problem);
}

enum dkim_result
dkim_verify(struct dkim_judge *j, const struct dkim_message *m, struct dns *dns,
    struct arena *a, int64_t now_s, struct dkim_verdict **verdicts)
{
	size_t n = m->n_signatures, asked = 0;
	struct dkim_verdict *v = ARENA_ARRAY(a, n + 1, struct dkim_verdict);
	struct dns_question *q = ARENA_ARRAY(a, n + 1, struct dns_question);
	*verdicts = v;
	if (v == NULL || q == NULL)
		return DKIM_TEMPERROR;
	for (size_t i = 0; i < n; i++) {
		if (needs_key(&m->signatures[i]))
			q[asked++] = (struct dns_question){
				.name = m->signatures[i].key_name,
				.type = DNS_TXT
			};
	}
	dns_ask_all(dns, a, q, asked);
	dkim_judge_message(j);
	for (size_t i = 0, next = 0; i < n; i++) {
		struct dkim_key_answer key = { 0 };
		if (needs_key(&m->signatures[i]))
			key = dkim_key_answer_of(q[next++].answer, a);
		dkim_judge_signature(
		    j, m, &m->signatures[i], &key, now_s, &v[i]);
	}
	return dkim_overall(v, n);
}
