/* Log events on the terminal, in text and in JSON. */
#include "cmd/log_print.h"

#include "cmd/render.h"
#include "core/base/escape.h"
#include "core/base/utf8.h"

#include <stdlib.h>
#include <string.h>

enum {
	STORY_MAX = 5 << 20, /* a line of 1 MiB, escaped */
	JSON_MAX = 32 << 20,
	TIME_WIDTH = 19, /* 2026-03-17 14:08:01 */
	STATE_WIDTH = 8,
};

void
log_print_init(
    struct log_printer *p, struct app *app, const char *schema, bool raw)
{
	*p = (struct log_printer){ .app = app,
		.schema = schema,
		.raw = raw,
		.service_width = strlen("qpsmtpd") };
	buf_init(&p->story, STORY_MAX);
}

void
log_print_clear(struct log_printer *p)
{
	buf_clear(&p->story);
}

void
log_print_width(struct log_printer *p, const char *const *names)
{
	for (size_t i = 0; names[i] != NULL; i++)
		if (strlen(names[i]) > p->service_width &&
		    strchr(names[i], '/') == NULL)
			p->service_width = strlen(names[i]);
}

static void
json_time(struct log_printer *p, struct json *j, const struct log_event *event)
{
	char text[TAI64N_TEXT_SIZE];
	struct tai64n t = { event->unix_s, event->ns };
	size_t n = event->ns >= 0
		       ? tai64n_time_text(&p->zone, t, TAI64N_ISO, text)
		       : 0;
	json_text(j, "time", str_n(text, n));
}

/* Score as a number with the digits it was written with. */
static void
json_score(struct json *j, struct str score)
{
	char text[32];
	size_t point = str_find(score, '.', 0);
	json_key(j, "score");
	if (score.len == 0 || score.len >= sizeof(text)) {
		json_null(j);
		return;
	}
	memcpy(text, score.ptr, score.len);
	text[score.len] = '\0';
	json_double(j, strtod(text, NULL),
	    point < score.len ? (int)(score.len - point - 1) : 0);
}

/* LG-27: what a plugin of qpsmtpd says, or of a verdict which one decided. */
static void
json_plugin(struct json *j, const struct log_event *event)
{
	const struct maillog_event *ev = &event->parsed;
	struct str none = STR_EMPTY, name = none;
	if (event->verdict != LOG_QUEUED)
		name = maillog_field(ev, MAILLOG_F_PLUGIN);
	const struct maillog_plugin *plugin =
	    name.len > 0 ? maillog_plugin_find(name) : NULL;
	json_text(j, "hook", maillog_field(ev, MAILLOG_F_HOOK));
	json_text(j, "plugin", plugin != NULL ? str_of(plugin->name) : name);
	json_text(j, "plugin_raw", name);
	json_text(j, "result",
	    str_of(maillog_result_name((enum maillog_result)ev->result)));
}

/*
 * The line. A byte that is not UTF-8 looks there like the four characters that
 * a log may have too: then its bytes are told beside it (LG-24).
 */
static void
json_raw(struct log_printer *p, struct json *j, struct str raw)
{
	static const char digits[] = "0123456789abcdef";
	json_key(j, "raw");
	json_str(j, raw);
	if (utf8_is_valid(raw))
		return;
	buf_reset(&p->story);
	for (size_t i = 0; i < raw.len; i++) {
		unsigned char c = (unsigned char)raw.ptr[i];
		buf_add_char(&p->story, digits[c >> 4]);
		buf_add_char(&p->story, digits[c & 15]);
	}
	json_text(j, "raw_hex", buf_str(&p->story));
}

void
log_event_json(
    struct log_printer *p, struct json *j, const struct log_event *event)
{
	struct str rest = event->to, one;
	bool verdict = event->verdict != LOG_VERDICT_NONE;
	json_time(p, j, event);
	json_text(j, "label", event->label);
	json_key(j, "service");
	json_cstr(j, event->service);
	json_key(j, "kind");
	json_cstr(j, event->kind);
	json_text(j, "verdict", str_of(log_verdict_word(event->verdict)));
	json_key(j, "pid");
	if (event->pid != 0)
		json_int(j, event->pid);
	else
		json_null(j);
	json_text(j, "severity",
	    str_of(
		maillog_severity_name((enum maillog_severity)event->severity)));
	json_key(j, "client");
	json_object_begin(j);
	json_text(j, "ip", event->host);
	json_text(j, "name", event->client_name);
	json_object_end(j);
	json_text(j, "helo", event->helo);
	json_text(j, "from", event->from);
	json_key(j, "to");
	json_array_begin(j);
	while (log_recipient_next(&rest, &one))
		json_str(j, one);
	json_array_end(j);
	json_text(j, "rule", event->rule);
	json_plugin(j, event);
	json_text(j, "code", event->code);
	json_key(j, "text");
	json_str(j, verdict ? event->reason : event->text);
	json_score(j, event->score);
	json_key(j, "continued");
	json_bool(j, event->continued);
	json_raw(p, j, event->raw);
}

/* A line of JSON of its own. */
static void
event_json(struct log_printer *p, const struct log_event *event)
{
	struct buf out = BUF_INIT(JSON_MAX);
	struct json j;
	json_init(&j, &out);
	json_object_begin(&j);
	json_key(&j, "schema");
	json_cstr(&j, p->schema);
	log_event_json(p, &j, event);
	json_object_end(&j);
	buf_add_char(&out, '\n');
	render_raw(p->app, buf_str(&out));
	buf_clear(&out);
}

static void
event_text(struct log_printer *p, const struct log_event *event)
{
	const size_t widths[] = { TIME_WIDTH, p->service_width, STATE_WIDTH,
		0 };
	struct str time = STR("-");
	buf_reset(&p->story);
	if (event->verdict != LOG_VERDICT_NONE) {
		log_event_route(event, &p->story);
		buf_add_cstr(&p->story, "  ");
	}
	log_event_reason(event, &p->story);
	if (event->ns >= 0 && tai64n_zone_second(&p->zone, event->unix_s))
		time = str_n(p->zone.text, p->zone.len);
	const struct str cells[] = { time, str_of(event->service),
		str_of(log_state_word(event)), buf_str(&p->story) };
	/* why something was refused or failed must be seen whole */
	render_stream_row(p->app, cells, widths, ARRAY_LEN(cells),
	    log_state_word(event)[0] != '\0' ? TIME_WIDTH + 2 : 0);
}

static void
event_raw(struct log_printer *p, const struct log_event *event)
{
	if (p->app->terminal) {
		buf_reset(&p->story);
		escape_terminal(&p->story, event->raw);
		buf_add_char(&p->story, '\n');
		render_raw(p->app, buf_str(&p->story));
		return;
	}
	render_raw(p->app, event->raw);
	if (!event->more)
		render_raw(p->app, STR("\n"));
}

void
log_print(struct log_printer *p, const struct log_event *event)
{
	if (p->app->json || p->app->jsonl)
		event_json(p, event);
	else if (p->raw)
		event_raw(p, event);
	else
		event_text(p, event);
}
