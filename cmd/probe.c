/* smtp probe, smtp relay-test, tls probe, smarthost test. */
#include "core/model/probe.h"

#include "cmd/app_dns.h"
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/diagnosis.h"
#include "cmd/findings.h"
#include "cmd/render.h"
#include "core/base/i18n.h"

#include <string.h>

enum {
	PORT_SMTP = 25,
	PORT_TLS = 443
};

static bool
probe_begin(
    struct app *app, const struct call *call, struct probe *p, struct err *e)
{
	int64_t limit_ms;
	*p = (struct probe){ .m = &app->model,
		.f = ARENA_NEW(app->arena, struct findings),
		.own_name = app_host(app) };
	findings_init(p->f, app->arena);
	stream_init(&p->stream, app->clock, 0);
	if (!diagnosis_timeout(call, &limit_ms, e))
		return false;
	if (limit_ms == 0)
		limit_ms = PROBE_SECONDS * 1000;
	p->deadline_ms = clock_mono_ms(app->clock) + limit_ms;
	p->dns = app_dns(app, e);
	return p->dns != NULL;
}

static void
certificate_json(struct json *j, const struct tls_certificate *c)
{
	json_object_begin(j);
	json_key(j, "subject");
	json_str(j, c->subject);
	json_key(j, "issuer");
	json_str(j, c->issuer);
	json_key(j, "not_before");
	json_int(j, c->not_before);
	json_key(j, "not_after");
	json_int(j, c->not_after);
	json_key(j, "key");
	json_str(j, c->key);
	json_key(j, "signed_with");
	json_str(j, c->signed_with);
	json_key(j, "names");
	json_array_begin(j);
	for (size_t i = 0; i < c->n_names; i++)
		json_str(j, c->names[i]);
	json_array_end(j);
	json_object_end(j);
}

static void
tls_json(struct json *j, const struct tls_facts *t)
{
	json_key(j, "tls");
	if (t->version == 0) {
		json_null(j);
		return;
	}
	json_object_begin(j);
	json_key(j, "version");
	json_str(j, t->version_name);
	json_key(j, "cipher");
	json_str(j, t->cipher);
	json_key(j, "verified");
	json_bool(j, t->verified);
	json_key(j, "reason");
	json_str(j, t->reason);
	json_key(j, "name_matches");
	json_bool(j, t->name_matches);
	json_key(j, "chain");
	json_array_begin(j);
	for (size_t i = 0; i < t->n_chain; i++)
		certificate_json(j, &t->chain[i]);
	json_array_end(j);
	json_object_end(j);
}

static int
probe_show(struct app *app, const struct probe *p, const char *schema)
{
	struct json j;
	struct buf buf;
	char addr[NET_ADDR_TEXT_SIZE];
	if (!app->json)
		return findings_show(app, p->f);
	render_json_begin(app, &j, &buf, schema);
	json_key(&j, "host");
	json_cstr(&j, p->host);
	json_key(&j, "port");
	json_int(&j, p->port);
	json_key(&j, "address");
	json_cstr(&j, net_addr_format(&p->addr, addr));
	tls_json(&j, &p->tls);
	findings_json(&j, p->f);
	render_json_end(app, &j, &buf);
	return findings_exit(p->f);
}

static int
run_smtp_probe(struct app *app, const struct call *call, struct err *e)
{
	struct probe p;
	if (!probe_begin(app, call, &p, e) ||
	    !probe_target(&p, call->args[0], PORT_SMTP, e))
		return err_exit_status(e->code);
	p.trusted = call_option(call, "trusted");
	probe_smtp(&p, call_option(call, "rcpt"));
	return probe_show(app, &p, "smemail.smtp-probe/1");
}

static int
run_tls_probe(struct app *app, const struct call *call, struct err *e)
{
	static const char *const known[] = { "smtp", "imap", "pop3", "tls" };
	const char *protocol = call_option(call, "starttls");
	struct probe p;
	bool ok = protocol == NULL;
	for (size_t i = 0; !ok && i < ARRAY_LEN(known); i++)
		ok = strcmp(protocol, known[i]) == 0;
	if (!ok)
		err_set(e, ERR_USAGE,
		    _("--starttls takes smtp, imap, pop3 or tls, not '%s'"),
		    protocol);
	if (!ok || !probe_begin(app, call, &p, e) ||
	    !probe_target(&p, call->args[0], PORT_TLS, e))
		return err_exit_status(e->code);
	p.trusted = call_option(call, "trusted");
	probe_tls(&p, protocol);
	return probe_show(app, &p, "smemail.tls-probe/1");
}

