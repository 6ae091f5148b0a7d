/* Parameters of templates. */
#include "core/template/metadata.h"

#include "core/base/i18n.h"
#include "core/base/num.h"
#include "core/sys/file.h"
#include "core/template/literal.h"

#include <dirent.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>

#define METADATA "/etc/e-smith/templates.metadata"

enum {
	TEXT_MAX = 256 * 1024,
	MODE_MAX = 07777
};

struct reader {
	const struct template_env *env;
	const char *shown; /* the file, for messages */
	struct template_metadata *out;
};

static void
note(const struct reader *r, const char *text)
{
	if (r->env->note != NULL)
		r->env->note(r->env->note_ctx, text);
}

static const char *
text_of(const struct reader *r, const struct literal *v)
{
	return arena_cstr(r->env->arena, v->text);
}

static bool
is_scalar(const struct literal *v)
{
	return v->kind == LITERAL_NUMBER || v->kind == LITERAL_STRING;
}

static bool
is_true(const struct literal *v)
{
	return !is_scalar(v) || (v->text.len > 0 && !str_is(v->text, "0"));
}

static bool
set_template_path(struct reader *r, const struct literal *v)
{
	r->out->template_path = text_of(r, v);
	return is_scalar(v);
}

static bool
set_output_filename(struct reader *r, const struct literal *v)
{
	r->out->output_filename = text_of(r, v);
	return is_scalar(v);
}

static bool
set_output_prefix(struct reader *r, const struct literal *v)
{
	r->out->output_prefix = text_of(r, v);
	return is_scalar(v);
}

static bool
set_output_type(struct reader *r, const struct literal *v)
{
	r->out->to_string = str_is(v->text, "string");
	return r->out->to_string || str_is(v->text, "file");
}

static bool
set_delete(struct reader *r, const struct literal *v)
{
	r->out->remove = is_true(v);
	return is_scalar(v);
}

/* A number, or a string that begins with 0 and is octal. */
static bool
set_perms(struct reader *r, const struct literal *v)
{
	uint32_t octal = 0;
	int64_t n = v->number;
	bool ok = is_scalar(v);
	if (v->kind == LITERAL_STRING && str_starts(v->text, STR("0"))) {
		ok = num_parse_octal(v->text, MODE_MAX, &octal);
		n = octal;
	} else if (v->kind == LITERAL_STRING) {
		ok = num_parse_i64(v->text, 0, MODE_MAX, &n);
	}
	r->out->has_mode = true;
	r->out->mode = (mode_t)n;
	return ok && n >= 0 && n <= MODE_MAX;
}

/* A name that the system does not know is 0 (ES-110). */
static bool
set_uid(struct reader *r, const struct literal *v)
{
	int64_t n = 0;
	const struct passwd *pw;
	if (num_parse_i64(v->text, 0, INT32_MAX, &n))
		r->out->uid = (uid_t)n;
	else if ((pw = getpwnam(text_of(r, v))) != NULL)
		r->out->uid = pw->pw_uid;
	else
		note(r, arena_printf(r->env->arena,
			    _("there is no user '%.*s' (%s), root is taken"),
			    STR_ARG(v->text), r->shown));
	r->out->has_uid = true;
	return is_scalar(v);
}

static bool
set_gid(struct reader *r, const struct literal *v)
{
	int64_t n = 0;
	const struct group *gr;
	if (num_parse_i64(v->text, 0, INT32_MAX, &n))
		r->out->gid = (gid_t)n;
	else if ((gr = getgrnam(text_of(r, v))) != NULL)
		r->out->gid = gr->gr_gid;
	else
		note(r, arena_printf(r->env->arena,
			    _("there is no group '%.*s' (%s), root is taken"),
			    STR_ARG(v->text), r->shown));
	r->out->has_gid = true;
	return is_scalar(v);
}

static bool
set_more_data(struct reader *r, const struct literal *v)
{
	r->out->more = v->items;
	r->out->n_more = v->n;
	return v->kind == LITERAL_HASH;
}

static bool
set_queue(struct reader *r, const struct literal *v)
{
	const char **roots = ARENA_ARRAY(r->env->arena, v->n + 1, const char *);
	for (size_t i = 0; v->kind == LITERAL_LIST && i < v->n; i++)
		roots[i] = arena_cstr(r->env->arena, v->items[i].value);
	r->out->queue = roots;
	return v->kind == LITERAL_LIST && v->n > 0;
}

