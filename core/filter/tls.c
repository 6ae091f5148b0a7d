/*
 * Certificate and key of a policy (FL-76). They cross to the part that needs
 * them as records of its bundle, under names that no file can have there.
 */
#include "core/base/i18n.h"
#include "core/filter/bundle_int.h"
#include "core/filter/policy_int.h"
#include "core/sys/file.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>

enum {
	PEM_MAX = 1 << 20
};

#define RECORD_CERTIFICATE "//tls/certificate"
#define RECORD_KEY         "//tls/key"
#define RECORD_AUTHORITIES "//tls/authorities"
#define RECORD_DH          "//tls/dh"
#define RECORD_PROBLEM     "//tls/problem"

/* The first tls line, of the main list or of another. */
static const struct tls_line *
find_line(const struct filter_policy *p)
{
	const struct plugin_instance *i =
	    plugin_list_find(&p->main, &plugin_tls);
	for (size_t at = 0; at < p->peers.len && i == NULL; at++)
		i = plugin_list_find(
		    VEC_AT(&p->peers, struct peer, at)->list, &plugin_tls);
	return i != NULL ? i->data : NULL;
}

bool
filter_policy_tls(const struct filter_policy *p, struct filter_tls *out)
{
	const struct tls_line *line = find_line(p);
	if (line == NULL)
		return false;
	const struct config *c = &p->config;
	*out = (struct filter_tls){
		.certificate = config_raw(c, STR(RECORD_CERTIFICATE)),
		.key = config_raw(c, STR(RECORD_KEY)),
		.authorities = config_raw(c, STR(RECORD_AUTHORITIES)),
		.dh = config_raw(c, STR(RECORD_DH)),
		.problem = config_raw(c, STR(RECORD_PROBLEM)),
		.ciphers = line->ciphers,
		.only_tls13 = line->only_tls13,
	};
	return true;
}

/* In 'dir', or where a daemon of old stood when it read the file. */
static const char *const between[] = { "", "../" };

static bool
put_path(char path[PATH_MAX], const char *dir, size_t i, const char *name)
{
	int n = snprintf(path, PATH_MAX, "%s/%s%s", dir, between[i], name);
	return n > 0 && n < PATH_MAX;
}

static bool
read_named(
    const char *dir, const char *name, struct buf *content, struct err *e)
{
	char path[PATH_MAX];
	if (name[0] == '/')
		return file_read(name, name, content, e);
	for (size_t i = 0; i < ARRAY_LEN(between); i++) {
		struct err missing = ERR_INIT;
		if (!put_path(path, dir, i, name))
			return err_set_errno(
			    e, ENAMETOOLONG, _("cannot open '%s'"), name);
		if (file_read(path, path, content, &missing))
			return true;
		/* the first place is the one to be told */
		if (i == 0 || missing.sys_errno != ENOENT)
			*e = missing;
		if (missing.sys_errno != ENOENT)
			return false;
	}
	return false;
}

static bool
add_file(struct buf *out, const char *record, const char *dir, const char *path)
{
	struct err e = ERR_INIT;
	struct buf content = BUF_INIT(PEM_MAX);
	struct bundle_record r = { str_of(record), STR_EMPTY };
	if (path == NULL)
		return true;
	if (read_named(dir, path, &content, &e)) {
		r.content = buf_str(&content);
	} else {
		r.name = STR(RECORD_PROBLEM);
		r.content = str_of(e.text);
	}
	bool ok = bundle_add(out, &r);
	buf_wipe(&content);
	return ok;
}

bool
filter_tls_read(const struct filter_policy *p, const char *dir, struct buf *out)
{
	const struct tls_line *line = find_line(p);
	if (line == NULL)
		return true;
	return add_file(out, RECORD_CERTIFICATE, dir, line->certificate) &&
	       add_file(out, RECORD_KEY, dir, line->key) &&
	       add_file(out, RECORD_AUTHORITIES, dir, line->authorities) &&
	       add_file(out, RECORD_DH, dir, line->dh);
}

static void
show_file(const char *dir, const char *name, const struct filter_onlooker *o)
{
	char path[PATH_MAX];
	if (name == NULL)
		return;
	if (name[0] == '/')
		o->file(o->ctx, name);
	for (size_t i = 0; i < ARRAY_LEN(between) && name[0] != '/'; i++) {
		if (put_path(path, dir, i, name))
			o->file(o->ctx, path);
	}
}

void
filter_tls_show(const struct filter_policy *p, const char *dir,
    const struct filter_onlooker *o)
{
	const struct tls_line *line = find_line(p);
	if (line == NULL)
		return;
	show_file(dir, line->certificate, o);
	show_file(dir, line->key, o);
	show_file(dir, line->authorities, o);
	show_file(dir, line->dh, o);
}
