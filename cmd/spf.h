/* Shared by the commands of SPF and DMARC. */
#ifndef CMD_SPF_H
#define CMD_SPF_H

#include "cmd/app.h"
#include "core/auth/spf.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/json.h"

#include <stdbool.h>

/* The exit status for a result: pass 0, could not be told 111, else 1. */
int spf_exit_status(enum spf_result result);
/* An address as a command takes it; brackets and "IPv6:" are dropped. */
MUST_USE bool spf_ip_parse(
    const char *text, struct net_addr *out, struct err *e);
/* Sender or HELO without "<>", names beyond ASCII as A-labels (RFC 7208, 4.3);
   in the arena. NULL gives an empty one. */
struct str spf_sender_ascii(struct app *app, const char *text);
void spf_json_uint(struct json *j, const char *key, unsigned value);

#endif
