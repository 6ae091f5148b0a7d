/* Native events (effects.md section 1). */
#include "core/event/event.h"

#include "core/base/i18n.h"

#include <string.h>

#define CONFIG  "/var/service/qpsmtpd/config/"
#define CONTROL "/var/qmail/control/"
#define ALIAS   "/var/qmail/alias/"
#define ASSIGN  "/var/qmail/users/assign"
#define HOMES   "/home/e-smith/files/users/"
#define UNITS   "/usr/lib/systemd/system/"
#define SPAM    "/etc/mail/spamassassin/local.cf"
#define VIRUS                                                                  \
	"/etc/clamd.conf", "/etc/freshclam.conf",                              \
	    "/var/service/clamd/env/MEMLIMIT", "/etc/crontab"
#define READING                                                                \
	"/etc/dovecot/dovecot.conf", "/var/service/imap/",                     \
	    "/var/service/imaps/", "/var/service/pop3/", "/var/service/pop3s/"
#define FETCH    "/etc/fetchmail", "/etc/startmail"
#define FIREWALL "/etc/rc.d/init.d/masq"
#define WEB                                                                    \
	"/etc/php.ini", "/home/httpd/html/horde/config/",                      \
	    "/etc/httpd/conf/httpd.conf"
#define POSTFIX  "/etc/postfix/"
#define RESOLVER "/var/service/dnscache.forwarder/"

/* clang-format off */
static const char *const mail_files[] = {
	CONFIG, CONTROL, ALIAS, ASSIGN, "/var/service/qpsmtpd/runenv",
	"/var/service/sqpsmtpd/runenv", "/var/service/uqpsmtpd/runenv",
	UNITS "*.service.d/50koozali.conf", "/var/log/*/config",
	"/home/e-smith/.qmail", "/home/e-smith/.qmail-junkmail",
	HOMES "*/.qmail", HOMES "*/.qmail-junkmail",
	"/var/service/qpsmtpd/peers/", SPAM, VIRUS, READING, FETCH, FIREWALL,
	WEB, POSTFIX, NULL,
};
static const char *const all_files[] = { "/", NULL };
static const char *const virus_files[] = { VIRUS, NULL };
static const char *const dns_files[] = { RESOLVER, NULL };
static const char *const access_files[] = { FIREWALL,
	"/etc/httpd/conf/httpd.conf", NULL };
