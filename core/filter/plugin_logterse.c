/* logging/logterse: its arguments; the line itself is made in terse.c. */
#include "core/filter/plugins_int.h"
#include "core/filter/terse_int.h"

static bool
configure(struct plugin_setup *s, struct err *e)
{
	struct terse *data = plugin_alloc(s, sizeof(*data), e);
	if (data == NULL)
		return false;
	data->mark = plugin_argument(s, "prefix");
	if (data->mark.len == 0)
		data->mark = STR("`");
	data->level = plugin_level(s->instance, LEVEL_ALERT);
	s->instance->data = data;
	return true;
}

static const char *const arguments[] = { "prefix", NULL };

const struct plugin plugin_logterse = {
	.name = "logging/logterse",
	.flags = PLUGIN_PAIRS,
	.configure = configure,
	.arguments = arguments,
};
