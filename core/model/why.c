/* The outcome of a message, explained. */
#include "core/maillog/story_time.h"
#include "core/model/why.h"

#include "core/base/i18n.h"
#include "core/base/num.h"
#include "core/maillog/story_find.h"
#include "core/model/journal.h"
#include "core/model/lists.h"
#include "core/model/why_int.h"

#include <string.h>

enum {
	FACT_MAX = 2048, /* bytes that are kept of one: a name, an answer */
	LIST_MAX = 16 * 1024, /* of recipients */
	TEXT_MAX = 64 * 1024, /* of all lines of a message */
};

static void
clip(struct str *s, size_t most)
{
	if (s->len > most)
		s->len = most;
}

/* The same story, with no fact longer than is kept. */
static struct story
clipped(const struct story *from)
{
	struct story s = *from;
	struct str *const facts[] = { &s.ip, &s.host, &s.helo, &s.rule,
		&s.reason, &s.score, &s.sender, &s.refused, &s.mid, &s.country,
		&s.scan_score, &s.scan_rules, &s.virus_name, &s.queue_id,
		&s.delivered_to };
	for (size_t i = 0; i < ARRAY_LEN(facts); i++)
		clip(facts[i], FACT_MAX);
	clip(&s.recipients, LIST_MAX);
	return s;
}

static struct str
keep(const struct model_ctx *m, struct str s)
{
	return s.len > 0 ? arena_str(m->arena, s) : (struct str)STR_EMPTY;
}

static struct str
first_recipient(const struct story *s)
{
	struct str rest = s->recipients, one;
	if (s->refused.len > 0)
		return s->refused;
	return maillog_recipient_next(&rest, &one) ? one
						   : (struct str)STR_EMPTY;
}

/* Before or behind the last @; the whole behind without one. */
static struct str
side_of(struct str address, bool local)
{
	size_t at = address.len;
	for (size_t i = 0; i < address.len; i++)
		if (address.ptr[i] == '@')
			at = i;
	if (local)
		return str_sub(address, 0, at);
	return at < address.len ? str_sub(address, at + 1, address.len)
				: (struct str)STR_EMPTY;
}

/* Twice the number that is in force: no fixed one is more than any. */
static struct str
doubled(const struct model_ctx *m, const char *value)
{
	int64_t n;
	if (value == NULL ||
	    !num_parse_i64(str_of(value), 1, INT32_MAX / 2, &n))
		return (struct str)STR_EMPTY;
	return str_of(arena_printf(m->arena, "%lld", (long long)(2 * n)));
}

/* One side of the pair that decided, as it is stored; else the address. */
static struct str
pair_side(const struct why *w, struct str address, bool sender)
{
	const struct setting *setting = w->setting.setting;
	struct str rest, first;
	if (setting == NULL || !w->setting.is_listed ||
	    strcmp(setting->id, "lists.from-to") != 0)
		return address;
	first = str_cut(str_of(w->setting.target), ' ', &rest);
	return sender ? first : rest;
}

static struct str
placeholder(const struct model_ctx *m, const struct story *s,
    const struct why *w, char c)
{
	switch (c) {
	case 'n':
		return doubled(m, w->setting.value);
	case 'e':
		return str_of(w->setting.is_listed ? w->setting.target : NULL);
	case 'i':
		return s->ip;
	case 'h':
		return s->helo;
	case 's':
		return pair_side(w, s->sender, true);
	case 'd':
		return side_of(s->sender, false);
	case 'r':
		return pair_side(w, first_recipient(s), false);
	case 'l':
		return side_of(first_recipient(s), true);
	case 'D':
		return side_of(first_recipient(s), false);
	default:
		return (struct str)STR_EMPTY;
	}
}

/* Only what cannot be mistaken for anything else in a shell. */
static bool
is_plain(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!ascii_is_alnum(s.ptr[i]) &&
		    strchr("@.+-_=:", s.ptr[i]) == NULL)
			return false;
	return s.len > 0;
}

/* The command with the story's names in it; NULL when one is missing. */
static const char *
fill(const struct model_ctx *m, const struct story *s, const struct why *w,
    const char *command)
{
	struct buf out = BUF_INIT(WHY_WORD_MAX * 4);
	bool ok = true;
	for (const char *c = command; *c != '\0' && ok; c++) {
		if (*c != '%') {
			buf_add_char(&out, *c);
			continue;
		}
		struct str value = placeholder(m, s, w, *++c);
		ok = is_plain(value) && value.ptr[0] != '-';
		buf_add_str(&out, value);
	}
	const char *text =
	    ok && !out.failed ? arena_cstr(m->arena, buf_str(&out)) : NULL;
	buf_clear(&out);
	return text;
}

