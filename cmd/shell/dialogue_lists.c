/* The nine lists: what is in one, an entry more, an entry less. */
#include "cmd/shell/dialogue_int.h"
#include "core/base/i18n.h"
#include "core/model/lists.h"

/* Ask for an entry, and run "lists 'verb'" with it. */
static void
entry_change(struct dialogue *d, const struct lists_list *l, const char *verb,
    const char *prompt)
{
	const char *text = dialogue_ask(d, prompt);
	if (text != NULL && dialogue_run(d, "lists %s %s %s", verb, l->name,
				dialogue_word(d, text)) == 0)
		dialogue_apply(d);
}

static void
entry_add(struct dialogue *d, const void *ctx)
{
	const struct lists_list *l = ctx;
	dialogue_say(d, _("Forms: %s."), l->forms);
	entry_change(d, l, "add", _("Entry to add:"));
}

static void
entry_remove(struct dialogue *d, const void *ctx)
{
	entry_change(d, ctx, "remove", _("Entry to take out:"));
}

static void
entries_show(struct dialogue *d, const void *ctx)
{
	const struct lists_list *l = ctx;
	dialogue_run(d, "lists export %s", l->name);
}

static void
list_take(struct dialogue *d, const void *ctx)
{
	const struct lists_list *l = ctx;
	const struct menu_choice choices[] = {
		{ _("Read its entries"), entries_show, l },
		{ _("Add an entry"), entry_add, l },
		{ _("Take an entry out"), entry_remove, l },
	};
	const struct menu menu = { .title = l->name,
		.help = _(l->help),
		.choices = choices,
		.n = ARRAY_LEN(choices) };
	dialogue_menu(d, &menu);
}

void
dialogue_lists(struct dialogue *d, const void *ctx)
{
	size_t n;
	const struct lists_list *all = lists_all(&n);
	struct menu_choice *choices =
	    ARENA_ARRAY(d->m.arena, n, struct menu_choice);
	(void)ctx;
	for (size_t i = 0; i < n; i++)
		choices[i] = (struct menu_choice){
			dialogue_text(d, "%s: %s", all[i].name, _(all[i].help)),
			list_take, &all[i]
		};
	const struct menu menu = { .title = _("Lists"),
		.help = _("Who is refused and who is accepted, in the order of "
			  "the SMTP phases."),
		.choices = choices,
		.n = n };
	dialogue_menu(d, &menu);
}