static const char *const domain_files[] = {
	CONTROL, CONFIG "aliases", CONFIG "badrcptto", CONFIG "goodrcptto",
	CONFIG "rcpthosts", CONFIG "smtproutes", CONFIG "peers/0",
	CONFIG "peers/local", FETCH, POSTFIX, NULL,
};
static const char *const network_files[] = {
	CONFIG "relayclients", CONFIG "dnsbl_allow", CONFIG "peers/0",
	CONFIG "peers/local", NULL,
};
static const char *const user_files[] = {
	CONFIG "aliases", CONFIG "sortspam", CONFIG "badrcptto",
	CONFIG "goodrcptto",
	CONTROL "badrcptto",
	CONTROL "virtualdomains", ASSIGN, ALIAS ".qmail-shared",
	ALIAS ".qmail-*", HOMES "%/.qmail", HOMES "%/.qmail-junkmail", NULL,
};
/* The administrator has the same, in the server's own home. */
static const char *const admin_files[] = {
	CONFIG "aliases", CONFIG "sortspam", CONFIG "goodrcptto",
	"/home/e-smith/.qmail",
	"/home/e-smith/.qmail-junkmail", NULL,
};
static const char *const group_files[] = {
	CONFIG "aliases", CONFIG "badrcptto", CONFIG "goodrcptto",
	CONTROL "badrcptto", ASSIGN,
	ALIAS ".qmail-*", NULL,
};
static const char *const pseudonym_files[] = {
	CONFIG "aliases", CONFIG "badrcptto", CONFIG "goodrcptto",
	CONTROL "badrcptto",
	CONTROL "virtualdomains", ASSIGN, NULL,
};
static const char *const address_files[] = {
	CONFIG "badhelo", CONFIG "goodrcptto", CONFIG "rcpthosts", CONTROL,
	POSTFIX, NULL,
};
static const struct event_service mail_services[] = {
	{ "qpsmtpd", "sighup" }, { "sqpsmtpd", "sighup" },
	{ "uqpsmtpd", "sighup" }, { "qmail", "sighup" },
	{ "spamd", "restart" }, { "clamd", "restart" },
	{ "smtp-auth-proxy", "restart" }, { "masq", "adjust" },
	{ "imap", "sigusr1" }, { "imaps", "sigusr1" }, { "pop3", "sigusr1" },
	{ "pop3s", "sigusr1" }, { "dovecot", "reload" },
	{ "crond", "reload" }, { NULL, NULL },
};
static const struct event_service virus_services[] = {
	{ "clamd", "restart" }, { "freshclam", "restart" },
	{ "crond", "restart" }, { NULL, NULL },
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
static const struct event_service access_services[] = {
	{ "masq", "adjust" }, { "httpd-e-smith", "sigusr1" }, { NULL, NULL },
};
static const struct event_service no_services[] = { { NULL, NULL } };

static const struct event events[] = {
	{ "email-update", N_("everything of mail: files and services"),
	  mail_files, mail_services },
	{ "clamav-update", N_("virus scanner and its signatures"), virus_files,
	  virus_services },
	{ "dns-update", N_("name service"), dns_files, dns_services },
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
	{ "user-create", N_("a user was added"), user_files,
	  queue_services },
	{ "user-modify", N_("a user was changed"), user_files,
	  queue_services },
	{ "user-modify-admin", N_("the administrator was changed"),
	  admin_files, queue_services },
	{ "user-delete", N_("a user was removed"), user_files,
	  queue_services },
	{ "group-create", N_("a group was added"), group_files,
	  queue_services },
	{ "group-modify", N_("a group was changed"), group_files,
	  queue_services },
	{ "group-delete", N_("a group was removed"), group_files,
	  queue_services },
	{ "pseudonym-create", N_("a pseudonym was added"), pseudonym_files,
	  queue_services },
	{ "pseudonym-modify", N_("a pseudonym was changed"), pseudonym_files,
	  queue_services },
	{ "pseudonym-delete", N_("a pseudonym was removed"), pseudonym_files,
	  queue_services },
	{ "ip-change", N_("the outside address changed"), address_files,
	  queue_services },
	{ "console-save", N_("settings of the server console"), all_files,
	  save_services },
	{ "bootstrap-console-save", N_("first settings of the console"),
	  all_files, save_services },
	{ "remoteaccess-update", N_("who may reach which service"),
	  access_files, access_services },
	{ "post-upgrade", N_("after an upgrade"), all_files, no_services },
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

/* qmail has colons for the dots of a name. */
static bool
is_name(struct str part, const char *name)
{
	bool same = part.len == strlen(name);
	for (size_t i = 0; same && i < part.len; i++)
		same = part.ptr[i] == name[i] ||
		       (part.ptr[i] == ':' && name[i] == '.');
	return same;
}

static bool
pattern_fits(const char *pattern, const char *path, const char *argument)
{
	size_t before = strcspn(pattern, "*%");
	if (pattern[before] == '\0')
		return strcmp(path, pattern) == 0;
	size_t n = strlen(path), behind = strlen(pattern + before + 1);
	if (n <= before + behind || strncmp(path, pattern, before) != 0 ||
	    strcmp(path + n - behind, pattern + before + 1) != 0)
		return false;
	struct str part = str_n(path + before, n - before - behind);
	if (str_find(part, '/', 0) < part.len)
		return false;
	return pattern[before] == '*' || argument == NULL ||
	       is_name(part, argument);
}

bool
event_expands(const struct event *ev, const char *path, const char *argument)
{
	for (size_t i = 0; ev->templates[i] != NULL; i++) {
		const char *t = ev->templates[i];
		size_t n = strlen(t);
		if (t[n - 1] == '/' ? strncmp(path, t, n) == 0
				    : pattern_fits(t, path, argument))
			return true;
	}
	return false;
}
