/* rehearse: what the filter would do with a client and a message. */
#include "cmd/rehearse.h"

#include "cmd/app_dns.h"
#include "cmd/command.h"
#include "cmd/commands.h"
#include "core/base/i18n.h"
#include "core/base/num.h"
#include "core/model/draft.h"
#include "core/sys/file.h"

#include <stdio.h>
#include <string.h>

enum {
	RCPTS_MAX = 100,
	WISHES_MAX = 100,
	PORT_SMTP = 25,
	EXIT_REFUSED = 1,
	EXIT_DEFERRED = 111
};

/* ---- the request ---- */

static void
take_rcpts(struct app *app, const struct call *call, struct rehearse_request *r)
{
	struct str all = str_of(call_option(call, "rcpt")), one;
	struct str *rcpts = ARENA_ARRAY(app->arena, RCPTS_MAX, struct str);
	while (all.ptr != NULL && r->n_rcpts < RCPTS_MAX &&
	       str_next_line(&all, &one))
		rcpts[r->n_rcpts++] = one;
	r->rcpts = rcpts;
}

static bool
take_words(struct app *app, const struct call *call, struct rehearse_request *r,
    struct err *e)
{
	const char *helo = call_option(call, "helo");
	const char *port = call_option(call, "port");
	uint64_t n = PORT_SMTP;
	r->client = str_of(call_option(call, "from-ip"));
	r->helo = helo != NULL ? str_of(helo) : STR(REHEARSE_HELO);
	r->sender = str_of(call_option(call, "mail-from"));
	if (str_is(r->sender, "<>"))
		r->sender = (struct str)STR_EMPTY;
	if (port != NULL && !num_parse_u64(str_of(port), UINT16_MAX, &n))
		return err_set(e, ERR_USAGE, _("'%s' is not a port"), port);
	r->port = (uint16_t)n;
	r->user = str_of(call_option(call, "user"));
	take_rcpts(app, call, r);
	return rehearse_check(r, e);
}

static bool
take_message(struct app *app, const struct call *call, struct buf *message,
    struct rehearse_request *r, struct err *e)
{
	if (call->n_args == 0)
		return true;
	bool ok = strcmp(call->args[0], "-") == 0
		      ? file_read_fd(fileno(app->in), "-", message, e)
		      : file_read_named(call->args[0], message, e);
	r->message = message->len > 0 ? buf_str(message) : STR("");
	return ok;
}

/* ---- what it is compared with ---- */

/* "draft" brings in every wish of the draft. */
static bool
take_draft(
    struct app *app, struct settings_wish *wishes, size_t *n, struct err *e)
{
	struct draft *d;
	size_t count;
	if (!draft_open(&app->model, &d, e))
		return false;
	struct settings_wish *drafted = draft_wishes(d, app->arena, &count);
	for (size_t i = 0; i < count && *n < WISHES_MAX; i++) {
		struct settings_wish *w = &wishes[(*n)++];
		*w = drafted[i];
		/* the draft is closed before they are used */
		w->target = w->target != NULL
				? arena_cstr(app->arena, str_of(w->target))
				: NULL;
		w->value = w->value != NULL
			       ? arena_cstr(app->arena, str_of(w->value))
			       : NULL;
	}
	draft_close(d);
	return true;
}

static bool
take_wish(
    struct app *app, struct str word, struct settings_wish *w, struct err *e)
{
	struct str value;
	struct str id = str_cut(word, '=', &value);
	if (value.ptr == NULL) {
		err_set(
		    e, ERR_USAGE, _("'%.*s' has no '=VALUE'"), STR_ARG(word));
		return err_next(e, _("write --with SETTING=VALUE, or --with "
				     "draft for the draft of the screen"));
	}
	w->setting =
	    settings_lookup(&app->model, arena_cstr(app->arena, id), e);
	if (w->setting == NULL)
		return false;
	if (w->setting->target != SETTING_TARGET_NONE)
		return err_set(e, ERR_USAGE,
		    _("'%s' belongs to a user, a domain or an entry: put it "
		      "into the draft, then --with draft"),
		    w->setting->id);
	w->value = arena_cstr(app->arena, value);
	return true;
}

static bool
take_wishes(struct app *app, const struct call *call,
    struct settings_wish *wishes, size_t *n, struct err *e)
{
	struct str all = str_of(call_option(call, "with")), one;
	while (
	    all.ptr != NULL && *n < WISHES_MAX && str_next_line(&all, &one)) {
		bool ok = str_is(one, "draft")
			      ? take_draft(app, wishes, n, e)
			      : take_wish(app, one, &wishes[(*n)++], e);
		if (!ok)
			return false;
	}
	return true;
}

