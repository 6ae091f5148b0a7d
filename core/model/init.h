/* Laying out the tree of a mail system below a folder. */
#ifndef CORE_MODEL_INIT_H
#define CORE_MODEL_INIT_H

#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/model/ctx.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	INIT_PORT_BASE = 2000,     /* smtp 2525, smtps 2465, submission 2587 */
	INIT_PORT_BASE_MAX = 64000 /* 65535 less the highest offset */
};

struct init_wish {
	const char *release; /* "9.1", "10", "11" */
	const char *domain;  /* NULL: example.test */
	const char *user;    /* NULL: who asks, where that is a valid name */
	int port_base;
	const char *filterd; /* program that the service runs */
	bool dry_run;        /* check, and tell what would be there */
};

/* What stands there now. Texts are in the arena. */
struct init_result {
	bool existed; /* it was a root before; nothing was changed */
	const char *release, *domain, *user;
	int smtp_port;
	size_t files;
};

/*
 * Lay out a tree under m->root: folders, databases with default records,
 * templates, services, generated files. Refuses "/" and folders that hold
 * something else; a root that is there already is left as it is. What was
 * begun and not finished may be begun again.
 */
MUST_USE bool init_root(const struct model_ctx *m, const struct init_wish *wish,
    struct init_result *out, struct err *e);

#endif
