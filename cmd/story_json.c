/* Stories of messages as JSON. */
#include "cmd/story_print_int.h"

#include "core/base/json.h"
#include "core/maillog/story_time.h"

static void
json_plugins(struct json *j, const struct story *s)
{
	struct story_plugin list[STORY_PLUGINS_MAX];
	size_t n = story_plugins(s, list);
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
json_when(struct story_printer *p, struct json *j, const char *key, int64_t ns)
{
	char text[TAI64N_TEXT_SIZE];
	size_t n = 0;
	if (ns != INT64_MIN)
		n = tai64n_time_text(
		    &p->zone, story_time_of(ns), TAI64N_ISO, text);
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
	for (size_t i = 0; i < story_doubts_count; i++)
		if ((s->doubts & (unsigned)story_doubts[i].doubt) != 0)
			json_cstr(j, story_doubts[i].word);
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
		json_double(j, story_seconds(first, step->key_ns), 9);
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

static void
json_envelope(struct json *j, const struct story *s)
{
	struct str rest = s->recipients, one;
	json_key(j, "client");
	json_object_begin(j);
	json_text(j, "ip", s->ip);
	json_text(j, "name", s->host);
	json_object_end(j);
	json_text(j, "helo", s->helo);
	json_text(j, "country", s->country);
	json_text(j, "from", s->sender);
	json_key(j, "to");
	json_array_begin(j);
	while (maillog_recipient_next(&rest, &one))
		json_str(j, one);
	json_array_end(j);
	json_text(j, "refused_to", s->refused);
	json_text(j, "message_id", s->mid);
}

static void
json_verdict(struct story_printer *p, struct json *j, const struct story *s)
{
	static const char *const verdicts[] = { "", "queued", "refused",
		"deferred" };
	json_text(j, "verdict", str_of(verdicts[s->verdict]));
	json_when(p, j, "verdict_time", s->verdict_ns);
	json_text(j, "hook", s->hook);
	json_text(j, "rule", s->rule);
	json_text(j, "code", s->code);
	json_text(j, "reason", s->reason);
	json_text(j, "extra", s->extra);
}

static void
json_queue(struct story_printer *p, struct json *j, const struct story *s)
{
	json_text(j, "queue_id", s->queue_id);
	json_text(j, "delivered_to", s->delivered_to);
	json_count(j, "qp", s->qp);
	json_count(j, "msg", s->msg);
	json_count(j, "bytes", s->bytes);
	json_count(j, "uid", s->uid);
	json_when(p, j, "queued", s->new_ns);
	json_when(p, j, "ended", s->end_ns);
	json_when(p, j, "next_try", s->next_try_ns);
	json_count(j, "bounce_qp", s->bounce_qp);
	json_count(j, "bounce_of", s->bounce_of);
}

void
story_json(struct story_printer *p, const struct story *s, struct buf *out)
{
	struct json j;
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
	json_envelope(&j, s);
	json_verdict(p, &j, s);
	json_plugins(&j, s);
	json_scans(p, &j, s);
	json_queue(p, &j, s);
	json_deliveries(p, &j, s);
	json_steps(p, &j, s);
	json_object_end(&j);
}
