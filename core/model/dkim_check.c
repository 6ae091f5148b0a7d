/* The checks on a domain's key, from the setting to a verified probe. */
#include "core/model/dkim_check.h"

#include "core/base/i18n.h"
#include "core/model/moment.h"
#include "core/db/db.h"
#include "core/model/dkim_outside.h"
#include "core/model/dkim_probe.h"
#include "core/sys/file.h"

#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

struct checking {
	const struct model_ctx *m;
	const struct crypto *c;
	struct dns *dns;
	const char *domain;
	struct findings *f;
};

static const char *
stored(const struct checking *k, const char *name, const char *key)
{
	char path[SYS_PATH_MAX];
	struct db *db = NULL;
	struct str value = STR_EMPTY;
	if (db_path(k->m->root, name, path, NULL, NULL) &&
	    db_load(path, name, &db, NULL))
		db_prop(db, key, "DKIMSigning", k->m->arena, &value);
	db_free(db);
	return value.len > 0 ? arena_cstr(k->m->arena, value) : "";
}

/* C52: signing is on, and not off for this domain. */
static void
check_setting(const struct checking *k)
{
	static const char *const label = N_("setting");
	const char *all = stored(k, "configuration", "qpsmtpd");
	const char *own = stored(k, "domains", k->domain);
	if (strcmp(all, "enabled") != 0) {
		findings_add(k->f, FINDING_WARN, "setting", label,
		    _("dkim.signing is not enabled: nothing is signed"));
		findings_next(k->f, "smemail set dkim.signing enabled");
	} else if (strcmp(own, "disabled") == 0) {
		findings_add(k->f, FINDING_WARN, "setting", label,
		    _("dkim.domain-signing is disabled for %s"), k->domain);
		findings_next(k->f,
		    "smemail domain unset %s dkim.domain-signing", k->domain);
	} else {
		findings_add(k->f, FINDING_OK, "setting", label,
		    _("dkim.signing enabled; %s follows it"), k->domain);
	}
}

/* C55: long enough? */
static void
check_key(const struct checking *k, const struct dkim_own *own)
{
	static const char *const label = N_("key file");
	const char *made =
	    moment_shown(k->m->arena, own->made_s, clock_wall_s(k->m->clock));
	if (own->kind == CRYPTO_ED25519) {
		findings_add(k->f, FINDING_OK, "key", label,
		    _("%s, Ed25519, made %s"), own->private_path, made);
		return;
	}
	findings_add(k->f,
	    own->bits < DKIM_RSA_BITS_MIN    ? FINDING_FAIL
	    : own->bits < DKIM_RSA_BITS_GOOD ? FINDING_WARN
					     : FINDING_OK,
	    "key", label, _("%s, RSA %u, made %s"), own->private_path,
	    own->bits, made);
	if (own->bits < DKIM_RSA_BITS_GOOD)
		findings_next(
		    k->f, "smemail dkim rotate %s --bits 2048", k->domain);
	if (own->shared)
		findings_add(k->f, FINDING_INFO, "shared", N_("shared"),
		    _("the key of all domains without their own"));
	if (own->disabled)
		findings_add(k->f, FINDING_WARN, "disabled", N_("disabled"),
		    _("the file '%s/disabled' keeps it from signing"),
		    own->folder);
}

/* C57: only the daemon may read it. */
static void
check_rights(const struct checking *k, const struct dkim_own *own)
{
	static const char *const label = N_("rights");
	const struct passwd *wanted = getpwnam(DKIM_USER);
	const struct passwd *has = getpwuid(own->uid);
	const char *owner = has != NULL ? has->pw_name : "?";
	const struct group *g = getgrgid(own->gid);
	const char *group = g != NULL ? g->gr_name : "?";
	if ((own->mode & 0077) != 0) {
		findings_add(k->f, FINDING_WARN, "rights", label,
		    _("mode %04o lets others read the private key"),
		    (unsigned)own->mode);
		findings_next(k->f, "chmod 0400 %s", own->private_real);
	} else if (wanted != NULL && wanted->pw_uid != own->uid) {
		findings_add(k->f, FINDING_FAIL, "rights", label,
		    _("%s owns the key: the daemon's user %s cannot read it"),
		    owner, DKIM_USER);
		findings_next(k->f, "chown %s:%s %s", DKIM_USER, DKIM_USER,
		    own->private_real);
	} else {
		findings_add(k->f, FINDING_OK, "rights", label,
		    _("%s:%s, mode %04o"), owner, group, (unsigned)own->mode);
	}
}

