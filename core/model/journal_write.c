/* Adding to the journal: under its lock, appended with one fsync. */
#include "core/model/journal.h"

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/model/journal_int.h"
#include "core/model/settings_int.h"
#include "core/sys/file.h"
#include "core/sys/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define JOURNAL_LOCK "/var/lib/smemail/journal.lock"

enum {
	LOCK_WAIT_MS = 10000,
	ADDED_MAX = 64 * 1024 * 1024,
	TAIL_MAX = 64 * 1024,
	FOLDER_MODE = 0755,
	FILE_MODE = 0640
};

struct journal_writer {
	const struct model_ctx *m;
	struct lock lock;
	int fd;
	off_t end;        /* of the file before we add to it */
	long last_entry;  /* number */
	long last_change; /* number */
	long first;       /* number of the first entry added */
	size_t n;         /* entries added */
	struct buf lines;
	struct buf guards;
};

/* A setting of several files has its new value in all of them, or in none. */
static bool
finish_files(const struct model_ctx *m, const struct journal *j, struct err *e)
{
	for (size_t i = j->open_from; i < j->n_entries; i++) {
		const struct journal_entry *entry = &j->entries[i];
		const struct setting *s = setting_find(str_of(entry->setting));
		if (s == NULL || s->form == NULL || entry->secret)
			continue;
		if (!settings_files_finish(m, s,
			entry->target[0] != '\0' ? entry->target : NULL,
			entry->new_stored ? &entry->new_value : NULL, e))
			return false;
	}
	return true;
}

/* What a killed writer left open is ended in its name. */
static bool
settle(struct journal_writer *w, const struct journal *j, struct err *e)
{
	struct buf line = BUF_INIT(ADDED_MAX);
	bool ok = true;

	if (j->n_open > 0) {
		if (!finish_files(w->m, j, e))
			return false;
		journal_line_ended(&line, j->last_number - (long)j->n_open + 1,
		    j->took, j->n_open);
		ok = !line.failed && file_write_all(w->fd, buf_str(&line)) &&
		     fsync(w->fd) == 0;
		if (!ok)
			err_set_errno(
			    e, errno, _("cannot write '%s'"), JOURNAL_PATH);
		w->end = lseek(w->fd, 0, SEEK_END);
	}
	buf_clear(&line);
	return ok;
}

/*
 * A half line at the end is of a writer that was killed before it stored
 * anything: it goes. One that we do not know is kept, and closed.
 */
static bool
tail_close(struct journal_writer *w, struct err *e)
{
	char tail[TAIL_MAX];
	off_t from = w->end > TAIL_MAX ? w->end - TAIL_MAX : 0;
	ssize_t n = pread(w->fd, tail, sizeof(tail), from);

	if (n <= 0 || tail[n - 1] == '\n')
		return true;
	size_t at = (size_t)n;
	while (at > 0 && tail[at - 1] != '\n')
		at--;
	struct str line = str_n(tail + at, (size_t)n - at);
	bool known = (at > 0 || from == 0) && journal_line_is_ours(line);
	if (known)
		w->end = from + (off_t)at;
	if (known ? ftruncate(w->fd, w->end) == 0
		  : file_write_all(w->fd, STR("\n")))
		return true;
	return err_set_errno(e, errno, _("cannot write '%s'"), JOURNAL_PATH);
}

/* Numbers go on from the last line of each kind. */
static bool
find_numbers(struct journal_writer *w, struct err *e)
{
	struct journal j;
	const struct journal_apply *apply;

	if (!journal_read(w->m, &j, e))
		return false;
	if (j.unreadable) {
		err_set(e, ERR_PERMANENT, "%s", j.problem);
		return err_next(
		    e, "mv %s %s.damaged", JOURNAL_PATH, JOURNAL_PATH);
	}
	apply = journal_last_apply(&j);
	w->last_change = apply != NULL ? apply->change : 0;
	w->last_entry = j.last_number;
	return tail_close(w, e) && settle(w, &j, e);
}

