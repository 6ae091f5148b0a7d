/* Native events (effects.md section 1). */
#include "core/event/event.h"

#include "core/base/i18n.h"

#include <string.h>

#define CONFIG  "/var/service/qpsmtpd/config/"
#define CONTROL "/var/qmail/control/"

/* clang-format off */
static const char *const mail_files[] = {
	CONFIG, CONTROL, "/var/service/qpsmtpd/runenv",
	"/var/service/sqpsmtpd/runenv", "/var/service/uqpsmtpd/runenv", NULL,
};
static const char *const domain_files[] = {
	CONTROL, CONFIG "badrcptto", CONFIG "goodrcptto",
	CONFIG "peers/0", CONFIG "peers/local", NULL,
};
static const char *const network_files[] = {
	CONFIG "relayclients", CONFIG "dnsbl_allow", CONFIG "peers/0",
	CONFIG "peers/local", NULL,
};
static const char *const account_files[] = {
	CONFIG "badrcptto", CONFIG "goodrcptto", CONTROL "badrcptto", NULL,
};
static const char *const address_files[] = {
	CONFIG "badhelo", CONFIG "goodrcptto", CONTROL, NULL,
};
static const char *const no_files[] = { NULL };

static const struct event_service mail_services[] = {
	{ "qpsmtpd", "sighup" }, { "sqpsmtpd", "sighup" },
	{ "uqpsmtpd", "sighup" }, { "qmail", "sighup" },
	{ "spamd", "restart" }, { "clamd", "restart" },
	{ "smtp-auth-proxy", "restart" }, { NULL, NULL },
};
static const struct event_service virus_services[] = {
	{ "clamd", "restart" }, { "freshclam", "restart" }, { NULL, NULL },
};
static const struct event_service dns_services[] = {
	{ "dnscache", "restart" }, { "dnscache.forwarder", "restart" },
	{ NULL, NULL },
};
static const struct event_service queue_services[] = {
	{ "qmail", "sighup" }, { NULL, NULL },
};
static const struct event_service network_services[] = {
	{ "qpsmtpd", "sigusr1" }, { NULL, NULL },
};
static const struct event_service save_services[] = {
	{ "qmail", "sighup" }, { "smtp-auth-proxy", "restart" },
	{ NULL, NULL },
};
static const struct event_service no_services[] = { { NULL, NULL } };

static const struct event events[] = {
	{ "email-update", N_("everything of mail: files and services"),
	  mail_files, mail_services },
	{ "clamav-update", N_("virus scanner and its signatures"), no_files,
	  virus_services },
	{ "dns-update", N_("name service"), no_files, dns_services },
	{ "domain-create", N_("a domain was added"), domain_files,
	  queue_services },
	{ "domain-delete", N_("a domain was removed"), domain_files,
	  queue_services },
	{ "domain-modify", N_("a domain was changed"), domain_files,
	  queue_services },
	{ "network-create", N_("a local network was added"), network_files,
	  network_services },
	{ "network-delete", N_("a local network was removed"), network_files,
	  network_services },
	{ "user-create", N_("a user was added"), account_files,
	  queue_services },
	{ "user-modify", N_("a user was changed"), account_files,
	  queue_services },
	{ "user-delete", N_("a user was removed"), account_files,
	  queue_services },
	{ "group-create", N_("a group was added"), account_files,
	  queue_services },
	{ "group-modify", N_("a group was changed"), account_files,
	  queue_services },
	{ "group-delete", N_("a group was removed"), account_files,
	  queue_services },
	{ "pseudonym-create", N_("a pseudonym was added"), account_files,
	  queue_services },
	{ "pseudonym-modify", N_("a pseudonym was changed"), account_files,
	  queue_services },
	{ "pseudonym-delete", N_("a pseudonym was removed"), account_files,
	  queue_services },
	{ "ip-change", N_("the outside address changed"), address_files,
	  queue_services },
	{ "console-save", N_("settings of the server console"), mail_files,
	  save_services },
	{ "bootstrap-console-save", N_("first settings of the console"),
	  mail_files, save_services },
	{ "remoteaccess-update", N_("who may reach which service"), no_files,
	  no_services },
	{ "post-upgrade", N_("after an upgrade"), mail_files, no_services },
};
/* clang-format on */

const struct event *
event_at(size_t i)
{
	return i < ARRAY_LEN(events) ? &events[i] : NULL;
}

const struct event *
event_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(events); i++)
		if (strcmp(events[i].name, name) == 0)
			return &events[i];
	return NULL;
}

bool
event_expands(const struct event *ev, const char *path)
{
	for (size_t i = 0; ev->templates[i] != NULL; i++) {
		const char *t = ev->templates[i];
		size_t n = strlen(t);
		if (t[n - 1] == '/' ? strncmp(path, t, n) == 0
				    : strcmp(path, t) == 0)
			return true;
	}
	return false;
}
