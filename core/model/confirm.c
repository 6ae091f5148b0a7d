/* Changes that wait to be confirmed. */
#include "core/model/confirm.h"

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/num.h"
#include "core/event/event.h"
#include "core/model/confirm_int.h"
#include "core/model/plan_int.h"
#include "core/sys/file.h"
#include "core/sys/lock.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

enum {
	TEXT_MAX = 64 * 1024,
	FILE_MODE = 0600,
	STATE_LINES = 8,
	MS_PER_S = 1000,
	/* an apply takes its time before the one to confirm begins */
	APPLY_S = 40 * 60
};

/* What tells one run of the machine from another. */
static void
boot_read(char out[CONFIRM_BOOT_SIZE])
{
	struct buf text = BUF_INIT(CONFIRM_BOOT_SIZE - 1);
	out[0] = '\0';
	if (file_read("/proc/sys/kernel/random/boot_id", NULL, &text, NULL)) {
		struct str id = str_trim(buf_str(&text));
		memcpy(out, id.ptr, id.len);
		out[id.len] = '\0';
	}
	buf_clear(&text);
}

/* True when the line is one of ours. */
static bool
take_line(struct confirm *c, struct str line, struct arena *a)
{
	struct str rest, word = str_cut(line, ' ', &rest);
	int64_t n = 0;
	if (str_is(word, "who") && rest.ptr != NULL) {
		c->who = arena_cstr(a, rest);
		return true;
	}
	if (str_is(word, "boot") && rest.len < sizeof(c->boot)) {
		memcpy(c->boot, rest.len > 0 ? rest.ptr : "", rest.len);
		return true;
	}
	if (!num_parse_i64(rest, 0, LONG_MAX, &n))
		return false;
	if (str_is(word, "from"))
		c->from = (long)n;
	else if (str_is(word, "change"))
		c->change = (long)n;
	else if (str_is(word, "seconds"))
		c->seconds = n;
	else if (str_is(word, "armed"))
		c->armed_s = n;
	else if (str_is(word, "until"))
		c->until_s = n;
	else if (str_is(word, "mono"))
		c->until_ms = n;
	else
		return false;
	return true;
}

/* One that is damaged is none: nothing is taken back by guesswork. */
bool
confirm_read(const struct model_ctx *m, struct confirm *out)
{
	char path[SYS_PATH_MAX];
	struct buf text = BUF_INIT(TEXT_MAX);
	size_t lines = 0;
	*out = (struct confirm){ .who = "" };
	bool ok = root_path(m->root, CONFIRM_PATH, path, NULL) &&
		  access(path, F_OK) == 0 &&
		  file_read(path, CONFIRM_PATH, &text, NULL);
	struct str rest = buf_str(&text), line;
	while (ok && str_next_line(&rest, &line)) {
		ok = take_line(out, line, m->arena);
		lines++;
	}
	buf_clear(&text);
	return ok && lines == STATE_LINES;
}

static bool
confirm_write(const struct model_ctx *m, const struct confirm *c, struct err *e)
{
	char path[SYS_PATH_MAX];
	struct buf text = BUF_INIT(TEXT_MAX);
	const struct file_replace how = {
		.mode = FILE_MODE,
		.uid = (uid_t)-1,
		.gid = (gid_t)-1,
		.shown = CONFIRM_PATH,
	};
	buf_addf(&text,
	    "from %ld\nchange %ld\nseconds %" PRId64 "\narmed %" PRId64
	    "\nuntil %" PRId64 "\nmono %" PRId64 "\nboot %s\nwho %s\n",
	    c->from, c->change, c->seconds, c->armed_s, c->until_s, c->until_ms,
	    c->boot, c->who);
	bool ok = root_path(m->root, CONFIRM_PATH, path, e) &&
		  file_mkdirs_for(path, 0755, JOURNAL_DIR, e) &&
		  file_replace(path, buf_str(&text), &how, e);
	buf_clear(&text);
	return ok;
}

void
confirm_drop(const struct model_ctx *m)
{
	char path[SYS_PATH_MAX];
	if (root_path(m->root, CONFIRM_PATH, path, NULL))
		unlink(path);
}

