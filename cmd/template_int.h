/* What the commands about templates share. */
#ifndef CMD_TEMPLATE_INT_H
#define CMD_TEMPLATE_INT_H

#include "cmd/app.h"
#include "cmd/command.h"
#include "core/model/expand.h"

#include <stdbool.h>

enum {
	TEMPLATE_SOURCE_MAX = 1 << 20 /* bytes of a fragment */
};

/* A template and, if the words name one, a fragment of it. */
struct template_subject {
	struct expand *x;
	const struct template_env *env;
	const char *path;
	const char *fragment; /* NULL: none named */
};
/*
 * Of the words of the call, all of them or none; notes of the expansion are
 * shown. On success expand_close(s->x) ends it.
 */
MUST_USE bool template_subject_open(struct app *app, const struct call *call,
    struct template_subject *s, struct err *e);

#define TEMPLATE_ARGS                                                          \
	{                                                                      \
		{ "PATH", ARG_FILE, ARG_ONE, NULL },                           \
		{                                                              \
			"FRAGMENT", ARG_TEXT, ARG_OPTIONAL, NULL               \
		}                                                              \
	}

#endif
