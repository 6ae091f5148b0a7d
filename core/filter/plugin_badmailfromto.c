/*
 * badmailfromto (FL-67): pairs of sender and recipient. Refused at RCPT, so
 * that it reads as if the recipient did not exist.
 */
#include "core/filter/lists_int.h"
#include "core/filter/plugins_int.h"

#include <string.h>

struct badmailfromto {
	struct name_list pairs; /* "FROM TO", one blank between */
};

static bool
configure(struct plugin_setup *s, struct err *e)
{
	struct badmailfromto *data = plugin_alloc(s, sizeof(*data), e);
	struct config_lines lines;
	if (data == NULL ||
	    !config_lines(s->config, STR("badmailfromto"), &lines, e))
		return false;
	struct name_entry *pairs = plugin_array(s, lines.n, sizeof(*pairs), e);
	if (pairs == NULL)
		return false;
	size_t n = 0;
	for (size_t i = 0; i < lines.n; i++) {
		struct str rest = lines.lines[i].text, from, to;
		if (!str_next_word(&rest, &from) ||
		    !str_next_word(&rest, &to)) {
			config_note(s->config, LEVEL_WARN, &lines.lines[i],
			    "'%.*s' is no pair of sender and recipient and is "
			    "skipped",
			    STR_ARG(lines.lines[i].text));
			continue;
		}
		const char *pair = arena_printf(
		    s->config->arena, "%.*s %.*s", STR_ARG(from), STR_ARG(to));
		pairs[n].name = plugin_lower(s, str_of(pair), e);
		pairs[n].line = i;
		if (pair == NULL || pairs[n].name.ptr == NULL)
			return false;
		n++;
	}
	name_entries_sort(pairs, n);
	data->pairs = (struct name_list){ pairs, n };
	s->instance->data = data;
	return true;
}

static bool
has_pair(const struct badmailfromto *data, struct str from, struct str to)
{
	char pair[2 * MAIL_PATH_MAX + 1];
	if (from.len + 1 + to.len > sizeof(pair))
		return false;
	memcpy(pair, from.ptr, from.len);
	pair[from.len] = ' ';
	memcpy(pair + from.len + 1, to.ptr, to.len);
	return name_list_find(
		   &data->pairs, str_n(pair, from.len + 1 + to.len)) != NULL;
}

static void
on_rcpt(struct plugin_call *c)
{
	const struct badmailfromto *data = c->instance->data;
	struct folded from, to;
	fold_path(&from, &c->session->sender);
	fold_path(&to, &c->input->rcpt);
	if (from.domain.len == 0 ||
	    (!has_pair(data, from.address, to.address) &&
		!has_pair(data, from.at_domain, to.address))) {
		plugin_log(c, LEVEL_INFO, "pass");
		return;
	}
	plugin_log(c, LEVEL_INFO, "fail, %.*s to %.*s", STR_ARG(from.address),
	    STR_ARG(to.address));
	plugin_answer(c, FILTER_DENY, "mail to %.*s not accepted here",
	    STR_ARG(to.address));
}

const struct plugin plugin_badmailfromto = {
	.name = "badmailfromto",
	.status = "5.1.1", /* as of one that is not there */
	.configure = configure,
	.hooks = {
		{ HOOK_RCPT, on_rcpt },
	},
};
