/* Lines of the logs become sessions and things that happened. */
#include "core/model/top_int.h"

#include "core/base/i18n.h"
#include "core/maillog/parse.h"
#include "core/sys/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	SERVICES_MAX = 8,
	ERROR_CODES = 400,
};

static const int64_t FUTURE_S = 4102444800; /* 2100 */

/* The logs that tell something. */
static const char *const services[] = { "qpsmtpd", "sqpsmtpd", "uqpsmtpd",
	"qmail", "spamd" };

const char *
top_phase_word(enum top_phase phase)
{
	static const char *const words[] = {
		[TOP_CONNECT] = "connect",
		[TOP_HELO] = "helo",
		[TOP_TLS] = "tls",
		[TOP_AUTH] = "auth",
		[TOP_MAIL] = "mail",
		[TOP_RCPT] = "rcpt",
		[TOP_DATA] = "data",
		[TOP_QUEUE] = "queue",
		[TOP_QUIT] = "quit",
	};
	return words[phase];
}

/* --- small things --- */

/* The number of a name; all that do not fit share the last. */
static uint8_t
name_id(struct top *t, struct str name)
{
	const struct maillog_plugin *known = maillog_plugin_find(name);
	struct str as = known != NULL ? str_of(known->name) : name;
	as = str_sub(as, 0, TOP_NAME_SIZE - 1);
	for (size_t i = 0; i < t->n_names; i++)
		if (str_is(as, t->names[i]))
			return (uint8_t)i;
	if (t->n_names == TOP_NAMES_MAX)
		return TOP_NAMES_MAX - 1;
	if (t->n_names == TOP_NAMES_MAX - 1)
		as = STR("other");
	str_copy(t->names[t->n_names], TOP_NAME_SIZE, as);
	return (uint8_t)t->n_names++;
}

static void
happened(struct top *t, enum top_what what, int64_t ns, struct str name,
    int64_t value)
{
	const struct top_event event = { ns, value, (uint8_t)what,
		name.len > 0 ? name_id(t, name) : 0 };
	if (t->events.len >= TOP_EVENTS_MAX) {
		struct top_event *all = t->events.data;
		size_t gone = TOP_EVENTS_MAX / 4;
		t->first_ns = all[gone].ns;
		t->events.len -= gone;
		memmove(all, all + gone, t->events.len * sizeof(*all));
	}
	t->failed |= !vec_push(&t->events, &event);
}

/* --- sessions --- */

static struct top_session *
session_find(struct top *t, const char *service, uint32_t pid)
{
	for (size_t i = t->sessions.len; i > 0; i--) {
		struct top_session *s =
		    VEC_AT(&t->sessions, struct top_session, i - 1);
		if (s->pid == pid && strcmp(s->service, service) == 0)
			return s;
	}
	return NULL;
}

static void
session_end(struct top *t, struct top_session *s)
{
	if (s != NULL)
		vec_remove(&t->sessions,
		    (size_t)(s - (struct top_session *)t->sessions.data));
}

static void
session_begin(struct top *t, const struct log_event *ev, int64_t ns)
{
	const struct maillog_event *p = &ev->parsed;
	struct top_session s = { .pid = p->pid, .began_ns = ns, .last_ns = ns };
	session_end(t, session_find(t, ev->service, p->pid));
	str_copy(s.service, sizeof(s.service), str_of(ev->service));
	str_copy(s.ip, sizeof(s.ip), p->peer.ip);
	if (!str_is(p->peer.host, "Unknown"))
		str_copy(s.host, sizeof(s.host), p->peer.host);
	if (t->sessions.len >= TOP_SESSIONS_MAX)
		vec_remove(&t->sessions, 0);
	t->failed |= !vec_push(&t->sessions, &s);
	happened(t, TOP_CONNECTION, ns, STR(""), 0);
}

