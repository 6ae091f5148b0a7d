/* Adding to the journal: under its lock, appended with one fsync. */
#include "core/model/journal.h"

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/model/journal_int.h"
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
	struct buf lines;
};

/* Numbers go on from the last line of each kind. */
static bool
find_numbers(struct journal_writer *w, struct err *e)
{
	struct journal j;
	const struct journal_apply *apply;
	char last = '\n';

	if (!journal_read(w->m, &j, e))
		return false;
	apply = journal_last_apply(&j);
	w->last_change = apply != NULL ? apply->change : 0;
	w->last_entry = j.n_entries > 0 ? j.entries[j.n_entries - 1].number : 0;
	/* a torn last line must not swallow ours */
	if (w->end > 0 && pread(w->fd, &last, 1, w->end - 1) == 1 &&
	    last != '\n')
		(void)buf_add_char(&w->lines, '\n');
	return true;
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
		return err_set(e, ERR_TEMPORARY, _("out of memory"));
	w->m = m;
	w->lock = (struct lock)LOCK_INIT;
	w->fd = -1;
	buf_init(&w->lines, ADDED_MAX);
	if (!open_locked(w, e) || !find_numbers(w, e)) {
		journal_abort(w);
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
	whole.time_s = clock_wall_s(w->m->clock);
	whole.who = w->m->user;
	if (whole.target == NULL)
		whole.target = "";
	journal_line_stored(&w->lines, &whole);
}

static bool
write_lines(struct journal_writer *w, struct err *e)
{
	if (w->lines.failed)
		return err_set(e, ERR_TEMPORARY, _("out of memory"));
	if (file_write_all(w->fd, buf_str(&w->lines)) && fsync(w->fd) == 0)
		return true;
	err_set_errno(e, errno, _("cannot write '%s'"), JOURNAL_PATH);
	/* take back what was half written; the reader skips it otherwise */
	if (w->end >= 0 && ftruncate(w->fd, w->end) != 0)
		return false;
	return false;
}

bool
journal_commit(struct journal_writer *w, long *last, struct err *e)
{
	bool ok = write_lines(w, e);

	if (last != NULL)
		*last = w->last_entry;
	journal_abort(w);
	return ok;
}

void
journal_abort(struct journal_writer *w)
{
	if (w == NULL)
		return;
	if (w->fd >= 0)
		close(w->fd);
	lock_release(&w->lock);
	buf_clear(&w->lines);
	free(w);
}

bool
journal_mark_applied(
    const struct model_ctx *m, long upto, long *change, struct err *e)
{
	struct journal_writer *w;
	struct journal_apply apply = { .who = m->user, .upto = upto };

	if (!journal_begin(m, &w, e))
		return false;
	apply.change = w->last_change + 1;
	apply.time_s = clock_wall_s(m->clock);
	journal_line_applied(&w->lines, &apply);
	if (change != NULL)
		*change = apply.change;
	return journal_commit(w, NULL, e);
}
