/* queue/qmail-queue [PATH] (FL-155): its line; queueing is elsewhere. */
#include "core/base/i18n.h"
#include "core/filter/plugins_int.h"

static bool
configure(struct plugin_setup *s, struct err *e)
{
	struct filter_queue *data = plugin_alloc(s, sizeof(*data), e);
	if (data == NULL)
		return false;
	data->kind = FILTER_QUEUE_QMAIL;
	data->place = "";
	s->instance->data = data;
	if (s->n_words == 0)
		return true;
	if (s->words[0].ptr[0] != '/')
		return config_refuse(s->line, e,
		    _("plugin 'queue/qmail-queue': '%.*s' is no absolute path"),
		    STR_ARG(s->words[0]));
	data->place = plugin_cstr(s, s->words[0], e);
	return data->place != NULL;
}

const struct plugin plugin_qmail_queue = {
	.name = "queue/qmail-queue",
	.flags = PLUGIN_QUEUES,
	.configure = configure,
};
