/* count_unrecognized_commands [N] (FL-95). */
#include "core/filter/plugins_int.h"

enum {
	LIMIT_DEFAULT = 4,
	LIMIT_MAX = 10000
};

struct unrecognized {
	unsigned limit;
};

static bool
configure(struct plugin_setup *s, struct err *e)
{
	struct unrecognized *data = plugin_alloc(s, sizeof(*data), e);
	if (data == NULL)
		return false;
	data->limit =
	    (unsigned)plugin_word_number(s, 0, 1, LIMIT_MAX, LIMIT_DEFAULT);
	s->instance->data = data;
	return true;
}

static void
on_unrecognized(struct plugin_call *c)
{
	const struct unrecognized *data = c->instance->data;
	unsigned count = ++c->session->unrecognized;
	plugin_log(c, LEVEL_INFO, "fail, unrecognized command '%.*s' %u of %u",
	    STR_ARG(c->input->word), count, data->limit);
	if (count >= data->limit)
		plugin_answer(c, FILTER_DENY_DISCONNECT,
		    "Closing connection, %u unrecognized commands", count);
}

const struct plugin plugin_count_unrecognized_commands = {
	.name = "count_unrecognized_commands",
	.configure = configure,
	.hooks = {
		{ HOOK_UNRECOGNIZED, on_unrecognized },
	},
};
