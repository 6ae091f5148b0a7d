/* The first menu: how the server stands, and where to go. */
#include "cmd/shell/dialogue.h"

#include "cmd/findings.h"
#include "cmd/shell/dialogue_int.h"
#include "core/base/i18n.h"
#include "core/model/draft.h"
#include "core/model/status.h"

#include <signal.h>
#include <stdlib.h>

enum {
	FINDINGS_FIRST = 4,
};

/* Ctrl-C ends what runs, or goes back; never the dialogue. */
static void
on_interrupt(int sig)
{
	(void)sig;
}

static const char *
state_word(enum finding_state s)
{
	return s == FINDING_UNKNOWN ? _("Not tested") : _(finding_shown(s));
}

static void
overview(struct dialogue *d, const struct status *st, const struct findings *f)
{
	dialogue_say(d, _("smemail on %s, SME %s. %s."), app_host(&d->app),
	    d->m.release, status_counts_words(&d->m, f));
	for (size_t i = 0; i < f->n && i < FINDINGS_FIRST; i++)
		dialogue_say(d, "%s: %s: %s.", state_word(f->list[i].state),
		    _(f->list[i].label), f->list[i].text);
	if (f->n > FINDINGS_FIRST)
		dialogue_say(
		    d, _("%zu more: choose 7."), f->n - FINDINGS_FIRST);
	if (st->mail.known)
		dialogue_say(d,
		    _("Mail of 24 hours: accepted %llu, refused %llu, "
		      "deferred %llu."),
		    (unsigned long long)st->mail.sum.accepted,
		    (unsigned long long)st->mail.sum.refused,
		    (unsigned long long)st->mail.sum.deferred);
	else
		dialogue_say(d, _("Mail of 24 hours: not known: %s."),
		    st->mail.why.text);
}

static const char *
changes_label(struct dialogue *d, const struct status *st)
{
	struct draft *draft = NULL;
	size_t n = draft_open(&d->m, &draft, NULL) ? draft_count(draft) : 0;
	draft_close(draft);
	return n == 0 ? dialogue_text(d,
			    _("Changes: %zu stored and not applied, draft is "
			      "empty"),
			    st->pending)
		      : dialogue_text(d,
			    _("Changes: %zu stored and not applied, draft of "
			      "the screen: %zu"),
			    st->pending, n);
}

static void
start(struct dialogue *d)
{
	struct status st;
	struct err e = ERR_INIT;
	struct findings f = { .n = 0 };
	if (!status_read(&d->m, &st, &e)) {
		dialogue_error(d, &e);
		d->done = true;
		return;
	}
	status_measure(&d->m, &st, NULL, NULL);
	findings_init(&f, d->m.arena);
	status_findings(&d->m, &st, &f);
	overview(d, &st, &f);
	const struct menu_choice choices[] = {
		{ _("Settings"), dialogue_settings, NULL },
		{ _("Lists"), dialogue_lists, NULL },
		{ _("People"), dialogue_people, NULL },
		{ _("Log"), dialogue_log, NULL },
		{ dialogue_text(
		      d, _("Queue: %s"), status_queue_words(&d->m, &st)),
		    dialogue_queue, NULL },
		{ dialogue_text(d,
		      P_("Services: %zu failed", "Services: %zu failed",
			  st.n_failed),
		      st.n_failed),
		    dialogue_services, NULL },
		{ dialogue_text(
		      d, _("Findings: %s"), status_counts_words(&d->m, &f)),
		    dialogue_findings, NULL },
		{ _("Why was a message refused or delayed"), dialogue_why,
		    NULL },
		{ changes_label(d, &st), dialogue_changes, NULL },
	};
	const struct menu menu = { .title = _("Start"),
		.help = _("This is the screen of smemail, line by line."),
		.choices = choices,
		.n = ARRAY_LEN(choices),
		.is_live = true };
	dialogue_menu(d, &menu);
}

int
dialogue_open(struct app *app)
{
	struct dialogue d = { .app = *app };
	struct sigaction act = { .sa_handler = on_interrupt }, old;
	struct arena *menus = app_arena_new();
	d.app.arena = app_arena_new(); /* emptied behind each command */
	d.app.model.arena = d.app.arena;
	d.app.model.root = &d.app.root;
	d.app.in_shell = d.app.accessible = true;
	d.app.color = false;
	d.app.columns = 0;
	d.m = d.app.model;
	d.m.arena = menus;
	d.shell = (struct shell){ .app = &d.app, .interactive = true };
	sigaction(SIGINT, &act, &old);
	/* who waits for a line must not find it read already */
	setvbuf(d.app.in, NULL, _IONBF, 0);
	do {
		arena_reset(menus);
		d.again = false;
		start(&d);
	} while (d.again && !d.done);
	sigaction(SIGINT, &old, NULL);
	free(d.line);
	arena_free(d.app.arena);
	arena_free(menus);
	return d.shell.status;
}
