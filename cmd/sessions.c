/* sessions: the last conversations of the running filter daemon. */
#include "core/model/counters.h"
#include "core/model/transcripts.h"

#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/render.h"
#include "core/base/i18n.h"
#include "core/base/num.h"

enum {
	NOT_FOUND = 1,
	COLUMNS = 5,
	SESSIONS_MAX = 256
};

/* What the last line of it says: the reply that ended it, mostly. */
static struct str
last_reply(const struct transcript_session *s)
{
	struct str lines = s->lines, text, last = STR_EMPTY;
	uint64_t ms;
	while (transcript_line(&lines, &ms, &text)) {
		if (text.len > 3 && ascii_is_digit(text.ptr[0]) &&
		    !str_starts(text, STR("221")))
			last = text;
	}
	return last;
}

static void
list(struct app *app, struct str text)
{
	static const struct render_column columns[COLUMNS] = { { N_("SESSION"),
								   true },
		{ N_("BEGAN"), false }, { N_("CLIENT"), false }, { "MS", true },
		{ N_("LAST REPLY"), false } };
	struct transcript_session s;
	struct str *cells =
	    ARENA_ARRAY(app->arena, SESSIONS_MAX * COLUMNS, struct str);
	size_t n = 0;
	while (n < SESSIONS_MAX && transcript_next(&text, &s)) {
		struct str *row = &cells[n++ * COLUMNS];
		row[0] = str_of(arena_printf(
		    app->arena, "%llu", (unsigned long long)s.number));
		row[1] = s.began;
		row[2] = s.ip;
		row[3] = str_of(arena_printf(
		    app->arena, "%llu", (unsigned long long)s.took_ms));
		row[4] = last_reply(&s);
	}
	render_table(app, columns, COLUMNS, cells, n);
	if (n == 0)
		render_note(app, _("no session has ended since the start"));
}

static void
show(struct app *app, const struct transcript_session *s)
{
	struct str lines = s->lines, text;
	uint64_t ms;
	render_line(app, _("session %llu of %.*s, began %.*s, took %llu ms"),
	    (unsigned long long)s->number, STR_ARG(s->ip), STR_ARG(s->began),
	    (unsigned long long)s->took_ms);
	while (transcript_line(&lines, &ms, &text))
		render_line(
		    app, "%8llu  %.*s", (unsigned long long)ms, STR_ARG(text));
}

static void
session_json(struct json *j, const struct transcript_session *s)
{
	struct str lines = s->lines, text;
	uint64_t ms;
	json_object_begin(j);
	json_key(j, "session");
	json_int(j, (int64_t)s->number);
	json_key(j, "client");
	json_str(j, s->ip);
	json_key(j, "began");
	json_str(j, s->began);
	json_key(j, "took_ms");
	json_int(j, (int64_t)s->took_ms);
	json_key(j, "lines");
	json_array_begin(j);
	while (transcript_line(&lines, &ms, &text)) {
		json_object_begin(j);
		json_key(j, "ms");
		json_int(j, (int64_t)ms);
		json_key(j, "text");
		json_str(j, text);
		json_object_end(j);
	}
	json_array_end(j);
	json_object_end(j);
}

/* All, or the one of 'number'; how many. */
static size_t
sessions_json(struct app *app, struct str text, uint64_t number)
{
	struct json j;
	struct buf buf;
	struct transcript_session s;
	size_t n = 0;
	render_json_begin(app, &j, &buf, "smemail.sessions/1");
	json_key(&j, "rows");
	json_array_begin(&j);
	while (transcript_next(&text, &s)) {
		if (number != 0 && s.number != number)
			continue;
		session_json(&j, &s);
		n++;
	}
	json_array_end(&j);
	render_json_end(app, &j, &buf);
	return n;
}

static bool
find(struct str text, uint64_t number, struct transcript_session *out)
{
	while (transcript_next(&text, out)) {
		if (out->number == number)
			return true;
	}
	return false;
}

static int
answer(struct app *app, struct str text, uint64_t number)
{
	struct transcript_session s;
	if (app->json)
		return sessions_json(app, text, number) > 0 || number == 0
			   ? 0
			   : NOT_FOUND;
	if (number == 0) {
		list(app, text);
		return 0;
	}
	if (!find(text, number, &s)) {
		render_note(app,
		    _("session %llu is not among the last ones; the log may "
		      "have it"),
		    (unsigned long long)number);
		render_next(app, "smemail log search pid:%llu",
		    (unsigned long long)number);
		return NOT_FOUND;
	}
	show(app, &s);
	return 0;
}

static int
run_sessions(struct app *app, const struct call *call, struct err *e)
{
	struct buf text = BUF_INIT(COUNTERS_TEXT_MAX);
	uint64_t number = 0;
	if (call->n_args > 0 &&
	    !num_parse_u64(str_of(call->args[0]), UINT32_MAX, &number)) {
		err_set(e, ERR_USAGE, _("'%s' is not a number"), call->args[0]);
		return err_exit_status(e->code);
	}
	int status = err_exit_status(ERR_TEMPORARY);
	if (counters_read(&app->root, &text, e))
		status = answer(app, buf_str(&text), number);
	else
		status = err_exit_status(e->code);
	buf_clear(&text);
	return status;
}

const struct command command_sessions = {
	.words = "sessions",
	.summary = N_("the last conversations of the running filter"),
	.text = N_(
	    "Commands, replies and times of the last 64 sessions that have "
	    "ended, whatever the log level: one a line, or NUMBER whole. Texts "
	    "of messages and passwords are not among them. Exit status 1 when "
	    "NUMBER is not there."),
	.args = { { "NUMBER", ARG_INT, ARG_OPTIONAL, NULL } },
	.run = run_sessions,
};
