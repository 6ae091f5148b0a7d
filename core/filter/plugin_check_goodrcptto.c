/* check_goodrcptto (FL-69): recipients must be listed. */
#include "core/filter/lists_int.h"
#include "core/filter/plugins_int.h"

#include <stdio.h>
#include <string.h>

struct goodrcptto {
	struct name_list names; /* user@domain, @domain, user */
	struct str extension;   /* what parts user and extension, or empty */
	struct str note;        /* for the log */
};

static bool
configure(struct plugin_setup *s, struct err *e)
{
	struct goodrcptto *data = plugin_alloc(s, sizeof(*data), e);
	if (data == NULL || !name_list_load(s, "goodrcptto", &data->names, e))
		return false;
	data->extension = plugin_argument(s, "extn");
	data->note = plugin_argument(s, "deny_note");
	s->instance->data = data;
	return true;
}

static bool
is_listed(const struct goodrcptto *data, struct str user, struct str at_domain)
{
	char whole[MAIL_PATH_MAX];
	if (name_list_has_user(&data->names, user))
		return true;
	if (user.len + at_domain.len > sizeof(whole))
		return false;
	memcpy(whole, user.ptr, user.len);
	memcpy(whole + user.len, at_domain.ptr, at_domain.len);
	return name_list_find(&data->names,
		   str_n(whole, user.len + at_domain.len)) != NULL;
}

static bool
is_good(const struct goodrcptto *data, const struct folded *rcpt)
{
	/* the whole name first, for the likes of mailer-daemon */
	if (name_list_has_path(&data->names, rcpt))
		return true;
	size_t end = data->extension.len > 0
			 ? str_find_str(rcpt->local, data->extension)
			 : rcpt->local.len;
	struct str user = str_sub(rcpt->local, 0, end);
	return end < rcpt->local.len && user.len > 0 &&
	       is_listed(data, user, rcpt->at_domain);
}

static void
on_rcpt(struct plugin_call *c)
{
	const struct goodrcptto *data = c->instance->data;
	struct folded rcpt;
	fold_path(&rcpt, &c->input->rcpt);
	if (c->session->relay_client) {
		plugin_log(c, LEVEL_INFO, "skip, relay client");
		return;
	}
	/* <postmaster> is always good */
	if (rcpt.domain.len == 0 || is_good(data, &rcpt)) {
		plugin_log(c, LEVEL_INFO, "pass");
		return;
	}
	char reason[128] = "not in goodrcptto";
	if (data->note.len > 0)
		snprintf(reason, sizeof(reason), "not in goodrcptto, %.*s",
		    STR_ARG(data->note));
	plugin_fail(c, reason, "invalid recipient %.*s@%.*s",
	    STR_ARG(c->input->rcpt.local), STR_ARG(c->input->rcpt.domain));
}

static const char *const arguments[] = { "extn", "deny_note", NULL };

const struct plugin plugin_check_goodrcptto = {
	.name = "check_goodrcptto",
	.status = "5.1.1", /* as of one that is not there */
	.flags = PLUGIN_PAIRS | PLUGIN_REJECTS,
	.configure = configure,
	.arguments = arguments,
	.hooks = {
		{ HOOK_RCPT, on_rcpt },
	},
};
