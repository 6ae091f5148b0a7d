/* Adding to the lists and removing: into the draft. */
#include "core/base/i18n.h"
#include "tui/screens/lists_int.h"

#include <stdio.h>
#include <string.h>

/* The whole list of zones is one wish. */
static bool
draft_zones(struct lists_screen *l, struct tui *ui,
    const struct lists_list *list, const char *add, const char *without)
{
	struct catalog *c = ui_catalog(ui);
	const struct catalog_row *r =
	    c != NULL ? catalog_find(c, list->setting) : NULL;
	struct buf out = BUF_INIT(SETTING_VALUE_MAX);
	char joint[2] = { ',', '\0' };
	bool ok = r != NULL;
	if (ok && r->s->separator != NULL)
		joint[0] = r->s->separator[0];
	for (size_t i = 0; ok && i < l->n_right; i++)
		if (without == NULL || strcmp(l->right[i].text, without) != 0)
			buf_addf(&out, "%s%s", out.len > 0 ? joint : "",
			    l->right[i].text);
	if (add != NULL)
		buf_addf(&out, "%s%s", out.len > 0 ? joint : "", add);
	const char *value =
	    out.len > 0 ? ui_text(ui, "%s", buf_cstr(&out)) : NULL;
	buf_clear(&out);
	return ok && ui_draft_set(ui, r, value);
}

/* Into the draft; the editor stays open when that is refused. */
static void
take(struct lists_screen *l, struct tui *ui, const char *entry)
{
	const struct lists_list *list = lists_current(l);
	if (list == NULL)
		return;
	bool ok = list->word == NULL ? draft_zones(l, ui, list, entry, NULL)
				     : ui_draft_wish(ui, lists_setting_of(list),
					   entry, list->word);
	if (!ok)
		return;
	field_close(&l->field);
	list_go(&l->rows.list, l->rows.list.n);
}

static void
answered(struct tui *ui, struct screen *s, bool yes)
{
	struct lists_screen *l = lists_self(s);
	if (yes)
		take(l, ui, l->asked);
	else
		ui_say(ui, "%s", _("not added"));
}

void
lists_accept(struct lists_screen *l, struct tui *ui)
{
	const struct lists_list *list = lists_current(l);
	struct buf normal = BUF_INIT(LISTS_TEXT_MAX);
	struct err e = ERR_INIT;
	bool ask = false;
	if (list == NULL || ui_catalog(ui) == NULL)
		return;
	if (!lists_normal(list, field_text(&l->field), &normal, &e)) {
		ui_error(ui, &e);
	} else {
		const char *entry = ui_text(ui, "%s", buf_cstr(&normal));
		const char *warning = lists_warning(
		    ui->catalog->store, list, buf_str(&normal), &ask);
		snprintf(l->asked, sizeof(l->asked), "%s", entry);
		if (ask)
			ui_ask(ui, answered, _("%s (y yes)"), warning);
		else
			take(l, ui, entry);
	}
	buf_clear(&normal);
}

void
lists_remove_entry(struct lists_screen *l, struct tui *ui)
{
	const struct lists_list *list = lists_current(l);
	size_t i;
	if (list == NULL || !rows_current(&l->rows, &i))
		return;
	if (list->word == NULL)
		(void)draft_zones(l, ui, list, NULL, l->right[i].text);
	else if (l->right[i].state == ' ')
		(void)ui_draft_wish(
		    ui, lists_setting_of(list), l->right[i].text, NULL);
	else /* take what was drafted back */
		ui_draft_unwish(ui, lists_setting_of(list), l->right[i].text);
}

/* Tab puts the proposed form into the field. */
void
lists_propose(struct lists_screen *l)
{
	const struct lists_list *list = lists_current(l);
	struct buf normal = BUF_INIT(LISTS_TEXT_MAX);
	if (list != NULL &&
	    lists_normal(list, field_text(&l->field), &normal, NULL))
		edit_set(&l->field.edit, buf_str(&normal));
	buf_clear(&normal);
}
