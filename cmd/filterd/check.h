/* Whether the daemon would run with a configuration, before it has to. */
#ifndef CMD_FILTERD_CHECK_H
#define CMD_FILTERD_CHECK_H

#include "cmd/filterd/options.h"
#include "core/base/compiler.h"
#include "core/base/err.h"

/*
 * Of --check: tells on standard output that it would, on standard error what it
 * would do without. False: it would not, and why.
 */
MUST_USE bool check_configuration(const struct options *o, struct err *e);

#endif
