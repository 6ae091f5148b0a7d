/* Parsing of the command line. */
#include "cmd/filterd/options.h"

#include "core/base/i18n.h"
#include "core/base/num.h"
#include "core/base/str.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char default_control[] = "/var/qmail/control";

enum {
	OPTION_CONFIG = 256,
	OPTION_QMAIL_CONTROL,
	OPTION_CONTROL,
	OPTION_LISTEN,
	OPTION_USER,
	OPTION_INSTANCES,
	OPTION_PER_IP,
	OPTION_WORKERS,
	OPTION_FOREGROUND,
	OPTION_CHECK,
	OPTION_ROLE,
	OPTION_AGAIN,
	OPTION_READY,
	OPTION_VERSION,
	OPTION_HELP = 'h',
};

static const struct option table[] = {
	{ "config", required_argument, NULL, OPTION_CONFIG },
	{ "qmail-control", required_argument, NULL, OPTION_QMAIL_CONTROL },
	{ "control", required_argument, NULL, OPTION_CONTROL },
	{ "listen", required_argument, NULL, OPTION_LISTEN },
	{ "user", required_argument, NULL, OPTION_USER },
	{ "instances", required_argument, NULL, OPTION_INSTANCES },
	{ "instances-per-ip", required_argument, NULL, OPTION_PER_IP },
	{ "workers", required_argument, NULL, OPTION_WORKERS },
	{ "foreground", no_argument, NULL, OPTION_FOREGROUND },
	{ "check", no_argument, NULL, OPTION_CHECK },
	{ "role", required_argument, NULL, OPTION_ROLE },
	{ "again", required_argument, NULL, OPTION_AGAIN },
	{ "ready", required_argument, NULL, OPTION_READY },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ NULL, 0, NULL, 0 },
};

const char *
options_help(void)
{
	return _(
	    "usage: smemail-filterd --config DIR [--listen ROLE:ADDRESS:PORT] "
	    "...\n"
	    "\n"
	    "  --config DIR           configuration directory "
	    "($QPSMTPD_CONFIG)\n"
	    "  --listen ROLE:ADDRESS:PORT\n"
	    "                         where to listen, may be repeated; ROLE "
	    "is smtp,\n"
	    "                         submission or smtps (file IP of DIR, "
	    "smtp, port 25)\n"
	    "  --user USER            run as USER when started as root "
	    "($RUN_AS)\n"
	    "  --instances N          sessions at once ($INSTANCES, 1000)\n"
	    "  --instances-per-ip N   of one address, for hosts_allow\n"
	    "                         ($INSTANCES_PER_IP, 0 is no limit)\n"
	    "  --workers N            processes that share the sessions "
	    "($WORKERS; one\n"
	    "                         a processor, at most 4)\n"
	    "  --qmail-control DIR    where files missing in --config are "
	    "looked for\n"
	    "                         ($QMAIL/control, /var/qmail/control)\n"
	    "  --control PATH         a socket that tells counters and the "
	    "last "
	    "sessions\n"
	    "  --foreground           stay in the foreground (always so)\n"
	    "  --again PROGRAM        what USR2 starts (this one, as it was "
	    "started)\n"
	    "  --ready PATH           ask at that socket of --control: 0 when "
	    "mail is taken\n"
	    "  --check                read the configuration, say what is "
	    "wrong, exit\n"
	    "  --version, --help\n"
	    "\n"
	    "HUP reads the configuration and the plugin lists anew, TERM "
	    "finishes the\n"
	    "messages under way and ends, USR2 starts the daemon anew, with "
	    "the "
	    "sessions\n"
	    "going on. The log goes to standard error.\n");
}