static int
run_relay_test(struct app *app, const struct call *call, struct err *e)
{
	struct probe p;
	const char *host = call->n_args > 0 ? call->args[0] : app_host(app);
	if (!probe_begin(app, call, &p, e) ||
	    !probe_target(&p, host, PORT_SMTP, e))
		return err_exit_status(e->code);
	/* a stranger's greeting, not that of this server */
	p.own_name = "probe.example.net";
	probe_relay(&p);
	return probe_show(app, &p, "smemail.smtp-relay-test/1");
}

static int
run_smarthost(struct app *app, const struct call *call, struct err *e)
{
	struct probe p;
	if (!probe_begin(app, call, &p, e))
		return err_exit_status(e->code);
	p.trusted = call_option(call, "trusted");
	if (!probe_smarthost(&p, e))
		return err_exit_status(e->code);
	return probe_show(app, &p, "smemail.smarthost-test/1");
}

#define OPTION_TIMEOUT                                                         \
	{                                                                      \
		"timeout", 0, "SECONDS", ARG_INT,                              \
		    N_("give up after so long (default 30)")                   \
	}
#define OPTION_TRUSTED                                                         \
	{                                                                      \
		"trusted", 0, "FILE", ARG_FILE,                                \
		    N_("certificates to trust (PEM) in place of the "          \
		       "system's")                                             \
	}

const struct command command_smtp_probe = {
	.words = "smtp probe",
	.summary = N_("talk to a mail server and tell what it offers"),
	.text = N_("One polite connection: banner, EHLO, STARTTLS with the "
		   "certificate, logins offered, size, and how long each took; "
		   "a refusal with its code and what it means for the queue. "
		   "HOST is a name or an address, with :PORT where it is not "
		   "25."),
	.args = { { "HOST", ARG_HOST, ARG_ONE, NULL } },
	.options = { { "rcpt", 0, "ADDRESS", ARG_HOST,
			 N_("ask whether it takes mail for this address; "
			    "nothing is sent") },
	    OPTION_TIMEOUT, OPTION_TRUSTED },
	.flags = COMMAND_NO_ROOT,
	.run = run_smtp_probe,
};

const struct command command_smtp_relay_test = {
	.words = "smtp relay-test",
	.summary = N_("test whether a server relays for strangers"),
	.text = N_("Tries the ways that open relays are found by, as far as "
		   "RCPT; no message is sent. From a network that may relay a "
		   "yes proves nothing, and is told as ????. Without HOST this "
		   "server is tested."),
	.args = { { "HOST", ARG_HOST, ARG_OPTIONAL, NULL } },
	.options = { OPTION_TIMEOUT },
	.flags = COMMAND_NO_ROOT,
	.run = run_relay_test,
};

const struct command command_tls_probe = {
	.words = "tls probe",
	.summary = N_("look at the TLS of a server"),
	.text = N_("Versions, cipher, certificates, names, expiry and key; "
		   "whether trusted certificates vouch for it, and TLSA "
		   "records (DANE) where there are any. STARTTLS is spoken on "
		   "the ports of SMTP, IMAP and POP3."),
	.args = { { "HOST:PORT", ARG_HOST, ARG_ONE, NULL } },
	.options = { { "starttls", 0, "PROTOCOL", ARG_TEXT,
			 N_("smtp, imap, pop3, or tls for none") },
	    OPTION_TIMEOUT, OPTION_TRUSTED },
	.flags = COMMAND_NO_ROOT,
	.run = run_tls_probe,
};

const struct command command_smarthost_test = {
	.words = "smarthost test",
	.summary = N_("test the provider's server with its login"),
	.text = N_("Connects to the smarthost of the settings, begins TLS and "
		   "logs in as the server does. No message is sent. The "
		   "password is never sent in clear and never shown."),
	.options = { OPTION_TIMEOUT, OPTION_TRUSTED },
	.run = run_smarthost,
};
