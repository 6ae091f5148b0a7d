/* Databases of a new tree: defaults of the catalogue, accounts, networks. */
#include "core/model/init_int.h"

#include "core/base/i18n.h"
#include "core/db/db.h"
#include "core/setting/setting.h"
#include "core/sys/file.h"

#include <stdio.h>
#include <string.h>

/* Where the record of a new server differs from the catalogue's default. */
static const struct {
	const char *id, *value;
} record_values[] = {
	{ "logs.level", "6" },
	{ "spam.sort-junkmail", "enabled" },
	{ "virus.heuristic-precedence", "yes" },
	{ "fetchmail.freq-outside", "every15min" },
	{ "fetchmail.freq-weekend", "every15min" },
	{ "fetchmail.server", "mail.myisp.xxx" },
	{ "fetchmail.account", "popaccount" },
	{ "fetchmail.password", "poppassword" },
	{ "spam.subject-text", "[SPAM]" },
	{ "imap.status", "enabled" },
	{ "imaps.status", "enabled" },
	{ "pop3.status", "enabled" },
	{ "pop3s.status", "enabled" },
	{ "imaps.access", "private" },
	{ "pop3s.access", "private" },
};

/* One fixed record, raw; %D is the domain, %U the user, %R the release. */
struct fixed {
	const char *db, *key, *raw;
};

/*
 * 127.0.0.0/24 plays the local network, so that a client on any other
 * address of 127/8 is a stranger and the outside can be tried on one machine.
 */
static const struct fixed fixed[] = {
	{ "configuration", "DomainName", "%D" },
	{ "configuration", "SystemName", "mail" },
	{ "configuration", "SystemMode", "serveronly" },
	{ "configuration", "LocalIP", "127.0.0.1" },
	{ "configuration", "LocalNetmask", "255.255.255.0" },
	{ "configuration", "sysconfig",
	    "configuration|ProductName|smemail|ReleaseVersion|%R" },
	{ "accounts", "admin",
	    "system|EmailForward|local|FirstName|Local|LastName|Administrator"
	    "|PasswordSet|no" },
	{ "accounts", "%U",
	    "user|EmailForward|local|FirstName|%U|LastName|"
	    "|PasswordSet|no" },
	{ "accounts", "everyone",
	    "pseudonym|Account|shared|Changeable|no|Visible|internal" },
	{ "accounts", "mailer-daemon",
	    "pseudonym|Account|admin|Changeable|no" },
	{ "accounts", "postmaster", "pseudonym|Account|admin|Changeable|no" },
	{ "accounts", "abuse", "pseudonym|Account|postmaster" },
	{ "domains", "%D",
	    "domain|Content|Primary|Description|Primary domain"
	    "|Nameservers|internet|Removable|no|SystemPrimaryDomain|yes" },
	{ "hosts", "mail.%D", "host|HostType|Self|InternalIP|127.0.0.1" },
	{ "networks", "127.0.0.0",
	    "network|Mask|255.255.255.0|Router|default"
	    "|SystemLocalNetwork|yes" },
};

static const char *const databases[] = { "configuration", "accounts", "domains",
	"hosts", "networks", "mailpatterns", "spamassassin", "wbl" };

/* The text with %D, %U and %R replaced, in the arena. */
static struct str
fill(const struct model_ctx *m, const struct init_wish *w, const char *text)
{
	struct buf out = BUF_INIT(4096);
	for (const char *p = text; *p != '\0'; p++) {
		const char *with = NULL;
		if (*p == '%')
			with = p[1] == 'D'   ? w->domain
			       : p[1] == 'U' ? w->user
			       : p[1] == 'R' ? w->release
					     : NULL;
		if (with != NULL) {
			buf_add_cstr(&out, with);
			p++;
		} else
			buf_add_char(&out, *p);
	}
	struct str copy = arena_str(m->arena, buf_str(&out));
	buf_clear(&out);
	return copy;
}

static bool
fixed_store(struct db_change *c, const struct model_ctx *m,
    const struct init_wish *w, const char *db, struct err *e)
{
	for (size_t i = 0; i < ARRAY_LEN(fixed); i++)
		if (strcmp(fixed[i].db, db) == 0 &&
		    !db_change_store(c, fill(m, w, fixed[i].key),
			fill(m, w, fixed[i].raw), e))
			return false;
	return true;
}

