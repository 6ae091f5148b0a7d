/* What the commands on settings share. */
#include "cmd/settings.h"

#include "cmd/render.h"
#include "core/base/i18n.h"
#include "core/base/buf.h"

const struct render_column settings_columns[SETTINGS_COLUMNS] = {
	{ .head = N_("SETTING") },
	{ .head = N_("STATE") },
	{ .head = N_("VALUE") },
	{ .head = N_("DEFAULT") },
};

bool
settings_begin(struct app *app, struct settings_store **out, struct err *e)
{
	*out = NULL;
	if (!model_root_check(&app->root, e))
		return false;
	if (app->model.release[0] == '\0')
		app->model.release = model_release(&app->root, app->session);
	return settings_open(&app->model, out, e);
}

static bool
is_secret(const struct settings_row *row)
{
	return row->setting->flags & SETTING_SECRET;
}

/* "first line ... (12 lines)" of the text of a file. */
static struct str
first_line(const struct app *app, struct str text)
{
	struct str rest = text, line, first = STR_EMPTY;
	unsigned n = 0;

	while (str_next_line(&rest, &line)) {
		n++;
		/* a generated file begins with comments */
		if (first.len == 0 || first.ptr[0] == '#')
			first = line;
	}
	if (n < 2)
		return text;
	return str_of(arena_printf(app->arena,
	    P_("%.*s … (%u line)", "%.*s … (%u lines)", n), STR_ARG(first), n));
}

struct str
settings_cell(const struct app *app, const struct settings_row *row)
{
	if (is_secret(row) && row->is_stored)
		return str_of(_("(stored, not shown)"));
	return row->value.len > 0 ? first_line(app, row->value) : STR("-");
}

const char *
settings_shown(const struct app *app, const struct settings_row *row)
{
	struct buf text = BUF_INIT(SETTING_VALUE_MAX * 2);
	const struct setting *s = row->setting;
	const char *shown;

	if (is_secret(row) || row->value.len == 0 ||
	    row->source == SETTINGS_FRAGMENT ||
	    row->source == SETTINGS_UNKNOWN ||
	    s->type->editor == SETTING_EDIT_TEXT)
		return arena_cstr(app->arena, settings_cell(app, row));
	s->type->format(s, row->value, &text);
	shown = arena_cstr(app->arena, buf_str(&text));
	buf_clear(&text);
	return shown;
}

const char *
settings_default(const struct setting *s)
{
	if (s->default_from != NULL)
		return s->default_from;
	return s->default_value != NULL ? s->default_value : "-";
}

const char *
settings_place_text(const struct app *app, const struct settings_row *row)
{
	const struct setting *s = row->setting;
	bool entry = s->target == SETTING_TARGET_ENTRY;
	const char *key = s->key, *prop = s->prop;

	if (s->place == SETTING_IN_FILE || s->place == SETTING_IN_DNS)
		return key;
	if (row->target != NULL && entry)
		prop = row->target;
	else if (row->target != NULL)
		key = row->target;
	if (s->place == SETTING_IN_VALUE)
		return arena_printf(app->arena, "%s %s", s->db, key);
	return arena_printf(app->arena, "%s %s %s", s->db, key, prop);
}

const char *
settings_risk_text(const struct app *app, const struct setting *s)
{
	static const char *const words[] = {
		[SETTING_RISK_NONE] = N_("none"),
		[SETTING_RISK_MAY_LOSE_MAIL] = N_("may lose mail"),
		[SETTING_RISK_MAY_BLOCK_LEGIT] = N_("may block good mail"),
		[SETTING_RISK_PRIVACY] = N_("privacy"),
		[SETTING_RISK_NEEDS_REBOOT] = N_("needs a reboot"),
		[SETTING_RISK_CHANGES_CERTIFICATE] =
		    N_("changes the certificate"),
		[SETTING_RISK_OPEN_RELAY] = N_("open relay"),
		[SETTING_RISK_EXPOSES_PASSWORDS] = N_("exposes passwords"),
	};

	if (s->risk_text == NULL)
		return _(words[s->risk]);
	return arena_printf(
	    app->arena, _("%s: %s"), _(words[s->risk]), _(s->risk_text));
}

