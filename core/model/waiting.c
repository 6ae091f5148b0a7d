/* What waits in the filter's queue log. */
#include "core/model/waiting.h"

#include "core/base/i18n.h"
#include "core/model/counters.h"
#include "core/model/top.h"
#include "core/queue/log.h"
#include "core/sys/file.h"
#include "core/sys/root.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define SPOOL_DIR "/var/service/qpsmtpd/config/spool_dir"

enum {
	DIR_MAX = 4096
};

static void
set_why(struct waiting *w, struct str why)
{
	snprintf(w->why, sizeof(w->why), "%.*s", STR_ARG(why));
}

void
waiting_from_counters(struct str text, struct waiting *out)
{
	struct counter c;
	struct str at = text, line;
	*out = (struct waiting){ .known = false };
	while (counters_next(&at, &c)) {
		if (c.of.len > 0)
			continue;
		if (str_is(c.name, "waiting_messages")) {
			out->known = true;
			out->messages = c.value;
		} else if (str_is(c.name, "waiting_bytes")) {
			out->bytes = c.value;
		} else if (str_is(c.name, "waiting_failed")) {
			out->failed = c.value;
		} else if (str_is(c.name, "waiting_oldest_seconds")) {
			out->oldest_s =
			    c.value < INT64_MAX ? (int64_t)c.value : INT64_MAX;
		}
	}
	for (at = text; str_next_line(&at, &line);) {
		if (str_starts(line, STR(COUNTERS_WHY)))
			set_why(
			    out, str_sub(line, strlen(COUNTERS_WHY), line.len));
	}
}

/*
 * Where the filter's configuration has it; false: nowhere, so none waits, or
 * (e->text) that cannot be told.
 */
static bool
find_log(const struct model_ctx *m, char path[SYS_PATH_MAX], struct err *e)
{
	struct buf text = BUF_INIT(DIR_MAX);
	struct str rest, line = STR_EMPTY;
	bool ok = root_path(m->root, SPOOL_DIR, path, e) &&
		  file_read(path, SPOOL_DIR, &text, e);
	if (!ok && e->sys_errno == ENOENT)
		*e = (struct err)ERR_INIT;
	for (rest = buf_str(&text);
	     line.len == 0 && str_next_line(&rest, &line);) {
		line = str_trim(line);
		if (line.len > 0 && line.ptr[0] == '#')
			line = (struct str)STR_EMPTY;
	}
	ok = ok && line.len > 0 && line.ptr[0] == '/' &&
	     root_pathf(m->root, path, NULL, "%.*s/queue-log", STR_ARG(line));
	buf_clear(&text);
	return ok;
}

static void
read_disk(const struct model_ctx *m, struct waiting *out)
{
	char path[SYS_PATH_MAX];
	struct queue_log_waiting w;
	struct err e = ERR_INIT;
	*out = (struct waiting){ .known = true, .from_disk = true };
	if (!find_log(m, path, &e)) {
		out->known = e.text[0] == '\0';
		set_why(out, str_of(e.text));
		return;
	}
	out->known = queue_log_peek(path, &w, &e) || e.code == ERR_NO;
	if (!out->known)
		set_why(out, str_of(e.text));
	if (!out->known || e.code == ERR_NO)
		return;
	int64_t now = clock_wall_s(m->clock);
	out->messages = w.messages;
	out->bytes = w.bytes;
	if (w.oldest_s > 0 && w.oldest_s < now)
		out->oldest_s = now - w.oldest_s;
}

void
waiting_read(const struct model_ctx *m, struct str told, struct waiting *out)
{
	waiting_from_counters(told, out);
	if (!out->known)
		read_disk(m, out);
}

void
waiting_words(const struct waiting *w, struct arena *a, struct buf *out)
{
	enum {
		KB = 1024
	};
	if (!w->known || w->messages == 0)
		return;
	buf_addf(out, _("; %llu in the filter's log (%llu KB), oldest %s"),
	    (unsigned long long)w->messages,
	    (unsigned long long)((w->bytes + KB - 1) / KB),
	    top_duration(a, w->oldest_s));
}
