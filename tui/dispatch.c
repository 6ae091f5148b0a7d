/* From a key to what it does: questions, lines, the screen, all screens. */
#include "tui/app.h"

#include "core/base/i18n.h"
#include "tui/screens/screens.h"

enum {
	KEY_NAME_MAX = 16
};

/* Actions that every screen has. */
static const enum action everywhere[] = { ACT_BACK, ACT_QUIT, ACT_HELP,
	ACT_SCREENS, ACT_DIGIT, ACT_COMMAND, ACT_TWIN, ACT_PLAN, ACT_APPLY,
	ACT_UNDO, ACT_RELOAD, ACT_REDRAW, ACT_INTERRUPT, ACT_SUSPEND,
	ACT_NONE };

static bool
listed(const enum action *list, enum action action)
{
	for (; list != NULL && *list != ACT_NONE; list++)
		if (*list == action)
			return true;
	return false;
}

bool
ui_valid(const struct tui *ui, const struct screen *s, enum action action)
{
	const struct screen_class *c = s->class;
	(void)ui;
	if (action == ACT_SEARCH || action == ACT_SEARCH_NEXT ||
	    action == ACT_SEARCH_PREVIOUS)
		return c->search != NULL || listed(c->actions, action);
	if (action == ACT_FILTER)
		return c->filter != NULL || listed(c->actions, action);
	return listed(c->actions, action) || listed(everywhere, action);
}

static void
show_twin(struct tui *ui)
{
	struct buf text = BUF_INIT(MESSAGE_MAX / 2);
	if (ui->top->class->twin != NULL)
		ui->top->class->twin(ui->top, ui, &text);
	if (text.len > 0)
		ui_say(ui, "= %s", buf_cstr(&text));
	else
		ui_say(ui, "%s", _("this screen has no command of its own"));
	buf_clear(&text);
}

static void
search_again(struct tui *ui, enum line_event event)
{
	if (ui->top->class->search != NULL)
		ui->top->class->search(ui->top, ui, STR(""), event);
}

static void
reload(struct tui *ui)
{
	ui_changed(ui);
	if (ui->message[0] == '\0')
		ui_say(ui, "%s", _("everything was read again"));
}

/* Actions that open a screen, and those that begin a line, everywhere. */
static bool
open_everywhere(struct tui *ui, enum action action)
{
	static const struct {
		enum action action;
		struct screen *(*make)(struct tui *ui);
		enum line_kind line;
	} opens[] = {
		{ ACT_HELP, help_new, LINE_NONE },
		{ ACT_SCREENS, screens_new, LINE_NONE },
		{ ACT_PLAN, plan_new, LINE_NONE },
		{ ACT_APPLY, plan_new, LINE_NONE },
		{ ACT_COMMAND, NULL, LINE_COMMAND },
		{ ACT_SEARCH, NULL, LINE_SEARCH },
		{ ACT_FILTER, NULL, LINE_FILTER },
	};
	for (size_t i = 0; i < ARRAY_LEN(opens); i++) {
		if (opens[i].action != action)
			continue;
		if (opens[i].make != NULL)
			ui_push(ui, opens[i].make(ui));
		else
			ui_line_begin(ui, opens[i].line, STR(""));
		return true;
	}
	return false;
}

static void
back(struct tui *ui, enum action action)
{
	if (action == ACT_BACK || ui->top->below != NULL)
		ui_pop(ui);
	else
		ui_say(ui, "%s", _("q leaves"));
}

/* What an action does where the screen has no meaning of its own for it. */
static bool
act_everywhere(struct tui *ui, enum action action)
{
	if (open_everywhere(ui, action))
		return true;
	switch ((int)action) {
	case ACT_BACK:
	case ACT_INTERRUPT:
		back(ui, action);
		return true;
	case ACT_QUIT:
		ui->stop = true;
		return true;
	case ACT_TWIN:
		show_twin(ui);
		return true;
	case ACT_UNDO:
		ui_draft_undo(ui);
		return true;
	case ACT_RELOAD:
		reload(ui);
		return true;
	case ACT_REDRAW:
		term_redraw(ui->term);
		return true;
	case ACT_SUSPEND:
		term_suspend(ui->term);
		return true;
	case ACT_SEARCH_NEXT:
		search_again(ui, LINE_NEXT);
		return true;
	case ACT_SEARCH_PREVIOUS:
		search_again(ui, LINE_PREVIOUS);
		return true;
	default:
		return false;
	}
}

void
ui_act(struct tui *ui, enum action action)
{
	struct screen *s = ui->top;
	if (listed(s->class->actions, action) && s->class->act(s, ui, action))
		return;
	if (ui_valid(ui, s, action))
		act_everywhere(ui, action);
}

static void
unknown_key(struct tui *ui, const struct input_key *key)
{
	char name[KEY_NAME_MAX];
	keys_name(key, name, sizeof(name));
	ui_say(ui, _("no such key here: '%s' (? help)"), name);
}

static void
answer(struct tui *ui, const struct input_key *key)
{
	question_done *done = ui->question;
	bool yes = key->code == INPUT_CHAR &&
		   (key->cp == 'y' || (ui->model.french && key->cp == 'o'));
	ui->question = NULL;
	ui->message[0] = '\0';
	done(ui, ui->top, yes);
}

static void
paste(struct tui *ui)
{
	struct str text = input_paste(&ui->input);
	struct screen *s = ui->top;
	if (ui->question != NULL)
		return;
	if (ui->line != LINE_NONE) {
		edit_paste(&ui->line_edit, text);
		return;
	}
	if (s->class->paste == NULL || !s->class->paste(s, ui, text))
		ui_say(ui, "%s", _("paste ignored: no field is open"));
}

void
ui_key(struct tui *ui, const struct input_key *key)
{
	struct screen *s = ui->top;
	if (key->code == INPUT_PASTE) {
		paste(ui);
		return;
	}
	if (ui->question != NULL) {
		answer(ui, key);
		return;
	}
	ui->message[0] = '\0'; /* a message stays until the next key */
	if (ui->line != LINE_NONE) {
		ui_line_key(ui, key);
		return;
	}
	if (s->class->key != NULL && s->class->key(s, ui, key))
		return;
	enum action action = keys_lookup(key);
	if (action == ACT_DIGIT) {
		screens_go(ui, (int)(key->cp - '0'));
		return;
	}
	if (action == ACT_NONE || !ui_valid(ui, s, action)) {
		unknown_key(ui, key);
		return;
	}
	ui_act(ui, action);
}
