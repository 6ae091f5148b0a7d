/* What the files of the lists share. */
#ifndef CORE_MODEL_LISTS_INT_H
#define CORE_MODEL_LISTS_INT_H

#include "core/model/lists.h"

/* The setting that holds the list; never NULL. */
const struct setting *lists_setting(const struct lists_list *l);
/* "*@host", "@host", "host" as "host"; *user is set for "user@host". */
struct str lists_host(struct str entry, struct str *user);

#endif