/* The value a new record gets, or NULL when none is written. */
static const char *
default_of(const struct setting *s, const char *release)
{
	if (s->target != SETTING_TARGET_NONE ||
	    (s->flags & SETTING_CONTRIB) != 0 ||
	    !setting_on_release(s, release) ||
	    (s->place != SETTING_IN_DB && s->place != SETTING_IN_VALUE))
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(record_values); i++)
		if (strcmp(record_values[i].id, s->id) == 0)
			return record_values[i].value;
	return s->default_unset ? NULL : s->default_value;
}

static bool
setting_store(struct db_change *c, const struct setting *s, const char *value,
    struct err *e)
{
	struct str key = str_of(s->key);
	if (s->place == SETTING_IN_VALUE)
		return db_change_store(c, key, str_of(value), e);
	if (db_find(db_change_db(c), key) == NULL &&
	    !db_change_store(c, key,
		str_of(s->record_type != NULL ? s->record_type : "service"), e))
		return false;
	if (db_change_set_prop(c, key, str_of(s->prop), str_of(value)))
		return true;
	return err_set(e, ERR_TEMPORARY, _("cannot store '%s'"), s->id);
}

static bool
defaults_store(
    struct db_change *c, const char *db, const char *release, struct err *e)
{
	size_t n;
	const struct setting *const *all = setting_all(&n);
	for (size_t i = 0; i < n; i++) {
		const char *value = default_of(all[i], release);
		if (value != NULL && strcmp(all[i]->db, db) == 0 &&
		    !setting_store(c, all[i], value, e))
			return false;
	}
	return true;
}

static bool
port_store(struct db_change *c, const char *record, int port, struct err *e)
{
	char text[16];
	int n = snprintf(text, sizeof(text), "%d", port);
	struct str key = str_of(record);
	if (db_find(db_change_db(c), key) == NULL &&
	    !db_change_store(c, key, STR("service"), e))
		return false;
	return db_change_set_prop(
		   c, key, STR("TCPPort"), str_n(text, (size_t)n)) ||
	       err_set(e, ERR_TEMPORARY, _("cannot store '%s'"), record);
}

/* Signatures are those of the scanner that is installed, where one is. */
static bool
signatures_store(struct db_change *c, struct err *e)
{
	static const char folder[] = "/var/lib/clamav";
	return !file_is_dir(folder) ||
	       db_change_set_prop(c, STR("clamav"), STR("DatabaseDirectory"),
		   str_of(folder)) ||
	       err_set(e, ERR_TEMPORARY, _("cannot store '%s'"), "clamav");
}

/* Switched on, since a root is there to be tried out. */
static bool
submission_enable(struct db_change *c, struct err *e)
{
	return db_change_set_prop(
		   c, STR("uqpsmtpd"), STR("status"), STR("enabled")) ||
	       err_set(e, ERR_TEMPORARY, _("cannot store '%s'"), "uqpsmtpd");
}

/* What only the configuration of a tree below a folder has. */
static bool
configuration_store(
    struct db_change *c, const struct init_wish *w, struct err *e)
{
	return signatures_store(c, e) &&
	       port_store(c, "smtpd", w->port_base + INIT_SMTP_OFFSET, e) &&
	       port_store(c, "ssmtpd", w->port_base + INIT_SMTPS_OFFSET, e) &&
	       (strcmp(w->release, "11") != 0 ||
		   (port_store(c, "uqpsmtpd",
			w->port_base + INIT_SUBMISSION_OFFSET, e) &&
		       submission_enable(c, e)));
}

bool
init_records(const struct model_ctx *m, const struct init_wish *wish,
    size_t *files, struct err *e)
{
	const struct db_env env = {
		.root = m->root,
		.clock = m->clock,
		.program = "/sbin/e-smith/db",
	};
	for (size_t i = 0; i < ARRAY_LEN(databases); i++) {
		const char *db = databases[i];
		struct db_change *c;
		char path[SYS_PATH_MAX];
		if (!db_path(m->root, db, path, NULL, e) ||
		    !db_change_begin(&env, path, &c, e))
			return false;
		bool ok = fixed_store(c, m, wish, db, e) &&
			  defaults_store(c, db, wish->release, e) &&
			  (i > 0 || configuration_store(c, wish, e));
		if (!ok) {
			db_change_abort(c);
			return false;
		}
		if (!db_change_commit(c, e))
			return false;
		++*files;
	}
	return true;
}
