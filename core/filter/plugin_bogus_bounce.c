/* bogus_bounce [log|deny|denysoft] (FL-187): bounces that are none. */
#include "core/filter/plugins_int.h"

#include "core/mail/header.h"

static bool
configure(struct plugin_setup *s, struct err *e)
{
	struct plugin_instance *instance = s->instance;
	(void)e;
	/* a single word, or the shared pairs */
	struct str word =
	    s->n_words == 1 ? s->words[0] : plugin_argument(s, "reject");
	instance->reject = REJECT_NO;
	if (str_is(word, "deny") || str_is(word, "1")) {
		instance->reject = REJECT_YES;
	} else if (str_is(word, "denysoft")) {
		instance->reject = REJECT_YES;
		instance->reject_type = FILTER_DENYSOFT;
	} else if (word.len > 0 && !str_is(word, "log") && !str_is(word, "0")) {
		config_note(s->config, LEVEL_WARN, s->line,
		    "plugin '%s': '%.*s' is none of log, deny, denysoft",
		    instance->written, STR_ARG(word));
	}
	return true;
}

static void
on_data_post(struct plugin_call *c)
{
	const struct filter_session *s = c->session;
	const struct filter_message *m = c->input->message;
	if (!mail_path_is_null(&s->sender) || m == NULL) {
		plugin_log(c, LEVEL_INFO, "skip, not a null sender");
		return;
	}
	const struct filter_field *f =
	    mail_fields_find(m->fields, m->n_fields, "Return-Path");
	if (s->n_rcpts != 1)
		plugin_fail(c, "null sender, not one recipient",
		    "this bounce message does not have 1 recipient");
	else if (f != NULL && !str_is(str_trim(f->body), "<>"))
		plugin_fail(c, "null sender with a Return-Path",
		    "this bounce message has a Return-Path");
	else
		plugin_log(c, LEVEL_INFO, "pass");
}

const struct plugin plugin_bogus_bounce = {
	.name = "bogus_bounce",
	.configure = configure,
	.hooks = {
		{ HOOK_DATA_POST, on_data_post },
	},
};
