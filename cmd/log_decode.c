/*
 * log decode: labels of log lines as local time, and tai64nlocal when called
 * by that name.
 */
#include "cmd/app.h"
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/render.h"
#include "core/base/escape.h"
#include "core/base/i18n.h"
#include "core/maillog/decode.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum {
	EXIT_READER_GONE = 141
};

static int
decode_one(struct app *app, struct decoder *d, const char *name, struct err *e)
{
	bool is_stdin = strcmp(name, "-") == 0;
	const char *subject = is_stdin ? _("standard input") : name;
	int fd = is_stdin ? fileno(app->in)
			  : open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0) {
		err_set_errno(e, errno, _("cannot open '%s'"), subject);
		return err_exit_status(e->code);
	}
	enum decode_end end = decoder_run(d, fd, fileno(app->out), subject, e);
	if (!is_stdin)
		close(fd);
	if (end == DECODE_NO_READER)
		return EXIT_READER_GONE;
	if (end == DECODE_EOF)
		return 0;
	if (e->sys_errno == EISDIR)
		err_next(e, "smemail log decode %s/current",
		    escape_shell_word(app->arena, str_of(name)));
	return err_exit_status(e->code);
}

/* LG-6: lines without a label that is valid are counted. */
static void
tell_count(struct app *app, const struct decode_count *n)
{
	/* a sentence for each: both numbers have a plural */
	render_note(app,
	    P_("%llu line with a label", "%llu lines with a label",
		n->labelled),
	    (unsigned long long)n->labelled);
	render_note(app,
	    P_("%llu line without one, copied as it is",
		"%llu lines without one, copied as they are", n->unlabelled),
	    (unsigned long long)n->unlabelled);
}

/* Each file is a stream of its own; no file is standard input. */
static int
decode_all(struct app *app, const struct decode_options *options, bool count,
    const char *const *names, size_t n, struct err *e)
{
	static const char *const only_stdin[] = { "-" };
	struct decoder *d = decoder_new(options);
	int status = 0;
	if (d == NULL) {
		err_no_memory(e);
		return err_exit_status(e->code);
	}
	fflush(app->out);
	if (n == 0) {
		names = only_stdin;
		n = 1;
	}
	for (size_t i = 0; i < n && status == 0; i++)
		status = decode_one(app, d, names[i], e);
	if (count && status != EXIT_READER_GONE)
		tell_count(app, decoder_count(d));
	decoder_free(d);
	return status;
}

static int
log_decode_run(struct app *app, const struct call *call, struct err *e)
{
	struct decode_options options = { .style = DECODE_LOCAL };
	if (call_has(call, "iso") && call_has(call, "relative")) {
		err_set(
		    e, ERR_USAGE, _("--iso and --relative exclude each other"));
		return err_exit_status(e->code);
	}
	if (call_has(call, "iso"))
		options.style = DECODE_ISO;
	else if (call_has(call, "relative"))
		options.style = DECODE_RELATIVE;
	/* what a log holds may be meant for the terminal of its reader */
	if (call_has(call, "raw") && app->terminal) {
		err_set(
		    e, ERR_USAGE, _("cannot write raw bytes to a terminal"));
		err_next(e, "smemail log decode --escape");
		return err_exit_status(e->code);
	}
	options.escape = app->terminal || call_has(call, "escape");
	return decode_all(app, &options, call_has(call, "count"), call->args,
	    call->n_args, e);
}

const struct command command_log_decode = {
	.words = "log decode",
	.summary = N_("show the labels of log lines as local time"),
	.text = N_("Copies lines and turns the TAI64N label at the start of "
		   "each (@ and 24 hexadecimal digits) into local time, as "
		   "tai64nlocal does. A line without such a label is copied "
		   "as it is. On a terminal, control characters are shown as "
		   "\\xNN. A link named tai64nlocal does the same."),
	.args = {
		{ .name = "FILE", .kind = ARG_FILE, .count = ARG_ANY },
	},
	.options = {
		{ .name = "iso",
		    .help = N_("dates as 2026-03-17T14:02:11.123456789+01:00") },
		{ .name = "relative",
		    .help = N_("seconds since the first label") },
		{ .name = "raw",
		    .help = N_("bytes as they are; never to a terminal") },
		{ .name = "count",
		    .help = N_("say on standard error how many lines had a "
			       "label, and how many none") },
		{ .name = "escape",
		    .help = N_("show control characters as \\xNN everywhere") },
	},
	.flags = COMMAND_NO_ROOT,
	.run = log_decode_run,
};

static int
tai64nlocal_run(struct app *app, const struct call *call, struct err *e)
{
	struct decode_options options = { .style = DECODE_LOCAL,
		.escape = app->terminal };
	return decode_all(app, &options, false, call->args, call->n_args, e);
}

const struct command command_tai64nlocal = {
	.words = "tai64nlocal",
	.summary = N_("log decode, under the name of the tool it replaces"),
	.text = N_("Takes no options; what a link of that name runs."),
	.args = {
		{ .name = "FILE", .kind = ARG_FILE, .count = ARG_ANY },
	},
	.flags = COMMAND_NO_ROOT | COMMAND_RAW | COMMAND_HIDDEN,
	.run = tai64nlocal_run,
};