/* "smemail set NAME VALUE" of the setting, which has that value already? */
static bool
is_in_force(const struct why *w, const char *command)
{
	struct str rest = str_of(command), word, name, value;
	return w->setting.setting != NULL && str_next_word(&rest, &word) &&
	       str_next_word(&rest, &word) && str_is(word, "set") &&
	       str_next_word(&rest, &name) && str_next_word(&rest, &value) &&
	       str_is(name, w->setting.setting->id) &&
	       str_is(value, w->setting.value);
}

static void
add_cures(const struct model_ctx *m, const struct story *s,
    const struct why_rule *rule, struct why *w)
{
	for (size_t i = 0; i < WHY_CURES_MAX; i++) {
		if (rule->cures[i].command == NULL)
			return;
		const char *command = fill(m, s, w, rule->cures[i].command);
		if (command != NULL && !is_in_force(w, command) &&
		    w->n_cures < WHY_CURES_MAX)
			w->cures[w->n_cures++] =
			    (struct why_cure){ _(rule->cures[i].text),
				    command };
	}
}

/* When it was changed last, by whom, and from what. */
static void
add_change(const struct model_ctx *m, struct settings_store *st,
    const struct story *s, struct why_setting *w)
{
	const struct journal *j;
	const struct journal_entry *entry;
	if (!settings_journal(st, &j, NULL) ||
	    (entry = journal_last(j, w->setting->id, w->target)) == NULL)
		return;
	w->since_s = entry->time_s;
	w->change = (long)entry->applied;
	w->who = arena_cstr(m->arena, str_of(entry->who));
	w->old = entry->old_stored ? arena_cstr(m->arena, entry->old_value)
				   : (w->setting->default_value != NULL
					     ? w->setting->default_value
					     : "");
	w->is_newer = s->verdict_ns != INT64_MIN &&
		      s->verdict_ns < entry->time_s * NS_PER_S;
}

static bool
is_listed(
    struct settings_store *st, const struct setting *setting, const char *entry)
{
	struct settings_row row;
	return settings_read_value(st, setting, entry, &row, NULL) &&
	       row.is_stored;
}

/* As entries are stored and compared, however a client wrote it. */
static struct str
lower(const struct model_ctx *m, struct str s)
{
	char *copy = arena_cstr(m->arena, s);
	for (size_t i = 0; i < s.len; i++)
		copy[i] = ascii_lower(copy[i]);
	return str_n(copy, s.len);
}

/* Of the pairs with this recipient: the sender's, or of all of his domain. */
static bool
pair_entry(const struct model_ctx *m, struct settings_store *st,
    const struct setting *setting, const struct story *s, const char **entry)
{
	struct str sender = lower(m, s->sender);
	struct str rcpt = lower(m, first_recipient(s));
	const char *domain = arena_printf(m->arena, "@%.*s\t%.*s",
	    STR_ARG(side_of(sender, false)), STR_ARG(rcpt));
	*entry = arena_printf(
	    m->arena, "%.*s\t%.*s", STR_ARG(sender), STR_ARG(rcpt));
	if (is_listed(st, setting, *entry))
		return true;
	if (!is_listed(st, setting, domain))
		return false;
	*entry = domain;
	return true;
}

/*
 * The entry of a list that fits: the HELO name, the sender, or all of his
 * domain. Without any it is the name itself, and false.
 */
static bool
list_entry(const struct model_ctx *m, struct settings_store *st,
    const struct setting *setting, const struct story *s, const char **entry)
{
	bool by_helo = strcmp(setting->id, "lists.badhelo") == 0;
	if (strcmp(setting->id, "lists.from-to") == 0)
		return pair_entry(m, st, setting, s, entry);
	struct str name = lower(m, by_helo ? s->helo : s->sender);
	*entry = name.len > 0 ? arena_cstr(m->arena, name) : NULL;
	if (name.len == 0 || is_listed(st, setting, *entry))
		return name.len > 0;
	const char *domain =
	    arena_printf(m->arena, "@%.*s", STR_ARG(side_of(name, false)));
	if (by_helo || !is_listed(st, setting, domain))
		return false;
	*entry = domain;
	return true;
}

