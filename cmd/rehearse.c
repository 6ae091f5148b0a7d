/* rehearse: what the filter would do with a client and a message. */
#include "core/model/rehearse.h"

#include "cmd/app_dns.h"
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/render.h"
#include "core/base/i18n.h"
#include "core/base/num.h"
#include "core/net/addr.h"
#include "core/sys/file.h"

#include <stdio.h>
#include <string.h>

enum {
	RCPTS_MAX = 100,
	PORT_SMTP = 25,
	EXIT_REFUSED = 1,
	EXIT_DEFERRED = 111,
	US_PER_MS = 1000
};

/* ---- the request ---- */

static bool
take_client(const struct call *call, struct rehearse_request *r, struct err *e)
{
	struct net_addr addr;
	const char *ip = call_option(call, "from-ip");
	if (ip == NULL) {
		err_set(
		    e, ERR_USAGE, _("which client? no --from-ip was given"));
		return err_next(e, "smemail rehearse --from-ip 203.0.113.9 "
				   "--mail-from a@b.example --rcpt you@here");
	}
	r->client = str_of(ip);
	return net_addr_parse(r->client, &addr) ||
	       err_set(e, ERR_USAGE, _("'%s' is not an IP address"), ip);
}

/* A path goes into a command line: nothing that would end it. */
static bool
is_line(const char *text)
{
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	}
	return true;
}

static bool
take_rcpts(struct app *app, const struct call *call, struct rehearse_request *r,
    struct err *e)
{
	struct str all = str_of(call_option(call, "rcpt")), one;
	struct str *rcpts = ARENA_ARRAY(app->arena, RCPTS_MAX, struct str);
	while (all.ptr != NULL && r->n_rcpts < RCPTS_MAX &&
	       str_next_line(&all, &one))
		rcpts[r->n_rcpts++] = one;
	r->rcpts = rcpts;
	if (r->n_rcpts > 0)
		return true;
	err_set(e, ERR_USAGE, _("to whom? no --rcpt was given"));
	return err_next(e, "smemail rehearse --from-ip 203.0.113.9 "
			   "--mail-from a@b.example --rcpt you@here");
}

static bool
take_words(struct app *app, const struct call *call, struct rehearse_request *r,
    struct err *e)
{
	static const char *const lines[] = { "helo", "mail-from" };
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		const char *text = call_option(call, lines[i]);
		if (text != NULL && !is_line(text))
			return err_set(e, ERR_USAGE,
			    _("--%s holds a control character"), lines[i]);
	}
	const char *helo = call_option(call, "helo");
	const char *sender = call_option(call, "mail-from");
	const char *port = call_option(call, "port");
	uint64_t n = PORT_SMTP;
	r->helo = helo != NULL ? str_of(helo) : STR("client.invalid");
	r->sender = str_of(sender);
	if (str_is(r->sender, "<>"))
		r->sender = (struct str)STR_EMPTY;
	if (port != NULL && !num_parse_u64(str_of(port), UINT16_MAX, &n))
		return err_set(e, ERR_USAGE, _("'%s' is not a port"), port);
	r->port = (uint16_t)n;
	return take_client(call, r, e) && take_rcpts(app, call, r, e);
}

static bool
take_message(struct app *app, const struct call *call, struct buf *message,
    struct rehearse_request *r, struct err *e)
{
	if (call->n_args == 0)
		return true;
	bool ok = strcmp(call->args[0], "-") == 0
		      ? file_read_fd(fileno(app->in), "-", message, e)
		      : file_read(call->args[0], NULL, message, e);
	r->message = message->len > 0 ? buf_str(message) : STR("");
	return ok;
}

/* ---- the answer ---- */

/* It says nothing here, and something elsewhere. */
static bool
is_silent(const struct rehearsal *r, const struct rehearse_step *step)
{
	if (step->text.len > 0 || strcmp(step->result, "pass") != 0)
		return false;
	for (size_t i = 0; i < r->steps.len; i++) {
		const struct rehearse_step *other =
		    VEC_AT(&r->steps, struct rehearse_step, i);
		if (other != step && str_eq(other->plugin, step->plugin) &&
		    (other->text.len > 0 || strcmp(other->result, "pass") != 0))
			return true;
	}
	return false;
}

static void
show_steps(struct app *app, const struct rehearsal *r)
{
	enum {
		COLUMNS = 5
	};
	static const struct render_column columns[COLUMNS] = {
		{ N_("PHASE"), false }, { N_("PLUGIN"), false },
		{ N_("RESULT"), false }, { "MS", true }, { N_("WHY"), false }
	};
	struct str *cells =
	    ARENA_ARRAY(app->arena, r->steps.len * COLUMNS, struct str);
	size_t n = 0;
	for (size_t i = 0; i < r->steps.len; i++) {
		const struct rehearse_step *step =
		    VEC_AT(&r->steps, struct rehearse_step, i);
		if (is_silent(r, step))
			continue;
		struct str *row = &cells[n++ * COLUMNS];
		row[0] = str_of(step->phase);
		row[1] = step->plugin;
		row[2] = str_of(_(step->result));
		row[3] = str_of(arena_printf(
		    app->arena, "%lld", (long long)(step->us / US_PER_MS)));
		row[4] = step->text;
	}
	render_table(app, columns, COLUMNS, cells, n);
}

