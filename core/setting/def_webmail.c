/* Settings of the area Webmail: Horde and redirections to it. */
#include "core/setting/def_int.h"

#include "core/base/i18n.h"
#include "core/setting/setting.h"
#include "core/setting/type_int.h"

#include <stddef.h>

const struct setting setting_webmail_title = {
	.id = "webmail.title",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "horde",
	.prop = "Name",
	.type = &setting_type_text,
	.default_value = "Horde Webmail",
	.default_unset = true,
	.record_type = "service",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/home/httpd/html/horde/config/registry.php", NULL },
	.fragments = (const char *const[]){ "110AppRegistryHorde", NULL },
	.services = (const char *const[]){ "httpd-e-smith:reload", NULL },
	.area = "Webmail",
	.until = "10",
	.flags = SETTING_EMPTY_OK,
	.help = "Title of the webmail login page (after Welcome to).",
	.help_fr =
	    "Titre de la page de connexion du webmail (après Welcome to).",
};

const struct setting setting_webmail_admin = {
	.id = "webmail.admin",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "horde",
	.prop = "Administration",
	.type = &setting_type_bool,
	.choices = setting_choices_enabled,
	.record_type = "service",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/home/httpd/html/horde/config/conf.php", NULL },
	.fragments = (const char *const[]){ "120AdminAuthentication", NULL },
	.services = (const char *const[]){ "httpd-e-smith:reload", NULL },
	.area = "Webmail",
	.until = "10",
	.help = "Make the admin user an administrator of Horde.",
	.help_fr = "Faire de admin un administrateur de Horde.",
};

const struct setting setting_webmail_host_template = {
	.id = "webmail.host-template",
	.place = SETTING_IN_DB,
	.target = SETTING_TARGET_DOMAIN,
	.db = "domains",
	.key = "<mail host>",
	.prop = "TemplatePath",
	.type = &setting_type_enum,
	.choices =
	    (const struct setting_choice[]){
		{ "ProxyPassVirtualHosts", NULL },
		{ NULL, NULL },
	    },
	.events = (const char *const[]){ "remoteaccess-update", NULL },
	.files = (const char *const[]){ "/etc/httpd/conf/httpd.conf", NULL },
	.fragments = (const char *const[]){ "ProxyPassVirtualHosts", NULL },
	.services = (const char *const[]){ "httpd-e-smith:reload", NULL },
	.see_also = (const char *const[]){ "webmail.host-target", NULL },
	.area = "Webmail",
	.help = "Turn a host name such as mail.domain into a redirection (with "
		"the next one).",
	.help_fr = "Faire d’un nom tel que mail.domaine une redirection (avec "
		   "la suivante).",
};

const struct setting setting_webmail_host_target = {
	.id = "webmail.host-target",
	.place = SETTING_IN_DB,
	.target = SETTING_TARGET_DOMAIN,
	.db = "domains",
	.key = "<mail host>",
	.prop = "ProxyPassTarget",
	.type = &setting_type_text,
	.events = (const char *const[]){ "remoteaccess-update", NULL },
	.files = (const char *const[]){ "/etc/httpd/conf/httpd.conf", NULL },
	.fragments = (const char *const[]){ "ProxyPassVirtualHosts", NULL },
	.services = (const char *const[]){ "httpd-e-smith:reload", NULL },
	.see_also = (const char *const[]){ "webmail.host-template", NULL },
	.area = "Webmail",
	.help = "Where it leads: http://<server>.<domain>/webmail.",
	.help_fr = "Où elle mène : http://<serveur>.<domaine>/webmail.",
};
