/* Looking up a key in the bytes of a constant database (cdb). */
#ifndef CORE_FILTER_CDB_INT_H
#define CORE_FILTER_CDB_INT_H

#include "core/base/str.h"

#include <stdbool.h>

/* False too when the bytes are no database; nothing outside them is read. */
bool cdb_has(struct str cdb, struct str key);

#endif
