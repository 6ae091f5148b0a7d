/* Files of a root as its templates and databases make them. */
#ifndef CORE_MODEL_EXPAND_H
#define CORE_MODEL_EXPAND_H

#include "core/base/buf.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/model/ctx.h"
#include "core/template/metadata.h"
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
/* Each fragment's path, where processTemplate asks for it (ES-103). */
void expand_announce(
    struct expand *x, void (*announce)(void *ctx, const char *path));
const struct template_env *expand_env(const struct expand *x);

/*
 * Names of the links in /var/service/qpsmtpd/config/peers that lead to
 * 'local' (effects.md 2.3), in the arena; at most 'max'. Returns their count.
 */
size_t expand_peer_links(
    const struct expand *x, const char **names, size_t max);

/* Code of fragments may change databases: this is no preview. */
void expand_changes(struct expand *x);
/* Fragments find the name in $EVENT. */
void expand_event(struct expand *x, const char *event);
/* Is there a configuration database? Expansions need one (ES-92). */
MUST_USE bool expand_configured(const struct expand *x, struct err *e);

/* One expansion into a file. */
struct expand_target {
	const char *path;         /* the template */
	const char *output;       /* the file; NULL: as 'path' */
	const char *const *queue; /* roots, NULL-terminated; NULL: the usual */
	bool fixed; /* 0644 and root whatever the file has (ES-125) */
};

/*
 * The text of a template with what its metadata say, filtered (ES-110 to
 * ES-114). 'meta' (NULL allowed) gets them; when they say that the target is
 * to be removed the text is empty.
 */
MUST_USE bool expand_text(const struct expand *x, const char *path,
    struct buf *out, struct template_metadata *meta, struct err *e);

/*
 * Expand into the file: as the metadata say, else an existing file keeps its
 * mode and owner (ES-100). Written only when it differs.
 */
MUST_USE bool expand_file(
    const struct expand *x, const struct expand_target *target, struct err *e);

#endif
