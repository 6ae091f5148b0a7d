/* Parts of the expansion that only this folder sees. */
#ifndef CORE_MODEL_EXPAND_INT_H
#define CORE_MODEL_EXPAND_INT_H

#include "core/base/err.h"
#include "core/model/ctx.h"
#include "core/sys/root.h"
#include "core/template/perl.h"

#include <stdbool.h>

/* Perl of one expansion, and whether its fragments may change databases. */
struct expand_perl {
	const struct model_ctx *m;
	bool stores;
	struct template_perl *perl; /* what environments are given */
	const char *config;         /* real path */
};

/* Nothing is started. 'databases' as in expand_open. */
bool expand_perl_init(struct expand_perl *x, const struct model_ctx *m,
    const struct root *databases, struct err *e);
void expand_perl_clear(struct expand_perl *x);

#endif
