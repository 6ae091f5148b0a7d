/* The numbered list of screens, and going straight to one. */
#include "tui/screens/screens.h"

#include "core/base/i18n.h"

static const struct {
	int number;
	const char *name;
	const char *covers;
	struct screen *(*make)(struct tui *ui); /* NULL: not built yet */
} table[] = {
	{ 1, N_("Dashboard"), N_("what is new and what waits"), NULL },
	{ 2, N_("Settings"), N_("every setting, by area"), areas_new },
	{ 3, N_("Lists"), N_("who is refused and accepted"), lists_new },
	{ 4, N_("People"), N_("users, groups, domains, networks"), people_new },
	{ 5, N_("Log"), N_("the logs of the mail services, live"), log_new },
	{ 6, N_("Queue"), NULL, NULL },
	{ 7, N_("Services"), N_("what runs, start and stop"), services_new },
	{ 8, N_("Doctor"), NULL, NULL },
	{ 9, N_("Tools"), N_("what happens now; tests of DNS and network"),
	    tools_new },
	{ 0, N_("Plan"), N_("what applying would change"), plan_new },
};

void
screens_go(struct tui *ui, int number)
{
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		if (table[i].number != number)
			continue;
		if (number == 1) {
			ui_pop_all(ui);
			return;
		}
		if (table[i].make == NULL) {
			ui_say(ui, _("%s: not built yet (o screens)"),
			    _(table[i].name));
			return;
		}
		ui_pop_all(ui);
		ui_push(ui, table[i].make(ui));
		return;
	}
}

/* Only what is built is offered; choices count from the top. */
static void
chosen(struct tui *ui, struct screen *below, int choice)
{
	int at = 0;
	(void)below;
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		if (table[i].covers != NULL && ++at == choice) {
			screens_go(ui, table[i].number);
			return;
		}
	}
}

struct screen *
screens_new(struct tui *ui)
{
	struct menu_item items[ARRAY_LEN(table)];
	size_t n = 0;
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		if (table[i].covers == NULL)
			continue;
		items[n].text = ui_text(ui, "%s", _(table[i].name));
		items[n].note = _(table[i].covers);
		items[n].key = (char)('0' + table[i].number);
		n++;
	}
	return menu_new(ui, _("Screens"), STR(""), items, n, 0, chosen);
}
