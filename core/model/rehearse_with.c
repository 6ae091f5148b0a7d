/* Rehearsals side by side. */
#include "core/model/rehearse_with.h"

#include "core/base/i18n.h"
#include "core/filter/filter.h"
#include "core/model/plan_int.h"
#include "core/model/scratch.h"
#include "core/model/why_int.h"
#include "core/sys/root.h"

#include <string.h>

#define CONFIG  "/var/service/qpsmtpd/config"
#define CONTROL "/var/qmail/control"

/* ---- the other configuration ---- */

bool
rehearse_with(const struct model_ctx *m, const struct settings_wish *wishes,
    size_t n, struct buf *bundle, struct err *e)
{
	const struct plan_order order = { .draft = wishes, .n = n };
	struct plan_work work = { .plan = NULL };
	struct scratch s = { .root = { "" } };
	char dir[SYS_PATH_MAX], control[SYS_PATH_MAX];
	if (!plan_work_make(m, &order, &work, e))
		return false;
	if (work.plan->unseen) {
		err_set(e, ERR_NO, "%s",
		    _("this server's own programs generate the files, and "
		      "only from what is stored: there is nothing to compare "
		      "with"));
		return err_next(e, "smemail plan");
	}
	bool ok = scratch_filter(m, &s, &work.set, e) &&
		  root_path(&s.root, CONFIG, dir, e) &&
		  root_path(&s.root, CONTROL, control, e) &&
		  filter_bundle_read(dir, control, bundle, e);
	scratch_close(&s);
	return ok;
}

/* ---- side by side ---- */

static const struct rehearse_step *
step_at(const struct rehearsal *r, size_t i)
{
	return VEC_AT(&r->steps, struct rehearse_step, i);
}

static size_t
count_of(const struct rehearsal *r)
{
	return r != NULL ? r->steps.len : 0;
}

static bool
is_same(const struct rehearse_step *a, const struct rehearse_step *b)
{
	return strcmp(a->phase, b->phase) == 0 && a->rcpt == b->rcpt &&
	       str_eq(a->plugin, b->plugin);
}

static bool
has_from(
    const struct rehearsal *r, size_t from, const struct rehearse_step *wanted)
{
	for (size_t i = from; i < count_of(r); i++) {
		if (is_same(step_at(r, i), wanted))
			return true;
	}
	return false;
}

static bool
says_nothing(const struct rehearse_step *s)
{
	return s == NULL || s->is_silent;
}

static bool
speaks(const struct rehearsal *r, struct str plugin)
{
	for (size_t i = 0; i < count_of(r); i++) {
		if (str_eq(step_at(r, i)->plugin, plugin) &&
		    !says_nothing(step_at(r, i)))
			return true;
	}
	return false;
}

/* The next of either list, or of both where they are the same. */
static struct rehearse_pair
next_pair(const struct rehearsal *now, const struct rehearsal *with, size_t *i,
    size_t *k)
{
	struct rehearse_pair p = { NULL, NULL };
	if (*i < count_of(now))
		p.now = step_at(now, *i);
	if (*k < count_of(with))
		p.with = step_at(with, *k);
	if (p.now != NULL && p.with != NULL && !is_same(p.now, p.with)) {
		/* one that comes later in the other waits for its like */
		if (has_from(with, *k + 1, p.now))
			p.now = NULL;
		else
			p.with = NULL;
	}
	*i += p.now != NULL;
	*k += p.with != NULL;
	return p;
}

size_t
rehearse_pairs(struct arena *a, const struct rehearsal *now,
    const struct rehearsal *with, struct rehearse_pair **out)
{
	size_t most = count_of(now) + count_of(with), n = 0, i = 0, k = 0;
	*out = ARENA_ARRAY(a, most + 1, struct rehearse_pair);
	for (;;) {
		struct rehearse_pair p = next_pair(now, with, &i, &k);
		const struct rehearse_step *s = p.now != NULL ? p.now : p.with;
		if (s == NULL)
			break;
		bool silent = says_nothing(p.now) && says_nothing(p.with);
		if (!silent ||
		    (!speaks(now, s->plugin) && !speaks(with, s->plugin)))
			(*out)[n++] = p;
	}
	return n;
}

bool
rehearse_pair_differs(const struct rehearse_pair *p)
{
	return p->now == NULL || p->with == NULL ||
	       strcmp(p->now->result, p->with->result) != 0;
}

/* ---- why ---- */

const struct setting *
rehearse_setting(struct str plugin)
{
	const struct why_rule *rule = why_rule_find(plugin);
	return rule != NULL && rule->setting != NULL
		   ? setting_find(str_of(rule->setting))
		   : NULL;
}

/* The wish for the setting of the plugin; a single one is behind all. */
static const struct settings_wish *
wish_of(struct str plugin, const struct settings_wish *wishes, size_t n)
{
	const struct setting *s = rehearse_setting(plugin);
	for (size_t i = 0; i < n; i++) {
		if (wishes[i].setting == s)
			return &wishes[i];
	}
	return n == 1 ? wishes : NULL;
}

/* What makes the difference: a denial, else what differs first. */
static const struct rehearse_pair *
difference(const struct rehearse_pair *pairs, size_t n)
{
	const struct rehearse_pair *first = NULL;
	for (size_t i = 0; i < n; i++) {
		const struct rehearse_pair *p = &pairs[i];
		if (!rehearse_pair_differs(p))
			continue;
		if (rehearse_is_denial(p->with) != rehearse_is_denial(p->now))
			return p;
		if (first == NULL)
			first = p;
	}
	return first;
}

const char *
rehearse_because(struct arena *a, const struct rehearse_pair *pairs,
    size_t n_pairs, const struct settings_wish *wishes, size_t n)
{
	const struct rehearse_pair *p = difference(pairs, n_pairs);
	if (p == NULL)
		return NULL;
	bool of_now = p->with == NULL || rehearse_is_denial(p->now);
	const struct rehearse_step *step = of_now ? p->now : p->with;
	const struct settings_wish *w =
	    wish_of(why_decider(step->plugin, step->text), wishes, n);
	if (w != NULL)
		return arena_printf(a, "%s%s%s %s", w->setting->id,
		    w->target != NULL ? " --for " : "",
		    w->target != NULL ? w->target : "",
		    w->value == NULL                            ? _("default")
		    : (w->setting->flags & SETTING_SECRET) != 0 ? "(secret)"
								: w->value);
	if (p->with == NULL && !rehearse_is_denial(p->now))
		return arena_printf(
		    a, _("%.*s is not asked"), STR_ARG(step->plugin));
	return arena_printf(a, "%.*s: %s%s%.*s", STR_ARG(step->plugin),
	    _(step->result), step->text.len > 0 ? " " : "",
	    STR_ARG(step->text));
}
