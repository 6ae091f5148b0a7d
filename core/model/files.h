/* Generated files of a root: as they are, as they would be, writing them. */
#ifndef CORE_MODEL_FILES_H
#define CORE_MODEL_FILES_H

#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/event/event.h"
#include "core/model/ctx.h"
#include "core/model/expand.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum files_kind {
	FILES_TEXT,
	FILES_LINK,   /* a symbolic link to 'target' */
	FILES_UNLINK, /* a link, or a text (no 'target'), not wanted any more */
};

/* One generated file. Texts live in the context's arena. */
struct files_entry {
	enum files_kind kind;
	const char *path;   /* without the root */
	const char *target; /* of links; NULL: a file */
	struct str before, after;
	bool existed;
	mode_t old_mode; /* of a text that existed */
	bool differs;
	/* mode and owner that metadata give the file (ES-110) */
	bool has_mode, has_uid, has_gid;
	mode_t mode;
	uid_t uid;
	gid_t gid;
};

struct files_set {
	struct files_entry *entries;
	size_t n;
	size_t n_differ;
};

/*
 * Paths that an event expands on this release: native files, those of its
 * folder's templates2expand, and templates that somebody added below the
 * folders of the mail filter. 'event' NULL: all of them. 'argument' (NULL:
 * none) is the user or group that the event is about. Without 'x' a file of
 * each user stands there once, with "<user>" in its path.
 */
MUST_USE bool files_of_event(const struct model_ctx *m, const struct expand *x,
    const char *event, const char *argument, const char *const **paths,
    size_t *count, struct err *e);

/* Expand and compare; with the links beside them where 'links' is set. */
MUST_USE bool files_make(const struct model_ctx *m, const struct expand *x,
    const char *const *paths, size_t count, bool links, struct files_set *out,
    struct err *e);

/*
 * Write what differs; an existing file keeps its mode and owner (ES-100,
 * ES-101). When one cannot be written those before it are put back.
 */
MUST_USE bool files_write(
    const struct model_ctx *m, const struct files_set *set, struct err *e);

/* Does the entry belong to the configuration of the SMTP filter? */
bool files_is_filter(const struct files_entry *f);

#endif
