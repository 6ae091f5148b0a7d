/* Whole logs of services: where each is, opened for a range of time. */
#include "core/model/logs.h"

#include "core/base/i18n.h"
#include "core/maillog/logindex.h"
#include "core/model/logs_int.h"
#include "core/sys/file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum {
	NOTES_MAX = 16 * 1024
};

/* Open one log and append it; 'index' is the set's then. */
static bool
add(struct log_set *set, const char *name, const struct logplan_options *o,
    struct logindex *index, struct err *e)
{
	if (set->n == LOG_SET_MAX)
		return err_set(e, ERR_USAGE,
		    _("cannot read more than %d logs at once"),
		    (int)LOG_SET_MAX);
	struct logplan *plan = logplan_open(o, e);
	if (plan == NULL)
		return false;
	snprintf(set->names[set->n], LOG_NAME_SIZE, "%s", name);
	set->sources[set->n] =
	    (struct logsource){ .service = set->names[set->n],
		    .form = maillog_form_of(str_of(set->names[set->n])),
		    .plan = plan,
		    .index = index };
	set->indexes[set->n++] = index;
	return true;
}

/* Path of the log of a service. */
static bool
log_path(const struct model_ctx *m, const char *dir, const char *name,
    char path[SYS_PATH_MAX], struct err *e)
{
	if (dir == NULL)
		return root_pathf(m->root, path, e, "/var/log/%s", name);
	if (snprintf(path, SYS_PATH_MAX, "%s/%s", dir, name) < SYS_PATH_MAX)
		return true;
	return err_set_errno(e, ENAMETOOLONG, _("cannot read '%s'"), dir);
}

/* The name of a log at a path: the last part that is not "current". */
void
log_name_of_path(const char *path, char name[LOG_NAME_SIZE])
{
	struct str s = str_of(path), part = s;
	while (s.len > 0) {
		size_t end = s.len;
		while (end > 0 && s.ptr[end - 1] != '/')
			end--;
		part = str_sub(s, end, s.len);
		s = str_sub(s, 0, end > 0 ? end - 1 : 0);
		if (part.len > 0 && !str_is(part, "current") &&
		    !str_is(part, ".") && part.ptr[0] != '@')
			break;
	}
	/* "qmail-send.log" is of qmail-send, "maillog-20260314.gz" of maillog
	 */
	if (maillog_form_of(part) == MAILLOG_FORM_NONE) {
		size_t dot = str_find(part, '.', 1);
		size_t dash = str_find(part, '-', 1);
		struct str stem = str_sub(part, 0, dot);
		if (maillog_form_of(stem) == MAILLOG_FORM_NONE)
			stem = str_sub(part, 0, dash);
		if (maillog_form_of(stem) != MAILLOG_FORM_NONE)
			part = stem;
	}
	snprintf(name, LOG_NAME_SIZE, "%.*s", STR_ARG(part));
}

static bool
unknown(
    const struct model_ctx *m, const char *dir, const char *name, struct err *e)
{
	struct buf list = BUF_INIT(ERR_TEXT_MAX);
	char path[SYS_PATH_MAX];
	for (size_t i = 0; log_mail_services[i] != NULL; i++)
		if (log_path(m, dir, log_mail_services[i], path, NULL) &&
		    file_exists(path))
			buf_addf(&list, "%s%s", list.len > 0 ? ", " : "",
			    log_mail_services[i]);
	if (list.len == 0)
		err_set(e, ERR_USAGE,
		    _("unknown service '%s'; there are no mail logs in '%s'"),
		    name, dir != NULL ? dir : "/var/log");
	else
		err_set(e, ERR_USAGE,
		    _("unknown service '%s'; there are logs of %s"), name,
		    buf_cstr(&list));
	buf_clear(&list);
	return false;
}

