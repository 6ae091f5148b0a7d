/* Words and options that choose lines. */
#include "cmd/log_filter.h"

#include "core/base/i18n.h"
#include "core/base/num.h"
#include "core/maillog/when.h"

enum {
	TEXT_MAX = 5 << 20,
};

void
log_filter_init(struct log_filter *f)
{
	*f = (struct log_filter){ .severity = MAILLOG_DEBUG };
	line_filter_init(&f->lines);
	buf_init(&f->text, TEXT_MAX);
}

void
log_filter_clear(struct log_filter *f)
{
	query_clear(&f->query);
	line_filter_clear(&f->lines);
	buf_clear(&f->text);
}

/* "frm:anna" and "!foo" are neither a service nor a path. */
static bool
is_unknown_word(struct str word)
{
	return str_find(word, '/', 0) == word.len &&
	       (str_find(word, ':', 0) < word.len ||
		   str_starts(word, STR("!")));
}

static bool
unknown_word(struct str word, struct err *e)
{
	struct buf all = BUF_INIT(TEXT_MAX);
	for (size_t i = 0; query_words[i] != NULL; i++)
		buf_addf(&all, "%s%s", i > 0 ? " " : "", query_words[i]);
	err_set(e, ERR_USAGE, _("unknown word '%.*s'; there are %s"),
	    STR_ARG(word), buf_cstr(&all));
	buf_clear(&all);
	return err_next(e, "smemail log search '%.*s'", STR_ARG(word));
}

bool
log_filter_words(struct log_filter *f, const struct call *call, size_t texts,
    const char *const **names, struct err *e)
{
	size_t n = 0, kept = 0;
	/* the array of words is the call's own: names move to its front */
	for (; n < call->n_args; n++) {
		struct str word = str_of(call->args[n]);
		bool condition = query_is_condition(word);
		if (condition || n < texts) {
			if (!query_add(&f->query, word, !condition, e))
				return false;
			continue;
		}
		if (is_unknown_word(word))
			return unknown_word(word, e);
		call->args[kept++] = call->args[n];
	}
	call->args[kept] = NULL;
	*names = call->args;
	return true;
}

/* --keep and --drop, each value a filter of its own. */
static bool
add_lines(struct log_filter *f, struct app *app, const struct call *call,
    const char *option, const char *mark, struct err *e)
{
	struct str values = str_of(call_option(call, option)), one;
	bool ok = true;
	while (ok && str_next_line(&values, &one))
		ok = line_filter_add(
		    &f->lines, str_of(arena_printf(
				   app->arena, "%s%.*s", mark, STR_ARG(one))));
	return ok || err_set(e, ERR_USAGE, _("too many filters"));
}

bool
log_filter_options(struct log_filter *f, struct app *app,
    const struct call *call, struct err *e)
{
	const char *word = call_option(call, "severity");
	f->verdicts = call_has(call, "verdicts");
	if (word != NULL) {
		int i = MAILLOG_DEBUG;
		while (i <= MAILLOG_SEVERE &&
		       !str_is_nocase(str_of(word),
			   maillog_severity_name((enum maillog_severity)i)))
			i++;
		if (i > MAILLOG_SEVERE)
			return err_set(e, ERR_USAGE,
			    _("cannot set '--%s': '%s' is none of %s"),
			    "severity", word,
			    "debug, info, notice, warning, error");
		f->severity = (enum maillog_severity)i;
	}
	return add_lines(f, app, call, "keep", "", e) &&
	       add_lines(f, app, call, "drop", "!", e);
}

bool
log_filter_is_empty(const struct log_filter *f)
{
	return f->query.n == 0 && line_filter_is_empty(&f->lines) &&
	       !f->verdicts && f->severity == MAILLOG_DEBUG;
}

/* The columns of the line as it is shown, but for its time and service. */
static struct str
shown(struct log_filter *f, const struct log_event *event)
{
	buf_reset(&f->text);
	buf_addf(&f->text, "%s ", log_state_word(event));
	log_event_route(event, &f->text);
	buf_add_char(&f->text, ' ');
	log_event_reason(event, &f->text);
	return buf_str(&f->text);
}

/* The words a line filter sees, here as on the screen. */
static struct str
seen(struct log_filter *f, const struct log_event *event)
{
	(void)shown(f, event);
	buf_addf(&f->text, " %s ", event->service);
	buf_add_str(&f->text, event->text);
	return buf_str(&f->text);
}

bool
log_filter_passes(struct log_filter *f, const struct log_event *event)
{
	if (f->verdicts && event->verdict == LOG_VERDICT_NONE)
		return false;
	if (event->severity < f->severity)
		return false;
	struct str none = STR_EMPTY;
	if (!query_matches(&f->query, event->raw,
		query_sees_shown(&f->query) ? shown(f, event) : none,
		&event->parsed))
		return false;
	return line_filter_is_empty(&f->lines) ||
	       line_filter_keeps(&f->lines, seen(f, event));
}

bool
log_filter_needle(const struct log_filter *f, struct str *needle, bool *exact)
{
	return query_needle(&f->query, needle, exact);
}

bool
log_count_option(const struct call *call, const char *name, int64_t max,
    int64_t *out, struct err *e)
{
	const char *text = call_option(call, name);
	if (text == NULL || num_parse_i64(str_of(text), 0, max, out))
		return true;
	return err_set(e, ERR_USAGE,
	    _("cannot set '--%s': '%s' is not a whole number from 0 to %lld"),
	    name, text, (long long)max);
}

size_t
log_filter_needles(const struct log_filter *f, struct str needles[QUERY_MAX])
{
	return query_needles(&f->query, needles);
}

/* One end of the range by either of its names. */
static bool
range_end(struct app *app, const struct call *call, const char *one,
    const char *two, int64_t *ns, struct err *e)
{
	const char *option = call_has(call, one) ? one : two;
	const char *text = call_option(call, option);
	if (call_has(call, one) && call_has(call, two))
		return err_set(e, ERR_USAGE,
		    _("--%s and --%s exclude each other"), one, two);
	return text == NULL || when_parse(str_of(text),
				   clock_wall_ns(app->clock), option, ns, e);
}

bool
log_range_options(struct app *app, const struct call *call,
    struct logrange *range, struct err *e)
{
	*range = (struct logrange)LOGRANGE_ALL;
	if (!range_end(app, call, "since", "from", &range->from_ns, e) ||
	    !range_end(app, call, "until", "to", &range->to_ns, e))
		return false;
	return range->from_ns <= range->to_ns ||
	       err_set(
		   e, ERR_USAGE, _("the range of time ends before it begins"));
}
