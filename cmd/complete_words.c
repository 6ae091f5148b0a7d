/* Candidates: records, services, events, commands, fixed words. */
#include "cmd/complete_words.h"

#include "cmd/match.h"
#include "cmd/when.h"
#include "core/base/i18n.h"
#include "core/model/history.h"
#include "core/db/db.h"
#include "core/setting/setting.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

static struct arena *
arena(const struct complete *c)
{
	return c->app->arena;
}

/* Which database and record type hold the targets of a kind. */
static const struct target_source {
	enum setting_target target;
	const char *noun; /* first word of the commands about them */
	const char *db;
	const char *type;
	const char *about; /* property that describes one */
} target_sources[] = {
	{ SETTING_TARGET_USER, "user", "accounts", "user", "FirstName" },
	{ SETTING_TARGET_GROUP, "group", "accounts", "group", "Description" },
	{ SETTING_TARGET_PSEUDONYM, "pseudonym", "accounts", "pseudonym",
	    "Account" },
	{ SETTING_TARGET_DOMAIN, "domain", "domains", "domain", "Description" },
	{ SETTING_TARGET_NETWORK, "network", "networks", "network", "Mask" },
};

enum setting_target
complete_target_of(const struct command *c)
{
	struct str noun = c != NULL ? command_word(c, 0) : str_of("");
	for (size_t i = 0; i < ARRAY_LEN(target_sources); i++) {
		if (str_is(noun, target_sources[i].noun))
			return target_sources[i].target;
	}
	return SETTING_TARGET_NONE;
}

static void
add_records(struct complete *c, const char *database, const char *type,
    const char *about)
{
	char path[SYS_PATH_MAX];
	struct db *db = NULL;
	if (!db_path(&c->app->root, database, path, NULL, NULL) ||
	    !db_load(path, database, &db, NULL))
		return;
	for (size_t i = 0; i < db_count(db); i++) {
		const struct db_record *r = db_at(db, i);
		struct str text = STR_EMPTY;
		if (!r->defined || !str_is(db_record_type(r, arena(c)), type))
			continue;
		if (!db_record_prop(r, str_of(about), arena(c), &text))
			text = str_of("");
		complete_add(c, arena_cstr(arena(c), r->key),
		    arena_cstr(arena(c), text), type);
	}
	db_free(db);
}

static void
add_targets(struct complete *c, enum setting_target target)
{
	for (size_t i = 0; i < ARRAY_LEN(target_sources); i++) {
		const struct target_source *from = &target_sources[i];
		if (from->target == target)
			add_records(c, from->db, from->type, from->about);
	}
}

static void
word_domain(struct complete *c, const struct complete_place *p)
{
	(void)p;
	add_targets(c, SETTING_TARGET_DOMAIN);
}

static void
word_target(struct complete *c, const struct complete_place *p)
{
	const struct setting *s = complete_setting_before(p);
	enum setting_target target =
	    s != NULL && s->target ? s->target : complete_target_of(p->command);
	add_targets(c, target);
}

/* Names in a directory of the tree, sorted. */
static void
add_names(struct complete *c, const char *dir, const char *kind)
{
	char path[SYS_PATH_MAX];
	enum {
		NAMES_MAX = 512
	};
	char **names = ARENA_ARRAY(arena(c), NAMES_MAX, char *);
	size_t n = 0;
	DIR *d =
	    root_path(&c->app->root, dir, path, NULL) ? opendir(path) : NULL;
	if (d == NULL)
		return;
	const struct dirent *entry;
	while ((entry = readdir(d)) != NULL && n < NAMES_MAX) {
		/* locks stand beside the databases */
		if (entry->d_name[0] != '.' &&
		    !str_ends(str_of(entry->d_name), STR(".lock")))
			names[n++] =
			    arena_cstr(arena(c), str_of(entry->d_name));
	}
	closedir(d);
	qsort(names, n, sizeof(*names), str_cstr_order);
	for (size_t i = 0; i < n; i++)
		complete_add(c, names[i], "", kind);
}

static void
word_service(struct complete *c, const struct complete_place *p)
{
	(void)p;
	add_names(c, "/service", "service");
}

static void
word_event(struct complete *c, const struct complete_place *p)
{
	(void)p;
	add_names(c, "/etc/e-smith/events", "event");
}

