/* Which file a database's name means (ES-40). */
#include "core/db/db.h"

#include "core/base/i18n.h"
#include "core/sys/file.h"

#include <string.h>

static const char OLD_HOME[] = "/home/e-smith/";

/* "/home/e-smith/WORD": the WORD, else NULL. */
static const char *
old_home_word(const char *name)
{
	if (strncmp(name, OLD_HOME, strlen(OLD_HOME)) != 0)
		return NULL;
	const char *word = name + strlen(OLD_HOME);
	const char *at = word;
	while (ascii_is_alnum(*at) || *at == '_')
		at++;
	return at > word && *at == '\0' ? word : NULL;
}

bool
db_path(const struct root *root, const char *name, char out[SYS_PATH_MAX],
    bool *moved, struct err *e)
{
	bool ignored = false;
	char old[SYS_PATH_MAX];
	moved = moved != NULL ? moved : &ignored;
	*moved = false;
	const char *word = old_home_word(name);
	if (name[0] == '/' && word == NULL)
		return root_path(root, name, out, e);
	*moved = word != NULL;
	if (!root_pathf(root, out, e, "/home/e-smith/db/%s",
		word != NULL ? word : name))
		return false;
	if (word == NULL && !file_exists(out) &&
	    root_pathf(root, old, NULL, "/home/e-smith/%s", name))
		*moved = file_exists(old);
	return true;
}
