/* queue/maildir DIR [SUBDIR [MODE]] (FL-158): its line; queueing is elsewhere.
 */
#include "core/base/i18n.h"
#include "core/base/num.h"
#include "core/filter/plugins_int.h"

enum {
	MAILDIR_MODE_DEFAULT = 0700,
	MAILDIR_MODE_MAX = 07777
};

/* %l, %d, %u and no other percent sign; no way out of DIR. */
static bool
subdir_is_valid(struct str subdir)
{
	struct str rest = subdir;
	if (subdir.len == 0 || subdir.ptr[0] == '/')
		return false;
	while (rest.ptr != NULL) {
		struct str part = str_cut(rest, '/', &rest);
		if (str_is(part, ".") || str_is(part, ".."))
			return false;
	}
	for (size_t i = 0; i < subdir.len; i++) {
		if (subdir.ptr[i] != '%')
			continue;
		i++;
		if (i == subdir.len ||
		    (subdir.ptr[i] != 'l' && subdir.ptr[i] != 'd' &&
			subdir.ptr[i] != 'u'))
			return false;
	}
	return true;
}

static bool
configure_words(
    struct plugin_setup *s, struct filter_queue *data, struct err *e)
{
	if (s->n_words == 0)
		return config_refuse(
		    s->line, e, _("plugin 'queue/maildir' needs a directory"));
	if (s->words[0].ptr[0] != '/')
		return config_refuse(s->line, e,
		    _("plugin 'queue/maildir': '%.*s' is no absolute path"),
		    STR_ARG(s->words[0]));
	if (s->n_words > 1 && !subdir_is_valid(s->words[1]))
		return config_refuse(s->line, e,
		    _("plugin 'queue/maildir': '%.*s' is no folder with %%l, "
		      "%%d or %%u"),
		    STR_ARG(s->words[1]));
	if (s->n_words > 2 &&
	    !num_parse_octal(s->words[2], MAILDIR_MODE_MAX, &data->mode))
		return config_refuse(s->line, e,
		    _("plugin 'queue/maildir': '%.*s' is no octal mode"),
		    STR_ARG(s->words[2]));
	if (s->n_words > 3)
		return config_refuse(s->line, e,
		    _("plugin '%s': '%.*s' means nothing there"),
		    "queue/maildir", STR_ARG(s->words[3]));
	return true;
}

static bool
configure(struct plugin_setup *s, struct err *e)
{
	struct filter_queue *data = plugin_alloc(s, sizeof(*data), e);
	if (data == NULL)
		return false;
	data->kind = FILTER_QUEUE_MAILDIR;
	data->mode = MAILDIR_MODE_DEFAULT;
	s->instance->data = data;
	if (!configure_words(s, data, e))
		return false;
	data->dir = plugin_cstr(s, s->words[0], e);
	if (s->n_words > 1)
		data->subdir = plugin_cstr(s, s->words[1], e);
	return data->dir != NULL && (s->n_words < 2 || data->subdir != NULL);
}

const struct plugin plugin_maildir = {
	.name = "queue/maildir",
	.flags = PLUGIN_QUEUES,
	.configure = configure,
};
