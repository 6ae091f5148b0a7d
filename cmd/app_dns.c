/* The resolver of a command-line run. */
#include "cmd/app_dns.h"

#include "core/base/i18n.h"

#include <stdlib.h>
#include <string.h>

bool
app_dns_config(
    struct app *app, struct dns_config *c, const char **source, struct err *e)
{
	const char *environment = getenv("SMEMAIL_DNS");
	*c = (struct dns_config){ .n_servers = 0 };
	if (app->dns_option != NULL) {
		*source = "--dns";
		return dns_config_parse(c, app->dns_option, e);
	}
	if (environment != NULL && environment[0] != '\0') {
		*source = "SMEMAIL_DNS";
		return dns_config_parse(c, environment, e) ||
		       err_context(e, "%s", *source);
	}
	*source = "/etc/resolv.conf";
	return dns_config_read(c, &app->root, e);
}

static bool
servers_same(const struct dns_config *a, const struct dns_config *b)
{
	if (a->n_servers != b->n_servers)
		return false;
	for (size_t i = 0; i < a->n_servers; i++) {
		if (!net_addr_eq(&a->servers[i].addr, &b->servers[i].addr) ||
		    a->servers[i].port != b->servers[i].port)
			return false;
	}
	return true;
}

struct dns *
app_dns(struct app *app, struct err *e)
{
	struct dns_config c;
	const char *source;
	if (!app_dns_config(app, &c, &source, e))
		return NULL;
	struct app_dns *d = app->dns;
	if (d->resolver != NULL && servers_same(&d->made_of, &c))
		return d->resolver;
	dns_free(d->resolver);
	d->resolver = dns_resolver_new(&c, app->clock, e);
	d->made_of = c;
	return d->resolver;
}

void
app_dns_clear(struct app_dns *d)
{
	dns_free(d->resolver);
	d->resolver = NULL;
}
