/* Single fragments of a template: which there are, where from, their source. */
#ifndef CORE_TEMPLATE_FRAGMENTS_H
#define CORE_TEMPLATE_FRAGMENTS_H

#include "core/base/buf.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/template/template.h"

#include <stdbool.h>
#include <stddef.h>

enum template_origin {
	TEMPLATE_NATIVE,  /* smemail's own */
	TEMPLATE_STOCK,   /* below templates */
	TEMPLATE_CUSTOM,  /* below templates-custom */
	TEMPLATE_DEFAULT, /* the usual beginning */
};

struct template_piece {
	const char *name; /* "" of a flat template */
	const char *path; /* without the root; NULL: native */
	enum template_origin origin;
	bool replaces; /* a custom one that stands for another */
};

/* In the order they are put together, in the arena of 'env'. */
MUST_USE bool template_pieces(const struct template_env *env, const char *path,
    struct template_piece **out, size_t *count, struct err *e);

/*
 * Append the source of one fragment, as a file would hold it. 'stock': what
 * stands there without a custom one. ERR_NO: there is no such fragment.
 */
MUST_USE bool template_piece_source(const struct template_env *env,
    const char *path, const char *name, bool stock, struct buf *out,
    struct err *e);

/* Where a custom fragment has its file, without the root, in the arena. */
const char *template_custom_path(
    const struct template_env *env, const char *path, const char *name);

/* Plain text as the source of a fragment: braces are escaped (ES-91). */
void template_text_escape(struct str text, struct buf *out);

#endif
