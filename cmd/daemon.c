/* Finding the programs that belong to smemail. */
#include "cmd/daemon.h"

#include "core/base/i18n.h"
#include "core/sys/libexec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool
try_path(char out[SYS_PATH_MAX], const char *dir, size_t dir_len,
    const char *between, const char *name)
{
	int n = snprintf(
	    out, SYS_PATH_MAX, "%.*s/%s%s", (int)dir_len, dir, between, name);
	if (n < 0 || n >= SYS_PATH_MAX || access(out, X_OK) != 0)
		return false;
	char *real = realpath(out, NULL);
	bool ok = real != NULL && strlen(real) < SYS_PATH_MAX;
	if (ok)
		memcpy(out, real, strlen(real) + 1);
	free(real);
	return ok;
}

static bool
beside_us(char out[SYS_PATH_MAX], const char *name)
{
	char folder[SYS_PATH_MAX];
	if (!libexec_program_folder(folder))
		return false;
	size_t len = strlen(folder);
	return try_path(out, folder, len, "", name) ||
	       try_path(out, folder, len, "../sbin/", name);
}

static bool
on_path(char out[SYS_PATH_MAX], const char *name)
{
	const char *path = getenv("PATH");
	while (path != NULL && *path != '\0') {
		size_t n = strcspn(path, ":");
		if (n > 0 && path[0] == '/' && try_path(out, path, n, "", name))
			return true;
		path += n + (path[n] == ':' ? 1 : 0);
	}
	return false;
}

bool
daemon_find(const char *name, char out[SYS_PATH_MAX], struct err *e)
{
	const char *named = getenv("SMEMAIL_FILTERD");
	if (named != NULL && named[0] != '\0' &&
	    strcmp(name, "smemail-filterd") == 0) {
		const char *slash = strrchr(named, '/');
		size_t n = slash != NULL ? (size_t)(slash - named) : 0;
		if (slash != NULL && try_path(out, named, n, "", slash + 1))
			return true;
	} else if (beside_us(out, name) || on_path(out, name))
		return true;
	err_set(e, ERR_PERMANENT, _("cannot find the program '%s'"), name);
	return err_next(
	    e, _("install it beside smemail, or name it in SMEMAIL_FILTERD"));
}
