/* dkim keygen, dkim show: the keys of this server. */
#include "cmd/app.h"
#include "cmd/app_dns.h"
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/findings.h"
#include "cmd/render.h"
#include "core/base/i18n.h"
#include "core/base/num.h"
#include "core/model/dkim.h"
#include "core/model/dkim_check.h"

#include <string.h>

static const char *const forms[] = { "zone", "line", "registrar", NULL };

static const char *
kind_shown(struct app *app, const struct dkim_own *own)
{
	return own->kind == CRYPTO_ED25519
		   ? "Ed25519"
		   : arena_printf(app->arena, "RSA %u", own->bits);
}

/* Name of the record below the domain's zone. */
static const char *
record_host(struct app *app, const struct dkim_own *own)
{
	return arena_printf(app->arena, "%s._domainkey", own->selector);
}

static void
record_json(struct app *app, const struct dkim_own *own, struct str record)
{
	struct json j;
	struct buf buf;
	render_json_begin(app, &j, &buf, "smemail.dkim-show/1");
	json_key(&j, "domain");
	json_cstr(&j, own->domain);
	json_key(&j, "selector");
	json_cstr(&j, own->selector);
	json_key(&j, "name");
	json_cstr(&j, arena_printf(app->arena, "%s.%s", record_host(app, own),
			  own->domain));
	json_key(&j, "type");
	json_cstr(&j, "TXT");
	json_key(&j, "value");
	json_str(&j, record);
	json_key(&j, "strings");
	json_array_begin(&j);
	for (size_t at = 0; at < record.len; at += DKIM_STRING_MAX)
		json_str(&j, str_sub(record, at, at + DKIM_STRING_MAX));
	json_array_end(&j);
	json_key(&j, "key");
	json_cstr(&j, kind_shown(app, own));
	json_key(&j, "bits");
	json_int(&j, own->bits);
	json_key(&j, "file");
	json_cstr(&j, own->private_path);
	json_key(&j, "shared");
	json_bool(&j, own->shared);
	render_json_end(app, &j, &buf);
}

static void
record_print(struct app *app, const struct dkim_own *own, struct str record,
    const char *form)
{
	const char *host = record_host(app, own);
	if (strcmp(form, "registrar") == 0) {
		render_line(app, _("name   %s"), host);
		render_line(app, _("type   TXT"));
		render_line(app, _("value  %.*s"), STR_ARG(record));
	} else if (strcmp(form, "line") == 0) {
		struct str q = dkim_record_quoted(app->arena, record, " ");
		render_line(
		    app, "%s.%s. IN TXT %.*s", host, own->domain, STR_ARG(q));
	} else {
		struct str rest = dkim_record_quoted(app->arena, record, "\n");
		struct str line;
		render_line(app, "%s.%s. IN TXT (", host, own->domain);
		while (str_next_line(&rest, &line))
			render_line(app, "    %.*s", STR_ARG(line));
		render_line(app, "    )");
	}
}

static bool
record_show(struct app *app, const struct crypto *c, const struct dkim_own *own,
    const char *form, bool testing, struct err *e)
{
	struct str record;
	if (!dkim_own_record(&app->model, c, own, testing, &record, e))
		return false;
	if (app->json)
		record_json(app, own, record);
	else
		record_print(app, own, record, form != NULL ? form : forms[0]);
	return true;
}

static enum crypto_kind
kind_of(const struct call *call)
{
	return call_has(call, "ed25519") ? CRYPTO_ED25519 : CRYPTO_RSA;
}

static bool
form_is_known(const char *form, struct err *e)
{
	for (size_t i = 0; form != NULL && forms[i] != NULL; i++) {
		if (strcmp(form, forms[i]) == 0)
			return true;
	}
	return form == NULL ||
	       err_set(e, ERR_USAGE,
		   _("'%s' is no form: zone, line or registrar"), form);
}

static int
run_show(struct app *app, const struct call *call, struct err *e)
{
	struct dkim_own own = { 0 };
	const char *form = call_option(call, "form");
	const struct crypto *c = form_is_known(form, e) ? crypto_load(e) : NULL;
	bool ok = c != NULL && dkim_own_find(&app->model, c, DKIM_KEYS_DIR,
				   call->args[0], kind_of(call), &own, e);
	ok =
	    ok && record_show(app, c, &own, form, call_has(call, "testing"), e);
	if (ok && own.shared && !app->json)
		render_note(app,
		    _("this is the key that all domains share: '%s'"),
		    own.private_path);
	if (c != NULL)
		dkim_own_clear(c, &own);
	return ok ? 0 : err_exit_status(e->code);
}

const struct command command_dkim_show = {
	.words = "dkim show",
	.summary = N_("show the record to publish for a domain's key"),
	.text =
	    N_("zone is for a zone file, line the same on one line, registrar "
	       "the bare fields that a web form asks for. A TXT string holds "
	       "255 bytes: the first two forms are split there, receivers "
	       "join the parts. Paste the value of the third whole."),
	.args = { { "DOMAIN", ARG_DOMAIN, ARG_ONE, NULL } },
	.options = { { "form", 0, "FORM", ARG_TEXT,
			 N_("zone, line or registrar") },
	    { "ed25519", 0, NULL, ARG_TEXT,
		N_("the Ed25519 key of the domain") },
	    { "testing", 0, NULL, ARG_TEXT,
		N_("with t=y: receivers treat the mail as unsigned") } },
	.run = run_show,
};

