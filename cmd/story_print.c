/* Stories of messages as text and JSON. */
#include "cmd/story_print.h"

#include "core/base/escape.h"
#include "core/base/i18n.h"
#include "core/base/json.h"

#include <stdlib.h>
#include <string.h>

int64_t
story_first_ns(const struct story *s)
{
	if (s->n_steps > 0)
		return s->steps[0].key_ns;
	if (s->begun_ns != INT64_MIN)
		return s->begun_ns;
	return s->verdict_ns;
}

static struct tai64n
time_of(int64_t ns)
{
	int64_t s = ns / NS_PER_S - (ns % NS_PER_S < 0);
	return (struct tai64n){ s, (int32_t)(ns - s * NS_PER_S) };
}

static void
add_time(struct story_printer *p, int64_t ns, struct buf *out)
{
	if (ns != INT64_MIN && tai64n_zone_second(&p->zone, time_of(ns).unix_s))
		buf_add(out, p->zone.text, p->zone.len);
	else
		buf_add_cstr(out, "-");
}

static void
add_recipients(const struct story *s, struct buf *out)
{
	struct str rest = s->recipients, one;
	bool first = true;
	while (maillog_recipient_next(&rest, &one)) {
		if (!first)
			buf_add_cstr(out, ", ");
		escape_terminal(out, one);
		first = false;
	}
	if (s->refused.len > 0) {
		buf_add_cstr(out, first ? "" : ", ");
		escape_terminal(out, s->refused);
	} else if (first) {
		buf_add_char(out, '-');
	}
}

void
story_head(struct story_printer *p, const struct story *s, struct buf *out)
{
	add_time(p, story_first_ns(s), out);
	buf_addf(out, "  %-9s  ", story_end_name(s->end));
	escape_terminal(out, s->sender.len > 0 ? s->sender : s->ip);
	buf_add_cstr(out, " -> ");
	add_recipients(s, out);
	if (s->verdict != MAILLOG_QUEUED && s->rule.len > 0) {
		buf_add_cstr(out, "  ");
		escape_terminal(out, s->rule);
	}
}

/* "NAME  VALUE" of what is known. */
static void
fact(struct buf *out, const char *name, struct str value)
{
	if (value.len == 0)
		return;
	buf_addf(out, "%-10s ", name);
	escape_terminal(out, value);
	buf_add_char(out, '\n');
}

static void
number(struct buf *out, const char *name, uint64_t n)
{
	if (n != 0)
		buf_addf(out, "%-10s %llu\n", name, (unsigned long long)n);
}

static void
joint(struct buf *out, const char *name, enum story_sure sure,
    const char *detail, struct str text)
{
	if (sure == STORY_NONE)
		return;
	buf_addf(out, "%-10s %s", name, story_sure_name(sure));
	if (text.len > 0) {
		buf_addf(out, ", %s", detail);
		escape_terminal(out, text);
	}
	buf_add_char(out, '\n');
}

static const struct {
	enum story_doubt doubt;
	const char *word, *text;
} doubts[] = {
	{ STORY_QP_REUSED, "qp-reused",
	    N_("the number of qmail-queue was used twice in that time") },
	{ STORY_SENDER_DIFFERS, "sender-differs",
	    N_("the queue names another sender than the verdict") },
	{ STORY_NO_MID, "no-message-id",
	    N_("the spam scan is joined by time and score") },
	{ STORY_SCANS_ALIKE, "scans-alike",
	    N_("several spam scans could be the one") },
	{ STORY_BEGAN_EARLIER, "began-earlier",
	    N_("its beginning lies before the first line read") },
	{ STORY_PID_REUSED, "pid-reused",
	    N_("the end of the connection is missing; its number was used "
	       "again") },
	{ STORY_STEPS_CUT, "lines-cut", N_("not all of its lines are kept") },
};

static void
add_doubts(const struct story *s, struct buf *out)
{
	for (size_t i = 0; i < ARRAY_LEN(doubts); i++)
		if ((s->doubts & (unsigned)doubts[i].doubt) != 0)
			buf_addf(out, "%-10s %s\n", "note", _(doubts[i].text));
}

