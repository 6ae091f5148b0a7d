/* The command resolver check. */
#include "core/model/resolver.h"

#include "cmd/app.h"
#include "cmd/app_dns.h"
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/diagnosis.h"
#include "cmd/findings.h"
#include "cmd/render.h"
#include "core/base/i18n.h"

enum {
	ANSWER_NO = 1
};

static void
view_show(struct app *app, const struct resolver_view *v)
{
	static const struct render_column columns[] = {
		{ N_("STATE"), false },
		{ N_("SERVER"), false },
		{ N_("TEST"), false },
		{ N_("TIME"), true },
		{ N_("RESULT"), false },
	};
	struct str *cells = ARENA_ARRAY(
	    app->arena, v->n_rows * ARRAY_LEN(columns) + 1, struct str);
	const char *cure = NULL;
	for (size_t i = 0; i < v->n_rows; i++) {
		const struct resolver_row *r = &v->rows[i];
		struct str *c = &cells[i * ARRAY_LEN(columns)];
		c[0] = str_of(finding_shown(r->state));
		c[1] = str_of(r->server);
		c[2] = str_of(r->subject[0] != '\0' ? r->subject : r->what);
		c[3] = str_of(arena_printf(
		    app->arena, "%lld ms", (long long)r->elapsed_ms));
		c[4] = str_of(r->text);
		if (cure == NULL)
			cure = r->cure;
	}
	render_table(app, columns, ARRAY_LEN(columns), cells, v->n_rows);
	render_note(app, _("servers from %s"), v->source);
	if (cure != NULL)
		render_next(app, "%s", cure);
}

static void
view_json(struct app *app, const struct resolver_view *v)
{
	struct json j;
	struct buf buf;
	render_json_begin(app, &j, &buf, "smemail.resolver-check/1");
	json_key(&j, "source");
	json_cstr(&j, v->source);
	json_key(&j, "state");
	json_cstr(&j, finding_word(v->worst));
	json_key(&j, "rows");
	json_array_begin(&j);
	for (size_t i = 0; i < v->n_rows; i++) {
		const struct resolver_row *r = &v->rows[i];
		json_object_begin(&j);
		json_key(&j, "state");
		json_cstr(&j, finding_word(r->state));
		json_key(&j, "server");
		json_cstr(&j, r->server);
		json_key(&j, "test");
		json_cstr(&j, r->what);
		json_key(&j, "zone");
		json_cstr(&j, r->subject[0] != '\0' ? r->subject : NULL);
		json_key(&j, "text");
		json_cstr(&j, r->text);
		json_key(&j, "cure");
		json_cstr(&j, r->cure);
		json_key(&j, "ms");
		json_int(&j, r->elapsed_ms);
		json_object_end(&j);
	}
	json_array_end(&j);
	render_json_end(app, &j, &buf);
}

static int
check_run(struct app *app, const struct call *call, struct err *e)
{
	struct dns_config config;
	struct resolver_view v;
	const char *source;
	int64_t timeout;
	struct dns *dns;
	if (!diagnosis_timeout(call, &timeout, e) ||
	    !app_dns_config(app, &config, &source, e) ||
	    (dns = app_dns(app, e)) == NULL ||
	    !resolver_check(&app->model, dns, &config, source, timeout, &v, e))
		return err_exit_status(e->code);
	if (app->json)
		view_json(app, &v);
	else
		view_show(app, &v);
	if (v.worst == FINDING_UNKNOWN)
		return err_exit_status(ERR_TEMPORARY);
	return v.worst == FINDING_FAIL ? ANSWER_NO : 0;
}

const struct command command_resolver_check = {
	.words = "resolver check",
	.summary = N_("do the name servers serve a mail server"),
	.text = N_("Asks each name server alone: does it answer, does it tell "
		   "the truth about names that do not exist, and do the "
		   "configured blacklists serve it. A list that refuses the "
		   "resolver is useless behind it, and a resolver that invents "
		   "answers makes every list refuse all mail. Exit status 1 "
		   "when something fails."),
	.options = { { .name = "timeout",
	    .value = "SECONDS",
	    .kind = ARG_INT,
	    .help = N_("wait so long for an answer; 10") } },
	.flags = COMMAND_NO_ROOT,
	.run = check_run,
};
