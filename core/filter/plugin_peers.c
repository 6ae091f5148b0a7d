/*
 * peers [peers/NAME] (FL-43): chooses the list by the client's address. The
 * choice itself is filter_session_start's; the line names the last resort.
 */
#include "core/base/i18n.h"
#include "core/filter/plugins_int.h"

static bool
configure(struct plugin_setup *s, struct err *e)
{
	static const struct str folder = { "peers/", 6 };
	struct peers_line *data = plugin_alloc(s, sizeof(*data), e);
	if (data == NULL)
		return false;
	data->otherwise = STR("peers/0");
	if (s->n_words > 0) {
		if (!str_starts(s->words[0], folder))
			return config_refuse(s->line, e,
			    _("plugin 'peers': '%.*s' is no list below peers/"),
			    STR_ARG(s->words[0]));
		data->otherwise = s->words[0];
	}
	s->instance->data = data;
	return true;
}

const struct plugin plugin_peers = {
	.name = "peers",
	.configure = configure,
};
