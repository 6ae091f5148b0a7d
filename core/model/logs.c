/*
 * Logs of services: where they are, merged in time order (LG-23), each line
 * as an event.
 */
#include "core/model/logs.h"

#include "core/base/i18n.h"
#include "core/maillog/follow.h"
#include "core/maillog/logdir.h"
#include "core/maillog/parse.h"
#include "core/maillog/watch.h"
#include "core/model/logs_int.h"
#include "core/sys/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	SOURCES_MAX = 32,
	/* LG-23: a slower service may have an older line. How slow they are is
	   learnt from those that come too late, and forgotten after a while */
	HOLD_LEAST_MS = 30,
	HOLD_MOST_MS = 1000,
	HOLD_LEARNT_MS = 5 * 60 * 1000,
	RECHECK_MS = 20, /* ask silent services so often, not at each line */
	NOTE_MAX = 8192,
};

const char *const log_mail_services[] = { "qpsmtpd", "sqpsmtpd", "uqpsmtpd",
	"qmail", "spamd", "clamd", "freshclam", "dovecot", "imap", "imaps",
	"pop3", "pop3s", "fetchmail", "smtp-auth-proxy", "maillog", NULL };

/* One log and the line of it that comes next. */
struct source {
	char name[LOG_NAME_SIZE];
	enum maillog_form form;
	struct follow *follow;
	bool has_line;
	struct follow_line line;
	int64_t key_ns;    /* of the line: time, or that of the one before */
	int64_t since_ms;  /* monotonic: when the line was read */
	int64_t silent_ns; /* wall: when nothing was there */
	int64_t silent_ms; /* monotonic, of the same; -1: it had lines */
	/* before 'line', for places; of which log they are (LG-20) */
	char path[SYS_PATH_MAX];
	bool has_place;
	struct follow_place place;
};

struct log_follow {
	const struct clock *clock;
	struct watch *watch;
	struct source sources[SOURCES_MAX];
	size_t n;
	struct source *delivered; /* its line is in the hands of the caller */
	bool waited;              /* the last answer was to wait */
	int64_t last_ns;          /* the newest time delivered */
	int64_t hold_ms;       /* a line waits so long for an older one ... */
	int64_t hold_until_ms; /* ... until then; monotonic */
	struct str places;     /* to begin at; while opening only */
	bool keep_places;
	struct buf note;
};

static bool
is_mail_service(const char *name)
{
	for (size_t i = 0; log_mail_services[i] != NULL; i++)
		if (strcmp(log_mail_services[i], name) == 0)
			return true;
	return false;
}

static bool
service_path(const struct root *root, const char *name, char path[SYS_PATH_MAX],
    struct err *e)
{
	return root_pathf(root, path, e, "/var/log/%s", name);
}

const char **
log_services(const struct model_ctx *m)
{
	const char **names = ARENA_ARRAY(m->arena, SOURCES_MAX, const char *);
	size_t n = 0;
	char path[SYS_PATH_MAX];
	for (size_t i = 0; log_mail_services[i] != NULL; i++)
		if (service_path(m->root, log_mail_services[i], path, NULL) &&
		    file_is_dir(path))
			names[n++] = log_mail_services[i];
	names[n] = NULL;
	return names;
}

static bool
unknown_service(const struct model_ctx *m, const char *name, struct err *e)
{
	const char **names = log_services(m);
	struct buf list = BUF_INIT(ERR_TEXT_MAX);
	for (size_t i = 0; names[i] != NULL; i++)
		buf_addf(&list, "%s%s", i > 0 ? ", " : "", names[i]);
	if (names[0] == NULL)
		err_set(e, ERR_USAGE,
		    _("unknown service '%s'; there are no mail logs in '%s'"),
		    name, "/var/log");
	else
		err_set(e, ERR_USAGE,
		    _("unknown service '%s'; there are logs of %s"), name,
		    buf_cstr(&list));
	if (names[0] != NULL)
		err_next(e, "smemail log follow %s", names[0]);
	buf_clear(&list);
	return false;
}

/* The same log under whatever name it is asked for; fit for a line of words. */
static void
set_place_path(struct source *s, const char *path)
{
	char *real = realpath(path, NULL); /* NULL: it may appear later */
	snprintf(s->path, sizeof(s->path), "%s", real != NULL ? real : path);
	free(real);
	for (char *p = s->path; *p != '\0'; p++)
		if ((unsigned char)*p < ' ')
			*p = '?';
}