int64_t
confirm_left_s(const struct model_ctx *m, const struct confirm *c)
{
	char boot[CONFIRM_BOOT_SIZE];
	int64_t left;
	boot_read(boot);
	if (boot[0] != '\0' && strcmp(boot, c->boot) == 0) {
		left = c->until_ms - clock_mono_ms(m->clock);
		return left > 0 ? (left + MS_PER_S - 1) / MS_PER_S : 0;
	}
	/* after a restart; a clock that went back tells nothing */
	int64_t now = clock_wall_s(m->clock);
	if (now < c->armed_s)
		return 0;
	left = c->until_s - now;
	return left > 0 ? left : 0;
}

/* The time to confirm begins now. */
static void
time_begin(const struct model_ctx *m, struct confirm *c, int64_t seconds)
{
	boot_read(c->boot);
	c->armed_s = clock_wall_s(m->clock);
	c->until_s = c->armed_s + seconds;
	c->until_ms = clock_mono_ms(m->clock) + seconds * MS_PER_S;
}

bool
confirm_permits(
    const struct model_ctx *m, const struct plan_order *order, struct err *e)
{
	struct confirm c;
	bool waits = confirm_read(m, &c);
	if (order->kind == JOURNAL_ROLLBACK)
		return (waits && c.change == order->of) ||
		       err_set(
			   e, ERR_NO, _("change %ld was confirmed"), order->of);
	/* one that was cut short is finished by the next apply */
	if (!waits || c.change == 0 ||
	    (order->kind == JOURNAL_UNDO && order->of == c.change))
		return true;
	err_set(e, ERR_TEMPORARY,
	    _("change %ld waits to be confirmed; another is not applied before "
	      "that"),
	    c.change);
	return err_next(e, _("smemail apply --keep %ld, or: smemail undo %ld"),
	    c.change, c.change);
}

bool
confirm_arm(const struct model_ctx *m, const struct plan_order *order,
    const struct journal *j, struct err *e)
{
	struct confirm c = { .seconds = order->confirm_s, .who = m->user };
	if (order->confirm_s <= 0)
		return true;
	/* what is stored and not applied yet comes into force with it */
	for (size_t i = 0; i < j->n_entries; i++)
		if (j->entries[i].applied != 0)
			c.from = j->entries[i].number;
	time_begin(m, &c, order->confirm_s + APPLY_S);
	return confirm_write(m, &c, e) && confirm_watch_start(m, e);
}

void
confirm_settle(const struct model_ctx *m, const struct plan_order *order,
    bool ok, bool written, struct plan_result *out)
{
	struct confirm c;
	if (!confirm_read(m, &c))
		return;
	if (order->kind != JOURNAL_APPLY) {
		if (ok)
			confirm_drop(m);
		return;
	}
	if (!ok && !written) {
		confirm_drop(m);
		return;
	}
	c.change = out->change;
	time_begin(m, &c, ok ? c.seconds : 0);
	/* a state that cannot be written is over with the time it has */
	bool kept = confirm_write(m, &c, NULL);
	(void)kept;
	if (ok)
		out->expires_s = c.until_s;
}

static bool
keep_locked(const struct model_ctx *m, long change, struct err *e)
{
	struct confirm c;
	char path[SYS_PATH_MAX];
	if (!confirm_read(m, &c))
		return err_set(e, ERR_NO, _("no change waits to be confirmed"));
	if (c.change != change) {
		err_set(
		    e, ERR_NO, _("change %ld does not wait for that"), change);
		return err_next(e, "smemail apply --keep %ld", c.change);
	}
	if (!root_path(m->root, CONFIRM_PATH, path, e))
		return false;
	return unlink(path) == 0 ||
	       err_set_errno(e, errno, _("cannot remove '%s'"), CONFIRM_PATH);
}

bool
confirm_keep(const struct model_ctx *m, long change, struct err *e)
{
	struct lock l = LOCK_INIT;
	/* the watcher may be about to take it back */
	if (!plan_lock(m, NULL, &l, e))
		return false;
	bool ok = keep_locked(m, change, e);
	lock_release(&l);
	return ok;
}
