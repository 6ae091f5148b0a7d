/* Searching large blocks for a short text, letter case aside if wished. */
#ifndef CORE_BASE_FIND_H
#define CORE_BASE_FIND_H

#include "core/base/str.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * The first place of 'needle' in 'n' bytes, or NULL. 'nocase' folds ASCII
 * letters. An empty needle is at the start.
 */
const char *find_bytes(const char *p, size_t n, struct str needle, bool nocase);

#endif
