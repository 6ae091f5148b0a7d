/* loop [N] (FL-74): messages that have passed too many hosts. */
#include "core/filter/plugins_int.h"

#include "core/mail/header.h"

enum {
	HOPS_DEFAULT = 100,
	HOPS_MAX = 1000
};

static bool
configure(struct plugin_setup *s, struct err *e)
{
	return plugin_take_count(s, HOPS_MAX, HOPS_DEFAULT, e);
}

static void
check_hops(struct plugin_call *c, int64_t limit)
{
	const struct filter_message *m = c->input->message;
	if (m == NULL)
		return;
	/* one more: the Received field of our own */
	size_t hops = 1 +
		      mail_fields_count(m->fields, m->n_fields, "Received") +
		      mail_fields_count(m->fields, m->n_fields, "Delivered-To");
	if (hops < (size_t)limit)
		return;
	plugin_log(c, LEVEL_INFO, "fail, %zu hops", hops);
	plugin_answer(c, FILTER_DENY, "Too many hops (#5.4.6)");
}

static void
on_data_post(struct plugin_call *c)
{
	const int64_t *limit = c->instance->data;
	check_hops(c, *limit);
}

const struct plugin plugin_loop = {
	.name = "loop",
	.configure = configure,
	.hooks = {
		{ HOOK_DATA_POST, on_data_post },
	},
};

void
plugin_loop_default(struct plugin_call *c)
{
	static const struct plugin_instance instance = {
		.plugin = &plugin_loop,
		.written = "loop",
		.label = "loop",
	};
	c->instance = &instance;
	check_hops(c, HOPS_DEFAULT);
}
