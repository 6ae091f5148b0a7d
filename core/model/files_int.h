/* Between the parts that deal with generated files. */
#ifndef CORE_MODEL_FILES_INT_H
#define CORE_MODEL_FILES_INT_H

#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/vec.h"
#include "core/model/files.h"

/* Tells that memory ran out; false. */
bool files_out_of_memory(struct err *e);

/* Entries for the links that there should be, and should no more be. */
MUST_USE bool files_links(const struct model_ctx *m, const struct expand *x,
    struct vec *entries, struct err *e);
/* Entries for the marks of domains whose mail is not signed (FL-116). */
MUST_USE bool files_marks(const struct model_ctx *m, const struct expand *x,
    struct vec *entries, struct err *e);
/* Make the link of an entry; what somebody else put there stays. */
MUST_USE bool files_link_write(
    const struct files_entry *f, const char *real, struct err *e);

#endif
