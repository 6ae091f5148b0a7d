/* dkim verify: every signature of a message, and whom a pass speaks for. */
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/dkim.h"
#include "cmd/render.h"
#include "core/base/i18n.h"

enum {
	VERIFY_COLUMNS = 5
};

static int
exit_of(enum dkim_result r)
{
	if (r == DKIM_TEMPERROR)
		return DKIM_EXIT_TEMPORARY;
	return r == DKIM_PASS ? 0 : DKIM_EXIT_NO;
}

static const char *
reason_shown(struct app *app, const struct dkim_verdict *v)
{
	if (v->detail.len == 0)
		return dkim_reason_text(v->reason);
	return arena_printf(app->arena, _("%s: %.*s"),
	    dkim_reason_text(v->reason), STR_ARG(v->detail));
}

static const char *
key_shown(struct app *app, const struct dkim_verdict *v)
{
	return v->key_bits == 0 ? "-"
				: arena_printf(app->arena, "%u%s", v->key_bits,
				      v->testing ? " t=y" : "");
}

static void
verify_json(struct app *app, const struct dkim_message *m,
    const struct dkim_verdict *v, enum dkim_result overall,
    const struct dkim_alignment *x)
{
	struct json j;
	struct buf buf;
	render_json_begin(app, &j, &buf, "smemail.dkim-verify/1");
	json_key(&j, "result");
	json_cstr(&j, dkim_result_word(overall));
	json_key(&j, "signatures");
	json_array_begin(&j);
	for (size_t i = 0; i < m->n_signatures; i++) {
		json_object_begin(&j);
		dkim_verdict_json(&j, &v[i]);
		dkim_signature_json(&j, &m->signatures[i]);
		json_key(&j, "identity");
		json_str(&j, m->signatures[i].identity);
		json_key(&j, "body_octets");
		json_int(&j, (int64_t)v[i].body_octets);
		json_key(&j, "body_signed");
		json_int(&j, (int64_t)v[i].body_signed);
		json_key(&j, "from_unsigned");
		json_int(&j, (int64_t)v[i].from_unsigned);
		json_object_end(&j);
	}
	json_array_end(&j);
	dkim_align_json(&j, m, x);
	render_json_end(app, &j, &buf);
}

/* What a pass leaves open: a part of the body, a second From. */
static void
verify_notes(struct app *app, const struct dkim_verdict *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (v[i].body_signed < v[i].body_octets)
			render_note(app,
			    _("signature %zu covers %llu of %llu bytes of the "
			      "body (l=): what follows may be anybody's"),
			    i + 1, (unsigned long long)v[i].body_signed,
			    (unsigned long long)v[i].body_octets);
		if (v[i].from_unsigned > 0)
			render_note(app,
			    _("signature %zu leaves out a From field: readers "
			      "may be shown that one"),
			    i + 1);
		if (v[i].testing)
			render_note(app,
			    _("signature %zu: the key is published for testing "
			      "(t=y)"),
			    i + 1);
	}
}

static void
verify_show(struct app *app, const struct dkim_message *m,
    const struct dkim_verdict *v, enum dkim_result overall,
    const struct dkim_alignment *x)
{
	static const struct render_column columns[VERIFY_COLUMNS] = {
		{ N_("RESULT"), false },
		{ N_("DOMAIN"), false },
		{ N_("SELECTOR"), false },
		{ N_("ALGORITHM"), false },
		{ N_("KEY"), true },
	};
	struct str *cells = ARENA_ARRAY(
	    app->arena, (m->n_signatures + 1) * VERIFY_COLUMNS, struct str);
	for (size_t i = 0; i < m->n_signatures; i++) {
		struct str *c = &cells[i * VERIFY_COLUMNS];
		c[0] = str_of(dkim_result_word(v[i].result));
		c[1] = render_or_dash(m->signatures[i].domain);
		c[2] = render_or_dash(m->signatures[i].selector);
		c[3] = render_or_dash(m->signatures[i].algorithm_text);
		c[4] = str_of(key_shown(app, &v[i]));
	}
	if (m->n_signatures > 0)
		render_table(
		    app, columns, VERIFY_COLUMNS, cells, m->n_signatures);
	/* lines of their own: a column would be cut on a narrow terminal */
	for (size_t i = 0; i < m->n_signatures; i++) {
		if (v[i].result != DKIM_PASS)
			render_line(app, _("signature %zu: %s"), i + 1,
			    reason_shown(app, &v[i]));
	}
	render_line(app, "dkim=%s", dkim_result_word(overall));
	dkim_align_show(app, m, x);
	if (m->n_signatures == 0)
		render_note(app, _("the message is not signed"));
	verify_notes(app, v, m->n_signatures);
}

static int
run_verify(struct app *app, const struct call *call, struct err *e)
{
	struct dkim_reading r;
	struct dkim_verdict *v = NULL;
	struct dkim_alignment x;
	int status = -1;
	if (dkim_reading_begin(app, call->args[0], &r, e)) {
		enum dkim_result overall = dkim_verify(r.judge, &r.message,
		    r.dns, app->arena, clock_wall_s(app->clock), &v);
		dkim_align(&r.message, v, r.dns, app->arena, &x);
		if (app->json)
			verify_json(app, &r.message, v, overall, &x);
		else
			verify_show(app, &r.message, v, overall, &x);
		status = exit_of(overall);
	}
	dkim_reading_end(&r);
	return status < 0 ? err_exit_status(e->code) : status;
}

const struct command command_dkim_verify = {
	.words = "dkim verify",
	.summary = N_("verify the signatures of a message"),
	.text = N_("Every DKIM-Signature of the message is judged by the key "
		   "that its domain publishes (RFC 6376, 8301, 8463), and the "
		   "reason is told. The result is pass when one passes. What "
		   "could not be asked for is temperror, exit status 111. "
		   "The alignment tells whether one that passes speaks for the "
		   "domain of From, as its DMARC record asks; it does not "
		   "change the exit status."),
	.args = { { "FILE", ARG_FILE, ARG_ONE, NULL } },
	.flags = COMMAND_NO_ROOT,
	.run = run_verify,
};
