/* Custom fragments of templates: writing one, taking it away. */
#include "cmd/template_int.h"

#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/render.h"
#include "core/base/i18n.h"
#include "core/model/files.h"
#include "core/sys/file.h"
#include "core/template/fragments.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum {
	MODE_FILE = 0644,
	MODE_DIR = 0755
};

/* Without a name the fragment is the whole of a flat template. */
static bool
fragment_needed(const struct template_subject *s, struct err *e)
{
	struct template_piece *p;
	size_t n;
	if (s->fragment != NULL ||
	    (template_pieces(s->env, s->path, &p, &n, NULL) && n == 1 &&
		p[0].name[0] == '\0'))
		return true;
	err_set(e, ERR_USAGE, _("name the fragment of '%s'"), s->path);
	return err_next(e, "smemail template show %s", s->path);
}

/* The text of the custom fragment: of a file, else what it will replace. */
static bool
custom_text(const struct call *call, const struct template_subject *s,
    const char *name, struct buf *out, struct err *e)
{
	const char *from = call_option(call, "from");
	if (from == NULL)
		return template_piece_source(
		    s->env, s->path, name, true, out, e);
	if (strcmp(from, "-") == 0)
		return file_read_fd(STDIN_FILENO, _("standard input"), out, e);
	return file_read_named(from, out, e);
}

static bool
custom_write(struct app *app, const struct call *call,
    const struct template_subject *s, struct err *e)
{
	char real[SYS_PATH_MAX];
	const char *name = s->fragment != NULL ? s->fragment : "";
	const char *shown = template_custom_path(s->env, s->path, name);
	struct buf text = BUF_INIT(TEMPLATE_SOURCE_MAX);
	const struct file_replace how = {
		.mode = MODE_FILE,
		.uid = (uid_t)-1,
		.gid = (gid_t)-1,
		.shown = shown,
	};
	bool from = call_option(call, "from") != NULL;
	bool ok = root_path(&app->root, shown, real, e);
	if (ok && file_exists(real) && !from) {
		render_line(app, "%s", real);
		return true;
	}
	ok = ok && custom_text(call, s, name, &text, e);
	if (ok && call_has(call, "dry-run")) {
		render_line(app, "%s", real);
		render_dry_run(app);
		buf_clear(&text);
		return true;
	}
	ok = ok && file_mkdirs_for(real, MODE_DIR, shown, e) &&
	     file_replace(real, buf_str(&text), &how, e);
	if (ok) {
		render_line(app, "%s", real);
		render_next(app,
		    from ? "smemail plan" : _("edit it, then smemail plan"));
	}
	buf_clear(&text);
	return ok;
}

/* A custom fragment is a name in one folder, not a way out of it. */
static bool
fragment_check(const struct template_subject *s, struct err *e)
{
	const char *name = s->fragment;
	if (name == NULL ||
	    (name[0] != '\0' && strchr(name, '/') == NULL &&
		strcmp(name, ".") != 0 && strcmp(name, "..") != 0))
		return true;
	return err_set(
	    e, ERR_USAGE, _("'%s' is not the name of a fragment"), name);
}

static int
customize_run(struct app *app, const struct call *call, struct err *e)
{
	struct template_subject s;
	if (!template_subject_open(app, call, &s, e))
		return err_exit_status(e->code);
	bool ok = fragment_check(&s, e) && fragment_needed(&s, e) &&
		  custom_write(app, call, &s, e);
	expand_close(s.x);
	return ok ? 0 : err_exit_status(e->code);
}

static bool
custom_remove(struct app *app, const struct template_subject *s,
    const char *name, bool dry_run, size_t *removed, struct err *e)
{
	char real[SYS_PATH_MAX];
	const char *shown = template_custom_path(s->env, s->path, name);
	if (!root_path(&app->root, shown, real, e))
		return false;
	if (!dry_run && unlink(real) != 0)
		return err_set_errno(e, errno, _("cannot remove '%s'"), shown);
	++*removed;
	render_line(
	    app, dry_run ? _("would remove %s") : _("removed %s"), shown);
	return true;
}

static int
revert_run(struct app *app, const struct call *call, struct err *e)
{
	struct template_subject s;
	struct template_piece *p;
	size_t n, removed = 0;
	bool dry = call_has(call, "dry-run");
	if (!template_subject_open(app, call, &s, e))
		return err_exit_status(e->code);
	bool ok =
	    fragment_check(&s, e) && template_pieces(s.env, s.path, &p, &n, e);
	for (size_t i = 0; ok && i < n; i++)
		if (p[i].origin == TEMPLATE_CUSTOM &&
		    (s.fragment == NULL || strcmp(s.fragment, p[i].name) == 0))
			ok =
			    custom_remove(app, &s, p[i].name, dry, &removed, e);
	if (ok && removed == 0)
		ok = err_set(e, ERR_NO, _("'%s' has no custom fragment%s%s"),
		    s.path, s.fragment != NULL ? " " : "",
		    s.fragment != NULL ? s.fragment : "");
	if (ok && dry)
		render_dry_run(app);
	else if (ok)
		render_next(app, "smemail plan");
	expand_close(s.x);
	return ok ? 0 : err_exit_status(e->code);
}

const struct command command_template_customize = {
	.words = "template customize",
	.summary = N_("put a custom fragment in the place of the usual one"),
	.text = N_("Copies the fragment to templates-custom, where it "
		   "replaces the usual one, and prints where. A custom "
		   "fragment that is there already is left as it is, unless "
		   "--from gives its text. With --from the name may be a new "
		   "one; an empty file takes the usual fragment out."),
	.args = TEMPLATE_ARGS,
	.options = { { "from", 0, "FILE", ARG_FILE,
			 N_("take the text from FILE; - is standard input") },
	    DRY_RUN_OPTION },
	.flags = COMMAND_CHANGES,
	.run = customize_run,
};

const struct command command_template_revert = {
	.words = "template revert",
	.summary = N_("remove custom fragments of a template"),
	.text = N_("Removes the one that is named, or all of them. The usual "
		   "fragments count again at the next apply."),
	.args = TEMPLATE_ARGS,
	.options = { DRY_RUN_OPTION },
	.flags = COMMAND_CHANGES,
	.run = revert_run,
};
