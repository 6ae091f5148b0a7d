/* What the files that parse options share. */
#ifndef CMD_OPTIONS_INT_H
#define CMD_OPTIONS_INT_H

#include "cmd/options.h"

/* Is the record one of option_globals()? */
bool option_is_global(const struct option_spec *o);
/* Carry a global one out, on 'app' or on 'p'. 'value' is borrowed. */
MUST_USE bool option_global_apply(struct app *app, struct parse *p,
    const struct option_spec *o, const char *value, struct err *e);

#endif
