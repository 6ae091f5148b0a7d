/* What a plan says of settings and services, for every interface. */
#include "core/model/plan.h"

#include "core/base/i18n.h"

#include <string.h>

bool
plan_setting_is_risky(const struct plan_setting *s)
{
	/* "-": nothing is stored then, which the default makes safe */
	return s->setting != NULL && strcmp(s->new_value, "-") != 0 &&
	       setting_value_is_risky(s->setting, s->new_value);
}

static bool
list_has(const struct setting *s, struct str list, struct str wanted)
{
	struct str entry;
	while (setting_list_next(s, &list, &entry))
		if (str_eq(entry, wanted))
			return true;
	return false;
}

/* Entries of 'list' that 'other' lacks, each with a sign in front. */
static void
entries_add(const struct setting *s, struct str list, struct str other,
    char sign, struct buf *out)
{
	struct str entry;
	while (setting_list_next(s, &list, &entry))
		if (!str_is(entry, "-") && !list_has(s, other, entry))
			buf_addf(out, "%s%c %.*s", out->len > 0 ? ", " : "",
			    sign, STR_ARG(entry));
}

static const char *
shown(const char *value)
{
	return value != NULL && *value != '\0' ? value : "-";
}

const char *
plan_change_words(const struct plan_setting *s, struct arena *a)
{
	struct buf out = BUF_INIT(PLAN_WORDS_MAX);
	struct str old = str_of(shown(s->old_value));
	struct str new = str_of(shown(s->new_value));
	if (s->setting != NULL && (s->setting->flags & SETTING_LIST) != 0) {
		entries_add(s->setting, old, new, '-', &out);
		entries_add(s->setting, new, old, '+', &out);
	}
	/* another order alone, or no list */
	if (out.len == 0)
		buf_addf(&out, "%.*s -> %.*s", STR_ARG(old), STR_ARG(new));
	const char *copy = arena_cstr(a, buf_str(&out));
	buf_clear(&out);
	return copy;
}

const char *
plan_services_words(const struct plan_event *ev, struct arena *a)
{
	static const char *const actions[][2] = {
		{ "reload", N_("reloads") },
		{ "restart", N_("restarts") },
		{ "start", N_("starts") },
		{ "stop", N_("stops") },
	};
	struct buf out = BUF_INIT(PLAN_WORDS_MAX);
	for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
		const char *front = out.len > 0 ? "; " : "";
		bool first = true;
		for (size_t k = 0; k < ev->n_services; k++) {
			const struct plan_service *s = &ev->services[k];
			if (strcmp(s->action, actions[i][0]) != 0)
				continue;
			if (first)
				buf_addf(
				    &out, "%s%s ", front, _(actions[i][1]));
			buf_addf(&out, "%s%s", first ? "" : ", ", s->name);
			first = false;
		}
	}
	const char *copy = arena_cstr(a, buf_str(&out));
	buf_clear(&out);
	return copy;
}
