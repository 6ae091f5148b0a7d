/* smtp probe, and the steps of SMTP that other probes use. */
#include "core/base/i18n.h"
#include "core/mail/path.h"
#include "core/model/probe_int.h"

#include <string.h>

static const char *
first_line(const struct probe *p, const struct smtp_answer *a)
{
	return arena_printf(p->m->arena, "%u %.*s", a->code,
	    STR_ARG(a->n > 0 ? a->lines[0] : (struct str)STR_EMPTY));
}

/* A refusal with its meaning for who runs the sending server. */
static const char *
refusal(unsigned code)
{
	if (code == 421)
		return _("the peer is too busy, or does not want this address "
			 "now");
	if (code >= 400 && code < 500)
		return _("refused for now: mail waits in the queue");
	return _("refused for good: mail is returned");
}

static bool
failed(struct probe *p, const char *id, const char *label, struct err *e)
{
	findings_add(p->f, probe_state_of(e), id, label, "%s", e->text);
	return false;
}

static void
tell_offers(struct probe *p)
{
	const struct smtp_extensions *o = &p->offers;
	findings_add(p->f, FINDING_INFO, "extensions", N_("extensions"),
	    "%s%s%s%s%s%s%s", o->starttls ? "STARTTLS " : "",
	    o->pipelining ? "PIPELINING " : "", o->eight_bit ? "8BITMIME " : "",
	    o->utf8 ? "SMTPUTF8 " : "", o->chunking ? "CHUNKING " : "",
	    o->dsn ? "DSN " : "", o->enhanced ? "ENHANCEDSTATUSCODES" : "");
	if (o->has_size)
		findings_add(p->f, FINDING_INFO, "size", N_("size"),
		    o->size > 0 ? _("messages of at most %llu bytes")
				: _("no limit told (%llu)"),
		    (unsigned long long)o->size);
	if (o->auth.len == 0)
		return;
	bool plain = smtp_client_has_auth(o, "PLAIN") ||
		     smtp_client_has_auth(o, "LOGIN");
	findings_add(p->f, plain && !p->secure ? FINDING_WARN : FINDING_INFO,
	    "auth", N_("login"),
	    plain && !p->secure
		? _("%.*s offered without TLS: passwords can be read on the "
		    "way")
		: "%.*s",
	    STR_ARG(o->auth));
}

static bool
say_hello(struct probe *p, struct err *e)
{
	struct smtp_answer a;
	const char *hello = arena_printf(p->m->arena, "EHLO %s", p->own_name);
	if (!smtp_client_ask(&p->stream, p->m->arena, hello, &a, e))
		return failed(p, "ehlo", "EHLO", e);
	if (a.code != 250) {
		findings_add(p->f, probe_state_of_code(a.code), "ehlo", "EHLO",
		    _("%s: %s"), first_line(p, &a), refusal(a.code));
		return err_set(e, ERR_NO, "%s", first_line(p, &a));
	}
	smtp_client_extensions(&a, &p->offers);
	findings_add(p->f, FINDING_OK, "ehlo", "EHLO", _("%s, in %lld ms"),
	    first_line(p, &a), (long long)a.elapsed_ms);
	tell_offers(p);
	return true;
}

bool
probe_smtp_hello(struct probe *p, struct err *e)
{
	static const char *const label = N_("banner");
	struct smtp_answer a;
	if (!smtp_client_answer(&p->stream, p->m->arena, &a, e))
		return failed(p, "banner", label, e);
	if (a.code != 220) {
		findings_add(p->f, probe_state_of_code(a.code), "banner", label,
		    _("%s: %s"), first_line(p, &a), refusal(a.code));
		return err_set(e, ERR_NO, "%s", first_line(p, &a));
	}
	findings_add(p->f, FINDING_OK, "banner", label, _("%s, in %lld ms"),
	    first_line(p, &a), (long long)a.elapsed_ms);
	if (stream_waiting(&p->stream) > 0)
		findings_add(p->f, FINDING_WARN, "banner", label,
		    _("the peer talks before it is asked"));
	return say_hello(p, e);
}

bool
probe_smtp_starttls(struct probe *p, struct err *e)
{
	struct smtp_answer a;
	struct tls_wish wish = {
		.name = p->host, .verify = true, .trusted = p->trusted
	};
	if (!smtp_client_ask(&p->stream, p->m->arena, "STARTTLS", &a, e))
		return failed(p, "starttls", "STARTTLS", e);
	if (a.code != 220) {
		findings_add(p->f, probe_state_of_code(a.code), "starttls",
		    "STARTTLS", "%s", first_line(p, &a));
		return err_set(e, ERR_NO, "%s", first_line(p, &a));
	}
	if (stream_waiting(&p->stream) > 0)
		findings_add(p->f, FINDING_FAIL, "starttls", "STARTTLS",
		    _("the peer sends bytes in clear behind STARTTLS"));
	if (!probe_tls_begin(p, &wish, e))
		return false;
	return say_hello(p, e);
}

/* Would a message for this address be taken? Nothing is sent. */
static bool
ask_recipient(struct probe *p, const char *recipient, struct err *e)
{
	const char *rcpt = arena_printf(p->m->arena, "RCPT TO:<%s>", recipient);
	struct smtp_answer a;
	struct str params;
	struct mail_path path;
	if (!mail_path_parse(
		str_of(arena_printf(p->m->arena, "<%s>", recipient)),
		MAIL_PATH_RECIPIENT, &path, &params, NULL)) {
		err_set(e, ERR_USAGE, _("'%s' is no address"), recipient);
		return failed(p, "recipient", N_("recipient"), e);
	}
	if (!smtp_client_ask(&p->stream, p->m->arena, "MAIL FROM:<>", &a, e))
		return failed(p, "sender", N_("sender"), e);
	if (a.code == 250 &&
	    !smtp_client_ask(&p->stream, p->m->arena, rcpt, &a, e))
		return failed(p, "recipient", N_("recipient"), e);
	findings_add(p->f,
	    a.code / 100 == 2 ? FINDING_OK : probe_state_of_code(a.code),
	    "recipient", N_("recipient"), "%s%s%s", first_line(p, &a),
	    a.code / 100 == 2 ? "" : _(": "),
	    a.code / 100 == 2 ? "" : refusal(a.code));
	return smtp_client_ask(&p->stream, p->m->arena, "RSET", &a, e);
}

void
probe_smtp(struct probe *p, const char *recipient)
{
	struct err e = ERR_INIT;
	struct smtp_answer bye;
	bool implicit = p->port == 465;
	struct tls_wish wish = {
		.name = p->host, .verify = true, .trusted = p->trusted
	};
	bool ok = probe_connect(p, &e) &&
		  (!implicit || probe_tls_begin(p, &wish, &e)) &&
		  probe_smtp_hello(p, &e);
	if (ok && !implicit && p->offers.starttls)
		ok = probe_smtp_starttls(p, &e);
	else if (ok && !implicit)
		findings_add(p->f, FINDING_WARN, "starttls", "STARTTLS",
		    _("not offered: mail travels in clear"));
	if (p->secure)
		probe_tls_findings(p);
	if (ok && recipient != NULL)
		ok = ask_recipient(p, recipient, &e);
	/* a server that says no is told goodbye as well */
	if (p->stream.fd >= 0 && (ok || e.code == ERR_NO))
		(void)!smtp_client_ask(
		    &p->stream, p->m->arena, "QUIT", &bye, &e);
	probe_close(p);
}
