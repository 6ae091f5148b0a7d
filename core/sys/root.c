/* Root-relative paths. */
#include "core/sys/root.h"

#include "core/base/i18n.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	LINKS_MAX = 8 /* of one path, as far as root_follow goes */
};

static bool
prefix_set(struct root *r, const char *resolved, struct err *e)
{
	size_t n = strlen(resolved);
	while (n > 0 && resolved[n - 1] == '/')
		n--;
	if (n + 1 > sizeof(r->prefix))
		return err_set(
		    e, ERR_USAGE, _("root '%s' is too long a path"), resolved);
	memcpy(r->prefix, resolved, n);
	r->prefix[n] = '\0';
	return true;
}

bool
root_init(struct root *r, const char *dir, struct err *e)
{
	if (dir == NULL)
		dir = getenv("SMEMAIL_ROOT");
	if (dir == NULL || dir[0] == '\0')
		dir = "/";
	char *resolved = realpath(dir, NULL);
	struct stat st;
	if (resolved == NULL || stat(resolved, &st) != 0) {
		int saved = errno;
		free(resolved);
		err_set_errno(e, saved, _("cannot use root '%s'"), dir);
		if (e != NULL && saved == ENOENT) {
			e->code = ERR_USAGE;
			err_next(e, "smemail init --root %s", dir);
		}
		return false;
	}
	bool ok = S_ISDIR(st.st_mode) && prefix_set(r, resolved, e);
	if (!S_ISDIR(st.st_mode))
		err_set(e, ERR_USAGE,
		    _("cannot use root '%s': not a directory"), dir);
	free(resolved);
	return ok;
}

/* Resolve the longest existing beginning of 'dir'; the rest is appended. */
static bool
resolve_partly(const char *dir, char out[SYS_PATH_MAX], struct err *e)
{
	char head[SYS_PATH_MAX];
	if (snprintf(head, sizeof(head), "%s%s", dir[0] == '/' ? "" : "./",
		dir) >= (int)sizeof(head))
		return err_set(
		    e, ERR_USAGE, _("root '%s' is too long a path"), dir);
	const char *tail = head + strlen(head);
	char *resolved;
	while ((resolved = realpath(head, NULL)) == NULL) {
		char *slash = strrchr(head, '/');
		if (errno != ENOENT || slash == NULL)
			return err_set_errno(
			    e, errno, _("cannot use root '%s'"), dir);
		*slash = '\0';
		tail = slash + 1;
		if (slash == head) { /* nothing is left but "/" */
			resolved = strdup("");
			break;
		}
	}
	if (resolved == NULL)
		return err_no_memory(e);
	/* 'tail' still holds the parts that were cut off, NULs for slashes */
	const char *end = head + strlen(dir) + (dir[0] == '/' ? 0 : 2);
	int n = snprintf(out, SYS_PATH_MAX, "%s", resolved);
	free(resolved);
	while (n >= 0 && n < SYS_PATH_MAX && tail < end) {
		if (*tail != '\0')
			n += snprintf(
			    out + n, (size_t)(SYS_PATH_MAX - n), "/%s", tail);
		tail += strlen(tail) + 1;
	}
	if (n >= SYS_PATH_MAX)
		return err_set(
		    e, ERR_USAGE, _("root '%s' is too long a path"), dir);
	return true;
}

bool
root_init_new(struct root *r, const char *dir, struct err *e)
{
	char full[SYS_PATH_MAX];
	return resolve_partly(dir, full, e) && prefix_set(r, full, e);
}

bool
root_is_system(const struct root *r)
{
	return r->prefix[0] == '\0';
}

bool
root_path(const struct root *r, const char *path, char out[SYS_PATH_MAX],
    struct err *e)
{
	const char *slash = path[0] == '/' ? "" : "/";
	int n = snprintf(out, SYS_PATH_MAX, "%s%s%s", r->prefix, slash, path);
	if (n < 0 || n >= SYS_PATH_MAX)
		return err_set(e, ERR_USAGE, _("path '%s' is too long"), path);
	return true;
}

bool
root_follow(const struct root *r, const char *path, char out[SYS_PATH_MAX],
    struct err *e)
{
	char real[SYS_PATH_MAX], target[SYS_PATH_MAX];
	if (!root_path(r, path, real, e))
		return false;
	for (int i = 0; i < LINKS_MAX && !root_is_system(r); i++) {
		ssize_t n = readlink(real, target, sizeof(target) - 1);
		if (n <= 0 || target[0] != '/')
			break;
		target[n] = '\0';
		if (!root_path(r, target, real, e))
			return false;
	}
	memcpy(out, real, SYS_PATH_MAX);
	return true;
}

#if defined(__GNUC__)
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#endif

bool
root_pathf(const struct root *r, char out[SYS_PATH_MAX], struct err *e,
    const char *fmt, ...)
{
	char path[SYS_PATH_MAX];
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(path, sizeof(path), fmt, ap);
	va_end(ap);
	if (n < 0 || n >= SYS_PATH_MAX)
		return err_set(e, ERR_USAGE, _("path '%s' is too long"), path);
	return root_path(r, path, out, e);
}

const char *
root_shown(const struct root *r, const char *real)
{
	size_t n = strlen(r->prefix);
	if (n > 0 && strncmp(real, r->prefix, n) == 0 && real[n] == '/')
		return real + n;
	return real;
}
