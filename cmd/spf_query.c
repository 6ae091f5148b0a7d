/* spf query: spfquery, its options and its four lines (F161). */
#include "cmd/spf_query.h"

#include "cmd/app_dns.h"
#include "cmd/commands.h"
#include "cmd/render.h"
#include "cmd/spf.h"
#include "core/base/i18n.h"

#include <errno.h>
#include <stdio.h>

/* One query and what came of it. */
struct run {
	struct app *app;
	struct dns *dns;
	const struct spf_query *q;
	const char *ip, *sender, *helo; /* as they were said */
	const char *receiver;           /* our name */
	struct spf_request request;
	struct spf_outcome out;
	const char *exchanger_of; /* the recipient whose exchanger it is */
	int status;               /* the worst of all queries so far */
};

static const char *
comment(const struct run *r)
{
	struct app *app = r->app;
	const struct spf_outcome *o = &r->out;
	char ip[NET_ADDR_TEXT_SIZE];
	net_addr_format(&r->request.ip, ip);
	if (r->exchanger_of != NULL)
		return arena_printf(app->arena, "%s is a mail exchanger of %s",
		    ip, r->exchanger_of);
	if (o->is_local)
		return arena_printf(app->arena, "%.*s", STR_ARG(o->reason));
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
query_json(const struct run *r, const char *words)
{
	struct buf buf;
	struct json j;
	render_json_begin(r->app, &j, &buf, "smemail.spf.query/1");
	json_key(&j, "ip");
	json_cstr(&j, r->ip);
	json_key(&j, "sender");
	json_cstr(&j, r->sender);
	json_key(&j, "helo");
	json_cstr(&j, r->helo);
	json_key(&j, "result");
	json_cstr(&j, spf_result_word(r->out.result));
	json_key(&j, "comment");
	json_cstr(&j, words);
	json_text(&j, "explanation", r->out.explanation);
	render_json_end(r->app, &j, &buf);
}

static void
query_show(const struct run *r)
{
	struct app *app = r->app;
	const struct spf_outcome *o = &r->out;
	const char *words = comment(r);
	const char *name = r->q->name != NULL ? r->q->name : "smemail";
	const char *own = r->q->explanation != NULL ? r->q->explanation : "";
	bool denied = o->result == SPF_FAIL || o->result == SPF_SOFTFAIL;
	char ip[NET_ADDR_TEXT_SIZE];
	if (app->json || app->jsonl) {
		query_json(r, words);
		return;
	}
	render_line(app, "%s", spf_result_word(o->result));
	if (denied && o->explanation.len > 0)
		render_line(app, "%.*s", STR_ARG(o->explanation));
	else
		render_line(app, "%s", denied ? own : "");
	render_line(app, "%s: %s", name, words);
	render_line(app,
	    "Received-SPF: %s (%s: %s) client-ip=%s; envelope-from=%s; "
	    "helo=%s;",
	    spf_result_word(o->result), name, words,
	    net_addr_format(&r->request.ip, ip),
	    r->sender != NULL ? r->sender : "", r->helo != NULL ? r->helo : "");
}

static void
evaluate(struct run *r)
{
	struct facts facts;
	facts_init(&facts, r->app->arena);
	spf_check_wait(
	    &r->request, &facts, r->app->arena, r->dns, NULL, &r->out);
	facts_clear(&facts);
}

/*
 * The exchangers of a recipient's domain may forward to us, whatever the
 * sender's domain says: they are asked for as if it published "mx".
 */
static void
try_exchangers(struct run *r, struct str recipient)
{
	struct run mx = *r;
	struct str domain;
	const char *who = arena_cstr(r->app->arena, recipient);
	const struct spf_given given = { .record = STR("v=spf1 mx -all") };
	if (!fact_domain_parse(r->app->arena, who, &domain, NULL))
		return;
	mx.request.sender = domain;
	mx.request.given = &given;
	mx.request.n_given = 1;
	mx.request.local = (struct str)STR_EMPTY;
	evaluate(&mx);
	if (mx.out.result != SPF_PASS)
		return;
	r->out.result = SPF_PASS;
	r->exchanger_of = arena_cstr(r->app->arena, domain);
}

static int
worse(int a, int b)
{
	return a == 0 || (b > a) ? b : a;
}

/* 'ip', 'sender' and 'helo' are set. */
static bool
query_run(struct run *r, struct err *e)
{
	const struct spf_query *q = r->q;
	struct str recipients = str_of(q->recipients);
	r->exchanger_of = NULL;
	r->request = (struct spf_request){
		.sender = spf_sender_ascii(r->app, r->sender),
		.helo = spf_sender_ascii(r->app, r->helo),
		.receiver = str_of(r->receiver),
		.now_s = clock_wall_s(r->app->clock),
		.explain = true,
		.ahead = true,
		.given = q->given,
		.n_given = q->n_given,
		.local = q->local,
		.lookups_max = q->lookups_max,
	};
	if (!spf_ip_parse(r->ip, &r->request.ip, e))
		return false;
	evaluate(r);
	while (recipients.ptr != NULL && r->out.result != SPF_PASS)
		try_exchangers(r, str_cut(recipients, ',', &recipients));
	query_show(r);
	r->status = worse(r->status, spf_exit_status(r->out.result));
	return true;
}

/* "IP SENDER [HELO]" of a file; with --scope helo "IP HELO". */
static bool
line_run(struct run *r, struct str line, struct err *e)
{
	const char *words[3] = { NULL };
	size_t n = 0;
	line = str_trim(line);
	if (line.len == 0 || line.ptr[0] == '#') {
		if (r->q->keep_comments && !r->app->json)
			render_line(r->app, "%.*s", STR_ARG(line));
		return true;
	}
	while (line.len > 0 && n < ARRAY_LEN(words)) {
		words[n++] =
		    arena_cstr(r->app->arena, str_cut(line, ' ', &line));
		line = str_trim(line);
	}
	if (n < 2 || line.len > 0)
		return err_set(
		    e, ERR_USAGE, _("it is not 'ADDRESS SENDER [HELO]'"));
	r->ip = words[0];
	r->sender = r->q->of_helo ? NULL : words[1];
	r->helo = r->q->of_helo ? words[1] : words[2];
	return query_run(r, e);
}

/* The next line without its end; of one that is too long the buffer fails. */
static bool
line_read(FILE *from, struct buf *line)
{
	int c;
	buf_reset(line);
	while ((c = getc(from)) != EOF && c != '\n')
		buf_add_char(line, (char)c);
	return c != EOF || line->len > 0;
}

static bool
line_try(struct run *r, const struct buf *line, struct err *bad)
{
	struct str text = buf_str(line);
	if (line->failed)
		return err_set(bad, ERR_USAGE, _("it is too long"));
	if (str_find(text, '\0', 0) < text.len)
		return err_set(bad, ERR_USAGE, _("it holds a NUL"));
	return line_run(r, text, bad);
}

/*
 * A line at a time, so that another program may ask and read in turn; until
 * nobody reads any more.
 */
static bool
lines_run(struct run *r, FILE *from, const char *shown, struct err *e)
{
	enum {
		LINE_BYTES = 4096
	};
	struct buf line = BUF_INIT(LINE_BYTES);
	errno = 0;
	for (size_t number = 1; line_read(from, &line); number++) {
		struct err bad = ERR_INIT;
		arena_reset(r->app->arena);
		if (!line_try(r, &line, &bad)) {
			render_note(r->app,
			    _("line %zu of '%s' is left out: %s"), number,
			    shown, bad.text);
			r->status = worse(r->status, err_exit_status(ERR_NO));
		}
		if (!render_flush(r->app))
			break;
		errno = 0;
	}
	buf_clear(&line);
	if (!ferror(from))
		return true;
	return err_set_errno(e, errno, _("cannot read '%s'"), shown);
}

static bool
file_run(struct run *r, struct err *e)
{
	const bool is_stdin = strcmp(r->q->file, "-") == 0;
	FILE *from = is_stdin ? r->app->in : fopen(r->q->file, "re");
	if (from == NULL)
		return err_set_errno(
		    e, errno, _("cannot open '%s'"), r->q->file);
	/* each query has the arena for itself: files are of any length */
	struct arena *whole = r->app->arena;
	r->app->arena = app_arena_new();
	bool ok =
	    lines_run(r, from, is_stdin ? _("standard input") : r->q->file, e);
	arena_free(r->app->arena);
	r->app->arena = whole;
	if (!is_stdin)
		fclose(from);
	return ok;
}

static bool
needs_check(const struct spf_query *q, struct err *e)
{
	bool one = q->ip != NULL || q->sender != NULL || q->helo != NULL;
	if (q->file != NULL && one)
		return err_set(e, ERR_USAGE,
		    _("--file has the queries: no -ip, -sender or -helo"));
	if (q->help ||
	    (q->file == NULL &&
		(q->ip == NULL || (q->sender == NULL && q->helo == NULL)))) {
		err_set(e, ERR_USAGE,
		    _("spf query needs -ip, and -sender or -helo; or -file"));
		err_next(e, "smemail help spf query");
		return false;
	}
	return true;
}

static int
spf_query_command(struct app *app, const struct call *call, struct err *e)
{
	struct spf_query q;
	struct run r = { .app = app, .q = &q };
	if (!spf_query_options(app, call, &q, e))
		return err_exit_status(e->code);
	if (q.version) {
		render_line(app, "smemail %s", SMEMAIL_VERSION);
		return 0;
	}
	if (!needs_check(&q, e))
		return err_exit_status(e->code);
	r.dns = app_dns(app, e);
	r.receiver = q.name != NULL ? q.name : app_host(app);
	r.ip = q.ip;
	r.sender = q.sender;
	r.helo = q.helo;
	if (r.dns == NULL ||
	    !(q.file != NULL ? file_run(&r, e) : query_run(&r, e)))
		return err_exit_status(e->code);
	return r.status;
}

const struct command command_spf_query = {
	.words = "spf query",
	.summary = N_("spf check with the options of spfquery"),
	.text = N_("Takes the options of both programs called spfquery, that "
		   "of libspf2 and that of Mail::SPF, with one or two dashes, a "
		   "blank or an equals sign, and prints four lines: the "
		   "result, a text for SMTP, a comment, a Received-SPF field. "
		   "Exit status as of spf check, not as of spfquery; with "
		   "-file the worst of all. Beside those below: -identity and "
		   "-scope, mfrom or helo; -default-explanation TEXT, and what "
		   "is taken without effect, as -debug and -sanitize. What "
		   "-local, -guess, -override, -fallback, -max-lookup and "
		   "-rcpt-to give is a question of yours: other receivers do "
		   "not judge so."),
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
		{ .name = "file",
		    .value = "FILE",
		    .kind = ARG_FILE,
		    .help = N_("lines 'ADDRESS SENDER [HELO]', - for standard "
			       "input; -keep-comments prints those that begin "
			       "with #") },
		{ .name = "rcpt-to",
		    .value = "ADDRESSES",
		    .kind = ARG_TEXT,
		    .help = N_("the mail exchangers of these recipients may "
			       "send") },
		{ .name = "local",
		    .value = "TERMS",
		    .kind = ARG_TEXT,
		    .help = N_("terms to try before the end of the record") },
		{ .name = "guess",
		    .value = "TERMS",
		    .kind = ARG_TEXT,
		    .help = N_("the record where there is none") },
		{ .name = "override",
		    .value = "DOMAIN=RECORD",
		    .kind = ARG_TEXT,
		    .many = true,
		    .help = N_("the record of this domain, or of those below "
			       "*.DOMAIN") },
		{ .name = "fallback",
		    .value = "DOMAIN=RECORD",
		    .kind = ARG_TEXT,
		    .many = true,
		    .help = N_("the same where there is none") },
		{ .name = "max-lookup",
		    .value = "N",
		    .kind = ARG_INT,
		    .help = N_("lookups that are allowed (10)") },
		{ .name = "name",
		    .value = "NAME",
		    .kind = ARG_TEXT,
		    .help = N_("our own name, in comments") },
	},
	.flags = COMMAND_NO_ROOT | COMMAND_RAW,
	.run = spf_query_command,
};
