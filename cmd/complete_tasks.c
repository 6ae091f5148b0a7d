/* Candidates for the commands of tasks: entries of lists, pairs, rules ... */
#include "cmd/complete_words.h"

#include "core/model/lists.h"
#include "core/model/pairs.h"
#include "core/model/patterns.h"
#include "core/model/settings.h"

#include <string.h>

typedef void task_source(struct complete *c, struct settings_store *st,
    const struct complete_place *p);

static void
add_list_names(struct complete *c, struct settings_store *st,
    const struct complete_place *p)
{
	size_t n;
	const struct lists_list *all = lists_all(&n);

	(void)st;
	(void)p;
	for (size_t i = 0; i < n; i++)
		complete_add(c, all[i].name,
		    arena_printf(
			c->app->arena, "%s: %s", all[i].phase, all[i].forms),
		    "list");
}

static void
add_list_entries(struct complete *c, struct settings_store *st,
    const struct complete_place *p)
{
	const struct lists_list *l = lists_find(p->before[0], NULL);
	struct lists_entry *entries;
	size_t n;

	if (l == NULL || !lists_entries(st, l, &entries, &n, NULL))
		return;
	for (size_t i = 0; i < n; i++)
		complete_add(c,
		    arena_cstr(c->app->arena, str_of(entries[i].text)), "",
		    "entry");
}

/* Senders, then the recipients of the one named. */
static void
add_pairs(struct complete *c, struct settings_store *st,
    const struct complete_place *p)
{
	struct pair *pairs;
	size_t n;

	if (!pairs_list(st, &pairs, &n, NULL))
		return;
	for (size_t i = 0; i < n; i++)
		if (p->n_before == 0)
			complete_add(c, pairs[i].from, pairs[i].to, "pair");
		else if (strcmp(p->before[0], pairs[i].from) == 0)
			complete_add(c, pairs[i].to, "", "pair");
}

static void
add_rules(struct complete *c, struct settings_store *st,
    const struct complete_place *p)
{
	const struct setting *s = setting_find(STR("spam.rule-scores"));
	const char *const *names;
	size_t n;

	(void)p;
	if (!settings_targets(st, s, true, &names, &n, NULL))
		return;
	for (size_t i = 0; i < n; i++)
		complete_add(c, names[i], "", "rule");
}

static void
add_patterns(struct complete *c, struct settings_store *st,
    const struct complete_place *p)
{
	struct pattern *list;
	size_t n;

	(void)p;
	if (!patterns_list(st, &list, &n, NULL))
		return;
	for (size_t i = 0; i < n; i++)
		complete_add(c, list[i].key, list[i].description, "pattern");
}

static void
add_clients(struct complete *c, struct settings_store *st,
    const struct complete_place *p)
{
	const struct setting *s = setting_find(STR("relay.free-clients"));
	struct settings_row row;
	struct str rest;

	(void)p;
	if (!settings_read_value(st, s, NULL, &row, NULL))
		return;
	rest = row.value;
	while (rest.ptr != NULL) {
		struct str one = str_trim(str_cut(rest, ',', &rest));
		if (one.len > 0)
			complete_add(
			    c, arena_cstr(c->app->arena, one), "", "address");
	}
}

static const struct {
	const char *words;  /* of the command */
	size_t first, last; /* words in front of the one completed */
	task_source *add;
} sources[] = {
	{ "lists show", 0, 0, add_list_names },
	{ "lists add", 0, 0, add_list_names },
	{ "lists remove", 0, 0, add_list_names },
	{ "lists remove", 1, COMPLETE_MAX, add_list_entries },
	{ "lists import", 0, 0, add_list_names },
	{ "lists export", 0, 0, add_list_names },
	{ "lists check", 0, 0, add_list_names },
	{ "pairs remove", 0, 1, add_pairs },
	{ "scores set", 0, 0, add_rules },
	{ "scores add", 0, 0, add_rules },
	{ "scores reset", 0, COMPLETE_MAX, add_rules },
	{ "attachments block", 0, COMPLETE_MAX, add_patterns },
	{ "attachments allow", 0, COMPLETE_MAX, add_patterns },
	{ "relay deny", 0, COMPLETE_MAX, add_clients },
};

void
complete_task(struct complete *c, const struct complete_place *p)
{
	struct settings_store *st = NULL;

	if (p->command == NULL || p->option != NULL)
		return;
	for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
		if (strcmp(p->command->words, sources[i].words) != 0 ||
		    p->n_before < sources[i].first ||
		    p->n_before > sources[i].last ||
		    !settings_open(&c->app->model, &st, NULL))
			continue;
		sources[i].add(c, st, p);
		settings_close(st);
	}
}
