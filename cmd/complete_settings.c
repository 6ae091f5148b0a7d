/* Candidates: setting ids with their values now, values, areas. */
#include "cmd/complete_words.h"

#include "core/base/i18n.h"
#include "core/model/settings.h"
#include "core/setting/setting.h"

#include <string.h>

enum {
	SEARCH_MIN = 3 /* shorter words are not searched for in summaries */
};

static struct arena *
arena(const struct complete *c)
{
	return c->app->arena;
}

static void
none(struct complete *c, const char *why)
{
	c->end = COMPLETE_NONE;
	c->why = why;
}

/* The part of an id up to and with its first dot: "spam." */
static const char *
id_prefix(struct complete *c, const char *id)
{
	struct str s = str_of(id);
	return arena_cstr(arena(c), str_sub(s, 0, str_find(s, '.', 0) + 1));
}

static bool
offered(const struct complete *c, const char *word)
{
	size_t front = strlen(c->front);
	for (size_t i = 0; i < c->n; i++) {
		if (strcmp(c->items[i].word + front, word) == 0)
			return true;
	}
	return false;
}

/* Settings that the command can mean: of a user for "user", else any. */
static bool
is_meant(const struct complete *c, const struct setting *s)
{
	return (c->target == SETTING_TARGET_NONE || s->target == c->target) &&
	       setting_on_release(s, c->app->model.release);
}

/* With nothing typed yet the beginnings are offered, 230 ids help nobody. */
static void
add_prefixes(struct complete *c)
{
	size_t n;
	const struct setting *const *all = setting_all(&n);
	for (size_t i = 0; i < n; i++) {
		const char *prefix = id_prefix(c, all[i]->id);
		if (is_meant(c, all[i]) && !offered(c, prefix))
			complete_add(c, prefix, all[i]->area, "prefix");
	}
	c->end = COMPLETE_NOSPACE;
}

static const char *
summary(const struct complete *c, const struct setting *s)
{
	return c->app->model.french ? s->help_fr : s->help;
}

/* One id, told by its value now where there is one to tell. */
static void
add_setting(struct complete *c, struct settings_store *store,
    const struct setting *s, const char *after, bool changed)
{
	struct settings_row row;
	const char *text = summary(c, s);
	bool read = store != NULL && s->target == SETTING_TARGET_NONE &&
		    settings_read(store, s, NULL, &row, NULL);
	bool own = read && (row.source == SETTINGS_SET ||
			       row.source == SETTINGS_PENDING);
	if (own != changed)
		return;
	if (read && row.value.len > 0 && !(s->flags & SETTING_SECRET))
		text = arena_printf(
		    arena(c), "%.*s  %s", STR_ARG(row.value), text);
	complete_add(
	    c, arena_printf(arena(c), "%s%s", s->id, after), text, "setting");
}

static bool
mentions(const struct complete *c, const struct setting *s, struct str word)
{
	struct str texts[] = { str_of(s->id), str_of(summary(c, s)) };
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		if (str_find_str(texts[i], word) < texts[i].len)
			return true;
	}
	return false;
}

/* Does the setting belong in this list? */
static bool
is_wanted(const struct complete *c, const struct setting *s, struct str word,
    bool search)
{
	if (!is_meant(c, s))
		return false;
	return search ? mentions(c, s, word) : str_starts(str_of(s->id), word);
}

static void
add_settings(struct complete *c, const char *after, bool search)
{
	size_t n;
	const struct setting *const *all = setting_all(&n);
	struct settings_store *store = NULL;
	struct str word = c->wanted;
	if (!settings_open(&c->app->model, &store, NULL))
		store = NULL;
	if (search)
		c->wanted = str_of("");
	for (int pass = 0; pass < 2; pass++) { /* own changes first */
		for (size_t i = 0; i < n; i++) {
			if (is_wanted(c, all[i], word, search))
				add_setting(c, store, all[i], after, pass == 0);
		}
	}
	c->wanted = word;
	settings_close(store);
}

static void
nothing_begins(struct complete *c)
{
	const struct setting *near = setting_nearest(c->wanted);
	none(c, near == NULL
		    ? arena_printf(arena(c), _("no setting begins with '%.*s'"),
			  STR_ARG(c->wanted))
		    : arena_printf(arena(c),
			  _("no setting begins with '%.*s'; nearest: %s"),
			  STR_ARG(c->wanted), near->id));
}

