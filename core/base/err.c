/* Errors: bounded texts, contexts in front, one map from code to exit status.
 */
#include "core/base/err.h"

#include "core/base/escape.h"
#include "core/base/i18n.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void
err_clear(struct err *e)
{
	if (e == NULL)
		return;
	e->code = ERR_NONE;
	e->sys_errno = 0;
	e->text[0] = '\0';
	e->next[0] = '\0';
}

/* Copy 'raw' escaped into dst; a cut text ends in "..." */
static void
text_store(char *dst, size_t size, const char *raw)
{
	if (!escape_terminal_into(dst, size, raw, strlen(raw)))
		memcpy(dst + size - 4, "...", 4);
}

static enum err_code
code_of_errno(int sys_errno)
{
	switch (sys_errno) {
	case EAGAIN:
	case EINTR:
	case ENOMEM:
	case ENOSPC:
	case EDQUOT:
	case EMFILE:
	case ENFILE:
	case EBUSY:
	case ETIMEDOUT:
	case ECONNREFUSED:
	case ECONNRESET:
	case ECONNABORTED:
	case EHOSTUNREACH:
	case ENETUNREACH:
	case ENETDOWN:
	case EIO:
		return ERR_TEMPORARY;
	default:
		return ERR_PERMANENT;
	}
}

/* The usual reasons, so that they are translated wherever we run. */
static const struct {
	int sys_errno;
	const char *words;
} reasons[] = {
	{ EACCES, N_("permission denied") },
	{ EADDRINUSE, N_("address already in use") },
	{ EADDRNOTAVAIL, N_("this machine has no such address") },
	{ ECONNREFUSED, N_("connection refused") },
	{ ECONNRESET, N_("connection reset by the peer") },
	{ EDQUOT, N_("disk quota exceeded") },
	{ EEXIST, N_("file exists") },
	{ EFBIG, N_("file too large") },
	{ EIO, N_("input/output error") },
	{ EISDIR, N_("is a directory") },
	{ ELOOP, N_("too many symbolic links") },
	{ EMFILE, N_("too many open files") },
	{ ENAMETOOLONG, N_("name too long") },
	{ ENOENT, N_("no such file or directory") },
	{ ENOEXEC, N_("not a program") },
	{ ENOMEM, N_("out of memory") },
	{ ENOSPC, N_("no space left on device") },
	{ ENOTDIR, N_("not a directory") },
	{ EPERM, N_("operation not permitted") },
	{ EROFS, N_("read-only file system") },
	{ ETIMEDOUT, N_("timed out") },
};

void
err_reason(int sys_errno, char out[ERR_REASON_MAX])
{
	for (size_t i = 0; i < ARRAY_LEN(reasons); i++) {
		if (reasons[i].sys_errno == sys_errno) {
			snprintf(
			    out, ERR_REASON_MAX, "%s", _(reasons[i].words));
			return;
		}
	}
	snprintf(out, ERR_REASON_MAX, "%s", strerror(sys_errno));
	if (out[0] >= 'A' && out[0] <= 'Z' && out[1] >= 'a')
		out[0] = (char)(out[0] - 'A' + 'a');
}

/* gcc cannot see that the callers carry the format attribute. */
#if defined(__GNUC__)
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#endif

bool
err_set(struct err *e, enum err_code code, const char *fmt, ...)
{
	if (e == NULL)
		return false;
	char raw[ERR_TEXT_MAX];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	err_clear(e);
	e->code = code;
	text_store(e->text, sizeof(e->text), raw);
	return false;
}

bool
err_set_errno(struct err *e, int sys_errno, const char *fmt, ...)
{
	if (e == NULL)
		return false;
	char raw[ERR_TEXT_MAX];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	size_t used = strlen(raw);
	char reason[ERR_REASON_MAX];
	err_reason(sys_errno, reason);
	snprintf(raw + used, sizeof(raw) - used, _(": %s"), reason);
	err_clear(e);
	e->code = code_of_errno(sys_errno);
	e->sys_errno = sys_errno;
	text_store(e->text, sizeof(e->text), raw);
	return false;
}

bool
err_no_memory(struct err *e)
{
	return err_set(e, ERR_TEMPORARY, "%s", _("out of memory"));
}

bool
err_context(struct err *e, const char *fmt, ...)
{
	if (e == NULL)
		return false;
	char front[ERR_TEXT_MAX], old[ERR_TEXT_MAX];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(front, sizeof(front), fmt, ap);
	va_end(ap);
	memcpy(old, e->text, sizeof(old));
	text_store(e->text, sizeof(e->text), front);
	size_t used = strlen(e->text);
	int n =
	    snprintf(e->text + used, sizeof(e->text) - used, _(": %s"), old);
	if (n > 0 && (size_t)n >= sizeof(e->text) - used)
		memcpy(e->text + sizeof(e->text) - 4, "...", 4);
	return false;
}

bool
err_next(struct err *e, const char *fmt, ...)
{
	if (e == NULL)
		return false;
	char raw[ERR_NEXT_MAX];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	text_store(e->next, sizeof(e->next), raw);
	return false;
}

int
err_exit_status(enum err_code code)
{
	switch (code) {
	case ERR_NONE:
		return 0;
	case ERR_NO:
		return 1;
	case ERR_USAGE:
		return 2;
	case ERR_PENDING:
		return 3;
	case ERR_PERMANENT:
		return 100;
	case ERR_TEMPORARY:
		return 111;
	}
	return 100;
}
