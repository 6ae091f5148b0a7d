/* dkim rotate: one command for the three steps of a change of keys. */
#include "cmd/app_dns.h"
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/dkim.h"
#include "cmd/findings.h"
#include "cmd/render.h"
#include "core/base/i18n.h"
#include "core/base/num.h"
#include "core/model/dkim_rotate.h"

enum {
	EXIT_PENDING = 3,
	POLL_MS = 15000,
	WAIT_MINUTES_MAX = 7 * 24 * 60
};

static const char *
state_word(enum dkim_rotation s)
{
	static const char *const words[] = { "made", "waiting", "switched",
		"kept", "retired" };
	return words[s];
}

static void
rotate_json(struct app *app, const struct dkim_rotate *r,
    const struct findings *f, struct str record, bool dry_run)
{
	struct json j;
	struct buf buf;
	render_json_begin(app, &j, &buf, "smemail.dkim-rotate/1");
	json_key(&j, "state");
	json_cstr(&j, state_word(r->state));
	json_key(&j, "dry_run");
	json_bool(&j, dry_run);
	json_key(&j, "domain");
	json_cstr(&j, r->own.domain);
	json_key(&j, "selector");
	json_cstr(&j, r->own.selector);
	json_key(&j, "old_selector");
	json_cstr(&j, r->old_selector);
	json_key(&j, "value");
	json_str(&j, record);
	json_key(&j, "until");
	json_int(&j, r->until_s);
	findings_json(&j, f);
	render_json_end(app, &j, &buf);
}

/* What is to be published. */
static void
tell_record(struct app *app, const struct dkim_rotate *r, struct str record)
{
	render_line(app, "%s._domainkey.%s. IN TXT %.*s", r->own.selector,
	    r->own.domain,
	    STR_ARG(dkim_record_quoted(app->arena, record, " ")));
}

static void
tell(struct app *app, const struct dkim_rotate *r, const struct findings *f,
    struct str record)
{
	const char *domain = r->own.domain;
	switch (r->state) {
	case DKIM_ROTATION_MADE:
		tell_record(app, r, record);
		render_note(app,
		    _("a new key is made; %s signs until this record is on "
		      "every name server"),
		    r->old_selector);
		render_next(app, "smemail dkim rotate %s%s", domain,
		    dkim_own_option(&r->own));
		break;
	case DKIM_ROTATION_WAITING:
		findings_show(app, f);
		tell_record(app, r, record);
		render_note(app,
		    _("%s is not on every name server: %s goes on signing"),
		    r->own.selector, r->old_selector);
		render_next(app, "smemail dkim rotate %s%s --wait 60", domain,
		    dkim_own_option(&r->own));
		break;
	case DKIM_ROTATION_SWITCHED:
		render_line(app, _("%s signs now"), r->own.selector);
		render_note(app, _("keep the record of %s until %s"),
		    r->old_selector, dkim_time_shown(app, r->until_s));
		render_next(app, "smemail dkim rotate %s%s --retire", domain,
		    dkim_own_option(&r->own));
		break;
	case DKIM_ROTATION_KEPT:
		render_note(app,
		    _("keep the record of %s until %s: mail signed with it "
		      "may be under way"),
		    r->old_selector, dkim_time_shown(app, r->until_s));
		break;
	case DKIM_ROTATION_RETIRED:
		render_line(app,
		    _("the old key is removed; take %s._domainkey.%s out of "
		      "the DNS"),
		    r->old_selector, domain);
		break;
	}
}

/* The step that would be done now; the key made for it is thrown away. */
static void
tell_dry(struct app *app, const struct dkim_rotate *r, const struct findings *f)
{
	static const char *const steps[] = {
		[DKIM_ROTATION_MADE] = N_("would make a key with a new "
					  "selector"),
		[DKIM_ROTATION_WAITING] =
		    N_("would wait: the new record is not on every name "
		       "server"),
		[DKIM_ROTATION_SWITCHED] = N_("would sign with the new key"),
		[DKIM_ROTATION_KEPT] = N_("would keep the old key: its week "
					  "is not over"),
		[DKIM_ROTATION_RETIRED] = N_("would remove the old key"),
	};
	findings_show(app, f);
	render_line(app, "%s", _(steps[r->state]));
	render_dry_run(app);
}