/* Newest first, with their settings. */
static void
word_change(struct complete *c, const struct complete_place *p)
{
	struct model_ctx m = c->app->model;
	struct journal j;
	struct history_row *rows;
	size_t n;
	(void)p;
	m.arena = arena(c);
	if (!history_read(&m, &j, &rows, &n, NULL))
		return;
	for (size_t i = 0; i < n; i++) {
		const struct journal_apply *apply = rows[i].apply;
		if (apply == NULL)
			continue;
		complete_add(c, arena_printf(arena(c), "%ld", apply->change),
		    arena_printf(arena(c), "%s, %s%s%s",
			when_shown(c->app, apply->time_s), apply->who,
			rows[i].n > 0 ? ", " : "",
			rows[i].n > 0 ? rows[i].entries[0].setting : ""),
		    "change");
	}
}

static void
word_of(struct complete *c, const struct complete_place *p)
{
	for (size_t i = 0; p->choices != NULL && p->choices[i] != NULL; i++)
		complete_add(c, p->choices[i], "", "word");
}

static void
word_command(struct complete *c, const struct complete_place *p)
{
	struct match m;
	match_begin(&m, arena(c));
	for (size_t i = 0; i < p->n_before; i++) {
		if (!match_word(&m, str_of(p->before[i])))
			return;
	}
	for (size_t i = 0; i < m.n; i++) {
		struct str word = command_word(m.candidates[i], m.depth);
		bool seen = word.len == 0 ||
			    (m.candidates[i]->flags & COMMAND_HIDDEN) != 0;
		for (size_t k = 0; !seen && k < c->n; k++)
			seen = str_is(word, c->items[k].word);
		if (!seen)
			complete_add(c, arena_cstr(arena(c), word),
			    _(m.candidates[i]->summary), "command");
	}
}

static void
word_file(struct complete *c, const struct complete_place *p)
{
	c->end = p->kind == ARG_DIR ? COMPLETE_DIRS : COMPLETE_FILES;
}

/* Options whose values are a few fixed words. */
static const struct {
	const char *option;
	const char *words[4];
} option_words[] = {
	{ "color", { "always", "auto", "never" } },
	{ "lang", { "en", "fr" } },
	{ "release", { "9.1", "10", "11" } },
};

/* Options named after what they take: --user, --group, --domain ... */
static void
word_named(struct complete *c, const struct complete_place *p)
{
	for (size_t i = 0; p->option != NULL && i < ARRAY_LEN(target_sources);
	     i++) {
		const struct target_source *from = &target_sources[i];
		if (strcmp(p->option, from->noun) == 0)
			add_records(c, from->db, from->type, from->about);
	}
}

static void
word_text(struct complete *c, const struct complete_place *p)
{
	word_of(c, p); /* where some words are usual */
	complete_task(c, p);
	word_named(c, p);
	if (p->command != NULL && p->n_before == 0 && p->option == NULL &&
	    strcmp(p->command->words, "db") == 0)
		add_names(c, "/home/e-smith/db", "database");
	for (size_t i = 0; i < ARRAY_LEN(option_words); i++) {
		if (p->option == NULL ||
		    strcmp(p->option, option_words[i].option) != 0)
			continue;
		for (size_t k = 0; option_words[i].words[k] != NULL; k++)
			complete_add(c, option_words[i].words[k], "", "word");
	}
}

void
complete_word(struct complete *c, const struct complete_place *place)
{
	static void (*const sources[])(
	    struct complete *, const struct complete_place *) = {
		[ARG_TEXT] = word_text,
		[ARG_INT] = word_text,
		[ARG_SETTING] = complete_setting,
		[ARG_ASSIGNMENT] = complete_assignment,
		[ARG_VALUE] = complete_value,
		[ARG_AREA] = complete_area,
		[ARG_TARGET] = word_target,
		[ARG_DOMAIN] = word_domain,
		[ARG_HOST] = word_text,
		[ARG_SERVICE] = word_service,
		[ARG_CHANGE] = word_change,
		[ARG_EVENT] = word_event,
		[ARG_FILE] = word_file,
		[ARG_DIR] = word_file,
		[ARG_COMMAND] = word_command,
		[ARG_WORD_OF] = word_of,
		[ARG_REST] = word_text,
	};
	sources[place->kind](c, place);
}