static void
add_steps(struct story_printer *p, const struct story *s, struct buf *out)
{
	int64_t first = story_first_ns(s);
	for (size_t i = 0; i < s->n_steps; i++) {
		const struct story_step *step = &s->steps[i];
		double offset = step->key_ns == INT64_MIN
				    ? 0
				    : (double)(step->key_ns - first) / NS_PER_S;
		add_time(p, step->key_ns, out);
		buf_addf(out, " %+10.3f  %-8s  ", offset,
		    p->set->names[step->source]);
		escape_terminal(
		    out, str_sub(step->raw, step->text, step->raw.len));
		buf_add_char(out, '\n');
	}
}

void
story_text(struct story_printer *p, const struct story *s, struct buf *out)
{
	story_head(p, s, out);
	buf_add_char(out, '\n');
	fact(out, "client", s->ip);
	fact(out, "name", s->host);
	fact(out, "helo", s->helo);
	fact(out, "id", s->mid);
	if (s->verdict != MAILLOG_QUEUED)
		fact(out, "rule", s->rule);
	if (s->verdict != MAILLOG_QUEUED)
		fact(out, "reason", s->reason);
	joint(out, "spam scan", s->scan, "", s->scan_score);
	joint(out, "virus scan", s->virus, "",
	    s->virus_name.len > 0 ? s->virus_name : STR("clean"));
	joint(out, "queue", s->queue, "", (struct str)STR_EMPTY);
	fact(out, "queue id", s->queue_id);
	number(out, "qp", s->qp);
	number(out, "msg", s->msg);
	number(out, "bounce of", s->bounce_of);
	if (s->next_try_ns != INT64_MIN) {
		buf_addf(out, "%-10s ", "next try");
		add_time(p, s->next_try_ns, out);
		buf_add_char(out, '\n');
	}
	add_doubts(s, out);
	add_steps(p, s, out);
}

enum {
	PLUGINS_MAX = 64
};

/* What a plugin found in a connection. */
struct plugin_result {
	struct str name; /* canonical where it is known */
	const struct maillog_plugin *plugin;
	enum maillog_result result;
};

static int
by_registry(const void *a, const void *b)
{
	const struct plugin_result *x = a, *y = b;
	unsigned i = x->plugin != NULL && x->plugin->id != 0 ? x->plugin->id
							     : UINT16_MAX;
	unsigned k = y->plugin != NULL && y->plugin->id != 0 ? y->plugin->id
							     : UINT16_MAX;
	if (i != k)
		return i < k ? -1 : 1;
	return str_cmp(x->name, y->name);
}

static void
add_result(struct plugin_result *list, size_t *n, struct str name,
    enum maillog_result result)
{
	const struct maillog_plugin *plugin = maillog_plugin_find(name);
	size_t i = 0;
	if (plugin != NULL)
		name = str_of(plugin->name);
	while (i < *n && !str_eq(list[i].name, name))
		i++;
	if (i == PLUGINS_MAX)
		return;
	if (i == *n)
		list[(*n)++] = (struct plugin_result){ name, plugin, result };
	/* several recipients: one that failed is what counts */
	if (list[i].result != MAILLOG_FAIL)
		list[i].result = result;
}

/* Results of the plugins of a story in the order of the registry. */
static size_t
plugin_results(const struct story *s, struct plugin_result list[PLUGINS_MAX])
{
	size_t n = 0;
	for (size_t i = 0; i < s->n_steps; i++) {
		const struct story_step *step = &s->steps[i];
		struct maillog_event ev;
		if (step->kind != MAILLOG_PLUGIN)
			continue;
		maillog_parse(MAILLOG_FORM_QPSMTPD,
		    str_sub(step->raw, step->text, step->raw.len), &ev);
		if (ev.kind == MAILLOG_PLUGIN && ev.result != MAILLOG_NO_RESULT)
			add_result(list, &n, ev.plugin.name,
			    (enum maillog_result)ev.result);
	}
	if (s->verdict == MAILLOG_REFUSED || s->verdict == MAILLOG_DEFERRED)
		add_result(list, &n, s->rule, MAILLOG_FAIL);
	qsort(list, n, sizeof(*list), by_registry);
	return n;
}

