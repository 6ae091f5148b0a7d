/* The result of a rehearsal as text and as JSON. */
#include "cmd/rehearse.h"

#include "cmd/render.h"
#include "core/base/i18n.h"

enum {
	US_PER_MS = 1000
};

/* ---- text ---- */

/* "refused: its words", "-" where it was not asked. */
static struct str
outcome(struct app *app, const struct rehearse_step *s)
{
	if (s == NULL)
		return STR("-");
	return str_of(arena_printf(app->arena, "%s%s%.*s", _(s->result),
	    s->text.len > 0 ? ": " : "", STR_ARG(s->text)));
}

static struct str
milliseconds(struct app *app, const struct rehearse_step *s)
{
	return render_number(app, s->us / US_PER_MS);
}

static void
fill_row(struct app *app, const struct rehearse_result *r,
    const struct rehearse_pair *p, struct str *row)
{
	const struct rehearse_step *s = p->now != NULL ? p->now : p->with;
	row[0] = str_of(s->phase);
	if (s->rcpt > 0 && (r->now.n_rcpts > 1 || r->with.n_rcpts > 1))
		row[0] = str_of(
		    arena_printf(app->arena, "%s %zu", s->phase, s->rcpt));
	row[1] = s->plugin;
	row[2] = r->compared ? milliseconds(app, s) : str_of(_(s->result));
	row[3] = r->compared ? outcome(app, p->now) : milliseconds(app, s);
	row[4] = r->compared ? outcome(app, p->with) : s->text;
}

static void
show_steps(struct app *app, const struct rehearse_result *r)
{
	enum {
		COLUMNS = 5
	};
	static const struct render_column one[COLUMNS] = {
		{ N_("PHASE"), false }, { N_("PLUGIN"), false },
		{ N_("RESULT"), false }, { "MS", true }, { N_("WHY"), false }
	};
	static const struct render_column two[COLUMNS] = {
		{ N_("PHASE"), false }, { N_("PLUGIN"), false }, { "MS", true },
		{ N_("NOW"), false }, { N_("WITH"), false }
	};
	struct str *cells =
	    ARENA_ARRAY(app->arena, r->n_pairs * COLUMNS + 1, struct str);
	for (size_t i = 0; i < r->n_pairs; i++)
		fill_row(app, r, &r->pairs[i], &cells[i * COLUMNS]);
	render_table(app, r->compared ? two : one, COLUMNS, cells, r->n_pairs);
}

static void
show_reply(struct app *app, const char *label, struct str reply)
{
	struct str line;
	while (str_next_line(&reply, &line))
		render_prose(app, 9, "%-8s %.*s", label, STR_ARG(line));
}

/* Each has an answer of its own; one alone decides, and that is shown. */
static void
show_rcpts(struct app *app, const struct rehearsal *r)
{
	for (size_t i = 0; r->n_rcpts > 1 && i < r->n_rcpts; i++) {
		const struct rehearse_rcpt *rcpt = &r->rcpts[i];
		const char *label = arena_printf(app->arena, "rcpt %zu", i + 1);
		struct str rest = rcpt->reply, line = STR_EMPTY;
		(void)str_next_line(&rest, &line);
		render_prose(app, 9, "%-8s %.*s: %.*s", label,
		    STR_ARG(rcpt->address), STR_ARG(line));
		show_reply(app, "", rest);
	}
}

void
rehearse_show(struct app *app, const struct rehearse_result *r)
{
	const char *setting = r->now.setting;
	show_steps(app, r);
	show_rcpts(app, &r->now);
	show_reply(app, r->compared ? _("now") : _("answer"), r->now.reply);
	if (r->compared) {
		show_rcpts(app, &r->with);
		show_reply(app, _("with"), r->with.reply);
	}
	if (r->because != NULL)
		render_prose(app, 9, "%-8s %s", _("because"), r->because);
	if (setting != NULL)
		render_prose(app, 9, "%-8s %s", _("setting"), setting);
	render_note(app, _("nothing sent, stored or learned"));
	if (setting != NULL)
		render_next(app, "smemail describe %s", setting);
}

/* ---- JSON ---- */

static void
rcpts_json(struct json *j, const struct rehearsal *r)
{
	json_key(j, "recipients");
	json_array_begin(j);
	for (size_t i = 0; i < r->n_rcpts; i++) {
		json_object_begin(j);
		json_key(j, "rcpt");
		json_str(j, r->rcpts[i].address);
		json_key(j, "reply");
		json_str(j, r->rcpts[i].reply);
		json_object_end(j);
	}
	json_array_end(j);
}

static void
step_json(
    struct json *j, const struct rehearsal *r, const struct rehearse_step *step)
{
	json_object_begin(j);
	json_word(j, "phase", step->phase);
	json_key(j, "rcpt");
	if (step->rcpt > 0)
		json_str(j, r->rcpts[step->rcpt - 1].address);
	else
		json_null(j);
	json_key(j, "plugin");
	json_str(j, step->plugin);
	json_word(j, "result", step->result);
	json_key(j, "text");
	json_str(j, step->text);
	json_key(j, "ms");
	json_int(j, step->us / US_PER_MS);
	json_object_end(j);
}

static void
pair_json(struct json *j, const struct rehearse_pair *p)
{
	const struct rehearse_step *s = p->now != NULL ? p->now : p->with;
	json_object_begin(j);
	json_word(j, "phase", s->phase);
	json_key(j, "plugin");
	json_str(j, s->plugin);
	json_word(j, "now", p->now != NULL ? p->now->result : NULL);
	json_word(j, "with", p->with != NULL ? p->with->result : NULL);
	json_object_end(j);
}

static void
add_compared(struct json *j, const struct rehearse_result *r)
{
	json_word(j, "verdict_with",
	    r->compared ? rehearse_verdict_word(r->with.verdict) : NULL);
	json_key(j, "reply_with");
	if (r->compared)
		json_str(j, r->with.reply);
	else
		json_null(j);
	json_word(j, "because", r->because);
	json_key(j, "compared");
	json_array_begin(j);
	for (size_t i = 0; r->compared && i < r->n_pairs; i++)
		pair_json(j, &r->pairs[i]);
	json_array_end(j);
}

void
rehearse_show_json(struct app *app, const struct rehearse_result *r)
{
	struct json j;
	struct buf buf;
	render_json_begin(app, &j, &buf, "smemail.rehearse/1");
	json_word(&j, "verdict", rehearse_verdict_word(r->now.verdict));
	json_key(&j, "reply");
	json_str(&j, r->now.reply);
	json_word(&j, "setting", r->now.setting);
	json_key(&j, "steps");
	json_array_begin(&j);
	for (size_t i = 0; i < r->now.steps.len; i++)
		step_json(&j, &r->now,
		    VEC_AT(&r->now.steps, struct rehearse_step, i));
	json_array_end(&j);
	rcpts_json(&j, &r->now);
	add_compared(&j, r);
	json_key(&j, "budget_ms");
	json_int(&j, r->now.us / US_PER_MS);
	render_json_end(app, &j, &buf);
}
