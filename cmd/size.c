/* The commands size: how large a message may be, everywhere at once (F101). */
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/render.h"
#include "cmd/settings.h"
#include "cmd/task.h"
#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/num.h"

#include <inttypes.h>

enum {
	MB = 1000 * 1000,
	/* base64 makes 57 bytes a line of 78 with its end: 37 % more */
	ENCODED = 78,
	PLAIN = 57,
	PHP_PAGES = 3, /* copies of an upload that a page keeps in memory */
	SMALLEST = MB
};

static const char *const ids[] = { "smtp.max-message-size",
	"virus.max-scan-size", "virus.max-file-size", "virus.stream-max",
	"php.upload-max", "php.memory-limit", NULL };

static int
run_show(struct app *app, const struct call *call, struct err *e)
{
	(void)call;
	return task_show(app, ids, e);
}

/* Bytes as the setting of the daemon reads the argument. */
static bool
read_size(const char *text, int64_t *size, struct err *e)
{
	const struct setting *s = setting_find(STR("smtp.max-message-size"));
	struct buf stored = BUF_INIT(SETTING_VALUE_MAX);
	bool ok = s->type->parse(s, str_of(text), &stored, e) &&
		  num_parse_i64(buf_str(&stored), 0, INT64_MAX, size);

	buf_clear(&stored);
	if (ok && *size >= SMALLEST && *size <= INT32_MAX)
		return true;
	if (!ok)
		return false;
	err_set(e, ERR_USAGE,
	    _("'%s' is not a size from 1 MB to 2 GB for messages"), text);
	return err_next(e, "smemail size set 25M");
}

/* "25M", in whole megabytes and not less. */
static const char *
megabytes(struct app *app, int64_t size)
{
	return arena_printf(app->arena, "%" PRId64 "M", (size + MB - 1) / MB);
}

/* What is there already and enough stays. */
static bool
add_memory(struct task *t, int64_t attachment, struct err *e)
{
	const struct setting *s = setting_find(STR("php.memory-limit"));
	struct settings_store *st = NULL;
	struct str now;
	int64_t have = 0, need = attachment * PHP_PAGES / MB + 1;
	bool ok = settings_begin(t->app, &st, e) &&
		  task_value(t->app, st, s->id, &now, e);

	settings_close(st);
	if (!ok)
		return false;
	if (!num_parse_i64(str_cut(now, 'M', &now), 0, INT32_MAX, &have) ||
	    have < need)
		task_wish(t, s->id, NULL,
		    arena_printf(t->app->arena, "%" PRId64 "M", need));
	return true;
}

static int
run_set(struct app *app, const struct call *call, struct err *e)
{
	struct task t;
	int64_t size, attachment;

	if (!read_size(call->args[0], &size, e))
		return err_exit_status(e->code);
	attachment = size / ENCODED * PLAIN;
	const char *bytes = arena_printf(app->arena, "%" PRId64, size);
	task_begin(app, &t);
	task_wish(&t, "smtp.max-message-size", NULL, bytes);
	/* what is larger than these would pass unscanned (C32) */
	task_wish(&t, "virus.max-scan-size", NULL, bytes);
	task_wish(&t, "virus.max-file-size", NULL, megabytes(app, size));
	task_wish(&t, "virus.stream-max", NULL, megabytes(app, size));
	task_wish(&t, "php.upload-max", NULL,
	    arena_printf(app->arena, "%" PRId64 "M",
		attachment >= MB ? attachment / MB : 1));
	if (!add_memory(&t, attachment, e))
		return err_exit_status(e->code);
	int status = task_store(&t, call, e);
	if (status == 0)
		render_note(app,
		    _("an attachment grows by a third when it is sent: up to "
		      "%" PRId64 ".%" PRId64 " MB fit, whatever a mail "
		      "program shows as size"),
		    attachment / MB, attachment % MB / (MB / 10));
	return status;
}

const struct command command_size_show = {
	.words = "size show",
	.summary = N_("show how large a message may be, in each program"),
	.text = N_("The limits of reception, of the virus scan and of the "
		   "webmail."),
	.run = run_show,
};

const struct command command_size_set = {
	.words = "size set",
	.summary = N_("set the largest message in every program at once"),
	.text = N_("SIZE counts the message as it is sent, where attachments "
		   "are a third larger. The virus scan takes what reception "
		   "takes; the webmail takes the attachment that fits. One "
		   "change."),
	.args = { { "SIZE", ARG_TEXT, ARG_ONE, NULL } },
	.options = { SETTINGS_STORE_OPTIONS },
	.flags = COMMAND_CHANGES,
	.run = run_set,
};
