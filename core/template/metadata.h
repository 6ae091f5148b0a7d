/*
 * /etc/e-smith/templates.metadata/PATH (ES-110 to ES-114): parameters of one
 * template. Only literals are understood, and the code of FILTER.
 */
#ifndef CORE_TEMPLATE_METADATA_H
#define CORE_TEMPLATE_METADATA_H

#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/template/template.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Texts live in the arena of the environment; NULL: not given. */
struct template_metadata {
	const char *template_path, *output_filename, *output_prefix;
	const char *const *queue; /* NULL-terminated */
	struct template_prop *more;
	size_t n_more;
	struct str filter; /* "sub { … }", or empty */
	bool to_string;    /* nothing is written */
	bool remove;       /* the target is removed, nothing is expanded */
	bool has_mode, has_uid, has_gid;
	mode_t mode;
	uid_t uid;
	gid_t gid;
};

/* Without such a file nothing is set. Unknown parameters are noted. */
MUST_USE bool template_metadata_read(const struct template_env *env,
    const char *path, struct template_metadata *out, struct err *e);

#endif
