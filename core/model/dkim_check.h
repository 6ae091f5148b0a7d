/* Whether the key that signs is the key that the world sees. */
#ifndef CORE_MODEL_DKIM_CHECK_H
#define CORE_MODEL_DKIM_CHECK_H

#include "core/base/compiler.h"
#include "core/model/dkim.h"
#include "core/model/finding.h"

#include <stdbool.h>

/*
 * Everything that lets signatures of this domain fail: settings, files, rights,
 * the record on each authoritative server, a probe that is signed as the daemon
 * does and verified by the published key, and what of today's mail was signed.
 * With 'send_to' (NULL: not) a message goes to that address. The findings tell;
 * false only when nothing could be looked at.
 */
MUST_USE bool dkim_check(const struct model_ctx *m, const struct crypto *c,
    struct dns *dns, const char *domain, const char *send_to,
    struct findings *out, struct err *e);

/* How many authoritative servers of the domain know this key. */
struct dkim_published {
	size_t servers, right, unreachable;
};

/*
 * Ask each authoritative server for the record of this key, one finding each;
 * where they cannot be found out, the resolver.
 */
void dkim_check_published(const struct model_ctx *m, const struct crypto *c,
    struct dns *dns, const struct dkim_own *own, struct findings *f,
    struct dkim_published *out);

#endif