static char
symbol_of(enum maillog_result result)
{
	static const char symbols[] = {
		[MAILLOG_NO_RESULT] = ' ',
		[MAILLOG_PASS] = 'o',
		[MAILLOG_FAIL] = 'X',
		[MAILLOG_TOLERATED] = 'x',
		[MAILLOG_NAUGHTY] = 'X',
		[MAILLOG_SKIP] = '-',
		[MAILLOG_ERROR] = '!',
		[MAILLOG_POSITIVE] = 'o',
		[MAILLOG_NEGATIVE] = 'x',
	};
	return result < sizeof(symbols) ? symbols[result] : ' ';
}

static void
column(struct buf *out, struct str value)
{
	buf_add_cstr(out, "  ");
	if (value.len > 0)
		escape_terminal(out, value);
	else
		buf_add_char(out, '-');
}

void
story_symbols(struct story_printer *p, const struct story *s, struct buf *out)
{
	struct plugin_result list[PLUGINS_MAX];
	size_t n = plugin_results(s, list);
	if ((s->doubts & STORY_BEGAN_EARLIER) != 0)
		buf_add_cstr(out, "? ");
	add_time(p, story_first_ns(s), out);
	column(out, s->ip);
	column(out, s->host);
	column(out, s->country);
	column(out, s->helo);
	column(out, s->sender);
	buf_add_cstr(out, " -> ");
	add_recipients(s, out);
	buf_add_char(out, ' ');
	for (size_t i = 0; i < n; i++) {
		buf_add_char(out, ' ');
		if (list[i].plugin != NULL)
			buf_add_cstr(out, list[i].plugin->abbreviation);
		else
			escape_terminal(out, list[i].name);
		buf_add_char(out, ':');
		buf_add_char(out, symbol_of(list[i].result));
	}
}

static void
json_plugins(struct json *j, const struct story *s)
{
	struct plugin_result list[PLUGINS_MAX];
	size_t n = plugin_results(s, list);
	json_key(j, "plugins");
	json_array_begin(j);
	for (size_t i = 0; i < n; i++) {
		json_object_begin(j);
		json_key(j, "name");
		json_str(j, list[i].name);
		json_key(j, "result");
		json_cstr(j, maillog_result_name(list[i].result));
		json_object_end(j);
	}
	json_array_end(j);
}

static void
json_text(struct json *j, const char *key, struct str s)
{
	json_key(j, key);
	if (s.len > 0)
		json_str(j, s);
	else
		json_null(j);
}

static void
json_when(struct story_printer *p, struct json *j, const char *key, int64_t ns)
{
	char text[TAI64N_TEXT_SIZE];
	size_t n = 0;
	if (ns != INT64_MIN)
		n = tai64n_time_text(&p->zone, time_of(ns), TAI64N_ISO, text);
	json_text(j, key, str_n(text, n));
}

static void
json_count(struct json *j, const char *key, uint64_t n)
{
	json_key(j, key);
	if (n != 0)
		json_int(j, (int64_t)n);
	else
		json_null(j);
}

static void
json_deliveries(struct story_printer *p, struct json *j, const struct story *s)
{
	json_key(j, "deliveries");
	json_array_begin(j);
	for (size_t i = 0; i < s->n_deliveries; i++) {
		const struct story_delivery *d = &s->deliveries[i];
		json_object_begin(j);
		json_text(j, "to", d->address);
		json_key(j, "channel");
		json_cstr(j, d->remote ? "remote" : "local");
		json_key(j, "tries");
		json_array_begin(j);
		for (size_t k = 0; k < d->n_tries; k++) {
			const struct story_try *t = &d->tries[k];
			json_object_begin(j);
			json_count(j, "number", t->number);
			json_when(p, j, "start", t->start_ns);
			json_when(p, j, "done", t->done_ns);
			json_text(j, "result",
			    str_of(maillog_result_name(t->result)));
			json_text(j, "text", t->text);
			json_object_end(j);
		}
		json_array_end(j);
		json_object_end(j);
	}
	json_array_end(j);
}