/* "[::1]:25", "127.0.0.1:25" or "25" */
static bool
parse_address(struct listen_spec *spec, struct str text)
{
	char host[INET6_ADDRSTRLEN] = "0.0.0.0";
	size_t colon = text.len;
	while (colon > 0 && text.ptr[colon - 1] != ':')
		colon--;
	uint64_t port;
	if (!num_parse_u64(str_sub(text, colon, text.len), 65535, &port))
		return false;
	bool v6 = text.ptr[0] == '[';
	if (colon > 0) {
		struct str name = str_sub(text, 0, colon - 1);
		if (v6 && name.ptr[name.len - 1] != ']')
			return false;
		if (v6)
			name = str_sub(name, 1, name.len - 1);
		if (name.len == 0 || name.len >= sizeof(host))
			return false;
		memcpy(host, name.ptr, name.len);
		host[name.len] = '\0';
	}
	memset(spec, 0, sizeof(*spec));
	if (v6) {
		struct sockaddr_in6 *a =
		    (struct sockaddr_in6 *)(void *)&spec->address;
		a->sin6_family = AF_INET6;
		a->sin6_port = htons((uint16_t)port);
		spec->length = sizeof(*a);
		return inet_pton(AF_INET6, host, &a->sin6_addr) == 1;
	}
	struct sockaddr_in *a = (struct sockaddr_in *)(void *)&spec->address;
	a->sin_family = AF_INET;
	a->sin_port = htons((uint16_t)port);
	spec->length = sizeof(*a);
	return inet_pton(AF_INET, host, &a->sin_addr) == 1;
}

static const char *const role_names[SMTP_ROLES] = {
	[SMTP_ROLE_SMTP] = "smtp",
	[SMTP_ROLE_SUBMISSION] = "submission",
	[SMTP_ROLE_SMTPS] = "smtps",
};

const char *
listen_role_name(enum smtp_role role)
{
	return role_names[role];
}

bool
listen_spec_parse(struct listen_spec *spec, const char *text, struct err *e)
{
	struct str rest;
	struct str role = str_cut(str_of(text), ':', &rest);
	for (size_t i = 0; i < SMTP_ROLES; i++) {
		if (!str_is(role, role_names[i]) || rest.len == 0 ||
		    !parse_address(spec, rest))
			continue;
		spec->role = (enum smtp_role)i;
		return true;
	}
	err_set(e, ERR_USAGE, _("cannot listen on '%s': not understood"), text);
	return err_next(e, "smemail-filterd --listen smtp:127.0.0.1:2525");
}

void
listen_spec_format(const struct sockaddr *address, char out[LISTEN_TEXT_SIZE])
{
	char host[INET6_ADDRSTRLEN] = "?";
	if (address->sa_family == AF_INET6) {
		const struct sockaddr_in6 *a =
		    (const struct sockaddr_in6 *)(const void *)address;
		inet_ntop(AF_INET6, &a->sin6_addr, host, sizeof(host));
		snprintf(out, LISTEN_TEXT_SIZE, "[%s]:%u", host,
		    (unsigned)ntohs(a->sin6_port));
		return;
	}
	const struct sockaddr_in *a =
	    (const struct sockaddr_in *)(const void *)address;
	inet_ntop(AF_INET, &a->sin_addr, host, sizeof(host));
	snprintf(
	    out, LISTEN_TEXT_SIZE, "%s:%u", host, (unsigned)ntohs(a->sin_port));
}

/* The numbers that an option, or a variable for it, may have. */
struct count {
	const char *option, *variable;
	uint32_t min, max;
};

static const struct count instances = { "--instances", "INSTANCES", 1,
	FILTERD_INSTANCES_MAX };
static const struct count per_ip = { "--instances-per-ip", "INSTANCES_PER_IP",
	0, FILTERD_INSTANCES_MAX };
static const struct count workers = { "--workers", "WORKERS", 1,
	FILTERD_WORKERS_MAX };

static bool
parse_count(uint32_t *to, const struct count *c, const char *name,
    const char *text, struct err *e)
{
	uint64_t v;
	if (!num_parse_u64(str_of(text), c->max, &v) || v < c->min)
		return err_set(e, ERR_USAGE,
		    _("%s wants a number from %u to %u, not '%s'"), name,
		    (unsigned)c->min, (unsigned)c->max, text);
	*to = (uint32_t)v;
	return true;
}

static bool
add_listen(struct options *o, const char *text, struct err *e)
{
	if (o->n_listens == FILTERD_LISTENS_MAX)
		return err_set(e, ERR_USAGE, _("more than %d times --listen"),
		    FILTERD_LISTENS_MAX);
	return listen_spec_parse(&o->listens[o->n_listens++], text, e);
}

