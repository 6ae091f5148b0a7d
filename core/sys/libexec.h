/* Programs that only our own programs start. */
#ifndef CORE_SYS_LIBEXEC_H
#define CORE_SYS_LIBEXEC_H

#include "core/sys/root.h"

/*
 * Where "smemail-NAME" is: beside a build, below a moved prefix, or as it is
 * installed; the last when it is nowhere, so that a message can name it.
 */
void libexec_find(const char *name, char out[SYS_PATH_MAX]);

#endif