static void
add_setting(const struct model_ctx *m, struct settings_store *st,
    const struct story *s, const char *id, struct why *w)
{
	struct settings_row row;
	const struct setting *setting =
	    id != NULL ? setting_find(str_of(id)) : NULL;
	if (setting == NULL || st == NULL)
		return;
	const char *target = NULL;
	if (setting->target == SETTING_TARGET_USER)
		target =
		    arena_cstr(m->arena, side_of(first_recipient(s), true));
	else if (setting->target == SETTING_TARGET_DOMAIN)
		target =
		    arena_cstr(m->arena, side_of(first_recipient(s), false));
	else if (setting->target != SETTING_TARGET_NONE)
		w->setting.is_listed = list_entry(m, st, setting, s, &target);
	w->setting.setting = setting;
	w->setting.target = target;
	w->setting.value = "";
	if (setting->target != SETTING_TARGET_NONE && target == NULL)
		return;
	if (settings_read_value(st, setting, target, &row, NULL)) {
		w->setting.value = (setting->flags & SETTING_SECRET) != 0
				       ? _("(secret)")
				       : arena_cstr(m->arena, row.value);
		w->setting.is_default = !row.is_stored;
	}
	add_change(m, st, s, &w->setting);
	/* pairs have a tab in them */
	if (target != NULL && strchr(target, '\t') != NULL) {
		char *shown = arena_cstr(m->arena, str_of(target));
		*strchr(shown, '\t') = ' ';
		w->setting.target = shown;
	}
}

struct str
why_decider(struct str plugin, struct str text)
{
	struct str rest;
	if (!str_is(plugin, "naughty") || text.len == 0 || text.ptr[0] != '(')
		return plugin;
	struct str word = str_cut(str_sub(text, 1, text.len), ')', &rest);
	return rest.ptr != NULL && why_rule_find(word) != NULL ? word : plugin;
}

/* The last thing a delivery was told, of those that failed or wait. */
static struct str
last_answer(const struct story *s)
{
	for (size_t i = s->n_deliveries; i-- > 0;) {
		const struct story_delivery *d = &s->deliveries[i];
		if (d->n_tries == 0)
			continue;
		const struct story_try *last = &d->tries[d->n_tries - 1];
		if (last->result == MAILLOG_FAILURE ||
		    last->result == MAILLOG_DEFERRAL)
			return str_sub(last->text, 0, FACT_MAX);
	}
	return (struct str)STR_EMPTY;
}

static const char *
reason_words(const struct model_ctx *m, const struct story *s,
    const struct why_rule *rule, const struct why *w)
{
	const char *words =
	    rule != NULL && rule->reason != NULL ? _(rule->reason) : "";
	struct str score = s->score.len > 0 ? s->score : s->scan_score;
	if (rule != NULL && w->setting.setting != NULL && score.len > 0 &&
	    (strcmp(rule->plugin, "spamassassin") == 0 ||
		strcmp(rule->plugin, "junk") == 0))
		return arena_printf(m->arena, _("score %.*s, limit %s"),
		    STR_ARG(score), w->setting.value);
	if (s->virus_name.len > 0)
		return arena_printf(
		    m->arena, _("%s: %.*s"), words, STR_ARG(s->virus_name));
	return words;
}

static const char *
sentence(const struct model_ctx *m, const struct story *s,
    const struct why_rule *rule, struct str plugin)
{
	if (s->end == STORY_REFUSED || s->end == STORY_DEFERRED)
		return arena_printf(m->arena, _("%s, by %.*s"),
		    rule != NULL ? _(rule->phase) : _("in the session"),
		    STR_ARG(plugin));
	if ((s->end == STORY_DELIVERED || s->end == STORY_BOUNCED) &&
	    s->delivered_to.len > 0)
		return arena_printf(m->arena,
		    s->scan_spam ? _("as spam, to %.*s") : _("to %.*s"),
		    STR_ARG(s->delivered_to));
	if (s->end == STORY_DELIVERED && s->scan_spam)
		return _("as spam");
	return rule != NULL ? _(rule->phase) : "";
}

static void
keep_steps(const struct model_ctx *m, const struct story *s,
    const char *const *names, struct why *w)
{
	size_t n = s->n_steps < WHY_STEPS_MAX ? s->n_steps : WHY_STEPS_MAX;
	size_t room = TEXT_MAX;
	w->steps = ARENA_ARRAY(m->arena, n + 1, struct why_step);
	for (size_t i = 0; i < n && s->steps[i].raw.len <= room; i++) {
		const struct story_step *from = &s->steps[i];
		struct why_step *to = &w->steps[w->n_steps++];
		room -= from->raw.len;
		to->offset_s = story_seconds(s->steps[0].key_ns, from->key_ns);
		to->service = names != NULL ? names[from->source] : "";
		to->kind = from->kind;
		to->text =
		    keep(m, str_sub(from->raw, from->text, from->raw.len));
	}
	w->more_steps = s->n_steps - w->n_steps;
}

