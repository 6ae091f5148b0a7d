/*
 * Where the policy meets the SMTP session: settings of the configuration
 * directory that the session keeps to, and facts of the session that the policy
 * may know. The daemon and rehearsals share it.
 */
#ifndef CORE_FILTER_SESSION_H
#define CORE_FILTER_SESSION_H

#include "core/base/buf.h"
#include "core/base/compiler.h"
#include "core/filter/filter.h"
#include "core/smtp/session.h"

#include <stdbool.h>

/*
 * Views into the policy and into 'greeting', which is initialised here and
 * cleared by the caller. False: smtpgreeting is too long.
 */
MUST_USE bool filter_smtp_config(const struct filter_policy *p,
    struct buf *greeting, struct smtp_config *out);
/* What the policy may know is what the session says now. */
void filter_session_facts(
    struct filter_session *s, const struct smtp_session *smtp);
/*
 * What plugins learnt, as the header tells it (FL-35, FL-46, FL-56, FL-111):
 * results and fields in 'room', which is emptied first.
 */
void filter_session_additions(const struct filter_policy *p,
    const struct filter_session *s, struct buf *room,
    struct smtp_additions *out);
/*
 * A message whose text passed: what plugins want added to it, the fields that
 * tell what they learnt ('room' as above) and the recipients of copies. The
 * facts are those with the copies. False: no room for a copy.
 */
MUST_USE bool filter_session_add(const struct filter_policy *p,
    struct filter_session *s, struct buf *room, struct smtp_session *smtp);
/* DENY to DENYSOFT_DISCONNECT. */
bool filter_is_denial(enum filter_result r);

#endif