static bool
rehearse_again(struct app *app, const struct call *call,
    const struct rehearse_request *request, struct rehearse_result *out,
    struct err *e)
{
	struct settings_wish *wishes =
	    ARENA_ARRAY(app->arena, WISHES_MAX, struct settings_wish);
	struct rehearse_request other = *request;
	struct buf bundle = BUF_INIT(REHEARSE_BUNDLE_MAX);
	size_t n = 0;
	bool ok = take_wishes(app, call, wishes, &n, e) &&
		  rehearse_with(&app->model, wishes, n, &bundle, e);
	other.bundle = buf_str(&bundle);
	ok = ok && rehearse_run(&app->model, &other, &out->with, e);
	buf_clear(&bundle);
	out->compared = ok;
	out->n_pairs = rehearse_pairs(
	    app->arena, &out->now, ok ? &out->with : NULL, &out->pairs);
	if (ok)
		out->because = rehearse_because(
		    app->arena, out->pairs, out->n_pairs, wishes, n);
	return ok;
}

static bool
rehearse_all(struct app *app, const struct call *call,
    const struct rehearse_request *request, struct rehearse_result *out,
    struct err *e)
{
	if (!rehearse_run(&app->model, request, &out->now, e))
		return false;
	if (call_has(call, "with"))
		return rehearse_again(app, call, request, out, e);
	out->n_pairs = rehearse_pairs(app->arena, &out->now, NULL, &out->pairs);
	return true;
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

static bool
make_request(struct app *app, const struct call *call, struct buf *message,
    struct rehearse_request *r, struct err *e)
{
	r->config = call_option(call, "config");
	if (r->config != NULL && call_has(call, "with"))
		return err_set(e, ERR_USAGE,
		    _("--with is about this server's own configuration: not "
		      "with --config"));
	if (!call_has(call, "no-dns")) {
		r->dns = app_dns(app, e);
		if (r->dns == NULL)
			return false;
	}
	return take_words(app, call, r, e) &&
	       take_message(app, call, message, r, e);
}

static int
run_rehearse(struct app *app, const struct call *call, struct err *e)
{
	struct buf message = BUF_INIT(REHEARSE_MESSAGE_MAX);
	struct rehearse_request request = { .config = NULL };
	struct rehearse_result result = { .compared = false };
	int status;
	if (!make_request(app, call, &message, &request, e) ||
	    !rehearse_all(app, call, &request, &result, e)) {
		status = err_exit_status(e->code);
	} else {
		if (app->json)
			rehearse_show_json(app, &result);
		else
			rehearse_show(app, &result);
		status = exit_of(&result.now);
	}
	vec_clear(&result.now.steps);
	vec_clear(&result.with.steps);
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
	    "input; without it a small one is made up. No message is sent, "
	    "nothing is stored or learned; a server that a domain's mail goes "
	    "to is asked about the recipient. With --with the same is run under the configuration "
	    "that other settings would make, and both stand side by side. "
	    "Exit status 0 when it would be accepted now, 1 refused, 111 "
	    "deferred."),
	.args = { { "FILE", ARG_FILE, ARG_OPTIONAL, NULL } },
	.options = {
	    { "from-ip", 0, N_("ADDRESS"), ARG_TEXT,
		N_("address that the client comes from; also --client"),
		false, "client" },
	    { "helo", 0, N_("NAME"), ARG_TEXT,
		N_("what it says in EHLO (client.invalid)"), false },
	    { "mail-from", 0, N_("ADDRESS"), ARG_TEXT,
		N_("sender of the envelope; without it, or '<>': none; also "
		   "--from"),
		false, "from" },
	    { "rcpt", 0, N_("ADDRESS"), ARG_TEXT,
		N_("recipient; may be given again; also --to"), true, "to" },
	    { "port", 0, N_("PORT"), ARG_INT,
		N_("port that it connects to: 25, 465 or 587 (25)"), false },
	    { "user", 0, N_("NAME"), ARG_TEXT,
		N_("log in as NAME, under TLS where that is offered; no "
		   "password is judged"),
		false },
	    { "config", 0, N_("DIR"), ARG_DIR,
		N_("the policy of another configuration directory"), false },
	    { "with", 0, N_("SETTING=VALUE"), ARG_ASSIGNMENT,
		N_("compare with this setting, or with the 'draft' of the "
		   "screen; may be given again"),
		true },
	    { "no-dns", 0, NULL, ARG_TEXT,
		N_("ask no name server; plugins know nothing of the DNS"),
		false },
	},
	.flags = COMMAND_NO_ROOT,
	.run = run_rehearse,
};