static bool
open_locked(struct journal_writer *w, struct err *e)
{
	char path[SYS_PATH_MAX], lock[SYS_PATH_MAX];

	if (!root_path(w->m->root, JOURNAL_PATH, path, e) ||
	    !root_path(w->m->root, JOURNAL_LOCK, lock, e) ||
	    !file_mkdirs_for(path, FOLDER_MODE, JOURNAL_DIR, e) ||
	    !lock_take(
		&w->lock, lock, JOURNAL_PATH, LOCK_WAIT_MS, w->m->clock, e))
		return false;
	w->fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC,
	    FILE_MODE);
	if (w->fd < 0)
		return err_set_errno(
		    e, errno, _("cannot write '%s'"), JOURNAL_PATH);
	w->end = lseek(w->fd, 0, SEEK_END);
	return true;
}

bool
journal_begin(
    const struct model_ctx *m, struct journal_writer **out, struct err *e)
{
	struct journal_writer *w = calloc(1, sizeof(*w));

	*out = NULL;
	if (w == NULL)
		return err_no_memory(e);
	w->m = m;
	w->lock = (struct lock)LOCK_INIT;
	w->fd = -1;
	buf_init(&w->lines, ADDED_MAX);
	buf_init(&w->guards, SYS_PATH_MAX);
	if (!open_locked(w, e) || !find_numbers(w, e)) {
		journal_close(w);
		return false;
	}
	*out = w;
	return true;
}

void
journal_add(struct journal_writer *w, const struct journal_entry *entry)
{
	struct journal_entry whole = *entry;

	whole.number = ++w->last_entry;
	if (w->n++ == 0)
		w->first = whole.number;
	whole.time_s = clock_wall_s(w->m->clock);
	whole.who = w->m->user;
	if (whole.target == NULL)
		whole.target = "";
	journal_line_stored(&w->lines, &whole);
}

void
journal_guard(
    struct journal_writer *w, const char *database, const char *real_path)
{
	if (w->guards.len > 0)
		(void)buf_add_char(&w->guards, ' ');
	journal_guard_text(&w->guards, database, real_path);
}

/* All of it or, as far as the system lets us, nothing. */
static bool
append(struct journal_writer *w, struct str text, struct err *e)
{
	if (file_write_all(w->fd, text) && fsync(w->fd) == 0)
		return true;
	err_set_errno(e, errno, _("cannot write '%s'"), JOURNAL_PATH);
	/* the reader finds out about what cannot be taken back */
	if (w->end >= 0 && ftruncate(w->fd, w->end) != 0)
		return false;
	return false;
}

bool
journal_write(struct journal_writer *w, struct err *e)
{
	struct buf text = BUF_INIT(ADDED_MAX);
	bool ok;

	journal_line_began(&text, buf_cstr(&w->guards));
	(void)buf_add_str(&text, buf_str(&w->lines));
	if (w->lines.failed || text.failed)
		ok = err_no_memory(e);
	else
		ok = append(w, buf_str(&text), e);
	buf_clear(&text);
	return ok;
}

void
journal_end(struct journal_writer *w, const bool *took)
{
	struct buf text = BUF_INIT(ADDED_MAX);
	bool any = took == NULL, written;

	for (size_t i = 0; !any && i < w->n; i++)
		any = took[i];
	journal_line_ended(&text, w->first, took, w->n);
	/* no sync: a lost end is found out like that of a killed writer */
	written = any ? file_write_all(w->fd, buf_str(&text))
		      : ftruncate(w->fd, w->end) == 0;
	(void)written;
	buf_clear(&text);
}

void
journal_close(struct journal_writer *w)
{
	if (w == NULL)
		return;
	if (w->fd >= 0)
		close(w->fd);
	lock_release(&w->lock);
	buf_clear(&w->lines);
	buf_clear(&w->guards);
	free(w);
}

bool
journal_mark_applied(
    const struct model_ctx *m, struct journal_apply *apply, struct err *e)
{
	struct journal_writer *w;
	bool ok;

	if (!journal_begin(m, &w, e))
		return false;
	apply->change = w->last_change + 1;
	apply->time_s = clock_wall_s(m->clock);
	apply->who = m->user;
	journal_line_applied(&w->lines, apply);
	ok = append(w, buf_str(&w->lines), e);
	journal_close(w);
	return ok;
}
