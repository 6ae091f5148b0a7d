/* What the files of the draft share. */
#ifndef CORE_MODEL_DRAFT_INT_H
#define CORE_MODEL_DRAFT_INT_H

#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/vec.h"
#include "core/model/draft.h"
#include "core/sys/root.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct draft {
	char path[SYS_PATH_MAX];
	char shown[128];
	struct vec entries; /* struct draft_entry, texts owned */
	struct vec undo;    /* struct undo, texts owned */
	int64_t kept_s;
	size_t lost_secrets;
};

/* Wipe and free its texts, which it owns. */
void draft_entry_clear(struct draft_entry *entry);

/*
 * draft_file.c: add what the file holds; none is an empty draft, lines that
 * are not understood are left out, secrets that were not kept are counted.
 */
MUST_USE bool draft_file_read(struct draft *d, struct err *e);
/* Replace the file, or remove it when the draft is empty. */
MUST_USE bool draft_file_write(const struct draft *d, struct err *e);

#endif
