/* Why: the message somebody asks about, the answer, what can be done. */
#include "cmd/shell/dialogue_int.h"
#include "cmd/why_print.h"
#include "core/base/i18n.h"
#include "core/model/moment.h"
#include "core/model/why.h"
#include "core/model/why_find.h"

#include <string.h>

enum {
	SHOWN_MAX = 20
};

static void
cure_take(struct dialogue *d, const void *ctx)
{
	const char *command = ctx;
	const char *const prefix = "smemail ";
	if (strncmp(command, prefix, strlen(prefix)) == 0)
		command += strlen(prefix);
	dialogue_say(d, _("Command: smemail %s"), command);
	if (!dialogue_yes(d, _("Run it? yes or no:")))
		return;
	if (dialogue_run(d, "%s", command) == 0)
		dialogue_apply(d);
}

static void
setting_say(struct dialogue *d, const struct why *w)
{
	if (w->setting.setting != NULL)
		dialogue_say(d, _("Deciding setting: %s, value %s."),
		    w->setting.setting->id,
		    w->setting.value[0] != '\0' ? w->setting.value : "-");
}

static void
message_take(struct dialogue *d, const void *ctx)
{
	const struct why *w = ctx;
	struct menu_choice choices[WHY_CURES_MAX];
	dialogue_say(d, _("Answer: %s %s."), why_state(w), w->sentence);
	if (w->reason[0] != '\0')
		dialogue_say(d, _("Reason: %s."), w->reason);
	if (w->told.len > 0)
		dialogue_say(
		    d, _("The sender was told: %.*s"), STR_ARG(w->told));
	setting_say(d, w);
	if (w->n_cures == 0) {
		dialogue_say(d, "%s", _("Nothing is to be changed for it."));
		return;
	}
	for (size_t i = 0; i < w->n_cures; i++)
		choices[i] = (struct menu_choice){ w->cures[i].text, cure_take,
			w->cures[i].command };
	const struct menu menu = { .title = _("What you can do"),
		.help = _("Each is a command, which is shown before it runs."),
		.choices = choices,
		.n = w->n_cures };
	dialogue_menu(d, &menu);
}

/* "refused. today 14:08:06. From a@b.test to c@d.test" */
static const char *
message_label(struct dialogue *d, const struct why *w)
{
	struct str rest = w->recipients, to = STR("-");
	if (!maillog_recipient_next(&rest, &to) && w->refused.len > 0)
		to = w->refused;
	struct str from = w->sender.len > 0 ? w->sender : w->ip;
	return dialogue_text(d, _("%s. %s. From %.*s to %.*s."), why_state(w),
	    moment_shown(
		d->m.arena, w->time_ns / NS_PER_S, clock_wall_s(d->m.clock)),
	    STR_ARG(from), STR_ARG(to));
}

void
dialogue_why(struct dialogue *d, const void *ctx)
{
	struct why_list found;
	struct err e = ERR_INIT;
	(void)ctx;
	const char *text = dialogue_ask(
	    d, _("Address, message id, IP address, or text of the bounce:"));
	if (text == NULL)
		return;
	const struct logrange all = LOGRANGE_ALL;
	text = dialogue_text(d, "%s", text);
	if (!why_find(&d->m, text, NULL, all, -1, NULL, &found, &e)) {
		dialogue_error(d, &e);
		return;
	}
	if (found.n == 0) {
		dialogue_say(d, _("No message matches '%s' in the logs of %s."),
		    text, found.looked);
		return;
	}
	size_t n = found.n < SHOWN_MAX ? found.n : SHOWN_MAX;
	dialogue_say(d,
	    P_("%zu message found.", "%zu messages found.",
		found.n + found.more),
	    found.n + found.more);
	if (n == 1) {
		message_take(d, found.rows[0]);
		return;
	}
	struct menu_choice *choices =
	    ARENA_ARRAY(d->m.arena, n, struct menu_choice);
	for (size_t i = 0; i < n; i++)
		choices[i] =
		    (struct menu_choice){ message_label(d, found.rows[i]),
			    message_take, found.rows[i] };
	const struct menu menu = { .title = _("Messages, newest first"),
		.help = _("The number of a message tells what became of it."),
		.choices = choices,
		.n = n };
	dialogue_menu(d, &menu);
}
