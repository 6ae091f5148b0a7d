/* What kind of tree a root holds. */
#include "core/model/ctx.h"

#include "core/base/i18n.h"
#include "core/db/db.h"
#include "core/sys/file.h"

#define DB_DIR "/home/e-smith/db"

/*
 * The catalogue knows 9.1, 9.2, 10 and 11, and what ended with 7 and 8; what
 * is no release counts as 10.
 */
static const char *
release_word(struct str version)
{
	struct str rest, major = str_cut(version, '.', &rest);
	if (str_is(major, "11"))
		return "11";
	if (str_is(major, "9"))
		return str_is(rest, "2") ? "9.2" : "9.1";
	if (str_is(major, "8"))
		return "8";
	if (str_is(major, "7"))
		return "7";
	return "10";
}

const char *
model_release(const struct root *root, struct arena *a)
{
	char path[SYS_PATH_MAX];
	struct db *db = NULL;
	struct str version = STR_EMPTY;
	if (db_path(root, "configuration", path, NULL, NULL) &&
	    db_load(path, NULL, &db, NULL) &&
	    !db_prop(db, "sysconfig", "ReleaseVersion", a, &version))
		version = (struct str)STR_EMPTY;
	const char *word = release_word(str_trim(version));
	db_free(db);
	return word;
}

bool
model_root_check(const struct root *root, struct err *e)
{
	char path[SYS_PATH_MAX];
	if (root_path(root, DB_DIR, path, e) && file_is_dir(path))
		return true;
	if (root_is_system(root)) {
		err_set(e, ERR_USAGE, _("'/' is not an SME Server (no %s)"),
		    DB_DIR);
		return err_next(
		    e, _("name a root with --root DIR, or lay one out: "
			 "smemail init --root DIR"));
	}
	err_set(e, ERR_USAGE, _("'%s' is not a root of a mail system: no %s"),
	    root->prefix, DB_DIR);
	return err_next(e, "smemail init --root %s", root->prefix);
}

bool
model_is_live(const struct root *root)
{
	return root_is_system(root) && file_exists("/sbin/e-smith/db");
}
