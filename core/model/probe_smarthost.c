/*
 * smarthost test: the server that takes our outgoing mail, with its login.
 */
#include "core/base/i18n.h"
#include "core/base/num.h"
#include "core/db/db.h"
#include "core/model/probe_int.h"

#include <string.h>

struct smarthost {
	struct str target; /* "host" or "host:port" */
	struct str port;
	bool login;
	struct probe_account account;
};

/* Where each release keeps it. */
struct place {
	const char *record, *status, *user, *password, *port;
};

static struct str
prop(const struct model_ctx *m, const struct db *db, const char *key,
    const char *name)
{
	struct str value = STR_EMPTY;
	return db_prop(db, key, name, m->arena, &value) ? str_trim(value)
							: (struct str)STR_EMPTY;
}

static bool
read_settings(const struct model_ctx *m, struct smarthost *out, struct err *e)
{
	static const struct place usual = { "smtp-auth-proxy", "status",
		"Userid", "Passwd", "PeerPort" };
	static const struct place eleven = { "postfix", "SMTPSmartHostStatus",
		"SMTPSmartHostUserid", "SMTPSmartHostPasswd",
		"SMTPSmartHostPeerPort" };
	bool new = strcmp(m->release, "11") == 0;
	const struct place *at = new ? &eleven : &usual;
	char path[SYS_PATH_MAX];
	struct db *db = NULL;
	*out = (struct smarthost){ 0 };
	if (!db_path(m->root, "configuration", path, NULL, e) ||
	    !db_load(path, "configuration", &db, e))
		return false;
	const struct db_record *r = db_find(db, STR("SMTPSmartHost"));
	if (new)
		out->target = prop(m, db, "postfix", "SMTPSmartHost");
	else if (r != NULL)
		out->target = str_trim(db_record_value(r, m->arena));
	out->login = str_is(prop(m, db, at->record, at->status), "enabled");
	out->account.user = prop(m, db, at->record, at->user);
	out->account.password = prop(m, db, at->record, at->password);
	out->port = prop(m, db, at->record, at->port);
	db_free(db);
	if (out->target.len > 0)
		return true;
	err_set(e, ERR_NO,
	    _("no smarthost is set: mail goes to each domain's "
	      "own servers"));
	return err_next(e, "smemail set %s HOST:PORT",
	    new ? "delivery.smarthost-postfix" : "delivery.smarthost");
}

bool
probe_smarthost(struct probe *p, struct err *e)
{
	struct smarthost s;
	struct smtp_answer bye;
	struct err why = ERR_INIT;
	uint64_t port = 25;
	if (!read_settings(p->m, &s, e))
		return false;
	if (s.port.len > 0 && !num_parse_u64(s.port, UINT16_MAX, &port))
		port = 25;
	if (!probe_target(
		p, arena_cstr(p->m->arena, s.target), (uint16_t)port, e))
		return false;
	findings_add(p->f, FINDING_INFO, "smarthost", N_("smarthost"),
	    _("%s port %u, %s"), p->host, p->port,
	    s.login ? _("with login") : _("without login"));
	struct tls_wish wish = {
		.name = p->host, .verify = true, .trusted = p->trusted
	};
	bool ok = probe_connect(p, &why) &&
		  (p->port != 465 || probe_tls_begin(p, &wish, &why)) &&
		  probe_smtp_hello(p, &why);
	if (ok && p->port != 465 && p->offers.starttls)
		ok = probe_smtp_starttls(p, &why);
	if (p->secure)
		probe_tls_findings(p);
	if (ok && s.login)
		probe_login(p, &s.account);
	if (ok)
		(void)!smtp_client_ask(
		    &p->stream, p->m->arena, "QUIT", &bye, &why);
	probe_close(p);
	return true;
}
