/* The resolver of a command-line run. */
#ifndef CMD_APP_DNS_H
#define CMD_APP_DNS_H

#include "cmd/app.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/dns/dns.h"
#include "core/dns/resolver.h"

#include <stdbool.h>

/* What a run, or all lines of a shell, share. */
struct app_dns {
	struct dns *resolver; /* NULL: not needed so far */
	struct dns_config made_of;
};
void app_dns_clear(struct app_dns *d);

/*
 * Which servers are asked: those of --dns, else of SMEMAIL_DNS, else of
 * /etc/resolv.conf below the root. *source says where from, as shown.
 */
MUST_USE bool app_dns_config(
    struct app *app, struct dns_config *c, const char **source, struct err *e);
/*
 * The resolver for these servers, made at the first call and kept until the
 * app ends (so a shell keeps its cache). NULL on failure.
 */
struct dns *app_dns(struct app *app, struct err *e);

#endif