/* A domain's own words on what to do next. */
static void
keygen_notes(struct app *app, const struct dkim_own *own)
{
	render_note(app, _("%s key of %s written to '%s'"),
	    kind_shown(app, own), own->domain, own->private_path);
	if (own->kind == CRYPTO_RSA && own->bits < DKIM_RSA_BITS_GOOD)
		render_note(app,
		    _("warning: %u bits are weak; use them only where the DNS "
		      "provider cannot hold a longer record, and try first "
		      "to enter it split in strings: smemail dkim show %s"),
		    own->bits, own->domain);
	render_next(app, "smemail dkim check %s", own->domain);
}

static int
run_keygen(struct app *app, const struct call *call, struct err *e)
{
	struct dkim_own own = { 0 };
	const char *bits = call_option(call, "bits");
	int64_t n = DKIM_RSA_BITS_GOOD;
	if (bits != NULL &&
	    !num_parse_i64(str_of(bits), 0, CRYPTO_RSA_BITS_MAX, &n)) {
		err_set(e, ERR_USAGE, _("'%s' is no number of bits"), bits);
		return err_exit_status(e->code);
	}
	struct dkim_wish wish = { .domain = call->args[0],
		.selector = call_option(call, "selector"),
		.kind = kind_of(call),
		.bits = (unsigned)n,
		.replace = call_has(call, "replace"),
		.dry_run = call_has(call, "dry-run") };
	const struct crypto *c = crypto_load(e);
	bool ok = c != NULL &&
		  dkim_own_make(&app->model, c, DKIM_KEYS_DIR, &wish, &own, e);
	/* of a key that is thrown away the record would mislead */
	ok = ok && (wish.dry_run || record_show(app, c, &own, NULL,
					call_has(call, "testing"), e));
	if (ok && wish.dry_run && app->json) {
		record_json(app, &own, STR(""));
	} else if (ok && wish.dry_run) {
		render_line(app, _("would make %s of %s in '%s'"),
		    kind_shown(app, &own), own.domain, own.private_path);
		render_dry_run(app);
	} else if (ok && !app->json) {
		keygen_notes(app, &own);
	}
	if (c != NULL)
		dkim_own_clear(c, &own);
	return ok ? 0 : err_exit_status(e->code);
}

const struct command command_dkim_keygen = {
	.words = "dkim keygen",
	.summary = N_("make a key for a domain and show its record"),
	.text = N_("The key goes to /home/e-smith/dkim_keys/DOMAIN as private, "
		   "public and selector, readable by the daemon alone. DOMAIN "
		   "\"default\" is the key that domains without their own "
		   "share. Signing begins with dkim.signing; publish the "
		   "record first."),
	.args = { { "DOMAIN", ARG_DOMAIN, ARG_ONE, NULL } },
	.options = { { "bits", 0, "N", ARG_INT,
			 N_("2048, or 1024 where the DNS takes no more") },
	    { "ed25519", 0, NULL, ARG_TEXT,
		N_("a second key of this kind, beside the RSA one") },
	    { "selector", 0, "NAME", ARG_TEXT,
		N_("selector (default \"default\", or \"ed25519\")") },
	    { "replace", 0, NULL, ARG_TEXT,
		N_("set an existing key aside as private.old") },
	    { "testing", 0, NULL, ARG_TEXT, N_("show the record with t=y") },
	    DRY_RUN_OPTION },
	.flags = COMMAND_CHANGES,
	.run = run_keygen,
};

static void
check_json(struct app *app, const char *domain, const struct findings *f)
{
	struct json j;
	struct buf buf;
	render_json_begin(app, &j, &buf, "smemail.dkim-check/1");
	json_key(&j, "domain");
	json_cstr(&j, domain);
	findings_json(&j, f);
	render_json_end(app, &j, &buf);
}

static int
run_check(struct app *app, const struct call *call, struct err *e)
{
	struct findings *f = ARENA_NEW(app->arena, struct findings);
	const char *domain = call->args[0];
	const struct crypto *c = crypto_load(e);
	struct dns *dns = c != NULL ? app_dns(app, e) : NULL;
	if (dns == NULL || !dkim_check(&app->model, c, dns, domain,
			       call_option(call, "send-probe"), f, e))
		return err_exit_status(e->code);
	if (!app->json)
		return findings_show(app, f);
	check_json(app, domain, f);
	return findings_exit(f);
}

const struct command command_dkim_check = {
	.words = "dkim check",
	.summary = N_("check a domain's key and its published record"),
	.text =
	    N_("Setting, key file, rights and selector; the record on each "
	       "authoritative name server compared with the key file; t=y, "
	       "short keys, a doubled p=; a probe that is signed as "
	       "the daemon does and verified as a receiver would; and how many "
	       "of the messages sent today were signed, by the filter's "
	       "log. \"????\" is what could not be tested."),
	.args = { { "DOMAIN", ARG_DOMAIN, ARG_ONE, NULL } },
	.options = { { "send-probe", 0, "ADDRESS", ARG_HOST,
	    N_("send a message to this address through this server; what it "
	       "answers comes to postmaster of the domain") } },
	.run = run_check,
};
