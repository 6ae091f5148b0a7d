/* Files of a root as its templates and databases make them. */
#ifndef CORE_MODEL_EXPAND_H
#define CORE_MODEL_EXPAND_H

#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/model/ctx.h"
#include "core/template/template.h"

#include <stdbool.h>

/* A snapshot of the databases, read when first asked for. */
struct expand;

/*
 * 'databases' is where home/e-smith/db is read: the context's root, or a
 * scratch copy with changes that are not stored yet.
 */
MUST_USE bool expand_open(const struct model_ctx *m,
    const struct root *databases, struct expand **out, struct err *e);
void expand_close(struct expand *x); /* NULL allowed */
/* Notes on skipped fragments go to 'note' (NULL: nowhere). */
void expand_notes(
    struct expand *x, void (*note)(void *ctx, const char *text), void *ctx);
const struct template_env *expand_env(const struct expand *x);

/*
 * Names of the links in /var/service/qpsmtpd/config/peers that lead to
 * 'local' (effects.md 2.3), in the arena; at most 'max'. Returns their count.
 */
size_t expand_peer_links(
    const struct expand *x, const char **names, size_t max);

/*
 * Expand the template PATH into its file (or 'output', NULL: PATH itself),
 * from the one root 'queue' (NULL: the usual ones). Written only when it
 * differs; an existing file keeps its mode and owner.
 */
MUST_USE bool expand_file(const struct expand *x, const char *path,
    const char *output, const char *queue, struct err *e);

#endif