static bool
take_option(struct options *o, int option, const char *value, struct err *e)
{
	switch (option) {
	case OPTION_CONFIG:
		o->config = value;
		return true;
	case OPTION_CONTROL:
		o->control = value;
		return true;
	case OPTION_QMAIL_CONTROL:
		o->qmail_control = value;
		return true;
	case OPTION_LISTEN:
		return add_listen(o, value, e);
	case OPTION_USER:
		o->user = value;
		return true;
	case OPTION_INSTANCES:
		return parse_count(
		    &o->instances, &instances, instances.option, value, e);
	case OPTION_PER_IP:
		return parse_count(
		    &o->instances_per_ip, &per_ip, per_ip.option, value, e);
	case OPTION_WORKERS:
		return parse_count(
		    &o->workers, &workers, workers.option, value, e);
	case OPTION_FOREGROUND:
		return true;
	case OPTION_CHECK:
		o->check = true;
		return true;
	case OPTION_ROLE:
		o->role = value;
		return true;
	case OPTION_AGAIN:
		o->again = value;
		return true;
	case OPTION_READY:
		o->ready = value;
		return true;
	case OPTION_VERSION:
		o->version = true;
		return true;
	case OPTION_HELP:
		o->help = true;
		return true;
	default:
		return false;
	}
}

/* Without the variable what is there stays. */
static bool
take_count(uint32_t *to, const struct count *c, struct err *e)
{
	const char *text = getenv(c->variable);
	return text == NULL || parse_count(to, c, c->variable, text, e);
}

static bool
take_environment(struct options *o, struct err *e)
{
	o->config = getenv("QPSMTPD_CONFIG");
	o->user = getenv("RUN_AS");
	return take_count(&o->instances, &instances, e) &&
	       take_count(&o->instances_per_ip, &per_ip, e) &&
	       take_count(&o->workers, &workers, e);
}

/* One for each processor; so many need more than a mail server's usual load. */
static uint32_t
usual_workers(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);
	return n < 1                       ? 1
	       : n > FILTERD_WORKERS_USUAL ? FILTERD_WORKERS_USUAL
					   : (uint32_t)n;
}

/* $QMAIL/control, the common place otherwise (FL-36). */
static bool
find_control(struct options *o, struct err *e)
{
	const char *qmail = getenv("QMAIL");
	o->qmail_control = default_control;
	if (qmail == NULL)
		return true;
	o->qmail_control = o->room;
	int n = snprintf(o->room, sizeof(o->room), "%s/control", qmail);
	return (n > 0 && (size_t)n < sizeof(o->room)) ||
	       err_set(e, ERR_USAGE, _("path '%s' is too long"), qmail);
}

bool
options_parse(struct options *o, int argc, char **argv, struct err *e)
{
	*o = (struct options){ .argv = argv,
		.instances = FILTERD_INSTANCES,
		.workers = usual_workers() };
	if (!take_environment(o, e))
		return false;
	opterr = 0;
	int option;
	while ((option = getopt_long(argc, argv, ":h", table, NULL)) != -1) {
		if (option == ':')
			err_set(e, ERR_USAGE, _("'%s' wants a value"),
			    argv[optind - 1]);
		else if (option == '?')
			err_set(e, ERR_USAGE, _("unknown option '%s'"),
			    argv[optind - 1]);
		else if (take_option(o, option, optarg, e))
			continue;
		if (e->next[0] == '\0')
			err_next(e, "smemail-filterd --help");
		return false;
	}
	if (optind < argc) {
		err_set(
		    e, ERR_USAGE, _("unexpected argument '%s'"), argv[optind]);
		return err_next(e, "smemail-filterd --help");
	}
	if (o->qmail_control == NULL && !find_control(o, e))
		return false;
	if (o->config != NULL || o->role != NULL || o->ready != NULL ||
	    o->version || o->help)
		return true;
	err_set(e, ERR_USAGE, _("no configuration directory was given"));
	return err_next(e, "smemail-filterd --config DIR");
}
