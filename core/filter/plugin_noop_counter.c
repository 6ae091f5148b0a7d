/* noop_counter [N] (FL-96): the Nth NOOP in a row ends the session. */
#include "core/filter/plugins_int.h"

enum {
	LIMIT_DEFAULT = 3,
	LIMIT_MAX = 10000
};

static bool
configure(struct plugin_setup *s, struct err *e)
{
	return plugin_take_count(s, LIMIT_MAX, LIMIT_DEFAULT, e);
}

static void
on_noop(struct plugin_call *c)
{
	const int64_t *limit = c->instance->data;
	unsigned count = c->session->noops + 1;
	if (count < *limit)
		return;
	plugin_log(c, LEVEL_INFO, "fail, %u NOOPs", count);
	plugin_answer(c, FILTER_DENY_DISCONNECT,
	    "Closing connection, %u NOOPs in a row", count);
}

const struct plugin plugin_noop_counter = {
	.name = "noop_counter",
	.configure = configure,
	.hooks = {
		{ HOOK_NOOP, on_noop },
	},
};
