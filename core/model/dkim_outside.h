/*
 * What becomes of a domain's signatures in use: how much of the mail sent today
 * was signed, and a real message to somebody who reports what arrived.
 */
#ifndef CORE_MODEL_DKIM_OUTSIDE_H
#define CORE_MODEL_DKIM_OUTSIDE_H

#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/model/ctx.h"
#include "core/model/finding.h"

#include <stdbool.h>

/*
 * From the filter's logs since midnight: accepted mail of senders in the domain
 * or below it that the plugin dkim was to sign, and what of it was not.
 */
void dkim_sent_today(
    const struct model_ctx *m, const char *domain, struct findings *f);

/* Can a message go there? ERR_USAGE when not. */
MUST_USE bool dkim_outside_address(
    const struct model_ctx *m, const char *text, struct err *e);
/*
 * Hand a message from postmaster of the domain to this server's SMTP port, as
 * users' mail goes, so that the daemon signs it. 'to' (an address as above)
 * NULL: only say that it can be done.
 */
void dkim_outside_view(const struct model_ctx *m, const char *domain,
    const char *to, struct findings *f);

#endif