static void
on_command(struct top_session *s, const struct maillog_event *p)
{
	static const struct {
		const char *verb;
		enum top_phase phase;
	} phases[] = {
		{ "HELO", TOP_HELO },
		{ "EHLO", TOP_HELO },
		{ "STARTTLS", TOP_TLS },
		{ "AUTH", TOP_AUTH },
		{ "MAIL", TOP_MAIL },
		{ "RCPT", TOP_RCPT },
		{ "DATA", TOP_DATA },
		{ "QUIT", TOP_QUIT },
	};
	for (size_t i = 0; i < ARRAY_LEN(phases); i++)
		if (str_is_nocase(p->command.verb, phases[i].verb))
			s->phase = phases[i].phase;
	if (s->phase == TOP_HELO)
		str_copy(s->helo, sizeof(s->helo), p->command.rest);
	if (str_is_nocase(p->command.verb, "MAIL")) {
		str_copy(s->from, sizeof(s->from), p->command.address);
		if (s->from[0] == '\0')
			str_copy(s->from, sizeof(s->from), STR("<>"));
		s->to[0] = '\0';
	}
	if (str_is_nocase(p->command.verb, "RCPT"))
		str_copy(s->to, sizeof(s->to), p->command.address);
	s->last[0] = '\0';
	s->client = false;
	s->timed = true;
}

/*
 * A plugin speaks when its work is done: what passed since the line before is
 * its own time, unless it was the client's.
 */
static void
on_plugin(struct top *t, struct top_session *s, const struct log_event *ev,
    int64_t ns)
{
	static const struct str country = { "GeoIP Country: ", 15 };
	const struct maillog_event *p = &ev->parsed;
	if (s->timed && ns >= s->last_ns)
		happened(t, TOP_CALL, ns, p->plugin.name, ns - s->last_ns);
	str_copy(s->last, sizeof(s->last), p->plugin.name);
	if (str_starts(p->text, country))
		str_copy(s->country, sizeof(s->country),
		    str_sub(p->text, country.len, country.len + 2));
	if (str_is(p->plugin.hook, "queue"))
		s->phase = TOP_QUEUE;
	s->client = false;
	s->timed = true;
}

static void
on_reply(struct top_session *s, const struct maillog_event *p)
{
	/* "550-" is followed by another line */
	bool last = p->text.len <= 3 || p->text.ptr[3] != '-';
	if (p->reply.code >= ERROR_CODES && last)
		s->refused++;
	s->client = true;
	s->timed = false;
}

static void
on_verdict(struct top *t, const struct log_event *ev, int64_t ns)
{
	static const enum top_what what[] = {
		[LOG_QUEUED] = TOP_QUEUED,
		[LOG_REFUSED] = TOP_REFUSED,
		[LOG_DEFERRED] = TOP_DEFERRED,
	};
	int64_t tenths;
	if (ev->verdict == LOG_VERDICT_NONE)
		return;
	happened(t, what[ev->verdict], ns,
	    ev->verdict == LOG_QUEUED ? STR("") : ev->rule, 0);
	if (ev->score.len > 0 && maillog_decimal(ev->score, 1, &tenths))
		happened(t, TOP_SCORE, ns, STR(""), tenths);
}

/* One line of a connection that is known. */
static void
on_session(struct top *t, struct top_session *s, const struct log_event *ev,
    int64_t ns)
{
	const struct maillog_event *p = &ev->parsed;
	switch ((int)p->kind) {
	case MAILLOG_COMMAND:
		on_command(s, p);
		break;
	case MAILLOG_PLUGIN:
	case MAILLOG_QUEUEING:
		on_plugin(t, s, ev, ns);
		break;
	case MAILLOG_CONNECT:
		s->timed = true;
		break;
	case MAILLOG_SPOOLING:
		s->phase = TOP_DATA;
		s->client = true;
		s->timed = false;
		break;
	case MAILLOG_TAKEN:
		s->accepted++;
		s->client = true;
		s->timed = false;
		break;
	case MAILLOG_REPLY:
		on_reply(s, p);
		break;
	case MAILLOG_DISCONNECT:
	case MAILLOG_TIMEOUT:
		session_end(t, s);
		return;
	default:
		break;
	}
	s->last_ns = ns > s->last_ns ? ns : s->last_ns;
}

static void
smtp_line(struct top *t, const struct log_event *ev, int64_t ns)
{
	const struct maillog_event *p = &ev->parsed;
	on_verdict(t, ev, ns);
	if (p->kind == MAILLOG_ACCEPTED) {
		t->max = p->peer.max;
		session_begin(t, ev, ns);
		return;
	}
	if (p->kind == MAILLOG_BUSY) {
		happened(t, TOP_DEFERRED, ns, STR("too many connections"), 0);
		return;
	}
	uint32_t pid = maillog_connection(p);
	struct top_session *s =
	    pid != 0 ? session_find(t, ev->service, pid) : NULL;
	if (p->kind == MAILLOG_CLEANUP)
		session_end(t, session_find(t, ev->service, p->of));
	else if (s != NULL)
		on_session(t, s, ev, ns);
	else if (p->kind == MAILLOG_CONNECT)
		session_begin(t, ev, ns);
}

