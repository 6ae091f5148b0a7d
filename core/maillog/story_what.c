/* The kind of word that was asked for. */
#include "core/maillog/story_what.h"

#include "core/base/compiler.h"
#include "core/maillog/story_int.h"
#include "core/maillog/when.h"
#include "core/net/addr.h"

static void
add(struct story_what *w, enum story_key key, struct str text)
{
	w->keys[w->n] = key;
	w->texts[w->n++] = text;
}

/* "qp:8" and its kin. */
static bool
by_prefix(struct str word, struct story_what *out)
{
	static const struct {
		const char *prefix;
		enum story_key key;
	} prefixes[] = {
		{ "qp:", STORY_BY_QP },
		{ "pid:", STORY_BY_PID },
		{ "msg:", STORY_BY_MSG },
		{ "delivery:", STORY_BY_DELIVERY },
		{ "spamd:", STORY_BY_SCAN_PID },
		{ "id:", STORY_BY_QUEUE_ID },
		{ "ip:", STORY_BY_IP },
		{ "mid:", STORY_BY_MID },
		{ "from:", STORY_BY_ADDRESS },
		{ "to:", STORY_BY_ADDRESS },
		{ "text:", STORY_BY_TEXT },
	};
	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++) {
		struct str prefix = str_of(prefixes[i].prefix);
		if (!str_starts_nocase(word, prefix) || word.len == prefix.len)
			continue;
		add(out, prefixes[i].key, str_sub(word, prefix.len, word.len));
		return true;
	}
	return false;
}

static bool
is_number(struct str word)
{
	for (size_t i = 0; i < word.len; i++)
		if (!ascii_is_digit(word.ptr[i]))
			return false;
	return word.len > 0 && word.len < 19;
}

void
story_what_parse(struct str word, int64_t now_ns, struct story_what *out)
{
	struct net_addr address;
	word = str_trim(word);
	*out = (struct story_what){ .from_ns = INT64_MIN, .to_ns = INT64_MAX };
	out->is_all = word.len == 0;
	if (out->is_all || by_prefix(word, out))
		return;
	out->is_time = when_span(word, now_ns, &out->from_ns, &out->to_ns);
	if (out->is_time)
		return;
	bool at = str_find(word, '@', 0) < word.len;
	if (net_addr_parse(word, &address)) {
		add(out, STORY_BY_IP, word);
	} else if (is_number(word)) {
		add(out, STORY_BY_PID, word);
		add(out, STORY_BY_QP, word);
		add(out, STORY_BY_MSG, word);
		add(out, STORY_BY_DELIVERY, word);
		add(out, STORY_BY_SCAN_PID, word);
		add(out, STORY_BY_QUEUE_ID, word);
	} else if (at) {
		add(out, STORY_BY_MID, word);
		add(out, STORY_BY_ADDRESS, word);
	} else {
		add(out, STORY_BY_TEXT, word);
	}
}

static int64_t
latest(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* Was it under way then? */
static bool
at_time(const struct story_what *w, const struct story *s)
{
	int64_t begun = s->begun_ns != INT64_MIN ? s->begun_ns : s->verdict_ns;
	int64_t over = latest(
	    latest(s->closed_ns, s->end_ns), latest(s->verdict_ns, begun));
	if (s->end == STORY_QUEUED)
		over = INT64_MAX;
	return begun < w->to_ns && over >= w->from_ns;
}

bool
story_what_matches(const struct story_what *w, const struct story *s)
{
	if (w->is_all)
		return true;
	if (w->is_time)
		return at_time(w, s);
	for (size_t i = 0; i < w->n; i++)
		if (story_matches(s, w->keys[i], w->texts[i]))
			return true;
	return false;
}

bool
story_what_needle(const struct story_what *w, struct str *needle)
{
	if (w->is_time || w->n == 0)
		return false;
	*needle = w->texts[0];
	/* brackets may stand there or not */
	if (str_starts(*needle, STR("<")))
		*needle = str_sub(*needle, 1, needle->len);
	if (str_ends(*needle, STR(">")))
		needle->len--;
	return needle->len > 0;
}

void
story_what_number(const struct story_what *w, struct str *number)
{
	*number = (struct str)STR_EMPTY;
	for (size_t i = 0; i < w->n; i++)
		if (w->keys[i] < STORY_BY_PID || w->keys[i] > STORY_BY_QUEUE_ID)
			return;
	if (w->n > 0)
		*number = w->texts[0];
}

/* A message without its verdict, as a story. */
static bool
message_waits(const struct story_what *w, const struct message *m)
{
	struct story_try none = { .number = 0 };
	struct story s = { .sender = m->sender,
		.mid = m->mid,
		.ip = m->ip,
		.host = m->host,
		.queue_id = m->queue_id,
		.bounce_id = m->bounce_id,
		.qp = m->qp,
		.msg = m->msg,
		.begun_ns = m->first_ns,
		.verdict_ns = INT64_MIN,
		.closed_ns = INT64_MIN,
		.end_ns = m->end_ns };
	if (story_what_matches(w, &s))
		return true;
	for (const struct recipient *r = m->first; r != NULL; r = r->next) {
		if (r->first != NULL)
			none = r->last->t;
		struct story_delivery d = { r->address, r->remote, &none,
			r->first != NULL };
		s.deliveries = &d;
		s.n_deliveries = 1;
		if (story_what_matches(w, &s))
			return true;
	}
	return false;
}

bool
story_what_waits(const struct story_what *w, const struct stories *s)
{
	LIST_FOREACH(node, &s->tales)
	{
		struct tale *t = LIST_ITEM(node, struct tale, node);
		if (story_waits(s, t) &&
		    (story_what_matches(w, &t->s) ||
			(t->message != NULL && message_waits(w, t->message))))
			return true;
	}
	LIST_FOREACH(node, &s->message_list)
	{
		struct message *m = LIST_ITEM(node, struct message, node);
		if (m->tale == NULL && message_waits(w, m))
			return true;
	}
	return !list_is_empty(&s->conn_list) && w->is_time;
}
