/* People, log, queue, services, findings, changes: each by its commands. */
#include "cmd/findings.h"
#include "cmd/shell/dialogue_int.h"
#include "core/base/i18n.h"
#include "core/model/service.h"
#include "core/model/status.h"

/* A choice that is one command. */
static void
command_take(struct dialogue *d, const void *ctx)
{
	dialogue_run(d, "%s", (const char *)ctx);
}

void
dialogue_people(struct dialogue *d, const void *ctx)
{
	const struct menu_choice choices[] = {
		{ _("Users"), command_take, "user list" },
		{ _("Groups"), command_take, "group list" },
		{ _("Pseudonyms"), command_take, "pseudonym list" },
		{ _("Domains"), command_take, "domain list" },
		{ _("Networks"), command_take, "network list" },
	};
	const struct menu menu = { .title = _("People"),
		.help = _("To change something of one, type for example: user "
			  "set NAME SETTING VALUE."),
		.choices = choices,
		.n = ARRAY_LEN(choices) };
	(void)ctx;
	dialogue_menu(d, &menu);
}

static void
log_search(struct dialogue *d, const void *ctx)
{
	const char *text = dialogue_ask(d, _("Text to look for:"));
	(void)ctx;
	if (text != NULL)
		dialogue_run(d, "log show --since 24h --keep %s",
		    dialogue_word(d, text));
}

void
dialogue_log(struct dialogue *d, const void *ctx)
{
	const struct menu_choice choices[] = {
		{ _("The last 20 lines"), command_take, "log show --lines 20" },
		{ _("What was refused or deferred in the last hour"),
		    command_take,
		    "log show --since 1h --keep 'refused|deferred'" },
		{ _("Search in the last 24 hours"), log_search, NULL },
		{ _("Report of the last 24 hours"), command_take,
		    "report --since 24h" },
	};
	const struct menu menu = { .title = _("Log"),
		.help = _("The logs of the mail services, one event a line."),
		.choices = choices,
		.n = ARRAY_LEN(choices) };
	(void)ctx;
	dialogue_menu(d, &menu);
}

void
dialogue_queue(struct dialogue *d, const void *ctx)
{
	const struct menu_choice choices[] = {
		{ _("What could not be delivered in the last 24 hours"),
		    command_take,
		    "log show qmail --since 24h --keep deferred" },
		{ _("What happens now"), command_take, "top --once" },
	};
	const struct menu menu = { .title = _("Queue"),
		.help = _("Messages that wait to be delivered, and why."),
		.choices = choices,
		.n = ARRAY_LEN(choices) };
	(void)ctx;
	dialogue_menu(d, &menu);
}

static void
service_log(struct dialogue *d, const void *ctx)
{
	dialogue_run(d, "log show %s --lines 20", (const char *)ctx);
}

static void
service_do(struct dialogue *d, const char *verb, const char *name)
{
	const char *question =
	    dialogue_text(d, _("Really %s %s? yes or no:"), verb, name);
	if (dialogue_yes(d, question))
		dialogue_run(d, "service %s %s", verb, name);
}

static void
service_restart(struct dialogue *d, const void *ctx)
{
	service_do(d, "restart", ctx);
}

static void
service_stop(struct dialogue *d, const void *ctx)
{
	service_do(d, "stop", ctx);
}

static void
service_reload(struct dialogue *d, const void *ctx)
{
	service_do(d, "reload", ctx);
}

static void
service_take(struct dialogue *d, const void *ctx)
{
	const char *name = ctx;
	const struct menu_choice choices[] = {
		{ _("Its log"), service_log, name },
		{ _("Restart it"), service_restart, name },
		{ _("Stop it"), service_stop, name },
		{ _("Let it read its files again"), service_reload, name },
	};
	const struct menu menu = { .title = name,
		.help = _("Each asks before it does anything."),
		.choices = choices,
		.n = ARRAY_LEN(choices) };
	dialogue_menu(d, &menu);
}