/* Open one source; its path decides whether it is a directory. */
static bool
source_open(struct log_follow *f, const char *name, const char *path,
    const char *shown, size_t lines, struct err *e)
{
	struct source *s = &f->sources[f->n];
	if (f->n == SOURCES_MAX)
		return err_set(e, ERR_USAGE,
		    _("cannot follow more than %d logs at once"),
		    (int)SOURCES_MAX);
	struct follow_place place;
	struct follow_options options = { .path = path,
		.shown = shown,
		.plain = file_exists(path) && !file_is_dir(path),
		.lines = lines,
		.clock = f->clock };
	set_place_path(s, path);
	if (log_place_find(f->places, s->path, &place))
		options.resume = &place;
	snprintf(s->name, sizeof(s->name), "%s", name);
	s->form = maillog_form_of(str_of(s->name));
	s->silent_ms = -1;
	s->key_ns = INT64_MIN;
	s->follow = follow_open(&options, e);
	if (s->follow == NULL)
		return false;
	f->n++;
	return watch_add(f->watch, follow_dir(s->follow), e);
}

/* A plain file, or a directory with log files or one that keeps them secret. */
static bool
has_log(const char *path)
{
	if (!file_is_dir(path))
		return file_exists(path);
	return access(path, R_OK | X_OK) != 0 || logdir_is_one(path);
}

static bool
open_named(struct log_follow *f, const struct model_ctx *m, const char *name,
    size_t lines, struct err *e)
{
	char path[SYS_PATH_MAX], label[LOG_NAME_SIZE];
	for (size_t i = 0; i < f->n; i++)
		if (strcmp(f->sources[i].name, name) == 0)
			return true; /* named twice */
	if (strchr(name, '/') != NULL) {
		if (!file_exists(name))
			return err_set_errno(
			    e, ENOENT, _("cannot read '%s'"), name);
		log_name_of_path(name, label);
		return source_open(f, label, name, name, lines, e);
	}
	if (strlen(name) >= LOG_NAME_SIZE || name[0] == '\0' || name[0] == '.')
		return unknown_service(m, name, e);
	if (!service_path(m->root, name, path, e))
		return false;
	/* a mail service may begin to log later (LG-21) */
	if (!is_mail_service(name) && !has_log(path))
		return unknown_service(m, name, e);
	return source_open(f, name, path, root_shown(m->root, path), lines, e);
}

bool
log_follow_open(const struct model_ctx *m, const char *const *services,
    size_t lines, struct log_follow **out, struct err *e)
{
	struct str none = STR_EMPTY;
	return log_follow_open_at(m, services, lines, none, out, e);
}

void
log_follow_places(const struct log_follow *f, struct buf *out)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct source *s = &f->sources[i];
		struct follow_place now;
		/* a line held back was not delivered */
		bool held = s->has_line && s != f->delivered;
		if (held && s->has_place)
			log_place_add(out, s->path, &s->place);
		else if (!held && follow_where(s->follow, &now))
			log_place_add(out, s->path, &now);
	}
}

bool
log_follow_open_at(const struct model_ctx *m, const char *const *services,
    size_t lines, struct str places, struct log_follow **out, struct err *e)
{
	struct log_follow *f = calloc(1, sizeof(*f));
	*out = NULL;
	if (f == NULL)
		return err_no_memory(e);
	f->clock = m->clock;
	f->last_ns = INT64_MIN;
	f->places = places;
	f->keep_places = places.ptr != NULL;
	buf_init(&f->note, NOTE_MAX);
	f->watch = watch_new(m->clock, e);
	bool ok = f->watch != NULL;
	const char *const *names =
	    services != NULL ? services : log_services(m);
	if (ok && names[0] == NULL) {
		err_set(e, ERR_NO, _("no mail service has logs in '%s'"),
		    "/var/log");
		ok = err_next(e, "smemail up");
	}
	for (size_t i = 0; ok && names[i] != NULL; i++)
		ok = open_named(f, m, names[i], lines, e);
	if (!ok) {
		log_follow_close(f);
		return false;
	}
	*out = f;
	return true;
}

void
log_follow_close(struct log_follow *f)
{
	if (f == NULL)
		return;
	for (size_t i = 0; i < f->n; i++)
		follow_close(f->sources[i].follow);
	watch_free(f->watch);
	buf_clear(&f->note);
	free(f);
}

int
log_follow_fd(const struct log_follow *f)
{
	return watch_fd(f->watch);
}

const char *
log_follow_note(struct log_follow *f)
{
	buf_reset(&f->note);
	for (size_t i = 0; i < f->n; i++) {
		const char *note = follow_note(f->sources[i].follow);
		if (note != NULL)
			buf_addf(&f->note, "%s%s: %s",
			    f->note.len > 0 ? "; " : "", f->sources[i].name,
			    note);
	}
	return f->note.len > 0 ? buf_cstr(&f->note) : NULL;
}

/*
 * A line that should have come before one that was delivered: from now on such
 * lines are waited for. One older than could be waited for teaches nothing: its
 * log is read from the past, or its clock was set back.
 */
