/* The commands dns: records a domain should publish, and does. */
#include "core/model/records.h"

#include "cmd/app.h"
#include "cmd/app_dns.h"
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/diagnosis.h"
#include "cmd/findings.h"
#include "cmd/render.h"
#include "core/base/i18n.h"
#include "core/base/num.h"

enum {
	WAIT_FIRST_S = 5,
	WAIT_LONGEST_S = 60,
	WAIT_USUAL_S = 3600,
	MS_PER_S = 1000
};

static const char *
type_word(const struct record_wanted *r)
{
	return r->type == DNS_MX ? "MX" : "TXT";
}

/* A zone file: comments, then full names, so that it fits every zone. */
static void
records_show(struct app *app, const struct records *r)
{
	for (size_t i = 0; i < r->n; i++) {
		const struct record_wanted *w = &r->rows[i];
		if (w->offered && (i == 0 || !r->rows[i - 1].offered))
			render_line(app, "; %s", _("good to have:"));
		if (!w->offered && (i == 0 || r->rows[i - 1].offered))
			render_line(app, "; %s", _("needed:"));
		struct str value = record_value_quoted(app->arena, w);
		render_line(app, "%.*s. IN %s %.*s", STR_ARG(w->name),
		    type_word(w), STR_ARG(value));
	}
	for (size_t i = 0; i < r->n_notes; i++)
		render_line(app, "; %s", r->notes[i]);
}

static void
records_json(struct app *app, const struct records *r)
{
	struct json j;
	struct buf buf;
	render_json_begin(app, &j, &buf, "smemail.dns-print/1");
	json_key(&j, "domain");
	json_str(&j, r->domain);
	json_key(&j, "rows");
	json_array_begin(&j);
	for (size_t i = 0; i < r->n; i++) {
		const struct record_wanted *w = &r->rows[i];
		json_object_begin(&j);
		json_key(&j, "kind");
		json_cstr(&j, record_kind_word(w->kind));
		json_key(&j, "needed");
		json_bool(&j, !w->offered);
		json_key(&j, "name");
		json_str(&j, w->name);
		json_key(&j, "type");
		json_cstr(&j, type_word(w));
		json_key(&j, "value");
		json_str(&j, w->value);
		json_object_end(&j);
	}
	json_array_end(&j);
	json_key(&j, "notes");
	json_array_begin(&j);
	for (size_t i = 0; i < r->n_notes; i++)
		json_cstr(&j, r->notes[i]);
	json_array_end(&j);
	render_json_end(app, &j, &buf);
}

static int
domain_print(struct app *app, const char *domain, struct err *e)
{
	struct records r;
	struct dns *dns = app_dns(app, e);
	if (dns == NULL || !records_wanted(&app->model, dns, domain, &r, e))
		return err_exit_status(e->code);
	if (app->json)
		records_json(app, &r);
	else
		records_show(app, &r);
	return 0;
}

static int
print_run(struct app *app, const struct call *call, struct err *e)
{
	return domain_print(app, call->n_args > 0 ? call->args[0] : NULL, e);
}

/* The tool of the server of that name takes a domain and nothing else. */
static int
print_link_run(struct app *app, const struct call *call, struct err *e)
{
	if (call->n_args > 1 ||
	    (call->n_args == 1 && call->args[0][0] == '-')) {
		err_set(
		    e, ERR_USAGE, "%s", _("usage: qpsmtpd-print-dns [DOMAIN]"));
		return err_exit_status(e->code);
	}
	return print_run(app, call, e);
}

static void
findings_print_json(
    struct app *app, const char *schema, struct str subject, struct findings *f)
{
	struct json j;
	struct buf buf;
	render_json_begin(app, &j, &buf, schema);
	json_key(&j, "subject");
	json_str(&j, subject);
	findings_json(&j, f);
	render_json_end(app, &j, &buf);
}

static int
findings_tell(
    struct app *app, const char *schema, struct str subject, struct findings *f)
{
	if (!app->json)
		return findings_show(app, f);
	findings_print_json(app, schema, subject, f);
	return findings_exit(f);
}

static int
check_run(struct app *app, const struct call *call, struct err *e)
{
	struct records r;
	int64_t deadline_ms;
	struct findings *f = ARENA_NEW(app->arena, struct findings);
	struct dns *dns = app_dns(app, e);
	findings_init(f, app->arena);
	if (dns == NULL || !diagnosis_timeout(call, &deadline_ms, e) ||
	    !records_wanted(&app->model, dns,
		call->n_args > 0 ? call->args[0] : NULL, &r, e) ||
	    !records_check(&app->model, dns, &r, deadline_ms, f, e))
		return err_exit_status(e->code);
	return findings_tell(app, "smemail.dns-check/1", r.domain, f);
}

/* Look, and look again until it is well or the time is over. */
static bool
look_until(const struct model_ctx *m, struct app *app, const char *domain,
    int64_t end_ms, struct records *r, struct findings *f, struct err *e)
{
	int64_t pause_ms = WAIT_FIRST_S * MS_PER_S;
	struct dns *dns = app_dns(app, e);
	for (;;) {
		arena_reset(m->arena);
		findings_init(f, m->arena);
		if (dns == NULL || !records_wanted(m, dns, domain, r, e) ||
		    !records_check(m, dns, r, 0, f, e))
			return false;
		enum finding_state worst = findings_worst(f);
		int64_t left = end_ms - clock_mono_ms(app->clock);
		if ((worst != FINDING_FAIL && worst != FINDING_UNKNOWN) ||
		    left <= 0)
			return true;
		if (pause_ms < left)
			left = pause_ms;
		render_note(app, _("not yet; next look in %lld s"),
		    (long long)((left + MS_PER_S - 1) / MS_PER_S));
		clock_sleep_ms(app->clock, left);
		if (pause_ms < WAIT_LONGEST_S * MS_PER_S)
			pause_ms *= 2;
	}
}

