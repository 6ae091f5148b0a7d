/* The merged set of fragments of one template. */
#ifndef CORE_TEMPLATE_MERGE_INT_H
#define CORE_TEMPLATE_MERGE_INT_H

#include "core/base/vec.h"
#include "core/template/perl.h"
#include "core/template/template.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	MERGE_FRAGMENT_MAX = 1 << 20 /* bytes of one file */
};

#define MERGE_CUSTOM        "/etc/e-smith/templates-custom"
#define MERGE_STOCK         "/etc/e-smith/templates"
#define MERGE_USER_CUSTOM   "/etc/e-smith/templates-user-custom"
#define MERGE_USER_STOCK    "/etc/e-smith/templates-user"
#define MERGE_DEFAULT_BEGIN "/etc/e-smith/templates-default/template-begin"

/* One fragment of the merged set. */
struct piece {
	struct str name;
	const struct template_fragment *native; /* or a file: */
	const char *path;                       /* without the root */
	size_t queue_len; /* of its root in the queue; 0: none */
};

struct merge {
	const struct template_env *env;
	struct template_env named; /* of a file that is for somebody */
	const struct template_file *native;
	struct vec pieces; /* struct piece */
	bool stock_only;   /* as if there were no custom fragments */
	bool saw_folder;   /* some root had PATH as a folder (ES-84) */
	bool flat;         /* a plain file stands for everything (ES-86) */
	bool begun;        /* perl knows of this template */
	struct template_perl_count count;
};

#define MERGE_INIT(environment)                                                \
	{                                                                      \
		.env = (environment), .pieces = VEC_INIT(struct piece)         \
	}

/*
 * Fill 'pieces' in their order (ES-80 to ES-86). 'm' may point into itself
 * afterwards: it is not to be copied.
 */
MUST_USE bool merge_collect(struct merge *m, const char *path, struct err *e);
void merge_note(
    const struct template_env *env, const char *fmt, const char *subject);
/* Text of a native fragment, with what the daemon lacks as comments. */
void merge_native_text(struct merge *m, const struct piece *p, struct buf *out);

#endif
