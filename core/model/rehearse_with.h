/*
 * Two rehearsals of the same request side by side: under the configuration in
 * force, and under the one that a draft would make.
 */
#ifndef CORE_MODEL_REHEARSE_WITH_H
#define CORE_MODEL_REHEARSE_WITH_H

#include "core/base/buf.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/model/ctx.h"
#include "core/model/rehearse.h"
#include "core/model/settings.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	REHEARSE_BUNDLE_MAX = 64 << 20 /* bytes of a configuration */
};

/*
 * The filter's configuration as applying n wishes (and what is stored) would
 * generate it, for 'bundle' of a request. Writes nothing but a scratch folder
 * that is gone when it returns.
 */
MUST_USE bool rehearse_with(const struct model_ctx *m,
    const struct settings_wish *wishes, size_t n, struct buf *bundle,
    struct err *e);

/* A plugin in one phase: what it said in each; NULL: it was not asked. */
struct rehearse_pair {
	const struct rehearse_step *now, *with;
};

/*
 * The steps in the order of the phases. Steps that say nothing, of a plugin
 * that speaks elsewhere, are left out. The array is in the arena.
 */
size_t rehearse_pairs(struct arena *a, const struct rehearsal *now,
    const struct rehearsal *with, struct rehearse_pair **out);
/* Is what became of it not the same? */
bool rehearse_pair_differs(const struct rehearse_pair *p);

/*
 * What makes the difference: "filter.helo-policy lenient" where a wish does,
 * else the plugin's words. NULL where both say the same.
 */
const char *rehearse_because(struct arena *a, const struct rehearse_pair *pairs,
    size_t n_pairs, const struct settings_wish *wishes, size_t n);

/* The setting behind what a plugin says; NULL: none is known. */
const struct setting *rehearse_setting(struct str plugin);

#endif
