/* loadcheck (FL-47): a machine that is too busy takes no more for now. */
#include "core/filter/plugins_int.h"

enum {
	MAX_LOAD = 7,
	MAX_LOAD_MAX = 10000,
	CACHE_S = 10,
	CACHE_S_MAX = 3600
};

struct loadcheck {
	int64_t max_load;
};

static bool
configure(struct plugin_setup *s, struct err *e)
{
	struct loadcheck *data = plugin_alloc(s, sizeof(*data), e);
	s->instance->data = data;
	if (data == NULL)
		return false;
	data->max_load =
	    plugin_argument_number(s, "max_load", 0, MAX_LOAD_MAX, MAX_LOAD);
	/* the load is read anew each second: it costs nothing here */
	(void)plugin_argument_number(s, "cache_time", 0, CACHE_S_MAX, CACHE_S);
	return true;
}

static void
on_connect(struct plugin_call *c)
{
	const struct loadcheck *data = c->instance->data;
	if (c->session->load <= (double)data->max_load) {
		plugin_log(c, LEVEL_INFO, "pass, %.2f", c->session->load);
		return;
	}
	plugin_log(c, LEVEL_INFO, "fail, %.2f", c->session->load);
	plugin_answer(c, FILTER_DENYSOFT,
	    "Server load too high, please try again later.");
}

static const char *const arguments[] = { "max_load", "cache_time", NULL };

const struct plugin plugin_loadcheck = {
	.name = "loadcheck",
	.flags = PLUGIN_PAIRS,
	.configure = configure,
	.arguments = arguments,
	.hooks = {
		{ HOOK_CONNECT, on_connect },
	},
};