/* Records are scalars and hashes at once; there is nothing to choose. */
static bool
set_nothing(struct reader *r, const struct literal *v)
{
	(void)r;
	return is_scalar(v);
}

static const struct {
	const char *name;
	bool (*set)(struct reader *r, const struct literal *v);
} parameters[] = {
	{ "TEMPLATE_PATH", set_template_path },
	{ "OUTPUT_FILENAME", set_output_filename },
	{ "OUTPUT_PREFIX", set_output_prefix },
	{ "OUTPUT_TYPE", set_output_type },
	{ "UID", set_uid },
	{ "GID", set_gid },
	{ "PERMS", set_perms },
	{ "MORE_DATA", set_more_data },
	{ "TEMPLATE_EXPAND_QUEUE", set_queue },
	{ "DELETE", set_delete },
	{ "ALL_RECORDS_AS_SCALARS", set_nothing },
};

/*
 * A value that is not understood stops the expansion: a mode that was meant to
 * protect a file must not be passed over.
 */
static bool
parameter_set(
    struct reader *r, struct str name, struct str value, struct err *e)
{
	struct literal v;
	name = str_trim(name);
	value = str_trim(value);
	if (str_is(name, "FILTER") && str_starts(value, STR("sub"))) {
		r->out->filter = arena_str(r->env->arena, value);
		return true;
	}
	if (str_is(name, "CONFREF") || str_is(name, "FILTER"))
		return err_set(e, ERR_PERMANENT,
		    _("'%s' gives %.*s, which is not supported"), r->shown,
		    STR_ARG(name));
	for (size_t i = 0; i < ARRAY_LEN(parameters); i++) {
		if (!str_is(name, parameters[i].name))
			continue;
		if (literal_parse(value, r->env->arena, &v) &&
		    parameters[i].set(r, &v))
			return true;
		err_set(e, ERR_PERMANENT,
		    _("'%s': the value of %.*s is not understood"), r->shown,
		    STR_ARG(name));
		return err_next(
		    e, _("write it as a plain number or quoted string"));
	}
	note(r,
	    arena_printf(r->env->arena, _("unknown parameter '%.*s' in '%s'"),
		STR_ARG(name), r->shown));
	return true;
}

/* One parameter a line; lines without '=' say nothing. */
static bool
lines_read(struct reader *r, struct str text, struct err *e)
{
	struct str line, value;
	while (str_next_line(&text, &line)) {
		struct str name = str_cut(line, '=', &value);
		if (value.ptr != NULL && !parameter_set(r, name, value, e))
			return false;
	}
	return true;
}

static bool
file_parse(struct reader *r, const char *real, const char *name, struct err *e)
{
	struct buf text = BUF_INIT(TEXT_MAX);
	bool ok = file_read(real, r->shown, &text, e);
	if (ok && name == NULL)
		ok = lines_read(r, buf_str(&text), e);
	else if (ok)
		ok = parameter_set(r, str_of(name), buf_str(&text), e);
	buf_clear(&text);
	return ok;
}

/* ES-111: one file a parameter. */
static bool
folder_parse(struct reader *r, const char *real, struct err *e)
{
	DIR *d = opendir(real);
	struct dirent *entry;
	bool ok = true;
	if (d == NULL)
		return err_set_errno(e, errno, _("cannot open '%s'"), r->shown);
	while (ok && (entry = readdir(d)) != NULL)
		if (entry->d_name[0] != '.')
			ok = file_parse(r,
			    arena_printf(
				r->env->arena, "%s/%s", real, entry->d_name),
			    entry->d_name, e);
	closedir(d);
	return ok;
}

bool
template_metadata_read(const struct template_env *env, const char *path,
    struct template_metadata *out, struct err *e)
{
	char real[SYS_PATH_MAX];
	const char *slash = path[0] == '/' ? "" : "/";
	struct reader r = {
		.env = env,
		.shown = arena_printf(env->arena, METADATA "%s%s", slash, path),
		.out = out,
	};
	*out = (struct template_metadata){ .template_path = NULL };
	if (!root_path(env->root, r.shown, real, e))
		return false;
	if (file_is_dir(real))
		return folder_parse(&r, real, e);
	return !file_exists(real) || file_parse(&r, real, NULL, e);
}
