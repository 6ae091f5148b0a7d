/*
 * The plugins that judge logins: who is to be asked, where, on which ports.
 * Asking is the work of a part of the daemon that may wait for the answer.
 */
#include "core/base/i18n.h"
#include "core/filter/plugins_int.h"

static struct filter_login *
new_login(struct plugin_setup *s, enum filter_login_kind kind, struct err *e)
{
	struct filter_login *l = plugin_alloc(s, sizeof(*l), e);
	if (l != NULL)
		*l = (struct filter_login){ .kind = kind,
			.label = s->instance->label,
			.on_smtp = true,
			.on_smtps = true };
	s->instance->data = l;
	return l;
}

/* An argument that names a place, or what stands in for it. */
static bool
set_place(struct plugin_setup *s, struct filter_login *l, const char *argument,
    const char *otherwise, struct err *e)
{
	struct str given = plugin_argument(s, argument);
	l->place = given.len > 0 ? plugin_cstr(s, given, e) : otherwise;
	return l->place != NULL;
}

static bool
read_yes(struct plugin_setup *s, const char *argument, bool *yes, struct err *e)
{
	struct str word = plugin_argument(s, argument);
	if (word.len == 0)
		return true;
	*yes = str_is_nocase(word, "yes");
	return *yes || str_is_nocase(word, "no") ||
	       config_refuse(s->line, e,
		   _("plugin '%s': %s is yes or no, not '%.*s'"),
		   s->instance->written, argument, STR_ARG(word));
}

/* FL-83 */
static bool
configure_cvm(struct plugin_setup *s, struct err *e)
{
	struct filter_login *l = new_login(s, FILTER_LOGIN_CVM, e);
	if (l == NULL)
		return false;
	if (plugin_argument(s, "cvm_socket").len == 0)
		return config_refuse(s->line, e,
		    _("plugin '%s': cvm_socket is wanted"),
		    s->instance->written);
	l->on_smtp = false;
	return set_place(s, l, "cvm_socket", NULL, e) &&
	       read_yes(s, "enable_smtp", &l->on_smtp, e) &&
	       read_yes(s, "enable_ssmtp", &l->on_smtps, e);
}

/* FL-84: the passwords are read by the part that judges, and by no other. */
static bool
configure_flat_file(struct plugin_setup *s, struct err *e)
{
	return new_login(s, FILTER_LOGIN_FLAT_FILE, e) != NULL;
}

static bool
configure_pam(struct plugin_setup *s, struct err *e)
{
	struct filter_login *l = new_login(s, FILTER_LOGIN_PAM, e);
	return l != NULL && set_place(s, l, "service", "smtp", e);
}

static bool
configure_dovecot(struct plugin_setup *s, struct err *e)
{
	struct filter_login *l = new_login(s, FILTER_LOGIN_DOVECOT, e);
	return l != NULL &&
	       set_place(s, l, "socket", "/run/dovecot/auth-client", e);
}

static const char *const cvm_arguments[] = { "cvm_socket", "enable_smtp",
	"enable_ssmtp", NULL };
static const char *const pam_arguments[] = { "service", NULL };
static const char *const dovecot_arguments[] = { "socket", NULL };

const struct plugin plugin_auth_cvm = {
	.name = "auth/auth_cvm_unix_local",
	.flags = PLUGIN_PAIRS | PLUGIN_LOGS_IN,
	.configure = configure_cvm,
	.arguments = cvm_arguments,
};

const struct plugin plugin_auth_flat_file = {
	.name = "auth/auth_flat_file",
	.flags = PLUGIN_PAIRS | PLUGIN_LOGS_IN,
	.configure = configure_flat_file,
};

const struct plugin plugin_auth_pam = {
	.name = "auth/auth_pam",
	.flags = PLUGIN_PAIRS | PLUGIN_LOGS_IN,
	.configure = configure_pam,
	.arguments = pam_arguments,
};

const struct plugin plugin_auth_dovecot = {
	.name = "auth/auth_dovecot",
	.flags = PLUGIN_PAIRS | PLUGIN_LOGS_IN,
	.configure = configure_dovecot,
	.arguments = dovecot_arguments,
};
