/* arc verify: the sets that forwarders added, and whether the chain holds. */
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/dkim.h"
#include "cmd/render.h"
#include "core/auth/arc.h"
#include "core/base/i18n.h"

static void
set_json(struct json *j, const struct arc_set *s, size_t i)
{
	json_object_begin(j);
	json_key(j, "instance");
	json_int(j, (int64_t)i + 1);
	json_key(j, "message_signature");
	json_object_begin(j);
	if (s->judged)
		dkim_verdict_json(j, &s->message_verdict);
	dkim_signature_json(j, &s->message);
	json_object_end(j);
	json_key(j, "seal");
	json_object_begin(j);
	if (s->judged)
		dkim_verdict_json(j, &s->seal_verdict);
	json_key(j, "domain");
	json_str(j, s->seal.domain);
	json_key(j, "selector");
	json_str(j, s->seal.selector);
	json_key(j, "chain_value");
	json_str(j, s->seal.chain_value);
	json_object_end(j);
	json_object_end(j);
}

static void
arc_json(struct app *app, const struct arc_chain *c)
{
	struct json j;
	struct buf buf;
	render_json_begin(app, &j, &buf, "smemail.arc-verify/1");
	json_key(&j, "result");
	json_cstr(&j, arc_result_word(c->result));
	json_key(&j, "reason");
	json_cstr(&j, arc_reason_word(c->reason));
	json_key(&j, "instance");
	json_int(&j, c->at);
	json_key(&j, "field_reason");
	json_cstr(&j, dkim_reason_word(c->field));
	json_key(&j, "detail");
	json_str(&j, c->detail);
	json_key(&j, "oldest_pass");
	json_int(&j, c->oldest_pass);
	json_key(&j, "sets");
	json_array_begin(&j);
	for (size_t i = 0; i < c->n_sets; i++)
		set_json(&j, &c->sets[i], i);
	json_array_end(&j);
	render_json_end(app, &j, &buf);
}

static const char *
judged_word(const struct arc_set *s, const struct dkim_verdict *v)
{
	return s->judged ? dkim_result_word(v->result) : "-";
}

static void
arc_show(struct app *app, const struct arc_chain *c)
{
	static const struct render_column columns[] = {
		{ N_("INSTANCE"), true },
		{ N_("SEALED BY"), false },
		{ N_("CHAIN"), false },
		{ N_("SEAL"), false },
		{ N_("MESSAGE"), false },
	};
	enum {
		N = ARRAY_LEN(columns)
	};
	struct str *cells =
	    ARENA_ARRAY(app->arena, (c->n_sets + 1) * N, struct str);
	for (size_t i = 0; i < c->n_sets; i++) {
		const struct arc_set *s = &c->sets[i];
		struct str *row = &cells[i * N];
		row[0] = str_of(arena_printf(app->arena, "%zu", i + 1));
		row[1] = render_or_dash(s->seal.domain);
		row[2] = render_or_dash(s->seal.chain_value);
		row[3] = str_of(judged_word(s, &s->seal_verdict));
		row[4] = str_of(judged_word(s, &s->message_verdict));
	}
	if (c->n_sets > 0)
		render_table(app, columns, N, cells, c->n_sets);
	render_line(app, "arc=%s", arc_result_word(c->result));
	if (c->result == ARC_NONE)
		render_note(app, _("the message has no ARC set"));
	if (c->result == ARC_FAIL || c->result == ARC_TEMPERROR)
		render_note(app, "%s%s%s%s%s%.*s",
		    c->at > 0 ? arena_printf(app->arena, _("set %u: "), c->at)
			      : "",
		    arc_reason_text(c->reason),
		    c->field != DKIM_OK ? _(": ") : "",
		    c->field != DKIM_OK ? dkim_reason_text(c->field) : "",
		    c->detail.len > 0 ? _(": ") : "", STR_ARG(c->detail));
}

static int
run_arc_verify(struct app *app, const struct call *call, struct err *e)
{
	static const int exits[] = {
		[ARC_NONE] = DKIM_EXIT_NO,
		[ARC_PASS] = 0,
		[ARC_FAIL] = DKIM_EXIT_NO,
		[ARC_TEMPERROR] = DKIM_EXIT_TEMPORARY,
	};
	struct dkim_reading r;
	int status = -1;
	if (dkim_reading_begin(app, call->args[0], &r, e)) {
		struct arc_chain chain;
		arc_verify(r.judge, &r.message, r.dns, app->arena,
		    clock_wall_s(app->clock), &chain);
		if (app->json)
			arc_json(app, &chain);
		else
			arc_show(app, &chain);
		status = exits[chain.result];
	}
	dkim_reading_end(&r);
	return status < 0 ? err_exit_status(e->code) : status;
}

const struct command command_arc_verify = {
	.words = "arc verify",
	.summary = N_("verify the ARC chain of a forwarded message"),
	.text = N_("Forwarders and mailing lists seal what they received (RFC "
		   "8617). The chain passes when its sets are complete, every "
		   "ARC-Seal verifies, and the newest ARC-Message-Signature "
		   "does."),
	.args = { { "FILE", ARG_FILE, ARG_ONE, NULL } },
	.flags = COMMAND_NO_ROOT,
	.run = run_arc_verify,
};
