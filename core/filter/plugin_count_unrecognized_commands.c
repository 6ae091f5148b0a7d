/* count_unrecognized_commands [N] (FL-95). */
#include "core/filter/plugins_int.h"

enum {
	LIMIT_DEFAULT = 4,
	LIMIT_MAX = 10000
};

static bool
configure(struct plugin_setup *s, struct err *e)
{
	return plugin_take_count(s, LIMIT_MAX, LIMIT_DEFAULT, e);
}

static void
on_unrecognized(struct plugin_call *c)
{
	const int64_t *limit = c->instance->data;
	unsigned count = ++c->session->unrecognized;
	plugin_log(c, LEVEL_INFO, "fail, unrecognized command '%.*s' %u of %u",
	    STR_ARG(c->input->word), count, (unsigned)*limit);
	if (count >= *limit)
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
