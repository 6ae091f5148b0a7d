/*
 * smarthost test: the server that takes our outgoing mail, with its login. The
 * password goes only under TLS, and into no finding.
 */
#include "core/auth/dkim_base64.h"
#include "core/base/i18n.h"
#include "core/base/num.h"
#include "core/db/db.h"
#include "core/model/probe.h"

#include <string.h>

enum {
	SECRET_MAX = 4096
};

struct smarthost {
	struct str target; /* "host" or "host:port" */
	struct str port;
	bool login;
	struct str user, password;
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
	out->user = prop(m, db, at->record, at->user);
	out->password = prop(m, db, at->record, at->password);
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

/* "AUTH PLAIN base64(NUL user NUL password)" (RFC 4616) */
static bool
login_plain(struct probe *p, const struct smarthost *s,
    struct smtp_answer *answer, struct err *e)
{
	struct buf raw = BUF_INIT(SECRET_MAX), line = BUF_INIT(2 * SECRET_MAX);
	buf_add_char(&raw, '\0');
	buf_add_str(&raw, s->user);
	buf_add_char(&raw, '\0');
	buf_add_str(&raw, s->password);
	buf_add_cstr(&line, "AUTH PLAIN ");
	bool ok = !raw.failed && dkim_base64_encode(&line, buf_str(&raw)) &&
		  smtp_client_ask(
		      &p->stream, p->m->arena, buf_cstr(&line), answer, e);
	if (raw.data != NULL)
		explicit_bzero(raw.data, raw.cap);
	if (line.data != NULL)
		explicit_bzero(line.data, line.cap);
	buf_clear(&raw);
	buf_clear(&line);
	return ok;
}

static bool
say_base64(
    struct probe *p, struct str word, struct smtp_answer *answer, struct err *e)
{
	struct buf line = BUF_INIT(2 * SECRET_MAX);
	bool ok = dkim_base64_encode(&line, word) &&
		  smtp_client_ask(
		      &p->stream, p->m->arena, buf_cstr(&line), answer, e);
	if (line.data != NULL)
		explicit_bzero(line.data, line.cap);
	buf_clear(&line);
	return ok;
}

/* The older LOGIN: two questions, two answers. */
static bool
login_login(struct probe *p, const struct smarthost *s,
    struct smtp_answer *answer, struct err *e)
{
	return smtp_client_ask(
		   &p->stream, p->m->arena, "AUTH LOGIN", answer, e) &&
	       (answer->code != 334 || say_base64(p, s->user, answer, e)) &&
	       (answer->code != 334 || say_base64(p, s->password, answer, e));
}

static void
login(struct probe *p, const struct smarthost *s)
{
	static const char *const label = N_("login");
	struct smtp_answer a = { 0 };
	struct err e = ERR_INIT;
	bool plain = smtp_client_has_auth(&p->offers, "PLAIN");
	if (!p->secure) {
		findings_add(p->f, FINDING_FAIL, "login", label,
		    _("not tried: the password would travel in clear"));
		return;
	}
	if (s->user.len == 0 || s->password.len == 0) {
		findings_add(p->f, FINDING_FAIL, "login", label,
		    _("login is on, but user or password is not set"));
		findings_next(p->f, "smemail set delivery.smarthost-password "
				    "--stdin");
		return;
	}
	if (!plain && !smtp_client_has_auth(&p->offers, "LOGIN")) {
		findings_add(p->f, FINDING_FAIL, "login", label,
		    _("the peer offers neither PLAIN nor LOGIN"));
		return;
	}
	if (!(plain ? login_plain(p, s, &a, &e) : login_login(p, s, &a, &e)))
		findings_add(
		    p->f, FINDING_UNKNOWN, "login", label, "%s", e.text);
	else if (a.code == 235)
		findings_add(p->f, FINDING_OK, "login", label,
		    _("as '%.*s' with %s"), STR_ARG(s->user),
		    plain ? "PLAIN" : "LOGIN");
	else
		findings_add(p->f,
		    a.code / 100 == 4 ? FINDING_UNKNOWN : FINDING_FAIL, "login",
		    label, _("refused as '%.*s': %u %.*s"), STR_ARG(s->user),
		    a.code, STR_ARG(a.lines[0]));
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
		login(p, &s);
	if (ok)
		(void)!smtp_client_ask(
		    &p->stream, p->m->arena, "QUIT", &bye, &why);
	probe_close(p);
	return true;
}