const char *
settings_summary(const struct app *app, const struct setting *s)
{
	return app->model.french ? s->help_fr : s->help;
}

void
settings_note_problem(struct app *app, const struct settings_row *row)
{
	if (row->problem == NULL)
		return;
	render_note(app, _("! %s: %s; the default counts"), row->setting->id,
	    row->problem);
}

/* A string, or null where there is nothing or it is a secret. */
static void
json_value(struct json *j, const char *key, bool there, struct str value)
{
	json_key(j, key);
	if (there)
		json_str(j, value);
	else
		json_null(j);
}

void
settings_json_get(struct json *j, const struct settings_row *row)
{
	const struct setting *s = row->setting;
	bool secret = is_secret(row);
	bool known = row->source != SETTINGS_UNKNOWN;

	json_word(j, "name", s->id);
	if (s->target != SETTING_TARGET_NONE)
		json_word(j, "target", row->target);
	json_value(j, "value",
	    known && !secret && (row->value.len > 0 || row->is_stored),
	    row->value);
	json_value(
	    j, "stored", known && row->is_stored && !secret, row->stored);
	json_word(j, "default", s->default_value);
	json_word(
	    j, "source", known ? settings_source_word(row->source) : NULL);
	json_word(j, "type", s->type->name);
	json_word(j, "unit", s->unit);
	json_word(j, "db", s->place == SETTING_IN_DNS ? "dns" : s->db);
	json_word(j, "key",
	    row->target != NULL && s->target != SETTING_TARGET_ENTRY &&
		    s->place == SETTING_IN_DB
		? row->target
		: s->key);
	json_word(j, "property",
	    s->place == SETTING_IN_VALUE ? NULL
	    : row->target != NULL && s->target == SETTING_TARGET_ENTRY
		? row->target
		: s->prop);
	json_key(j, "secret");
	json_bool(j, secret);
	if (row->problem != NULL)
		json_word(j, "problem", row->problem);
}

void
settings_json_list(
    const struct app *app, struct json *j, const struct settings_row *row)
{
	const struct setting *s = row->setting;

	settings_json_get(j, row);
	json_word(j, "area", s->area);
	json_word(j, "state", settings_source_word(row->source));
	json_word(j, "risk", setting_risk_word(s->risk));
	json_word(j, "since", s->since);
	json_word(j, "until", s->until);
	json_key(j, "visible");
	json_bool(j, row->visible);
	json_word(j, "summary", settings_summary(app, s));
}

void
settings_json_texts(struct json *j, const char *key, const char *const *texts)
{
	json_key(j, key);
	json_array_begin(j);
	for (; texts != NULL && *texts != NULL; texts++)
		json_cstr(j, *texts);
	json_array_end(j);
}

static void
listed_json(struct app *app, struct json *j, void *rows, size_t i)
{
	settings_json_list(app, j, (const struct settings_row *)rows + i);
}

void
settings_json_listed(struct app *app, struct settings_row *rows, size_t n)
{
	settings_json_rows(app, "smemail.list/1", listed_json, rows, n);
}

bool
settings_wants_json(const struct app *app)
{
	return app->json || app->jsonl;
}

void
settings_json_rows(struct app *app, const char *schema, settings_row_json *row,
    void *rows, size_t n)
{
	struct json j;
	struct buf buf;

	for (size_t i = 0; app->jsonl && i < n; i++) {
		render_json_begin(app, &j, &buf, schema);
		row(app, &j, rows, i);
		render_json_end(app, &j, &buf);
	}
	if (app->jsonl)
		return;
	render_json_begin(app, &j, &buf, schema);
	json_key(&j, "rows");
	json_array_begin(&j);
	for (size_t i = 0; i < n; i++) {
		json_object_begin(&j);
		row(app, &j, rows, i);
		json_object_end(&j);
	}
	json_array_end(&j);
	render_json_end(app, &j, &buf);
}

void
settings_cells(const struct app *app, const struct settings_row *row,
    struct str cells[SETTINGS_COLUMNS])
{
	const char *state = settings_source_word(row->source);

	cells[0] = str_of(row->setting->id);
	cells[1] = row->source == SETTINGS_UNKNOWN ? STR("-") : str_of(state);
	cells[2] = settings_cell(app, row);
	cells[3] = str_of(settings_default(row->setting));
}
