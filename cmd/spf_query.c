/* spf query: spfquery of libspf2, its options and its four lines (F161). */
#include "cmd/app_dns.h"
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/render.h"
#include "cmd/spf.h"
#include "core/base/i18n.h"

struct query {
	const char *ip, *sender, *helo, *name, *explanation;
	bool help;
};

/* What an option does here. */
enum use {
	USE_IP,
	USE_SENDER,
	USE_HELO,
	USE_NAME,
	USE_EXPLANATION,
	USE_SWITCH, /* for talk and tuning: taken, without effect */
	USE_VALUE,  /* the same, with a value */
	USE_HELP,
	USE_JSON,
	USE_LOCAL /* would change the verdict: refused */
};

static const struct {
	const char *name;
	enum use use;
} options[] = {
	{ "ip", USE_IP },
	{ "i", USE_IP },
	{ "sender", USE_SENDER },
	{ "s", USE_SENDER },
	{ "helo", USE_HELO },
	{ "h", USE_HELO },
	{ "name", USE_NAME },
	{ "default-explanation", USE_EXPLANATION },
	{ "rcpt-to", USE_VALUE },
	{ "r", USE_VALUE },
	{ "debug", USE_SWITCH },
	{ "verbose", USE_SWITCH },
	{ "sanitize", USE_SWITCH },
	{ "keep-comments", USE_SWITCH },
	{ "json", USE_JSON },
	{ "help", USE_HELP },
	{ "local", USE_LOCAL },
	{ "trusted", USE_LOCAL },
	{ "guess", USE_LOCAL },
	{ "max-lookup", USE_LOCAL },
	{ "override", USE_LOCAL },
	{ "fallback", USE_LOCAL },
	{ "file", USE_LOCAL },
};

static const char **
place(struct query *q, enum use use)
{
	switch (use) {
	case USE_IP:
		return &q->ip;
	case USE_SENDER:
		return &q->sender;
	case USE_HELO:
		return &q->helo;
	case USE_NAME:
		return &q->name;
	case USE_EXPLANATION:
		return &q->explanation;
	case USE_SWITCH:
	case USE_VALUE:
	case USE_HELP:
	case USE_JSON:
	case USE_LOCAL:
	default:
		return NULL;
	}
}

/* "-ip=A", "--ip A" ...; *at is left on the last word used. */
static bool
option_read(struct app *app, struct query *q, const struct call *call,
    size_t *at, struct err *e)
{
	const char *word = call->args[*at];
	struct str value, name = str_cut(str_of(word), '=', &value);
	while (name.len > 0 && name.ptr[0] == '-')
		name = str_sub(name, 1, name.len);
	size_t i = 0;
	while (i < ARRAY_LEN(options) && !str_is(name, options[i].name))
		i++;
	if (word[0] != '-' || i == ARRAY_LEN(options))
		return err_set(
		    e, ERR_USAGE, _("spf query does not know '%s'"), word);
	enum use use = options[i].use;
	if (use == USE_LOCAL)
		return err_set(e, ERR_USAGE,
		    _("'%s' would judge otherwise than receivers do: not "
		      "available"),
		    word);
	q->help = q->help || use == USE_HELP;
	app->json = app->json || use == USE_JSON;
	if (use == USE_SWITCH || use == USE_HELP || use == USE_JSON)
		return true;
	if (value.ptr == NULL) {
		if (*at + 1 >= call->n_args)
			return err_set(
			    e, ERR_USAGE, _("'%s' needs a value"), word);
		value = str_of(call->args[++*at]);
	}
	const char **to = place(q, use);
	if (to != NULL)
		*to = value.ptr;
	return true;
}

static const char *
comment(
    struct app *app, const struct spf_request *q, const struct spf_outcome *o)
{
	char ip[NET_ADDR_TEXT_SIZE];
	net_addr_format(&q->ip, ip);
	switch (o->result) {
	case SPF_PASS:
		return arena_printf(app->arena,
		    "domain of %.*s designates %s as permitted sender",
		    STR_ARG(o->domain), ip);
	case SPF_FAIL:
		return arena_printf(app->arena,
		    "domain of %.*s does not designate %s as permitted sender",
		    STR_ARG(o->domain), ip);
	case SPF_SOFTFAIL:
		return arena_printf(app->arena,
		    "transitioning domain of %.*s does not designate %s as "
		    "permitted sender",
		    STR_ARG(o->domain), ip);
	case SPF_NEUTRAL:
		return arena_printf(app->arena,
		    "%s is neither permitted nor denied by domain of %.*s", ip,
		    STR_ARG(o->domain));
	case SPF_NONE:
		return arena_printf(app->arena,
		    "domain of %.*s does not provide an SPF record",
		    STR_ARG(o->domain));
	case SPF_TEMPERROR:
	case SPF_PERMERROR:
	default:
		return arena_printf(app->arena, "%.*s", STR_ARG(o->reason));
	}
}

