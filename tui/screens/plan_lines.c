/* The lines of the plan: settings, files and events, in words. */
#include "tui/screens/plan_int.h"

#include "core/base/i18n.h"
#include "core/setting/setting.h"

#include <string.h>

enum {
	TEXT_MAX = 4096,
};

static void
add(struct plan_screen *p, enum plan_line_kind kind, const char *text,
    const char *right)
{
	struct plan_line l = {
		.kind = kind, .text = str_of(text), .right = str_of(right)
	};
	if (vec_push(&p->lines, &l))
		list_resize(&p->list, p->lines.len);
}

static void
add_settings(struct plan_screen *p)
{
	struct buf text = BUF_INIT(TEXT_MAX);
	size_t longest = 0;
	const struct plan *plan = p->plan;
	if (plan->n_settings == 0)
		return;
	add(p, PLAN_RULE, _("Settings"), NULL);
	for (size_t i = 0; i < plan->n_settings; i++) {
		size_t n = strlen(plan->settings[i].name);
		longest = n > longest ? n : longest;
	}
	for (size_t i = 0; i < plan->n_settings; i++) {
		const struct plan_setting *ps = &plan->settings[i];
		bool risky = plan_setting_is_risky(ps);
		buf_reset(&text);
		buf_addf(&text, "%-*s   %s", (int)longest, ps->name,
		    plan_change_words(ps, p->arena));
		if (risky)
			buf_addf(&text, "   %s",
			    setting_risk_shown(ps->setting->risk));
		add(p, PLAN_SETTING, arena_cstr(p->arena, buf_str(&text)),
		    ps->origin != NULL && strcmp(ps->origin, "draft") == 0
			? _("draft")
			: _("stored"));
		struct plan_line *l =
		    VEC_AT(&p->lines, struct plan_line, p->lines.len - 1);
		l->setting = ps;
		l->alarm = risky;
		p->risks += risky;
	}
	buf_clear(&text);
}

static void
add_files(struct plan_screen *p)
{
	const struct plan *plan = p->plan;
	size_t all = 0, changed = 0;
	if (plan->n_files == 0)
		return;
	add(p, PLAN_RULE, _("Files"), NULL);
	for (size_t i = 0; i < plan->n_files; i++) {
		const struct plan_file *f = &plan->files[i];
		struct str rest = f->diff, line;
		add(p, PLAN_TEXT, f->path,
		    arena_printf(p->arena, "-%zu +%zu", f->removed, f->added));
		while (str_next_line(&rest, &line))
			add(p, PLAN_DIFF, arena_cstr(p->arena, line), NULL);
	}
	for (size_t i = 0; i < plan->n_events; i++) {
		all += plan->events[i].files;
		changed += plan->events[i].files_changed;
	}
	if (all > changed)
		add(p, PLAN_TEXT,
		    arena_printf(p->arena,
			P_("the other %zu file of the event stays as it is",
			    "the other %zu files of the event stay as they "
			    "are",
			    all - changed),
			all - changed),
		    NULL);
}

size_t
plan_service_count(const struct plan *plan)
{
	size_t n = 0;
	for (size_t i = 0; i < plan->n_events; i++)
		n += plan->events[i].n_services;
	return n;
}

static void
add_events(struct plan_screen *p)
{
	const struct plan *plan = p->plan;
	struct buf text = BUF_INIT(TEXT_MAX);
	bool restart = false;
	if (plan->n_events == 0)
		return;
	add(p, PLAN_RULE, plan->n_events == 1 ? _("Event") : _("Events"), NULL);
	for (size_t i = 0; i < plan->n_events; i++) {
		const struct plan_event *ev = &plan->events[i];
		buf_reset(&text);
		buf_addf(&text, "%s%s%s   ", ev->name,
		    ev->argument != NULL ? " " : "",
		    ev->argument != NULL ? ev->argument : "");
		buf_addf(&text,
		    P_("expands %zu file (%zu differ)",
			"expands %zu files (%zu differ)", ev->files),
		    ev->files, ev->files_changed);
		const char *services = plan_services_words(ev, p->arena);
		buf_addf(
		    &text, "%s%s", *services != '\0' ? "; " : "", services);
		add(p, PLAN_TEXT, arena_cstr(p->arena, buf_str(&text)), NULL);
		for (size_t k = 0; k < ev->n_services; k++)
			restart = restart || strcmp(ev->services[k].action,
						 "restart") == 0;
	}
	const char *pause = _("interruption   none: no service is touched");
	if (restart)
		pause = _("interruption   new connections wait while a "
			  "service restarts");
	else if (plan_service_count(plan) > 0)
		pause = _("interruption   none: running SMTP sessions end "
			  "with the old settings");
	add(p, PLAN_TEXT, pause, NULL);
	buf_clear(&text);
}

void
plan_lines_fill(struct plan_screen *p)
{
	p->lines.len = 0;
	p->risks = 0;
	if (p->plan != NULL) {
		add_settings(p);
		add_files(p);
		add_events(p);
	}
	list_resize(&p->list, p->lines.len);
}
