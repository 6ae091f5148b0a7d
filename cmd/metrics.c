/* metrics: the counters of the running filter daemon. */
#include "core/model/counters.h"

#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/render.h"
#include "core/base/i18n.h"

/* Without what stands behind the counters: conversations, and words. */
static void
show(struct app *app, struct str text)
{
	struct str line;
	while (str_next_line(&text, &line))
		if (!counters_is_told_beside(line))
			render_line(app, "%.*s", STR_ARG(line));
}

static void
show_json(struct app *app, struct str text)
{
	struct json j;
	struct buf buf;
	struct counter c;
	render_json_begin(app, &j, &buf, "smemail.metrics/1");
	json_key(&j, "rows");
	json_array_begin(&j);
	while (counters_next(&text, &c)) {
		json_object_begin(&j);
		json_key(&j, "name");
		json_str(&j, c.name);
		json_key(&j, "of");
		if (c.of.len > 0)
			json_str(&j, c.of);
		else
			json_null(&j);
		json_key(&j, "value");
		json_int(&j, (int64_t)c.value);
		json_object_end(&j);
	}
	json_array_end(&j);
	render_json_end(app, &j, &buf);
}

static int
run_metrics(struct app *app, const struct call *call, struct err *e)
{
	struct buf text = BUF_INIT(COUNTERS_TEXT_MAX);
	(void)call;
	bool ok = counters_read(&app->root, &text, e);
	if (ok && app->json)
		show_json(app, buf_str(&text));
	else if (ok)
		show(app, buf_str(&text));
	buf_clear(&text);
	return ok ? 0 : err_exit_status(e->code);
}

const struct command command_metrics = {
	.words = "metrics",
	.summary = N_("counters of the running filter, for Prometheus"),
	.text = N_(
	    "Sessions, messages, denials by plugin, what plugins cost and what "
	    "was asked of the DNS, since the daemon's start, in the text "
	    "format that Prometheus and node_exporter's textfile collector "
	    "read."),
	.run = run_metrics,
};