static void
query_show(struct app *app, const struct query *q, const struct spf_request *r,
    const struct spf_outcome *o)
{
	const char *words = comment(app, r, o);
	const char *name = q->name != NULL ? q->name : "smemail";
	bool denied = o->result == SPF_FAIL || o->result == SPF_SOFTFAIL;
	char ip[NET_ADDR_TEXT_SIZE];
	if (app->json || app->jsonl) {
		struct buf buf = BUF_INIT(1 << 16);
		struct json j;
		render_json_begin(app, &j, &buf, "smemail.spf.query/1");
		json_key(&j, "result");
		json_cstr(&j, spf_result_word(o->result));
		json_key(&j, "comment");
		json_cstr(&j, words);
		spf_json_str(&j, "explanation", o->explanation);
		render_json_end(app, &j, &buf);
		return;
	}
	render_line(app, "%s", spf_result_word(o->result));
	if (denied && o->explanation.len > 0)
		render_line(app, "%.*s", STR_ARG(o->explanation));
	else
		render_line(app, "%s",
		    denied && q->explanation != NULL ? q->explanation : "");
	render_line(app, "%s: %s", name, words);
	render_line(app,
	    "Received-SPF: %s (%s: %s) client-ip=%s; envelope-from=%s; "
	    "helo=%s;",
	    spf_result_word(o->result), name, words,
	    net_addr_format(&r->ip, ip), q->sender != NULL ? q->sender : "",
	    q->helo != NULL ? q->helo : "");
}

static int
spf_query_command(struct app *app, const struct call *call, struct err *e)
{
	struct query q = { .ip = NULL };
	struct spf_request r = { .explain = true, .ahead = true };
	struct spf_outcome o;
	struct facts facts;
	for (size_t i = 0; i < call->n_args; i++)
		if (!option_read(app, &q, call, &i, e))
			return err_exit_status(e->code);
	if (q.help || q.ip == NULL || (q.sender == NULL && q.helo == NULL)) {
		err_set(e, ERR_USAGE,
		    _("spf query needs -ip, and -sender or -helo"));
		err_next(e, "smemail help spf query");
		return err_exit_status(e->code);
	}
	struct dns *dns = app_dns(app, e);
	if (dns == NULL || !spf_ip_parse(q.ip, &r.ip, e))
		return err_exit_status(e->code);
	r.sender = str_of(q.sender);
	r.helo = str_of(q.helo);
	r.receiver = str_of(q.name != NULL ? q.name : app_host(app));
	r.now_s = clock_wall_s(app->clock);
	facts_init(&facts, app->arena);
	spf_check_wait(&r, &facts, app->arena, dns, NULL, &o);
	facts_clear(&facts);
	query_show(app, &q, &r, &o);
	return spf_exit_status(o.result);
}

const struct command command_spf_query = {
	.words = "spf query",
	.summary = N_("spf check with the options of spfquery"),
	.text = N_("Takes -ip, -sender and -helo with one or two dashes, a "
		   "blank or an equals sign, and prints four lines: the "
		   "result, a text for SMTP, a comment, a Received-SPF field. "
		   "Options of spfquery that would change the verdict are "
		   "refused."),
	.args = {
		{ .name = "OPTION", .kind = ARG_REST, .count = ARG_ANY },
	},
	.options = {
		{ .name = "ip",
		    .value = "ADDRESS",
		    .kind = ARG_TEXT,
		    .help = N_("address of the client") },
		{ .name = "sender",
		    .value = "ADDRESS",
		    .kind = ARG_TEXT,
		    .help = N_("sender of the envelope (MAIL FROM)") },
		{ .name = "helo",
		    .value = "NAME",
		    .kind = ARG_TEXT,
		    .help = N_("name that the client gives") },
		{ .name = "name",
		    .value = "NAME",
		    .kind = ARG_TEXT,
		    .help = N_("our own name, in comments") },
	},
	.flags = COMMAND_NO_ROOT | COMMAND_RAW,
	.run = spf_query_command,
};
