/* The rows of both panes of the lists, with what the draft says of them. */
#include "tui/screens/lists_int.h"

#include <string.h>

enum {
	HEADINGS = 2
};

static bool
is_heading(const void *ctx, size_t i)
{
	const struct lists_screen *l = ctx;
	return l->left[i].list == NULL;
}

/* What the draft says of an entry; NULL: nothing. */
static const struct draft_entry *
drafted(struct tui *ui, const struct lists_list *list, const char *entry)
{
	return draft_find(ui->draft, lists_setting_of(list), entry);
}

/* Zones live in one value, which the draft may hold. */
static void
load_zones(
    struct lists_screen *l, struct tui *ui, const struct lists_list *list)
{
	struct catalog *c = ui_catalog(ui);
	const struct catalog_row *r =
	    c != NULL ? catalog_find(c, list->setting) : NULL;
	struct str rest, zone;
	if (r == NULL || !catalog_has_value(r))
		return;
	rest = catalog_value(r);
	l->right = ARENA_ARRAY(l->arena, rest.len + 1, struct right);
	while (setting_list_next(r->s, &rest, &zone))
		l->right[l->n_right++] = (struct right){
			.text = arena_cstr(l->arena, zone),
			.state = r->draft != NULL ? '*' : ' ',
		};
}

static void
add_right(
    struct lists_screen *l, const char *text, const char *problem, char state)
{
	l->right[l->n_right++] = (struct right){
		.text = arena_cstr(l->arena, str_of(text)),
		.problem = problem != NULL
			       ? arena_cstr(l->arena, str_of(problem))
			       : NULL,
		.state = state,
	};
}

/* Stored ones in order, then what the draft adds. */
static void
load_entries(
    struct lists_screen *l, struct tui *ui, const struct lists_list *list)
{
	struct catalog *c = ui_catalog(ui);
	struct lists_entry *have;
	struct err e = ERR_INIT;
	size_t n, drafts = draft_count(ui->draft);
	if (c == NULL || !lists_entries(c->store, list, &have, &n, &e)) {
		ui_error(ui, &e);
		return;
	}
	l->right = ARENA_ARRAY(l->arena, n + drafts + 1, struct right);
	for (size_t i = 0; i < n; i++) {
		const struct draft_entry *d = drafted(ui, list, have[i].text);
		bool gone = d != NULL && (d->value == NULL ||
					     strcmp(d->value, list->word) != 0);
		add_right(l, have[i].text, have[i].problem, gone ? '-' : ' ');
	}
	for (size_t i = 0; i < drafts; i++) {
		const struct draft_entry *d = draft_at(ui->draft, i);
		bool known = false;
		if (d->setting != lists_setting_of(list) || d->value == NULL ||
		    strcmp(d->value, list->word) != 0)
			continue;
		for (size_t k = 0; k < n; k++)
			known = known || strcmp(have[k].text, d->target) == 0;
		if (!known)
			add_right(l, d->target, NULL, '*');
	}
}

const char *
lists_row_text(const void *ctx, size_t i)
{
	const struct lists_screen *l = ctx;
	return l->right[i].text;
}

void
lists_load_right(struct lists_screen *l, struct tui *ui)
{
	const struct lists_list *list = lists_current(l);
	l->right = NULL;
	l->n_right = 0;
	if (list != NULL && list->word == NULL)
		load_zones(l, ui, list);
	else if (list != NULL)
		load_entries(l, ui, list);
	rows_choose(&l->rows, l->n_right, lists_row_text, l);
}

void
lists_load_left(struct lists_screen *l, struct tui *ui)
{
	size_t n, k = 0;
	const struct lists_list *all = lists_all(&n);
	struct catalog *c = ui_catalog(ui);
	l->left = ARENA_ARRAY(l->arena, n + HEADINGS, struct left);
	for (size_t i = 0; i < n; i++) {
		struct lists_entry *entries;
		if (i == 0 || all[i].accepts != all[i - 1].accepts)
			l->left[k++].accepts = all[i].accepts;
		l->left[k].list = &all[i];
		if (c == NULL || !lists_entries(c->store, &all[i], &entries,
				     &l->left[k].entries, NULL))
			l->left[k].entries = 0;
		k++;
	}
	l->n_left = k;
	l->list.skip = is_heading;
	l->list.ctx = l;
	list_resize(&l->list, k);
}