static void
show(struct app *app, const struct rehearsal *r)
{
	struct str reply = r->reply, line;
	show_steps(app, r);
	while (str_next_line(&reply, &line))
		render_line(app, _("answer   %.*s"), STR_ARG(line));
	if (r->setting != NULL)
		render_line(app, _("setting  %s"), r->setting);
	render_note(app, _("nothing sent, stored or learned"));
	if (r->setting != NULL)
		render_next(app, "smemail describe %s", r->setting);
}

static void
step_json(struct json *j, const struct rehearse_step *step)
{
	json_object_begin(j);
	json_key(j, "phase");
	json_cstr(j, step->phase);
	json_key(j, "plugin");
	json_str(j, step->plugin);
	json_key(j, "result");
	json_cstr(j, step->result);
	json_key(j, "text");
	json_str(j, step->text);
	json_key(j, "ms");
	json_int(j, step->us / US_PER_MS);
	json_object_end(j);
}

static void
show_json(struct app *app, const struct rehearsal *r)
{
	struct json j;
	struct buf buf;
	render_json_begin(app, &j, &buf, "smemail.rehearse/1");
	json_key(&j, "verdict");
	json_cstr(&j, rehearse_verdict_word(r->verdict));
	json_key(&j, "reply");
	json_str(&j, r->reply);
	json_key(&j, "setting");
	if (r->setting != NULL)
		json_cstr(&j, r->setting);
	else
		json_null(&j);
	json_key(&j, "steps");
	json_array_begin(&j);
	for (size_t i = 0; i < r->steps.len; i++)
		step_json(&j, VEC_AT(&r->steps, struct rehearse_step, i));
	json_array_end(&j);
	json_key(&j, "took_ms");
	json_int(&j, r->us / US_PER_MS);
	render_json_end(app, &j, &buf);
}

static int
exit_of(const struct rehearsal *r)
{
	static const int codes[] = {
		[REHEARSE_ACCEPTED] = 0,
		[REHEARSE_REFUSED] = EXIT_REFUSED,
		[REHEARSE_DEFERRED] = EXIT_DEFERRED,
	};
	return codes[r->verdict];
}

static int
run_rehearse(struct app *app, const struct call *call, struct err *e)
{
	struct buf message = BUF_INIT(REHEARSE_MESSAGE_MAX);
	struct rehearse_request request = { .config =
						call_option(call, "config") };
	struct rehearsal result = { 0 };
	int status;
	if (!call_has(call, "no-dns"))
		request.dns = app_dns(app, e);
	bool ok = (request.dns != NULL || call_has(call, "no-dns")) &&
		  take_words(app, call, &request, e) &&
		  take_message(app, call, &message, &request, e) &&
		  rehearse_run(&app->model, &request, &result, e);
	if (!ok) {
		status = err_exit_status(e->code);
	} else {
		if (app->json)
			show_json(app, &result);
		else
			show(app, &result);
		status = exit_of(&result);
	}
	vec_clear(&result.steps);
	buf_clear(&message);
	return status;
}

const struct command command_rehearse = {
	.words = "rehearse",
	.summary = N_("tell what the filter would do with a client's message"),
	.text = N_(
	    "Runs the policy in force with the daemon's own code: each plugin "
	    "in its order, what it says, how long it takes, the reply, and the "
	    "setting behind a refusal. FILE is the message, '-' the standard "
	    "input; without it a small one is made up. Nothing is sent, stored "
	    "or learned. Exit status 0 when it would be accepted, 1 refused, "
	    "111 deferred."),
	.args = { { "FILE", ARG_FILE, ARG_OPTIONAL, NULL } },
	.options = {
	    { "from-ip", 0, N_("ADDRESS"), ARG_TEXT,
		N_("address that the client comes from"), false },
	    { "helo", 0, N_("NAME"), ARG_TEXT,
		N_("what it says in EHLO (client.invalid)"), false },
	    { "mail-from", 0, N_("ADDRESS"), ARG_TEXT,
		N_("sender of the envelope; without it, or '<>': none"),
		false },
	    { "rcpt", 0, N_("ADDRESS"), ARG_TEXT,
		N_("recipient; may be given again"), true },
	    { "port", 0, N_("PORT"), ARG_INT,
		N_("port that it connects to (25)"), false },
	    { "config", 0, N_("DIR"), ARG_DIR,
		N_("the policy of another configuration directory"), false },
	    { "no-dns", 0, NULL, ARG_TEXT,
		N_("ask no name server; plugins know nothing of the DNS"),
		false },
	},
	.flags = COMMAND_NO_ROOT,
	.run = run_rehearse,
};
