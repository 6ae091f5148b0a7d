/* What the report takes from the databases. */
#include "core/model/report_int.h"

#include "core/auth/dmarc_store.h"
#include "core/base/num.h"
#include "core/base/vec.h"
#include "core/sys/file.h"

#include <stdlib.h>
#include <string.h>

enum {
	TAG_MILLI = 4000, /* where the record has no level */
};

static bool
open_db(
    const struct model_ctx *m, const char *name, struct db **out, struct err *e)
{
	char path[SYS_PATH_MAX];
	return db_path(m->root, name, path, NULL, e) &&
	       db_load(path, root_shown(m->root, path), out, e);
}

static const char *
text_of(const struct model_ctx *m, const struct db *db, const char *key,
    const char *prop, const char *none)
{
	struct str value;
	if (!db_prop(db, key, prop, m->arena, &value) || value.len == 0)
		return none;
	return arena_cstr(m->arena, value);
}

static const char *
value_of(const struct model_ctx *m, const struct db *db, const char *key,
    const char *none)
{
	const struct db_record *r = db_find(db, str_of(key));
	struct str value = r != NULL ? db_record_value(r, m->arena) : STR("");
	return value.len > 0 ? arena_cstr(m->arena, value) : none;
}

static int64_t
level(const struct db *db, const struct model_ctx *m, const char *prop,
    int64_t none)
{
	struct str value;
	int64_t n;
	return db_prop(db, "spamassassin", prop, m->arena, &value) &&
		       maillog_decimal(value, 3, &n)
		   ? n
		   : none;
}

/* The parts of a list, blank ones left out, in the arena. */
static const char *const *
list_of(const struct model_ctx *m, const char *text, size_t *n)
{
	const char **out =
	    ARENA_ARRAY(m->arena, strlen(text) / 2 + 1, const char *);
	*n = 0;
	for (const char *p = text; *p != '\0';) {
		size_t len = strcspn(p, ", \t\n");
		if (len > 0)
			out[(*n)++] = arena_cstr(m->arena, str_n(p, len));
		p += len + (p[len] != '\0');
	}
	return out;
}

static bool
read_domains(const struct model_ctx *m, struct report *r, struct err *e)
{
	struct db *db;
	if (!open_db(m, "domains", &db, e))
		return false;
	const char **names =
	    ARENA_ARRAY(m->arena, db_count(db) + 1, const char *);
	size_t n = 0;
	if (r->config.domain[0] != '\0')
		names[n++] = r->config.domain;
	for (size_t i = 0; i < db_count(db); i++) {
		struct str key = db_at(db, i)->key;
		if (n == 0 || !str_is_nocase(key, names[0]))
			names[n++] = arena_cstr(m->arena, key);
	}
	r->config.domains = names;
	r->config.n_domains = n;
	db_free(db);
	return true;
}

/* A store that cannot be read leaves what the word "dmarc" tells. */
static void
read_report_addresses(const struct model_ctx *m, struct report *r)
{
	struct stats_config *c = &r->config;
	struct dmarc_store *store = NULL;
	struct str *list = NULL;
	char path[SYS_PATH_MAX];
	size_t n = 0;
	if (!root_path(m->root, DMARC_STORE_PATH, path, NULL) ||
	    !file_exists(path) ||
	    !dmarc_store_open(path, DMARC_STORE_PATH, false, &store, NULL))
		return;
	if (dmarc_store_addresses(store, m->arena, &list, &n, NULL)) {
		c->report_addresses = list;
		c->n_report_addresses = n;
	}
	dmarc_store_close(store);
}

static bool
is_on(const char *word)
{
	return strcmp(word, "enabled") == 0 || strcmp(word, "yes") == 0;
}

static void
read_choice(const struct model_ctx *m, const struct db *db, struct report *r)
{
	struct report_choice *c = &r->choice;
	const char *key = "mailstats";
	c->disabled =
	    strcmp(text_of(m, db, key, "Status", "enabled"), "disabled") == 0;
	c->codes = is_on(text_of(m, db, key, "QpsmtpdCodes", "enabled"));
	c->geoip = is_on(text_of(m, db, key, "Geoiptable", "enabled"));
	c->rules = is_on(text_of(m, db, key, "SARules", "enabled"));
	c->junkmail = is_on(text_of(m, db, key, "JunkMailList", "enabled"));
	c->totals = is_on(text_of(m, db, key, "ShowLeagueTotals", "yes"));
	c->geoip_cut =
	    strtod(text_of(m, db, key, "GeoipCutoffPercent", "0.5"), NULL);
	c->rules_cut =
	    strtod(text_of(m, db, key, "SARulePercentThreshold", "0.5"), NULL);
	c->mail_to = text_of(m, db, key, "Email", "admin");
	c->mail_form = text_of(m, db, key, "HTMLEmail", "no");
	for (size_t i = 0; i < STATS_COLUMNS; i++)
		c->columns[i] = text_of(m, db, key,
		    stats_column_name((enum stats_column)i), "auto");
}

/*
 * "rhsbl ZONES; uribl ZONES; dnsbl ZONES" of those switched on (LG-59). The old
 * report took the lists of addresses for those of names, and the other way
 * round.
 */
static const char *
blacklists(const struct model_ctx *m, const struct db *db, bool compat)
{
	const struct {
		const char *prop, *list, *plugin;
	} kinds[] = {
		{ "RHSBL", compat ? "RBLList" : "SBLList", "rhsbl" },
		{ "URIBL", "UBLList", "uribl" },
		{ "DNSBL", compat ? "SBLList" : "RBLList", "dnsbl" },
	};
	const char *all = "";
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (!is_on(text_of(m, db, "qpsmtpd", kinds[i].prop, "")))
			continue;
		all = arena_printf(m->arena, "%s%s%s %s", all,
		    all[0] != '\0' ? "; " : "", kinds[i].plugin,
		    text_of(m, db, "qpsmtpd", kinds[i].list, ""));
	}
	return all;
}

bool
report_config(const struct model_ctx *m, struct report *r, struct err *e)
{
	struct db *db;
	struct stats_config *c = &r->config;
	if (!open_db(m, "configuration", &db, e))
		return false;
	c->domain = value_of(m, db, "DomainName", "");
	c->host = value_of(m, db, "SystemName", "");
	c->tag_milli = level(db, m, "TagLevel", TAG_MILLI);
	c->reject_milli = level(db, m, "RejectLevel", 0);
	const char *backup = is_on(text_of(m, db, "mxbackup", "status", ""))
				 ? text_of(m, db, "mxbackup", "name", "")
				 : "";
	c->backup = list_of(m, backup, &c->n_backup);
	r->bad_countries = list_of(m,
	    text_of(m, db, "qpsmtpd", "BadCountries", ""), &r->n_bad_countries);
	r->blacklists = blacklists(m, db, c->compat);
	read_choice(m, db, r);
	db_free(db);
	read_report_addresses(m, r);
	return read_domains(m, r, e);
}

bool
report_config_period(
    const struct model_ctx *m, int64_t *from_s, int64_t *to_s, struct err *e)
{
	struct db *db;
	if (!open_db(m, "configuration", &db, e))
		return false;
	report_period(str_of(text_of(m, db, "mailstats", "Interval", "daily")),
	    str_of(text_of(m, db, "mailstats", "Base", "Midnight")),
	    clock_wall_s(m->clock), from_s, to_s);
	db_free(db);
	return true;
}
