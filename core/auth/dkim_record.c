/* Published key records (RFC 6376 3.6.1, RFC 8463 4). */
#include "core/auth/dkim_int.h"

static void
note_problem(struct dkim_record *r, enum dkim_reason reason)
{
	if (r->problem == DKIM_OK)
		r->problem = reason;
}

/* Does the colon-separated list have this word? */
static bool
list_has(struct str list, const char *wanted)
{
	struct str word;
	while (dkim_list_next(&list, &word)) {
		if (str_is_nocase(word, wanted))
			return true;
	}
	return false;
}

static void
read_lists(const struct dkim_tags *tags, struct dkim_record *out)
{
	const struct dkim_tag *h = dkim_tags_find(tags, "h");
	const struct dkim_tag *t = dkim_tags_find(tags, "t");
	const struct dkim_tag *s = dkim_tags_find(tags, "s");
	const struct dkim_tag *n = dkim_tags_find(tags, "n");
	out->any_hash = h == NULL;
	out->sha1 = h != NULL && list_has(h->value, "sha1");
	out->sha256 = h != NULL && list_has(h->value, "sha256");
	out->testing = t != NULL && list_has(t->value, "y");
	out->strict = t != NULL && list_has(t->value, "s");
	out->for_mail =
	    s == NULL || list_has(s->value, "*") || list_has(s->value, "email");
	out->notes = n != NULL ? n->value : (struct str)STR_EMPTY;
}

static void
read_key(const struct dkim_tags *tags, struct arena *a, struct dkim_record *out)
{
	for (size_t i = 0; i < tags->n; i++)
		out->p_tags += str_is(tags->tags[i].name, "p");
	const struct dkim_tag *p = dkim_tags_find(tags, "p");
	/* "p=p=MII...": pasted with its name into a form that adds it */
	out->p_tags += p != NULL && str_starts(p->value, STR("p="));
	if (p == NULL)
		note_problem(out, DKIM_KEY_SYNTAX);
	else if (!dkim_base64_decode(p->value, a, &out->key))
		note_problem(out, DKIM_KEY_UNUSABLE);
	else if (out->key.len == 0)
		note_problem(out, DKIM_KEY_REVOKED);
}

void
dkim_record_parse(struct str text, struct arena *a, struct dkim_record *out)
{
	struct dkim_tags tags;
	*out = (struct dkim_record){ .kind = STR("rsa") };
	/* what is too long is as good as no list */
	if (text.len > DKIM_RECORD_MAX)
		text = (struct str)STR_EMPTY;
	enum dkim_tags_status status = dkim_tags_parse(text, &tags, NULL);
	const struct dkim_tag *v = dkim_tags_find(&tags, "v");
	if (v != NULL) {
		out->version = v->value;
		if (v != &tags.tags[0] || !str_is(v->value, "DKIM1"))
			note_problem(out, DKIM_KEY_VERSION);
	}
	if (status != DKIM_TAGS_OK)
		note_problem(out, DKIM_KEY_SYNTAX);
	const struct dkim_tag *k = dkim_tags_find(&tags, "k");
	if (k != NULL)
		out->kind = k->value;
	read_lists(&tags, out);
	read_key(&tags, a, out);
}

struct dkim_key_answer
dkim_key_answer_of(const struct dns_answer *answer, struct arena *a)
{
	struct dkim_key_answer out = { 0 };
	if (answer == NULL) {
		out.why = STR("out of memory");
		return out;
	}
	out.answered =
	    dns_is_answer(answer->status) || answer->status == DNS_NOT_A_NAME;
	if (!out.answered) {
		out.why = answer->reason.len > 0
			      ? answer->reason
			      : str_of(dns_status_text(answer->status));
		return out;
	}
	if (answer->status != DNS_OK)
		return out;
	struct str *records = ARENA_ARRAY(a, answer->n + 1, struct str);
	for (size_t i = 0; records != NULL && i < answer->n; i++)
		records[out.n++] = answer->records[i].as.txt.text;
	out.records = records;
	return out;
}
