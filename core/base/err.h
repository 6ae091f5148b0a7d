/*
 * Errors. A fallible function returns bool (or a pointer) and takes a
 * struct err * last; NULL is allowed where the caller does not care.
 */
#ifndef CORE_BASE_ERR_H
#define CORE_BASE_ERR_H

#include "core/base/compiler.h"

#include <stdbool.h>
#include <stddef.h>

enum err_code {
	ERR_NONE,      /* no error */
	ERR_NO,        /* the answer is no: not found, check failed */
	ERR_USAGE,     /* used wrongly; refused before anything was done */
	ERR_PENDING,   /* changes wait (only with --exit-code) */
	ERR_PERMANENT, /* will fail again if repeated as it is */
	ERR_TEMPORARY, /* may work later: lock held, disk full, peer silent */
};

enum {
	ERR_TEXT_MAX = 512,
	ERR_NEXT_MAX = 256
};

/*
 * One error: 'text' is a message in the house form (cannot open 'x': reason),
 * already escaped for a terminal; 'next' the command or step that helps, or
 * empty. Both are always terminated; a text too long is cut with "...".
 */
struct err {
	enum err_code code;
	int sys_errno; /* errno of the failed call, or 0 */
	char text[ERR_TEXT_MAX];
	char next[ERR_NEXT_MAX];
};

#define ERR_INIT                                                               \
	{                                                                      \
		ERR_NONE, 0, { 0 },                                            \
		{                                                              \
			0                                                      \
		}                                                              \
	}

/* Empty 'e'. */
void err_clear(struct err *e);

/*
 * Set code and text; returns false, so that a function can end with
 * `return err_set(...)`. Keeps no pointer. Control characters in the result
 * are shown as \xNN, so foreign bytes may be passed with %s.
 */
bool err_set(struct err *e, enum err_code code, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

/* Memory is out (ERR_TEMPORARY). Returns false. */
bool err_no_memory(struct err *e);

/* Words for an errno, in lower case as the house writes them. */
enum {
	ERR_REASON_MAX = 128
};
void err_reason(int sys_errno, char out[ERR_REASON_MAX]);

/*
 * As err_set, appends ": " and the words for 'sys_errno', and chooses the code
 * by it (full disk, lack of memory and interruptions are temporary).
 */
bool err_set_errno(struct err *e, int sys_errno, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

/* Put "CONTEXT: " in front of the text. Returns false. */
bool err_context(struct err *e, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Say what to do next (a command that can be pasted). Returns false. */
bool err_next(struct err *e, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Process exit status for a code: 0, 1, 2, 3, 100 or 111. */
int err_exit_status(enum err_code code);

#endif