void
dialogue_services(struct dialogue *d, const void *ctx)
{
	struct service_row *rows;
	struct err e = ERR_INIT;
	size_t n = 0;
	(void)ctx;
	if (!service_rows(&d->m, &rows, &n, &e)) {
		dialogue_error(d, &e);
		return;
	}
	struct menu_choice *choices =
	    ARENA_ARRAY(d->m.arena, n + 1, struct menu_choice);
	for (size_t i = 0; i < n; i++)
		choices[i] = (struct menu_choice){
			dialogue_text(d, "%s: %s%s%s", rows[i].name,
			    _(rows[i].state),
			    rows[i].why[0] != '\0' ? ", " : "", rows[i].why),
			service_take, rows[i].name
		};
	const struct menu menu = { .title = _("Services"),
		.help =
		    _("The programs that receive, filter and deliver mail."),
		.choices = choices,
		.n = n };
	dialogue_menu(d, &menu);
}

static void
finding_take(struct dialogue *d, const void *ctx)
{
	const struct finding *f = ctx;
	dialogue_say(
	    d, "%s: %s: %s.", _(finding_shown(f->state)), _(f->label), f->text);
	if (f->next == NULL)
		dialogue_say(d, "%s", _("Nothing is known that helps."));
	else
		dialogue_say(d, _("What helps: %s"), f->next);
}

void
dialogue_findings(struct dialogue *d, const void *ctx)
{
	struct status st;
	struct err e = ERR_INIT;
	struct findings *f = ARENA_NEW(d->m.arena, struct findings);
	(void)ctx;
	if (!status_read(&d->m, &st, &e)) {
		dialogue_error(d, &e);
		return;
	}
	status_measure(&d->m, &st, NULL, NULL);
	findings_init(f, d->m.arena);
	status_findings(&d->m, &st, f);
	struct menu_choice *choices =
	    ARENA_ARRAY(d->m.arena, f->n + 1, struct menu_choice);
	for (size_t i = 0; i < f->n; i++)
		choices[i] = (struct menu_choice){
			dialogue_text(d, "%s: %s: %s",
			    _(finding_shown(f->list[i].state)),
			    _(f->list[i].label), f->list[i].text),
			finding_take, &f->list[i]
		};
	const struct menu menu = { .title = _("Findings"),
		.help = _("What is wrong, the worst first. The number of one "
			  "tells what helps."),
		.choices = choices,
		.n = f->n };
	dialogue_menu(d, &menu);
}

static void
apply_take(struct dialogue *d, const void *ctx)
{
	(void)ctx;
	if (dialogue_yes(d, _("Apply it now? yes or no:")))
		dialogue_run(d, "apply");
}

static void
undo_take(struct dialogue *d, const void *ctx)
{
	const char *text =
	    dialogue_ask(d, _("Number of the change to take back:"));
	(void)ctx;
	if (text != NULL)
		dialogue_run(d, "undo %s", dialogue_word(d, text));
}

static void
forget_take(struct dialogue *d, const void *ctx)
{
	(void)ctx;
	if (dialogue_yes(d, _("Forget all that is stored and not applied? yes "
			      "or no:")))
		dialogue_run(d, "undo --stored");
}

void
dialogue_changes(struct dialogue *d, const void *ctx)
{
	const struct menu_choice choices[] = {
		{ _("What applying would do"), command_take, "plan" },
		{ _("Apply what is stored"), apply_take, NULL },
		{ _("What was changed, newest first"), command_take,
		    "history" },
		{ _("Take a change back"), undo_take, NULL },
		{ _("Forget what is stored and not applied"), forget_take,
		    NULL },
	};
	const struct menu menu = { .title = _("Changes"),
		.help = _("What is set is stored first, and in force only "
			  "after an apply."),
		.choices = choices,
		.n = ARRAY_LEN(choices) };
	(void)ctx;
	dialogue_menu(d, &menu);
}