static int
exit_of(enum dkim_rotation s)
{
	return s == DKIM_ROTATION_SWITCHED || s == DKIM_ROTATION_RETIRED
		   ? 0
		   : EXIT_PENDING;
}

/* Again and again until switched, or the minutes are over. */
static bool
rotate(struct app *app, const struct crypto *c, const struct dkim_wish *wish,
    int64_t minutes, struct findings *f, struct dkim_rotate *r, struct err *e)
{
	struct dns *dns = app_dns(app, e);
	int64_t end = clock_mono_ms(app->clock) + minutes * 60000;
	while (dns != NULL) {
		if (!dkim_rotate(&app->model, c, dns, wish, f, r, e))
			return false;
		if (r->state == DKIM_ROTATION_SWITCHED ||
		    clock_mono_ms(app->clock) >= end)
			return true;
		dkim_own_clear(c, &r->own);
		clock_sleep_ms(app->clock, POLL_MS);
	}
	return false;
}

static int
run_rotate(struct app *app, const struct call *call, struct err *e)
{
	struct findings *f = ARENA_NEW(app->arena, struct findings);
	const struct crypto *c = crypto_load(e);
	const char *bits = call_option(call, "bits");
	const char *wait = call_option(call, "wait");
	int64_t n = DKIM_RSA_BITS_GOOD, minutes = 0;
	struct dkim_rotate r = { 0 };
	struct str record = STR_EMPTY;
	bool ok = c != NULL;
	if (ok && bits != NULL &&
	    !num_parse_i64(str_of(bits), 0, CRYPTO_RSA_BITS_MAX, &n))
		ok =
		    err_set(e, ERR_USAGE, _("'%s' is no number of bits"), bits);
	if (ok && wait != NULL &&
	    !num_parse_i64(str_of(wait), 1, WAIT_MINUTES_MAX, &minutes))
		ok = err_set(
		    e, ERR_USAGE, _("'%s' is no number of minutes"), wait);
	struct dkim_wish wish = { .domain = call->args[0],
		.selector = call_option(call, "selector"),
		.kind = call_has(call, "ed25519") ? CRYPTO_ED25519 : CRYPTO_RSA,
		.bits = (unsigned)n,
		.dry_run = call_has(call, "dry-run") };
	if (ok && call_has(call, "retire"))
		ok = dkim_retire(
		    &app->model, c, &wish, call_has(call, "now"), &r, e);
	else if (ok)
		ok =
		    rotate(app, c, &wish, wish.dry_run ? 0 : minutes, f, &r, e);
	ok = ok && (wish.dry_run || dkim_own_record(&app->model, c, &r.own,
					false, &record, e));
	if (ok && app->json)
		rotate_json(app, &r, f, record, wish.dry_run);
	else if (ok && wish.dry_run)
		tell_dry(app, &r, f);
	else if (ok)
		tell(app, &r, f, record);
	if (c != NULL)
		dkim_own_clear(c, &r.own);
	return ok ? exit_of(r.state) : err_exit_status(e->code);
}

const struct command command_dkim_rotate = {
	.words = "dkim rotate",
	.summary = N_("change a domain's key without losing a signature"),
	.text = N_("Does the next step: makes a key with a new selector and "
		   "shows its record; switches to it when every authoritative "
		   "name server has the record; with --retire removes the old "
		   "key a week later. The Ed25519 key beside the RSA key is "
		   "changed with --ed25519; the other goes on signing. Exit "
		   "status 3 while something is waited for."),
	.args = { { "DOMAIN", ARG_DOMAIN, ARG_ONE, NULL } },
	.options = { { "selector", 0, "NAME", ARG_TEXT,
			 N_("of the new key (default: year and month)") },
	    { "bits", 0, "N", ARG_INT, N_("of the new key (default 2048)") },
	    { "ed25519", 0, NULL, ARG_TEXT,
		N_("the Ed25519 key in place of the RSA key") },
	    { "wait", 0, "MINUTES", ARG_INT,
		N_("ask again until it can be switched, so long") },
	    { "retire", 0, NULL, ARG_TEXT, N_("remove the old key") },
	    { "now", 0, NULL, ARG_TEXT,
		N_("with --retire: do not wait for the week to end") },
	    DRY_RUN_OPTION },
	.flags = COMMAND_CHANGES,
	.run = run_rotate,
};
