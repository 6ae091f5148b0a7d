/* What each plugin found in a connection, and a line of symbols of it. */
#include "cmd/story_print_int.h"

#include "core/base/escape.h"

#include <stdlib.h>
#include <string.h>

static int
by_registry(const void *a, const void *b)
{
	const struct story_plugin *x = a, *y = b;
	unsigned i = x->plugin != NULL && x->plugin->id != 0 ? x->plugin->id
							     : UINT16_MAX;
	unsigned k = y->plugin != NULL && y->plugin->id != 0 ? y->plugin->id
							     : UINT16_MAX;
	if (i != k)
		return i < k ? -1 : 1;
	return str_cmp(x->name, y->name);
}

static void
add_result(struct story_plugin *list, size_t *n, struct str name,
    enum maillog_result result)
{
	const struct maillog_plugin *plugin = maillog_plugin_find(name);
	size_t i = 0;
	if (plugin != NULL)
		name = str_of(plugin->name);
	while (i < *n && !str_eq(list[i].name, name))
		i++;
	if (i == STORY_PLUGINS_MAX)
		return;
	if (i == *n)
		list[(*n)++] = (struct story_plugin){ name, plugin, result };
	/* several recipients: one that failed is what counts */
	if (list[i].result != MAILLOG_FAIL && list[i].result != MAILLOG_NAUGHTY)
		list[i].result = result;
}

size_t
story_plugins(
    const struct story *s, struct story_plugin list[STORY_PLUGINS_MAX])
{
	size_t n = 0;
	for (size_t i = 0; i < s->n_steps; i++) {
		const struct story_step *step = &s->steps[i];
		struct maillog_event ev;
		if (step->kind != MAILLOG_PLUGIN)
			continue;
		maillog_parse(MAILLOG_FORM_QPSMTPD,
		    str_sub(step->raw, step->text, step->raw.len), &ev);
		if (ev.kind == MAILLOG_PLUGIN && ev.result != MAILLOG_NO_RESULT)
			add_result(list, &n, ev.plugin.name,
			    (enum maillog_result)ev.result);
	}
	if (s->verdict == MAILLOG_REFUSED || s->verdict == MAILLOG_DEFERRED)
		add_result(list, &n, s->rule, MAILLOG_FAIL);
	qsort(list, n, sizeof(*list), by_registry);
	return n;
}

static char
symbol_of(enum maillog_result result)
{
	static const char symbols[] = {
		[MAILLOG_NO_RESULT] = ' ',
		[MAILLOG_PASS] = 'o',
		[MAILLOG_FAIL] = 'X',
		[MAILLOG_TOLERATED] = 'x',
		[MAILLOG_NAUGHTY] = 'X',
		[MAILLOG_SKIP] = '-',
		[MAILLOG_ERROR] = '!',
		[MAILLOG_POSITIVE] = 'o',
		[MAILLOG_NEGATIVE] = 'x',
	};
	return result < sizeof(symbols) ? symbols[result] : ' ';
}

static void
column(struct buf *out, struct str value)
{
	buf_add_cstr(out, "  ");
	if (value.len > 0)
		escape_terminal(out, value);
	else
		buf_add_char(out, '-');
}

void
story_symbols(struct story_printer *p, const struct story *s, struct buf *out)
{
	struct story_plugin list[STORY_PLUGINS_MAX];
	size_t n = story_plugins(s, list);
	if ((s->doubts & STORY_BEGAN_EARLIER) != 0)
		buf_add_cstr(out, "? ");
	story_add_time(p, story_first_ns(s), out);
	column(out, s->ip);
	column(out, s->host);
	column(out, s->country);
	column(out, s->helo);
	column(out, s->sender);
	buf_add_cstr(out, " -> ");
	story_add_recipients(s, out);
	buf_add_char(out, ' ');
	for (size_t i = 0; i < n; i++) {
		buf_add_char(out, ' ');
		if (list[i].plugin != NULL)
			buf_add_cstr(out, list[i].plugin->abbreviation);
		else
			escape_terminal(out, list[i].name);
		buf_add_char(out, ':');
		buf_add_char(out, symbol_of(list[i].result));
	}
}
