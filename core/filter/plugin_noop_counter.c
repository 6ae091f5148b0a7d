/* noop_counter [N] (FL-96): the Nth NOOP in a row ends the session. */
#include "core/filter/plugins_int.h"

enum {
	LIMIT_DEFAULT = 3,
	LIMIT_MAX = 10000
};

struct noop_counter {
	unsigned limit;
};

static bool
configure(struct plugin_setup *s, struct err *e)
{
	struct noop_counter *data = plugin_alloc(s, sizeof(*data), e);
	if (data == NULL)
		return false;
	data->limit =
	    (unsigned)plugin_word_number(s, 0, 1, LIMIT_MAX, LIMIT_DEFAULT);
	s->instance->data = data;
	return true;
}

static void
on_noop(struct plugin_call *c)
{
	const struct noop_counter *data = c->instance->data;
	unsigned count = c->session->noops + 1;
	if (count < data->limit)
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
