/* Services of a root. */
#include "core/model/service.h"

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/num.h"
#include "core/db/db.h"
#include "core/filter/filter.h"
#include "core/model/tree.h"
#include "core/model/tree_action.h"
#include "core/sys/file.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
	UP_MS = 15000,
	STATM_MAX = 256
};

/* Resident bytes of a process by /proc, 0 when it does not tell. */
static int64_t
memory_of(pid_t pid)
{
	char path[64];
	struct buf text = BUF_INIT(STATM_MAX);
	struct str rest, word = STR_EMPTY;
	int64_t pages = 0;
	snprintf(path, sizeof(path), "/proc/%ld/statm", (long)pid);
	bool ok = file_read(path, NULL, &text, NULL);
	rest = buf_str(&text);
	ok = ok && str_next_word(&rest, &word) && str_next_word(&rest, &word);
	if (!ok || !num_parse_i64(word, 0, INT64_MAX / 65536, &pages))
		pages = 0;
	buf_clear(&text);
	return pages * sysconf(_SC_PAGESIZE);
}

static void
row_judge(struct service_row *r)
{
	const struct service_status *s = &r->status;
	r->state = "ok";
	r->why = "";
	if (s->supervised && s->state == SERVICE_UP) {
		if (s->paused)
			r->why = _("paused");
		else if (s->got_term)
			r->why = _("ending");
		return;
	}
	r->state = r->enabled ? "down" : "off";
	r->why = !r->enabled      ? _("disabled")
		 : !s->supervised ? _("not started")
		 : !s->want_up    ? _("stopped")
				  : _("ends again and again");
	if (r->enabled && s->supervised && s->want_up)
		r->state = "FAIL";
}

bool
service_row_of(const struct model_ctx *m, const char *name,
    struct service_row *row, struct err *e)
{
	*row = (struct service_row){ .name = name, .listens = "" };
	if (!supervisor_runit.status(m->root, name, &row->status, e))
		return false;
	row->enabled = tree_service_enabled(m, name);
	row_judge(row);
	if (strcmp(row->state, "ok") != 0)
		return true;
	row->uptime_s = service_uptime_s(&row->status, clock_wall_s(m->clock));
	row->memory_bytes = memory_of(row->status.pid);
	if (strcmp(name, "qpsmtpd") == 0 && !root_is_system(m->root))
		row->listens = tree_smtp_listens(m);
	return true;
}

/* What cannot be read must not look as if it were switched off. */
static bool
databases_readable(const struct model_ctx *m, struct err *e)
{
	char path[SYS_PATH_MAX];
	struct db *db = NULL;
	bool ok = db_path(m->root, "configuration", path, NULL, e) &&
		  db_load(path, root_shown(m->root, path), &db, e);
	db_free(db);
	return ok;
}

bool
service_rows(const struct model_ctx *m, struct service_row **rows,
    size_t *count, struct err *e)
{
	const char *const *names;
	bool live = model_is_live(m->root);
	if ((!live && !tree_check_embedded(m, e)) ||
	    !databases_readable(m, e) ||
	    !supervisor_runit.list(m->root, m->arena, &names, count, e))
		return false;
	*rows = ARENA_ARRAY(m->arena, *count + 1, struct service_row);
	for (size_t i = 0; i < *count; i++)
		if (!service_row_of(m, names[i], &(*rows)[i], e))
			return false;
	return true;
}

static bool
action_fits(
    const struct tree_action *a, const struct service_row *row, struct err *e)
{
	bool up = row->status.state == SERVICE_UP;
	if (a->ends_up && !row->enabled) {
		err_set(e, ERR_USAGE,
		    _("cannot %s '%s': it is switched off in the databases"),
		    a->name, row->name);
		return err_next(e, "smemail set smtp.status enabled");
	}
	if ((a->renews || a->rereads) && !up) {
		err_set(e, ERR_NO, _("cannot %s '%s': it is not running"),
		    a->name, row->name);
		return err_next(e, "smemail service start %s", row->name);
	}
	return true;
}

/* One that is not right would keep the filter from starting. */
static bool
policy_fits(const struct model_ctx *m, const struct tree_action *a,
    const struct service_row *row, struct err *e)
{
	struct filter_policy *policy = NULL;
	if (strcmp(row->name, "qpsmtpd") != 0 || !a->ends_up || a->rereads)
		return true;
	bool ok = tree_filter_policy(m, NULL, &policy, e);
	filter_policy_free(policy);
	if (ok)
		return true;
	err_context(e, _("cannot %s '%s'"), a->name, row->name);
	return err_next(e, "smemail plan");
}

/* Tell the supervisor, and wait until it is so. */
static bool
act(const struct model_ctx *m, const struct tree_action *a,
    const struct service_row *row, struct err *e)
{
	const struct tree_told told = {
		.action = a,
		.service = row->name,
		.before = &row->status,
		.mark = tree_filter_mark(m),
	};
	char byte = service_word_byte(str_of(tree_told_word(&told)));
	if (!supervisor_runit.control(m->root, row->name, byte, e) ||
	    !tree_told_wait(m, &told, UP_MS, e))
		return false;
	return strcmp(row->name, "qpsmtpd") != 0 || !a->ends_up ||
	       tree_smtp_answers(m, tree_smtp_port(m), UP_MS, e);
}

bool
service_act(const struct model_ctx *m, const char *name, const char *action,
    bool dry_run, struct service_row *row, struct err *e)
{
	const struct tree_action *a = tree_action_find(action);
	if (a == NULL)
		return err_set(e, ERR_USAGE, _("unknown action '%s'"), action);
	if (!tree_check_embedded(m, e) || !databases_readable(m, e) ||
	    !service_row_of(m, name, row, e) || !action_fits(a, row, e) ||
	    !policy_fits(m, a, row, e))
		return false;
	if (dry_run)
		return true;
	return act(m, a, row, e) && service_row_of(m, name, row, e);
}
