/* connection_time [LEVEL] (FL-48): how long a session was. */
#include "core/filter/plugins_int.h"

static bool
configure(struct plugin_setup *s, struct err *e)
{
	struct plugin_instance *instance = s->instance;
	(void)e;
	/* one word is the level; two are the usual pair */
	struct str word =
	    s->n_words == 1 ? s->words[0] : plugin_argument(s, "loglevel");
	instance->level_is_set = level_parse(word, &instance->level);
	if (word.len > 0 && !instance->level_is_set)
		config_note(s->config, LEVEL_WARN, s->line,
		    "plugin '%s': '%.*s' is no log level", instance->written,
		    STR_ARG(word));
	return true;
}

static void
on_post_connection(struct plugin_call *c)
{
	int64_t ms = c->session->age_ms;
	plugin_log(c, LEVEL_INFO, "%lld.%03d s.", (long long)(ms / MS_PER_S),
	    (int)(ms % MS_PER_S));
}

const struct plugin plugin_connection_time = {
	.name = "connection_time",
	.configure = configure,
	.hooks = {
		{ HOOK_POST_CONNECTION, on_post_connection },
	},
};
