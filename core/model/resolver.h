/* View of the name servers this system asks: do they serve a mail server? */
#ifndef CORE_MODEL_RESOLVER_H
#define CORE_MODEL_RESOLVER_H

#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/dns/resolver.h"
#include "core/model/ctx.h"
#include "core/model/finding.h"
#include "core/model/rbl.h"

#include <stdbool.h>
#include <stddef.h>

/* One thing that was tried. */
struct resolver_row {
	enum finding_state state;
	const char *what;    /* stable word: "answers", "truth", "list" ... */
	const char *server;  /* who was asked */
	const char *subject; /* the zone of a list, or "" */
	const char *text;    /* what was seen, translated */
	const char *cure;    /* a command, or NULL */
	int64_t elapsed_ms;
};

struct resolver_view {
	const char *source; /* where the servers come from */
	struct resolver_row *rows;
	size_t n_rows;
	enum finding_state worst; /* of FAIL, WARN; else OK or UNKNOWN */
};

/*
 * Ask each server of 'config' alone, and the lists of the settings through
 * each. 'dns' is any resolver.
 */
MUST_USE bool resolver_check(const struct model_ctx *m, struct dns *dns,
    const struct dns_config *config, const char *source, int64_t deadline_ms,
    struct resolver_view *out, struct err *e);

#endif