/* Verify the probe by what the resolver gives, as a receiver would. */
static void
judge_probe(const struct checking *k, const char *user, struct str text)
{
	static const char *const label = N_("probe");
	struct dkim_message message;
	struct dkim_verdict *v = NULL;
	struct dkim_judge *j = dkim_judge_new(k->c);
	if (j == NULL ||
	    !dkim_message_parse(text, k->m->arena, &message, NULL)) {
		findings_add(
		    k->f, FINDING_UNKNOWN, "probe", label, _("out of memory"));
	} else {
		enum dkim_result r = dkim_verify(j, &message, k->dns,
		    k->m->arena, clock_wall_s(k->m->clock), &v);
		findings_add(k->f,
		    r == DKIM_PASS        ? FINDING_OK
		    : r == DKIM_TEMPERROR ? FINDING_UNKNOWN
					  : FINDING_FAIL,
		    "probe", label, _("signed as %s, verified: %s (%s)"), user,
		    dkim_result_word(r), dkim_reason_text(v[0].reason));
	}
	dkim_judge_free(j);
}

static void
check_probe(const struct checking *k, const struct dkim_own *own)
{
	struct buf text = BUF_INIT(1 << 20);
	struct err why = ERR_INIT;
	const char *user;
	if (dkim_probe_sign(k->m, k->c, own, &text, &user, &why))
		judge_probe(k, user, buf_str(&text));
	else
		findings_add(
		    k->f, FINDING_FAIL, "probe", N_("probe"), "%s", why.text);
	buf_clear(&text);
}

static void
check_one(const struct checking *k, const struct dkim_own *own)
{
	struct dkim_published published;
	check_key(k, own);
	check_rights(k, own);
	findings_add(
	    k->f, FINDING_OK, "selector", N_("selector"), "%s", own->selector);
	dkim_check_published(k->m, k->c, k->dns, own, k->f, &published);
	if (published.right + published.unreachable < published.servers)
		findings_next(k->f, "smemail dkim show %s%s", own->domain,
		    dkim_own_option(own));
	if (published.right > 0 && published.right < published.servers) {
		findings_add(k->f, FINDING_WARN, "servers", N_("servers"),
		    _("%zu of %zu name servers know the key: some receivers "
		      "find none"),
		    published.right, published.servers);
		findings_next(k->f, "smemail dns wait %s", k->domain);
	}
	check_probe(k, own);
}

bool
dkim_check(const struct model_ctx *m, const struct crypto *c, struct dns *dns,
    const char *domain, const char *send_to, struct findings *out,
    struct err *e)
{
	struct checking k = { m, c, dns, domain, out };
	struct dkim_own rsa, ed25519;
	struct err why = ERR_INIT;
	findings_init(out, m->arena);
	if (send_to != NULL && !dkim_outside_address(m, send_to, e))
		return false;
	bool has_rsa =
	    dkim_own_find(m, c, DKIM_KEYS_DIR, domain, CRYPTO_RSA, &rsa, e);
	bool has_ed25519 = dkim_own_find(
	    m, c, DKIM_KEYS_DIR, domain, CRYPTO_ED25519, &ed25519, &why);
	if (!has_rsa && (e->code != ERR_NO || !has_ed25519)) {
		if (has_ed25519)
			dkim_own_clear(c, &ed25519);
		return false;
	}
	check_setting(&k);
	if (has_rsa) {
		check_one(&k, &rsa);
		dkim_own_clear(c, &rsa);
	} else {
		findings_add(out, FINDING_WARN, "rsa", "RSA",
		    _("no RSA key: receivers that do not know Ed25519 cannot "
		      "verify this domain"));
		findings_next(out, "smemail dkim keygen %s", domain);
	}
	if (has_ed25519) {
		check_one(&k, &ed25519);
		dkim_own_clear(c, &ed25519);
	} else if (why.code != ERR_NO) {
		findings_add(
		    out, FINDING_FAIL, "ed25519", "Ed25519", "%s", why.text);
	}
	dkim_sent_today(m, domain, out);
	dkim_outside_view(m, domain, send_to, out);
	return true;
}
