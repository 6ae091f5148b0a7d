/*
 * libspf2's opinion on a check, from the helper program around it and with the
 * same facts. It is no judge here (it passes 145 of the 203 published cases):
 * other servers use it, so what it says differently is worth knowing.
 */
#ifndef CORE_AUTH_SPF_SECOND_H
#define CORE_AUTH_SPF_SECOND_H

#include "core/auth/facts.h"
#include "core/auth/spf.h"
#include "core/base/clock.h"
#include "core/base/compiler.h"
#include "core/base/err.h"

#include <stdbool.h>

/*
 * False when the helper is missing, dies or takes too long: it could not be
 * tested, which says nothing about the check.
 */
MUST_USE bool spf_second_check(const struct spf_request *request,
    struct facts *facts, struct dns *d, const struct dns_how *how,
    const struct clock *clock, enum spf_result *out, struct err *e);

#endif
