/*
 * queue/smtp-forward HOST [PORT [xclient]] (FL-159) and queue/lmtp-forward
 * HOST [PORT]: their lines; queueing is elsewhere.
 */
#include "core/base/i18n.h"
#include "core/base/num.h"
#include "core/filter/plugins_int.h"

enum {
	HOST_LENGTH_MAX = 255
};

static bool
configure_words(struct plugin_setup *s, struct filter_queue *data,
    const char *name, struct err *e)
{
	uint64_t port = data->port;
	if (s->n_words == 0)
		return config_refuse(
		    s->line, e, _("plugin '%s' needs a server"), name);
	if (s->words[0].len > HOST_LENGTH_MAX)
		return config_refuse(s->line, e,
		    _("plugin '%s': the server's name is too long"), name);
	if (s->n_words > 1 &&
	    (!num_parse_u64(s->words[1], PORT_MAX, &port) || port == 0))
		return config_refuse(s->line, e,
		    _("plugin '%s': '%.*s' is no port"), name,
		    STR_ARG(s->words[1]));
	data->port = (uint16_t)port;
	data->xclient = s->n_words > 2 && str_is(s->words[2], "xclient");
	if (s->n_words > 2 &&
	    (!data->xclient || data->kind != FILTER_QUEUE_SMTP))
		return config_refuse(s->line, e,
		    _("plugin '%s': '%.*s' means nothing there"), name,
		    STR_ARG(s->words[2]));
	return true;
}

static bool
configure(struct plugin_setup *s, enum filter_queue_kind kind, uint16_t port,
    const char *name, struct err *e)
{
	struct filter_queue *data = plugin_alloc(s, sizeof(*data), e);
	if (data == NULL)
		return false;
	data->kind = kind;
	data->port = port;
	s->instance->data = data;
	if (!configure_words(s, data, name, e))
		return false;
	data->place = plugin_cstr(s, s->words[0], e);
	return data->place != NULL;
}

static bool
configure_smtp(struct plugin_setup *s, struct err *e)
{
	return configure(
	    s, FILTER_QUEUE_SMTP, PORT_SMTP, "queue/smtp-forward", e);
}

static bool
configure_lmtp(struct plugin_setup *s, struct err *e)
{
	return configure(
	    s, FILTER_QUEUE_LMTP, PORT_LMTP, "queue/lmtp-forward", e);
}

const struct plugin plugin_smtp_forward = {
	.name = "queue/smtp-forward",
	.flags = PLUGIN_QUEUES,
	.configure = configure_smtp,
};

const struct plugin plugin_lmtp_forward = {
	.name = "queue/lmtp-forward",
	.flags = PLUGIN_QUEUES,
	.configure = configure_lmtp,
};
