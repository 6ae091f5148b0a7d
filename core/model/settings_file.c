/*
 * Settings that live in a file: whether it is there and, where the file is
 * the value, what it says. Changing them is the template engine's business.
 */
#include "core/model/settings_int.h"

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/setting/form.h"
#include "core/sys/file.h"

#include <errno.h>
#include <string.h>

#define CUSTOM_DIR "/etc/e-smith/templates-custom/"

enum {
	CONTENT_MAX = 256 * 1024
};

/* The path with the target in place of the first <...>, in the arena. */
static const char *
file_path(struct settings_store *st, const struct settings_row *row)
{
	const char *key = row->setting->key;
	const char *open = strchr(key, '<');
	const char *end = open != NULL ? strchr(open, '>') : NULL;

	if (end == NULL || row->target == NULL)
		return key;
	return arena_printf(st->m->arena, "%.*s%s%s", (int)(open - key), key,
	    row->target, end + 1);
}

/* A target in a path must be a name, and exist. */
static bool
target_is_known(
    struct settings_store *st, const struct settings_row *row, struct err *e)
{
	const struct db *db;

	if (!settings_db(st, "domains", &db, e))
		return false;
	return settings_target_exists(db, row->setting, row->target, e);
}

/* "own fragment 20localscores" */
static void
own_fragment(struct settings_store *st, struct settings_row *row,
    const char *path, bool is_folder)
{
	const char *name = strrchr(path, '/') + 1;

	if (is_folder)
		row->value = str_of(_("own fragments"));
	else
		row->value = str_of(
		    arena_printf(st->m->arena, _("own fragment %s"), name));
	row->stored_valid = true;
	row->source = SETTINGS_FRAGMENT;
}

/* The words for "there" and "not there" of a switch. */
static void
read_presence(struct settings_row *row)
{
	const struct setting_choice *c = row->setting->choices;

	row->stored = row->is_stored ? str_of(c->word) : (struct str)STR_EMPTY;
	row->value = str_of(row->is_stored ? c->word : c[1].word);
	row->stored_valid = row->is_stored;
}

static bool
read_content(struct settings_store *st, struct settings_row *row,
    const char *real, const char *path, struct err *e)
{
	struct buf text = BUF_INIT(CONTENT_MAX);
	struct err why = ERR_INIT;
	bool ok = file_read(real, path, &text, &why);

	if (!ok && why.sys_errno == EACCES) {
		row->problem = _("the file cannot be read by this user");
		ok = true;
	} else if (!ok && e != NULL) {
		*e = why;
	}
	row->stored = arena_str(st->m->arena, str_trim(buf_str(&text)));
	buf_clear(&text);
	if (!ok)
		return false;
	settings_judge(st, row);
	if (row->setting->flags & SETTING_READ_ONLY)
		row->source = SETTINGS_DEFAULT; /* made from other settings */
	if (!row->stored_valid &&
	    strncmp(path, CUSTOM_DIR, strlen(CUSTOM_DIR)) == 0)
		own_fragment(st, row, path, false);
	return true;
}

/* Is the file itself the value, or one of several things in it? */
static bool
is_whole_file(const struct setting *s)
{
	return strcmp(s->prop, "-") == 0 && !(s->flags & SETTING_LIST);
}

static bool
is_presence(const struct setting *s)
{
	return s->choices != NULL && strcmp(s->choices[0].word, "present") == 0;
}

static bool
read_at(struct settings_store *st, struct settings_row *row, const char *path,
    struct err *e)
{
	const struct setting *s = row->setting;
	bool custom = strncmp(path, CUSTOM_DIR, strlen(CUSTOM_DIR)) == 0;
	char real[SYS_PATH_MAX];

	if (!root_path(st->m->root, path, real, e))
		return false;
	row->is_stored = file_exists(real);
	if (is_presence(s)) {
		read_presence(row);
		row->source =
		    row->is_stored ? SETTINGS_FRAGMENT : SETTINGS_DEFAULT;
	} else if (!row->is_stored) {
		settings_judge(st, row);
	} else if (strcmp(s->type->name, "path") == 0) {
		row->stored = row->value = str_of(path);
		row->stored_valid = true;
		row->source = SETTINGS_SET;
	} else if (is_whole_file(s) && !file_is_dir(real)) {
		return read_content(st, row, real, path, e);
	} else if (custom) {
		own_fragment(st, row, path, file_is_dir(real));
	} else {
		row->source = SETTINGS_UNKNOWN;
	}
	return true;
}

/* As the form of the setting says; what it cannot read is somebody else's. */
static bool
read_form(struct settings_store *st, struct settings_row *row, struct err *e)
{
	const struct setting *s = row->setting;
	struct settings_files *files = settings_files_new(st->m);
	struct settings_filed filed;
	struct err why = ERR_INIT;
	bool ok = files != NULL &&
		  settings_files_get(files, s, row->target, &filed, &why);

	settings_files_free(files);
	if (!ok && why.sys_errno == EACCES) {
		row->problem = _("the file cannot be read by this user");
		settings_judge(st, row);
		return true;
	}
	if (!ok) {
		if (e != NULL)
			*e = why;
		return false;
	}
	row->is_stored = filed.stored;
	row->stored = filed.value;
	settings_judge(st, row);
	if (!filed.exists || filed.own)
		return true;
	/* a file of several things says nothing of those it does not name */
	if (filed.stored && row->stored_valid)
		row->source = SETTINGS_FRAGMENT;
	else if (filed.stored || s->form->kind != SETTING_FORM_ENTRY)
		own_fragment(st, row, s->key, false);
	return true;
}

/* The names of a list must be such as its lines can hold. */
static bool
entry_is_given(const struct settings_row *row, struct err *e)
{
	const struct setting *s = row->setting;
	struct err why = ERR_INIT;

	if (row->target == NULL) {
		err_set(e, ERR_USAGE, _("'%s' is set for each %s"), s->id,
		    setting_target_word(s->target));
		return err_next(e, _("add --for NAME"));
	}
	return setting_target_check(s, str_of(row->target), &why) ||
	       err_set(e, ERR_USAGE, _("cannot use that target of '%s': %s"),
		   s->id, why.text);
}

bool
settings_file_target(struct settings_store *st, const struct setting *s,
    const char *target, struct err *e)
{
	struct settings_row row = { .setting = s, .target = target };
	const struct db *none = NULL;

	if (s->target == SETTING_TARGET_DOMAIN)
		return target_is_known(st, &row, e);
	if (s->target == SETTING_TARGET_ENTRY)
		return entry_is_given(&row, e);
	return settings_target_exists(none, s, target, e);
}

bool
settings_read_file(
    struct settings_store *st, struct settings_row *row, struct err *e)
{
	const struct setting *s = row->setting;

	row->source = SETTINGS_UNKNOWN;
	if (s->target == SETTING_TARGET_DOMAIN && !target_is_known(st, row, e))
		return false;
	if (s->form != NULL) {
		if (s->target == SETTING_TARGET_ENTRY &&
		    !entry_is_given(row, e))
			return false;
		return read_form(st, row, e);
	}
	if (settings_read_found(st, row))
		return true;
	if (s->key[0] != '/') /* a package, a contrib, a how-to */
		return true;
	return read_at(st, row, file_path(st, row), e);
}
