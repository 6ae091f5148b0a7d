/* Parts of defaults that only this folder sees. */
#ifndef CORE_MODEL_DEFAULTS_INT_H
#define CORE_MODEL_DEFAULTS_INT_H

#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/vec.h"
#include "core/model/ctx.h"

#include <stdbool.h>

/* One run. */
struct defaults {
	const struct model_ctx *m;
	const char *folder; /* without the root */
	void (*note)(void *ctx, const char *text);
	void *note_ctx;
};

/* Tell whoever watches, if anybody does. */
void defaults_note(const struct defaults *d, const char *fmt, ...)
    PRINTF_LIKE(2, 3);
/* Names in a real folder but those with a dot in front, byte order. */
bool defaults_names(const struct defaults *d, const char *real,
    struct vec *names, struct err *e);
/* Merge defaults/ and force/ of 'folder' into the database (ES-71 to ES-74). */
bool defaults_merge(const struct defaults *d, const char *path,
    const char *folder, struct err *e);

#endif
