/*
 * The end of a change: log lines, one atomic replacement of the file, and
 * what is said when that fails (ES-13, ES-22, ES-23, ES-27 to ES-30).
 */
#include "core/db/db.h"

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/num.h"
#include "core/db/db_int.h"
#include "core/sys/file.h"
#include "core/sys/syslog_port.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	GROUP_FILE_MAX = 1024 * 1024,
	FILE_MODE = 0660
};

static void
log_send(struct db_change *c, struct syslog_port *port, bool after)
{
	for (size_t i = 0; i < c->lines.len; i++) {
		const struct log_line *l =
		    VEC_AT(&c->lines, struct log_line, i);
		if (l->after == after)
			syslog_port_send(port, SYSLOG_LOCAL1_INFO, l->text);
	}
}

/*
 * ES-27: what failed, and that nothing is saved. The words are those of the
 * reference, for whoever searches the log for them.
 */
void
db_log_failure(
    const struct db_env *env, const char *shown, const struct err *why)
{
	struct syslog_port port;
	struct buf line = BUF_INIT(SYS_PATH_MAX * 2);
	if (why->sys_errno != 0)
		buf_addf(&line, "Cannot open %s.%ld: %s", shown, (long)getpid(),
		    strerror(why->sys_errno));
	else
		buf_add_cstr(&line, why->text);
	syslog_port_open(&port, env->root, env->clock, env->program);
	syslog_port_send(&port, SYSLOG_LOCAL1_INFO, buf_str(&line));
	buf_reset(&line);
	buf_addf(&line, "'%s' will not be updated", shown);
	syslog_port_send(&port, SYSLOG_LOCAL1_INFO, buf_str(&line));
	syslog_port_close(&port);
	buf_clear(&line);
}

/* The gid in "NAME:PASSWORD:GID:MEMBERS" when NAME is admin. */
static bool
line_admin_gid(struct str line, uint64_t *gid)
{
	struct str rest;
	if (!str_is(str_cut(line, ':', &rest), "admin"))
		return false;
	str_cut(rest, ':', &rest);
	return num_parse_u64(str_cut(rest, ':', &rest), UINT32_MAX, gid);
}

/* gid of the group "admin" under the root, 0 if there is none (ES-22). */
static gid_t
admin_gid(const struct root *root)
{
	char path[SYS_PATH_MAX];
	struct buf text = BUF_INIT(GROUP_FILE_MAX);
	uint64_t gid = 0;
	if (root_path(root, "/etc/group", path, NULL) &&
	    file_read(path, NULL, &text, NULL)) {
		struct str rest = buf_str(&text), line;
		while (str_next_line(&rest, &line)) {
			if (line_admin_gid(line, &gid))
				break;
		}
	}
	buf_clear(&text);
	return (gid_t)gid;
}

/*
 * The reference may have removed the lock file after we locked it; then
 * the lock is taken anew, and the file must be the one that was read.
 */
static bool
lock_confirm(void *ctx, struct err *e)
{
	struct db_change *c = ctx;
	if (db_change_is_locked(c))
		return true;
	lock_release(&c->lock);
	if (!db_change_lock(c, e))
		return false;
	struct db_version now = db_version_now(c->path);
	if (db_version_eq(&now, &c->version))
		return true;
	err_set(e, ERR_TEMPORARY,
	    _("cannot change '%s': another program changed it meanwhile"),
	    c->shown);
	return err_next(e, _("try again in a moment"));
}

static bool
change_write(struct db_change *c, struct err *e)
{
	struct buf text = BUF_INIT(DB_SIZE_MAX);
	mode_t mask = umask(022);
	umask(mask);
	bool ok = db_write(c->db, clock_wall_s(c->env.clock), &text);
	if (ok)
		ok = file_replace(c->path, buf_str(&text),
		    &(struct file_replace){
			.mode = FILE_MODE & ~mask,
			.uid = 0,
			.gid = admin_gid(c->env.root),
			.chown_may_fail = true,
			.shown = c->shown,
			/* a sync may take longer than others wait */
			.still = lock_confirm,
			.ctx = c,
		    },
		    e);
	else
		err_set(e, ERR_PERMANENT,
		    _("cannot write '%s': larger than %d bytes"), c->shown,
		    DB_SIZE_MAX);
	buf_clear(&text);
	return ok;
}

static bool
change_finish(struct db_change *c, struct err *e)
{
	struct syslog_port port;
	db_change_merge_end(c);
	if (c->failed)
		return err_set_errno(
		    e, ENOMEM, _("cannot change '%s'"), c->shown);
	if (!c->dirty)
		return true;
	if (!lock_confirm(c, e))
		return false;
	syslog_port_open(&port, c->env.root, c->env.clock, c->env.program);
	log_send(c, &port, false);
	bool ok = change_write(c, e);
	if (ok)
		log_send(c, &port, true);
	syslog_port_close(&port);
	return ok;
}

bool
db_change_commit(struct db_change *c, struct err *e)
{
	struct err own = ERR_INIT;
	e = e != NULL ? e : &own;
	bool ok = change_finish(c, e);
	if (!ok)
		db_log_failure(&c->env, c->shown, e);
	db_change_abort(c);
	return ok;
}