static void
add_ids(struct complete *c, const char *after)
{
	if (c->wanted.len == 0) {
		add_prefixes(c);
		return;
	}
	add_settings(c, after, false);
	if (c->n == 0 && c->wanted.len >= SEARCH_MIN)
		add_settings(c, after, true);
	if (c->n == 0)
		nothing_begins(c);
	else if (after[0] != '\0')
		c->end = COMPLETE_NOSPACE;
}

/* One value, told by its standing ("now") and what it means. */
static void
add_value(struct complete *c, const struct setting *s, const char *word,
    const char *standing)
{
	const char *meaning = "";
	if (word == NULL || word[0] == '\0' || offered(c, word))
		return;
	for (const struct setting_choice *w = s->choices;
	     w != NULL && w->word != NULL; w++) {
		if (strcmp(w->word, word) == 0 && w->meaning != NULL)
			meaning = _(w->meaning);
	}
	complete_add(c, word,
	    arena_printf(arena(c), "%s%s%s", standing,
		standing[0] != '\0' && meaning[0] != '\0' ? "; " : "", meaning),
	    "value");
}

/* The value in force, NULL when there is none or it cannot be read. */
static const char *
value_now(struct complete *c, const struct setting *s)
{
	struct settings_store *store = NULL;
	struct settings_row row;
	const char *value = NULL;
	if (s->target != SETTING_TARGET_NONE ||
	    !settings_open(&c->app->model, &store, NULL))
		return NULL;
	if (settings_read_value(store, s, NULL, &row, NULL))
		value = arena_cstr(arena(c), row.value);
	settings_close(store);
	return value;
}

/* What it is now, what it would be, then what else there is. */
static void
add_values(struct complete *c, const struct setting *s)
{
	if (s->flags & SETTING_SECRET) {
		none(c, _("a secret: use --stdin"));
		return;
	}
	add_value(c, s, value_now(c, s), _("now"));
	add_value(c, s, s->default_value, _("default"));
	for (const struct setting_choice *w = s->choices;
	     w != NULL && w->word != NULL; w++)
		add_value(c, s, w->word, "");
	if (c->n > 0)
		return;
	struct buf words = BUF_INIT(SETTING_VALUE_MAX);
	s->type->describe(s, &words);
	none(c, arena_cstr(arena(c), buf_str(&words)));
	buf_clear(&words);
}

void
complete_assignment(struct complete *c, const struct complete_place *p)
{
	struct str value;
	struct str id = str_cut(c->wanted, '=', &value);
	const struct setting *s = setting_find(id);
	c->target = complete_target_of(p->command);
	if (value.ptr == NULL) {
		add_ids(c, "=");
	} else if (s != NULL) {
		c->front = arena_printf(arena(c), "%s%s=", c->front, s->id);
		c->wanted = value;
		add_values(c, s);
	}
}

void
complete_setting(struct complete *c, const struct complete_place *p)
{
	c->target = complete_target_of(p->command);
	if (str_find(c->wanted, '=', 0) < c->wanted.len)
		complete_assignment(c, p);
	else
		add_ids(c, "");
}

const struct setting *
complete_setting_before(const struct complete_place *p)
{
	for (size_t i = p->n_before; i > 0; i--) {
		struct str rest, word = str_of(p->before[i - 1]);
		const struct setting *s =
		    setting_find(str_cut(word, '=', &rest));
		if (s != NULL)
			return s;
	}
	return NULL;
}

void
complete_value(struct complete *c, const struct complete_place *p)
{
	const struct setting *s = complete_setting_before(p);
	/* after NAME=VALUE more of that kind follow */
	if (p->n_before > 0 && strchr(p->before[0], '=') != NULL)
		complete_assignment(c, p);
	else if (s != NULL)
		add_values(c, s);
}

void
complete_area(struct complete *c, const struct complete_place *p)
{
	size_t n, all_n;
	const char *const *areas = setting_areas(&n);
	const struct setting *const *all = setting_all(&all_n);
	(void)p;
	for (size_t i = 0; i < n; i++) {
		size_t count = 0;
		for (size_t k = 0; k < all_n; k++)
			count += strcmp(all[k]->area, areas[i]) == 0;
		complete_add(c, areas[i],
		    arena_printf(arena(c),
			P_("%zu setting", "%zu settings", count), count),
		    "area");
	}
}