static void
keep_facts(const struct model_ctx *m, const struct story *s, struct why *w)
{
	w->id = s->id;
	w->end = s->end;
	w->time_ns = story_time(s);
	w->msg = s->msg;
	w->queue_id = keep(m, s->queue_id);
	w->delivered_to = keep(m, s->delivered_to);
	w->bytes = s->bytes > 0 ? s->bytes : s->scan_size;
	w->rule = keep(m, s->rule);
	w->sender = keep(m, s->sender);
	w->recipients = keep(m, s->recipients);
	w->refused = keep(m, s->refused);
	w->ip = keep(m, s->ip);
	w->host = keep(m, s->host);
	w->helo = keep(m, s->helo);
	w->mid = keep(m, s->mid);
	w->score = keep(m, s->score.len > 0 ? s->score : s->scan_score);
	w->rules = keep(m, s->scan_rules);
	w->virus = keep(m, s->virus_name);
	w->scan = s->scan;
	w->virus_scan = s->virus;
	w->queue = s->queue;
	w->doubts = s->doubts;
}

/*
 * The list of recipients holds ours only: an address of another domain that is
 * not on it is refused for the sake of relaying.
 */
static const struct why_rule *
rule_of_refusal(const struct model_ctx *m, struct settings_store *st,
    const struct story *s, struct str plugin)
{
	const struct why_rule *rule = why_rule_of_text(plugin, s->reason);
	struct str domain = lower(m, side_of(first_recipient(s), false));
	if (rule != NULL && st != NULL && domain.len > 0 &&
	    strcmp(rule->plugin, "check_goodrcptto") == 0 &&
	    !lists_is_own_domain(st, domain))
		return why_rule_find(STR("rcpt_ok"));
	return rule;
}

/* Taken, and then nothing: lines are missing, or levels too low to log them. */
static bool
is_taken(const struct story *s)
{
	return s->end == STORY_UNKNOWN && s->verdict == MAILLOG_QUEUED;
}

/* The change that gave the setting its value, with all that belongs to it. */
static void
add_undo(const struct model_ctx *m, struct settings_store *st, struct why *w)
{
	const struct journal *j;
	struct journal_entry *all;
	if (w->setting.change <= 0 || w->n_cures == WHY_CURES_MAX ||
	    w->setting.is_newer || !settings_journal(st, &j, NULL))
		return;
	size_t n = journal_join(j, m, 0, w->setting.change, &all);
	w->cures[w->n_cures++] = (struct why_cure){
		n > 1 ? arena_printf(m->arena,
			    P_("take change %ld back, of %zu setting",
				"take change %ld back, of %zu settings", n),
			    w->setting.change, n)
		      : _("take the last change of the setting back"),
		arena_printf(m->arena, "smemail undo %ld", w->setting.change)
	};
}

struct why *
why_explain(const struct model_ctx *m, struct settings_store *st,
    const struct story *told, const char *const *names)
{
	struct why *w = ARENA_NEW(m->arena, struct why);
	const struct story cut = clipped(told), *s = &cut;
	bool refused = s->end == STORY_REFUSED || s->end == STORY_DEFERRED;
	struct str plugin = why_decider(s->rule, s->reason);
	w->is_open = s->end == STORY_DROPPED && !s->is_timeout &&
		     s->closed_ns == INT64_MIN;
	const struct why_rule *rule = refused
					  ? rule_of_refusal(m, st, s, plugin)
				      : w->is_open ? NULL
						   : why_rule_of_end(s);
	keep_facts(m, s, w);
	w->told = keep(m, refused ? s->reason : last_answer(s));
	if (rule != NULL)
		add_setting(m, st, s, rule->setting, w);
	w->sentence = sentence(m, s, rule, keep(m, plugin));
	w->reason = w->is_open ? _("no end in the logs: it may still go on")
		    : is_taken(s)
			? _("it was taken; no log tells how it was delivered")
			: reason_words(m, s, rule, w);
	if (rule != NULL)
		add_cures(m, s, rule, w);
	add_undo(m, st, w);
	keep_steps(m, s, names, w);
	return w;
}

const char *
why_state(const struct why *w)
{
	return w->is_open ? _("running") : _(story_end_name(w->end));
}