static bool
add_named(struct log_set *set, const struct model_ctx *m, const char *name,
    const char *dir, int input, struct logplan_options *o, struct err *e)
{
	char path[SYS_PATH_MAX], label[LOG_NAME_SIZE];
	struct err why = ERR_INIT;
	o->kind = LOGPLAN_PATH;
	o->rotated = false;
	if (strcmp(name, "-") == 0) {
		o->kind = LOGPLAN_FD;
		o->fd = input;
		o->shown = _("standard input");
		return add(set, "-", o, NULL, e);
	}
	if (strcmp(name, "journal") == 0) {
		o->kind = LOGPLAN_JOURNAL;
		o->shown = "journal";
		return add(set, "journal", o, NULL, e);
	}
	if (strchr(name, '/') != NULL) {
		log_name_of_path(name, label);
		o->path = o->shown = name;
		return add(set, label, o, NULL, e);
	}
	if (name[0] == '\0' || name[0] == '.' || strlen(name) >= LOG_NAME_SIZE)
		return unknown(m, dir, name, e);
	if (!log_path(m, dir, name, path, e))
		return false;
	o->path = path;
	o->shown = dir != NULL ? path : root_shown(m->root, path);
	o->rotated = true; /* a plain file: with those before it */
	struct logindex *index = dir == NULL ? log_index_open(m, name) : NULL;
	o->index = index;
	bool ok = add(set, name, o, index, &why);
	o->index = NULL;
	if (ok)
		return true;
	logindex_close(index);
	if (why.sys_errno == ENOENT)
		return unknown(m, dir, name, e);
	if (e != NULL)
		*e = why;
	return false;
}

/* All mail services; what cannot be read is told beside the rest. */
static bool
add_all(struct log_set *set, const struct model_ctx *m, const char *dir,
    struct logplan_options *o, struct err *e)
{
	struct err last = ERR_INIT;
	for (size_t i = 0; log_mail_services[i] != NULL; i++) {
		char path[SYS_PATH_MAX];
		struct err why = ERR_INIT;
		if (!log_path(m, dir, log_mail_services[i], path, e))
			return false;
		if (!file_exists(path) ||
		    add_named(set, m, log_mail_services[i], dir, -1, o, &why))
			continue;
		buf_addf(&set->notes, "%s\n", why.text);
		last = why;
	}
	if (set->n > 0)
		return true;
	if (last.code != ERR_NONE) {
		if (e != NULL)
			*e = last;
		return false;
	}
	return err_set(e, ERR_NO, _("no mail service has logs in '%s'"),
	    dir != NULL ? dir : "/var/log");
}

bool
log_set_open(const struct model_ctx *m, const char *const *names,
    const char *dir, struct logrange range, int input, struct log_set *set,
    struct err *e)
{
	struct logplan_options o = { .range = range, .clock = m->clock };
	bool ok = dir == NULL || file_need_dir(dir, e);
	memset(set, 0, sizeof(*set));
	buf_init(&set->notes, NOTES_MAX);
	if (ok && (names == NULL || names[0] == NULL))
		ok = add_all(set, m, dir, &o, e);
	else
		for (size_t i = 0; ok && names[i] != NULL; i++)
			ok = add_named(set, m, names[i], dir, input, &o, e);
	if (!ok)
		log_set_close(set);
	return ok;
}

void
log_set_close(struct log_set *set)
{
	for (size_t i = 0; i < set->n; i++) {
		logplan_free(set->sources[i].plan);
		logindex_close(set->indexes[i]);
	}
	buf_clear(&set->notes);
	set->n = 0;
}

void
log_set_names(const struct log_set *set, struct buf *out)
{
	for (size_t i = 0; i < set->n; i++)
		buf_addf(out, "%s%s", i > 0 ? ", " : "", set->names[i]);
}

bool
log_set_oldest(const struct log_set *set, int64_t *ns)
{
	bool found = false;
	for (size_t i = 0; i < set->n; i++) {
		int64_t key;
		if (!logplan_oldest(set->sources[i].plan, &key) ||
		    (found && key >= *ns))
			continue;
		*ns = key;
		found = true;
	}
	return found;
}
