/* What stands where our own programs stand. */
#ifndef CORE_SYS_LIBEXEC_H
#define CORE_SYS_LIBEXEC_H

#include "core/base/compiler.h"
#include "core/sys/root.h"

#include <stdbool.h>

/* The folder of the running program; false when that cannot be told. */
MUST_USE bool libexec_program_folder(char out[SYS_PATH_MAX]);
/*
 * Where "smemail-NAME" is, which only our own programs start or load: beside a
 * build, below a moved prefix, or as it is installed; the last when it is
 * nowhere, so that a message can name it.
 */
void libexec_find(const char *name, char out[SYS_PATH_MAX]);

#endif
