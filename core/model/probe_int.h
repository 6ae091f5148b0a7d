/* Shared by the files of the probes. */
#ifndef CORE_MODEL_PROBE_INT_H
#define CORE_MODEL_PROBE_INT_H

#include "core/model/probe.h"

/*
 * How a step stands that ended by 'e': UNKNOWN where the peer was not reached,
 * was silent or broke off, for then nothing of it was tested; FAIL where it
 * answered wrongly.
 */
enum finding_state probe_state_of(const struct err *e);
/* Of an answer that is a refusal: for now (4yz), or for good. */
enum finding_state probe_state_of_code(unsigned code);

/*
 * MTA-STS of the domain that the host is in; after the TLS of the host was
 * seen. Adds "mta-sts".
 */
void probe_sts(struct probe *p);

struct probe_account {
	struct str user, password;
};
/*
 * Log in with what the peer offers, after EHLO; adds "login". Without TLS only
 * where the password is not sent.
 */
void probe_login(struct probe *p, const struct probe_account *s);

#endif