static void
spamd_children(struct top *t, struct str states)
{
	t->spamd_children = t->spamd_busy = 0;
	for (size_t i = 0; i < states.len; i++) {
		t->spamd_children +=
		    states.ptr[i] == 'B' || states.ptr[i] == 'I';
		t->spamd_busy += states.ptr[i] == 'B';
	}
}

static void
top_line(struct top *t, const struct log_event *ev)
{
	const struct maillog_event *p = &ev->parsed;
	/* a time of another millennium is of a clock gone wrong */
	if (ev->continued || ev->ns < 0 || ev->unix_s < 0 ||
	    ev->unix_s > FUTURE_S)
		return;
	int64_t ns = ev->unix_s * NS_PER_S + ev->ns;
	if (t->first_ns == 0)
		t->first_ns = ns;
	t->last_ns = ns > t->last_ns ? ns : t->last_ns;
	if (p->kind == MAILLOG_SPAMD_CHILDREN) {
		spamd_children(t, p->text);
	} else if (p->kind == MAILLOG_QMAIL_STATUS) {
		t->deliveries_known = true;
		t->local = p->status.local;
		t->local_max = p->status.local_max;
		t->remote = p->status.remote;
		t->remote_max = p->status.remote_max;
	} else if (p->kind <= MAILLOG_LOGTERSE_SHORT) {
		smtp_line(t, ev, ns);
	}
}

/* --- the logs --- */

/* Without logs yet. NULL: out of memory. */
static struct top *
top_new(const struct model_ctx *m)
{
	struct top *t = calloc(1, sizeof(*t));
	if (t == NULL)
		return NULL;
	t->clock = m->clock;
	t->root = m->root;
	t->sessions = (struct vec)VEC_INIT(struct top_session);
	t->shown = (struct vec)VEC_INIT(struct top_session);
	t->events = (struct vec)VEC_INIT(struct top_event);
	return t;
}

void
top_close(struct top *t)
{
	if (t == NULL)
		return;
	log_follow_close(t->follow);
	vec_clear(&t->sessions);
	vec_clear(&t->shown);
	vec_clear(&t->events);
	free(t);
}

/* Those of the services that have a log; the others may get one later. */
static bool
names_there(const struct model_ctx *m, const char *dir,
    const char *names[SERVICES_MAX], struct err *e)
{
	size_t n = 0;
	char path[SYS_PATH_MAX];
	for (size_t i = 0; i < ARRAY_LEN(services); i++) {
		bool there;
		if (dir != NULL) {
			const char *below =
			    arena_printf(m->arena, "%s/%s", dir, services[i]);
			there = file_exists(below);
			names[n] = below;
		} else {
			there = root_pathf(m->root, path, e, "/var/log/%s",
				    services[i]) &&
				file_is_dir(path);
			names[n] = services[i];
		}
		n += there;
	}
	names[n] = NULL;
	if (n > 0)
		return true;
	err_set(e, ERR_NO, _("no mail service has logs in '%s'"),
	    dir != NULL ? dir : "/var/log");
	return err_next(
	    e, dir != NULL ? "smemail top --once --logs DIR" : "smemail up");
}

bool
top_open(
    const struct model_ctx *m, const char *dir, struct top **out, struct err *e)
{
	const char *names[SERVICES_MAX];
	struct top *t;
	*out = NULL;
	if (!names_there(m, dir, names, e))
		return false;
	if ((t = top_new(m)) == NULL)
		return err_no_memory(e);
	if (!log_follow_open(m, names, TOP_LINES_BACK, &t->follow, e)) {
		top_close(t);
		return false;
	}
	t->own_logs = dir == NULL;
	*out = t;
	return true;
}

int
top_fd(const struct top *t)
{
	return t->follow != NULL ? log_follow_fd(t->follow) : -1;
}

bool
top_read(struct top *t, size_t most, bool *more, struct err *e)
{
	struct log_event event;
	bool waiting = false;
	*more = false;
	if (t->follow == NULL)
		return true;
	for (size_t n = 0; n < most; n++) {
		if (!log_follow_next(t->follow, &event, &waiting, e))
			return waiting;
		top_line(t, &event);
	}
	*more = true;
	return true;
}