static int
wait_run(struct app *app, const struct call *call, struct err *e)
{
	struct records r;
	int64_t limit_ms;
	struct findings *f = ARENA_NEW(app->arena, struct findings);
	if (!diagnosis_timeout(call, &limit_ms, e))
		return err_exit_status(e->code);
	int64_t end_ms = clock_mono_ms(app->clock) +
			 (limit_ms > 0 ? limit_ms : WAIT_USUAL_S * MS_PER_S);
	/* a look's memory goes with it: there may be hundreds */
	struct model_ctx m = app->model;
	m.arena = app_arena_new();
	bool ok = look_until(
	    &m, app, call->n_args > 0 ? call->args[0] : NULL, end_ms, &r, f, e);
	int status = ok ? findings_tell(app, "smemail.dns-wait/1", r.domain, f)
			: err_exit_status(e->code);
	arena_free(m.arena);
	return status;
}

static int
ptr_run(struct app *app, const struct call *call, struct err *e)
{
	struct findings *f = ARENA_NEW(app->arena, struct findings);
	const char *address = call->n_args > 0 ? call->args[0] : NULL;
	struct dns *dns = app_dns(app, e);
	findings_init(f, app->arena);
	if (dns == NULL || !records_reverse(&app->model, dns, address,
			       call_option(call, "helo"), f, e))
		return err_exit_status(e->code);
	return findings_tell(app, "smemail.dns-ptr/1", str_of(address), f);
}

const struct command command_dns_print = {
	.words = "dns print",
	.summary = N_("records to publish for a domain"),
	.text = N_("Prints, as lines of a zone file, what DOMAIN (or the "
		   "primary domain) should publish: its DKIM keys, an SPF "
		   "record with the addresses mail really leaves from and the "
		   "smarthost, a DMARC record; and what is good to have: MX, "
		   "TLS-RPT, MTA-STS. Long keys are split into strings of 255. "
		   "SPF is a TXT record; the type SPF is obsolete."),
	.args = { { .name = "DOMAIN",
	    .kind = ARG_DOMAIN,
	    .count = ARG_OPTIONAL } },
	.run = print_run,
};

const struct command command_print_dns = {
	.words = "qpsmtpd-print-dns",
	.summary = N_("the tool of this name: dns print"),
	.text = N_("Prints the records to publish for DOMAIN, or for the "
		   "primary domain."),
	.args = { { .name = "DOMAIN",
	    .kind = ARG_DOMAIN,
	    .count = ARG_OPTIONAL } },
	.flags = COMMAND_RAW | COMMAND_HIDDEN,
	.run = print_link_run,
};

const struct command command_dns_check = {
	.words = "dns check",
	.summary = N_("compare what is published with what should be"),
	.text = N_("Asks every authoritative server of DOMAIN (or the primary "
		   "domain) for each record of 'dns print'. A DKIM key must "
		   "be that of the key file; an SPF record of one's own is "
		   "right when it lets this server send; there must be one "
		   "record of each kind. Servers whose serial lags behind are "
		   "named. Exit status 1 when something is wrong or missing, "
		   "111 when something could not be tested."),
	.args = { { .name = "DOMAIN",
	    .kind = ARG_DOMAIN,
	    .count = ARG_OPTIONAL } },
	.options = {
		{ .name = "timeout",
		    .value = "SECONDS",
		    .kind = ARG_INT,
		    .help = N_("wait so long for an answer; 10") },
	},
	.run = check_run,
};

const struct command command_dns_wait = {
	.words = "dns wait",
	.summary = N_("wait until all name servers publish the records"),
	.text = N_("Repeats 'dns check' until nothing fails, at first every "
		   "5 seconds, then every minute. Exit status as of 'dns "
		   "check' when the time is over."),
	.args = { { .name = "DOMAIN",
	    .kind = ARG_DOMAIN,
	    .count = ARG_OPTIONAL } },
	.options = {
		{ .name = "timeout",
		    .value = "SECONDS",
		    .kind = ARG_INT,
		    .help = N_("give up after so long; 3600") },
	},
	.run = wait_run,
};

const struct command command_dns_ptr = {
	.words = "dns ptr",
	.summary = N_("reverse name, its way back, and the HELO name"),
	.text = N_("For ADDRESS, those of a host name, or each public address "
		   "of this server: is "
		   "there a reverse name (PTR), does it lead back to the "
		   "address, and is it the HELO name. Receivers refuse or "
		   "distrust mail where that is not so. Exit status 1 when "
		   "something fails, 111 when something could not be tested."),
	.args = { { .name = "ADDRESS",
	    .kind = ARG_HOST,
	    .count = ARG_OPTIONAL } },
	.options = { { .name = "helo",
	    .value = "NAME",
	    .kind = ARG_HOST,
	    .help = N_("HELO name to compare with") } },
	.flags = COMMAND_NO_ROOT,
	.run = ptr_run,
};
