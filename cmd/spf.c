/* spf check and spf query: would this client be allowed? */
#include "cmd/spf.h"

#include "cmd/app_dns.h"
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/render.h"
#include "core/auth/spf_record.h"
#include "core/auth/spf_second.h"
#include "core/base/i18n.h"
#include "core/mail/idna.h"

enum {
	ANSWER_NO = 1,
	JSON_MAX = 1 << 20
};

int
spf_exit_status(enum spf_result result)
{
	if (result == SPF_PASS)
		return 0;
	return result == SPF_TEMPERROR ? err_exit_status(ERR_TEMPORARY)
				       : ANSWER_NO;
}

bool
spf_ip_parse(const char *text, struct net_addr *out, struct err *e)
{
	struct str s = str_of(text);
	if (s.len > 1 && s.ptr[0] == '[' && s.ptr[s.len - 1] == ']')
		s = str_sub(s, 1, s.len - 1);
	if (str_starts_nocase(s, STR("IPv6:")))
		s = str_sub(s, strlen("IPv6:"), s.len);
	return net_addr_parse(s, out) ||
	       err_set(e, ERR_USAGE, _("'%s' is not an IP address"), text);
}

void
spf_json_uint(struct json *j, const char *key, unsigned value)
{
	json_key(j, key);
	json_int(j, value);
}

struct str
spf_sender_ascii(struct app *app, const char *text)
{
	struct str s = str_of(text != NULL ? idna_typed(app->arena, text) : "");
	/* "<...>" as it stands in the log */
	if (s.len > 1 && s.ptr[0] == '<' && s.ptr[s.len - 1] == '>')
		s = str_sub(s, 1, s.len - 1);
	return s;
}

static bool
record_check(const char *text, struct err *e)
{
	return spf_record_is(str_of(text)) ||
	       err_set(e, ERR_USAGE,
		   _("'%s' is no SPF record: it has to begin with 'v=spf1'"),
		   text);
}

/* What one call asks, and what came of it. */
struct check {
	struct app *app;
	struct dns *dns;
	struct dns_how how;
	struct facts facts;
	struct spf_request request;
	struct spf_given given; /* --record */
	struct spf_outcome own;
	bool ask_own, ask_second;
	bool second_done;
	enum spf_result second;
	struct err second_error;
	int64_t elapsed_ms;
};

static bool
engine_parse(struct check *c, const char *name, struct err *e)
{
	static const char *const engines[] = { "own", "libspf2", "both" };
	size_t i = 0;
	while (name != NULL && i < ARRAY_LEN(engines) &&
	       strcmp(name, engines[i]) != 0)
		i++;
	c->ask_own = i != 1;
	c->ask_second = i != 0;
	return i < ARRAY_LEN(engines) ||
	       err_set(e, ERR_USAGE,
		   _("unknown engine '%s': own, libspf2 or both"), name);
}

static bool
request_parse(struct check *c, const struct call *call, struct err *e)
{
	const char *ip = call_option(call, "ip");
	const char *sender = call_option(call, "sender");
	const char *helo = call_option(call, "helo");
	const char *record = call_option(call, "record");
	struct spf_request *q = &c->request;
	if (!engine_parse(c, call_option(call, "engine"), e))
		return false;
	if (ip == NULL || (sender == NULL && helo == NULL))
		return err_set(e, ERR_USAGE,
		    _("spf check needs --ip, and --sender or --helo"));
	if (!spf_ip_parse(ip, &q->ip, e))
		return false;
	q->sender = spf_sender_ascii(c->app, sender);
	q->helo = spf_sender_ascii(c->app, helo);
	if (record == NULL)
		return true;
	c->given.record = str_of(record);
	q->given = &c->given;
	q->n_given = 1;
	c->ask_own = true;
	c->ask_second = false; /* it asks for what is published */
	return record_check(record, e) &&
	       fact_domain_parse(c->app->arena,
		   arena_cstr(
		       c->app->arena, q->sender.len > 0 ? q->sender : q->helo),
		   &c->given.domain, e);
}

static bool
check_run(struct check *c, struct err *e)
{
	struct app *app = c->app;
	int64_t start = clock_mono_ms(app->clock);
	c->dns = app_dns(app, e);
	if (c->dns == NULL)
		return false;
	facts_init(&c->facts, app->arena);
	c->request.explain = true;
	c->request.ahead = true;
	c->request.receiver = str_of(app_host(app));
	c->request.now_s = clock_wall_s(app->clock);
	if (c->ask_own)
		spf_check_wait(&c->request, &c->facts, app->arena, c->dns,
		    &c->how, &c->own);
	if (c->ask_second)
		c->second_done = spf_second_check(&c->request, &c->facts,
		    c->dns, &c->how, app->clock, &c->second, &c->second_error);
	c->elapsed_ms = clock_mono_ms(app->clock) - start;
	facts_clear(&c->facts);
	/* a second opinion alone that cannot be had is a failure */
	if (c->ask_own || c->second_done)
		return true;
	*e = c->second_error;
	return false;
}

static const char *
second_words(struct check *c)
{
	if (!c->second_done)
		return arena_printf(c->app->arena, _("could not test: %s"),
		    c->second_error.text);
	if (!c->ask_own)
		return spf_result_word(c->second);
	return arena_printf(c->app->arena,
	    c->second == c->own.result ? _("%s, the same") : _("%s, DIFFERENT"),
	    spf_result_word(c->second));
}