static void
learn_hold(struct log_follow *f, const struct source *s, int64_t asked_ns)
{
	/* divided first: a label may lie further away than a number counts */
	int64_t late_ms = asked_ns / NS_PER_MS - s->key_ns / NS_PER_MS;
	if (s->key_ns >= f->last_ns || late_ms < 0 || late_ms > HOLD_MOST_MS)
		return;
	int64_t hold = 2 * late_ms < HOLD_MOST_MS ? 2 * late_ms : HOLD_MOST_MS;
	int64_t now_ms = clock_mono_ms(f->clock);
	if (hold > f->hold_ms || now_ms >= f->hold_until_ms)
		f->hold_ms = hold > HOLD_LEAST_MS ? hold : HOLD_LEAST_MS;
	f->hold_until_ms = now_ms + HOLD_LEARNT_MS;
}

/* Make sure that the source has its next line, if there is one. */
static bool
source_fill(struct log_follow *f, struct source *s, struct err *e)
{
	int64_t now_ms = clock_mono_ms(f->clock);
	if (s->has_line ||
	    (s->silent_ms >= 0 && now_ms - s->silent_ms < RECHECK_MS))
		return true;
	int64_t asked_ns = clock_wall_ns(f->clock);
	if (f->keep_places)
		s->has_place = follow_where(s->follow, &s->place);
	switch (follow_next(s->follow, &s->line, e)) {
	case FOLLOW_FAILED:
		return false;
	case FOLLOW_NOTHING:
		s->silent_ns = asked_ns;
		s->silent_ms = now_ms;
		return true;
	case FOLLOW_LINE:
		break;
	}
	s->has_line = true;
	s->silent_ms = -1;
	s->since_ms = now_ms;
	/* a line without a time belongs to the one before it (LG-12) */
	if (s->line.stamp.kind != STAMP_NONE &&
	    s->line.stamp.time.unix_s < INT64_MAX / NS_PER_S &&
	    s->line.stamp.time.unix_s > INT64_MIN / NS_PER_S)
		s->key_ns = s->line.stamp.time.unix_s * NS_PER_S +
			    s->line.stamp.time.ns;
	learn_hold(f, s, asked_ns);
	return true;
}

/*
 * How long the line must be held back (LG-23): until every silent service was
 * asked so much later that it cannot come up with an older one.
 */
static int64_t
hold_ms(const struct log_follow *f, const struct source *s)
{
	int64_t now_ms = clock_mono_ms(f->clock), wait = 0;
	int64_t hold = now_ms < f->hold_until_ms ? f->hold_ms : HOLD_LEAST_MS;
	if (s->key_ns < f->last_ns)
		return 0; /* too late already */
	/* a clock that was ahead: no waiting makes it sure */
	if (s->key_ns / NS_PER_MS >
	    clock_wall_ns(f->clock) / NS_PER_MS + HOLD_MOST_MS)
		return 0;
	for (size_t i = 0; i < f->n; i++) {
		const struct source *other = &f->sources[i];
		if (other->has_line || other->silent_ns / NS_PER_MS - hold >=
					   s->key_ns / NS_PER_MS)
			continue;
		wait = hold - (now_ms - s->since_ms);
	}
	return wait > 0 ? wait : 0;
}

static void
event_make(const struct source *s, struct log_event *out)
{
	struct logline line = { .raw = s->line.raw,
		.stamp = s->line.stamp,
		.text =
		    str_sub(s->line.raw, s->line.stamp.text, s->line.raw.len),
		.key_ns = s->key_ns,
		.continued = s->line.continued,
		.more = s->line.more };
	log_event_make(s->name, s->form, &line, out);
}

/* The source whose line is the oldest; NULL when all are silent. */
static struct source *
oldest(struct log_follow *f)
{
	struct source *found = NULL;
	for (size_t i = 0; i < f->n; i++) {
		struct source *s = &f->sources[i];
		if (s->has_line && (found == NULL || s->key_ns < found->key_ns))
			found = s;
	}
	return found;
}

bool
log_follow_next(
    struct log_follow *f, struct log_event *event, bool *waiting, struct err *e)
{
	*waiting = false;
	if (f->delivered != NULL)
		f->delivered->has_line = false;
	f->delivered = NULL;
	if (f->waited) {
		watch_begin(f->watch);
		for (size_t i = 0; i < f->n; i++)
			f->sources[i].silent_ms = -1;
	}
	f->waited = false;
	for (size_t i = 0; i < f->n; i++)
		if (!source_fill(f, &f->sources[i], e))
			return false;
	struct source *s = oldest(f);
	int64_t hold = s != NULL ? hold_ms(f, s) : -1;
	if (hold != 0) {
		watch_wait(f->watch, hold);
		f->waited = true;
		*waiting = true;
		return false;
	}
	event_make(s, event);
	f->delivered = s;
	/* a label from the future makes no line of today a late one */
	int64_t now_ns = clock_wall_ns(f->clock);
	int64_t key_ns = s->key_ns < now_ns ? s->key_ns : now_ns;
	if (key_ns > f->last_ns)
		f->last_ns = key_ns;
	return true;
}