static void
json_scans(struct story_printer *p, struct json *j, const struct story *s)
{
	json_key(j, "spam");
	if (s->scan == STORY_NONE || s->scan == STORY_MISSING) {
		json_null(j);
	} else {
		json_object_begin(j);
		json_count(j, "pid", s->scan_pid);
		json_text(j, "score", s->scan_score);
		json_text(j, "required", s->scan_required);
		json_text(j, "rules", s->scan_rules);
		json_text(j, "seconds", s->scan_seconds);
		json_count(j, "size", s->scan_size);
		json_key(j, "spam");
		json_bool(j, s->scan_spam);
		json_when(p, j, "start", s->scan_start_ns);
		json_object_end(j);
	}
	json_text(j, "virus", s->virus_name);
	json_key(j, "joints");
	json_object_begin(j);
	json_text(j, "spam", str_of(story_sure_name(s->scan)));
	json_text(j, "virus", str_of(story_sure_name(s->virus)));
	json_text(j, "queue", str_of(story_sure_name(s->queue)));
	json_object_end(j);
	json_key(j, "doubts");
	json_array_begin(j);
	for (size_t i = 0; i < ARRAY_LEN(doubts); i++)
		if ((s->doubts & (unsigned)doubts[i].doubt) != 0)
			json_cstr(j, doubts[i].word);
	json_array_end(j);
}

static void
json_steps(struct story_printer *p, struct json *j, const struct story *s)
{
	int64_t first = story_first_ns(s);
	json_key(j, "steps");
	json_array_begin(j);
	for (size_t i = 0; i < s->n_steps; i++) {
		const struct story_step *step = &s->steps[i];
		json_object_begin(j);
		json_when(p, j, "time", step->key_ns);
		json_key(j, "offset");
		json_double(j, (double)(step->key_ns - first) / NS_PER_S, 9);
		json_key(j, "service");
		json_cstr(j, p->set->names[step->source]);
		json_key(j, "kind");
		json_cstr(j, maillog_kind_name((enum maillog_kind)step->kind));
		json_text(j, "label",
		    str_sub(step->raw, 0, step->text > 0 ? step->text - 1 : 0));
		json_key(j, "text");
		json_str(j, str_sub(step->raw, step->text, step->raw.len));
		json_object_end(j);
	}
	json_array_end(j);
}

void
story_json(struct story_printer *p, const struct story *s, struct buf *out)
{
	static const char *const verdicts[] = { "", "queued", "refused",
		"deferred" };
	struct json j;
	struct str rest = s->recipients, one;
	json_init(&j, out);
	json_object_begin(&j);
	json_key(&j, "id");
	json_int(&j, (int64_t)s->id);
	json_key(&j, "end");
	json_cstr(&j, story_end_name(s->end));
	json_when(p, &j, "time", story_first_ns(s));
	json_key(&j, "service");
	json_cstr(&j, p->set->names[s->source]);
	json_count(&j, "pid", s->pid);
	json_key(&j, "client");
	json_object_begin(&j);
	json_text(&j, "ip", s->ip);
	json_text(&j, "name", s->host);
	json_object_end(&j);
	json_text(&j, "helo", s->helo);
	json_text(&j, "country", s->country);
	json_text(&j, "from", s->sender);
	json_key(&j, "to");
	json_array_begin(&j);
	while (maillog_recipient_next(&rest, &one))
		json_str(&j, one);
	json_array_end(&j);
	json_text(&j, "refused_to", s->refused);
	json_text(&j, "message_id", s->mid);
	json_text(&j, "verdict", str_of(verdicts[s->verdict]));
	json_when(p, &j, "verdict_time", s->verdict_ns);
	json_text(&j, "hook", s->hook);
	json_text(&j, "rule", s->rule);
	json_text(&j, "code", s->code);
	json_text(&j, "reason", s->reason);
	json_text(&j, "extra", s->extra);
	json_plugins(&j, s);
	json_scans(p, &j, s);
	json_text(&j, "queue_id", s->queue_id);
	json_count(&j, "qp", s->qp);
	json_count(&j, "msg", s->msg);
	json_count(&j, "bytes", s->bytes);
	json_count(&j, "uid", s->uid);
	json_when(p, &j, "queued", s->new_ns);
	json_when(p, &j, "ended", s->end_ns);
	json_when(p, &j, "next_try", s->next_try_ns);
	json_count(&j, "bounce_qp", s->bounce_qp);
	json_count(&j, "bounce_of", s->bounce_of);
	json_deliveries(p, &j, s);
	json_steps(p, &j, s);
	json_object_end(&j);
}