static void
check_show(struct check *c)
{
	struct app *app = c->app;
	const struct spf_outcome *o = &c->own;
	if (c->ask_own) {
		render_prose(app, 11, "%-10s %s", spf_result_word(o->result),
		    o->reason.ptr != NULL ? o->reason.ptr : "");
		render_prose(app, 11, "%-10s %s %.*s", _("identity"),
		    o->is_helo ? "HELO" : "MAIL FROM", STR_ARG(o->domain));
		if (o->mechanism.len > 0)
			render_prose(app, 11, "%-10s %.*s (%.*s)", _("term"),
			    STR_ARG(o->mechanism), STR_ARG(o->where));
		render_prose(app, 11, "%-10s %s", _("lookups"),
		    arena_printf(app->arena,
			_("%u of %d, without an answer %u of %d"), o->lookups,
			SPF_LOOKUPS_MAX, o->voids, SPF_VOIDS_MAX));
		if (o->record.len > 0)
			render_prose(app, 11, "%-10s %.*s", _("record"),
			    STR_ARG(o->record));
		if (o->explanation.len > 0)
			render_prose(app, 11, "%-10s %.*s", _("they say"),
			    STR_ARG(o->explanation));
	}
	if (c->ask_second)
		render_prose(app, 11, "%-10s %s", "libspf2", second_words(c));
	if (c->ask_own && o->result == SPF_PERMERROR)
		render_next(app, "smemail spf tree %.*s", STR_ARG(o->domain));
}

static void
second_json(struct check *c, struct json *j)
{
	json_key(j, "libspf2");
	json_object_begin(j);
	json_key(j, "result");
	json_cstr(j, c->second_done ? spf_result_word(c->second) : NULL);
	if (c->ask_own) {
		json_key(j, "agrees");
		if (c->second_done)
			json_bool(j, c->second == c->own.result);
		else
			json_null(j);
	}
	json_key(j, "error");
	json_cstr(j, c->second_done ? NULL : c->second_error.text);
	json_object_end(j);
}

static void
check_json(struct check *c)
{
	struct buf buf = BUF_INIT(JSON_MAX);
	struct json j;
	const struct spf_outcome *o = &c->own;
	char ip[NET_ADDR_TEXT_SIZE];
	render_json_begin(c->app, &j, &buf, "smemail.spf.check/1");
	json_key(&j, "ip");
	json_cstr(&j, net_addr_format(&c->request.ip, ip));
	json_text(&j, "sender", c->request.sender);
	json_text(&j, "helo", c->request.helo);
	if (c->ask_own) {
		json_key(&j, "result");
		json_cstr(&j, spf_result_word(o->result));
		json_text(&j, "mechanism", o->mechanism);
		spf_json_uint(&j, "lookups", o->lookups);
		spf_json_uint(&j, "voids", o->voids);
		json_text(&j, "reason", o->reason);
		json_key(&j, "identity");
		json_cstr(&j, o->is_helo ? "helo" : "mailfrom");
		json_text(&j, "domain", o->domain);
		json_text(&j, "record_domain", o->where);
		json_text(&j, "record", o->record);
		json_text(&j, "explanation", o->explanation);
	} else {
		json_key(&j, "result");
		json_cstr(&j, spf_result_word(c->second));
	}
	if (c->ask_second)
		second_json(c, &j);
	json_key(&j, "elapsed_ms");
	json_int(&j, c->elapsed_ms);
	render_json_end(c->app, &j, &buf);
}

static int
check_status(const struct check *c)
{
	return spf_exit_status(c->ask_own ? c->own.result : c->second);
}

static int
spf_check_command(struct app *app, const struct call *call, struct err *e)
{
	struct check c = { .app = app, .second_error = ERR_INIT };
	if (!request_parse(&c, call, e) || !check_run(&c, e))
		return err_exit_status(e->code);
	if (app->json || app->jsonl)
		check_json(&c);
	else
		check_show(&c);
	return check_status(&c);
}

const struct command command_spf_check = {
	.words = "spf check",
	.summary = N_("would SPF allow this client to send for this sender?"),
	.text = N_("Evaluates SPF by RFC 7208 as a receiver would: for the "
		   "domain of --sender, or for the name of --helo when there is "
		   "no sender. Results: pass, the client is allowed; fail, it "
		   "is not; softfail, it probably is not; neutral, nothing is "
		   "said; none, there is no record; permerror, the record is "
		   "wrong; temperror, the DNS did not answer, so nothing can "
		   "be told. Exit 0 for pass, 111 for temperror, else 1."),
	.options = {
		{ .name = "ip",
		    .value = "ADDRESS",
		    .kind = ARG_TEXT,
		    .help = N_("address of the client") },
		{ .name = "sender",
		    .value = "ADDRESS",
		    .kind = ARG_HOST,
		    .help = N_("sender of the envelope (MAIL FROM)") },
		{ .name = "helo",
		    .value = "NAME",
		    .kind = ARG_HOST,
		    .help = N_("name that the client gives") },
		{ .name = "engine",
		    .value = "WHICH",
		    .kind = ARG_TEXT,
		    .help = N_("own, libspf2, or both to compare them") },
		{ .name = "record",
		    .value = "TEXT",
		    .kind = ARG_TEXT,
		    .help = N_("as if the domain had published this record") },
	},
	.flags = COMMAND_NO_ROOT,
	.run = spf_check_command,
};
