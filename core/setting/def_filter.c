/* Settings of the area Filtering/Spam: the checks of the SMTP dialogue. */
#include "core/setting/def_int.h"

#include "core/base/i18n.h"
#include "core/setting/form.h"
#include "core/setting/setting.h"
#include "core/setting/type_int.h"

#include <stddef.h>

const struct setting setting_filter_helo_policy = {
	.id = "filter.helo-policy",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "qpsmtpd",
	.prop = "HeloPolicy",
	.type = &setting_type_enum,
	.choices =
	    (const struct setting_choice[]){
		{ "lenient", N_("refuses badhelo, localhost, forged literals, "
				"plain addresses") },
		{ "rfc", N_("also names that are not full or not in the DNS") },
		{ "strict",
		    N_("also any literal, and names that do not match") },
		{ NULL, NULL },
	    },
	.default_value = "lenient",
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/service/qpsmtpd/config/peers/0",
	    "/var/service/qpsmtpd/config/peers/local", NULL },
	.fragments = (const char *const[]){ "15helo", NULL },
	.services = setting_services_smtp,
	.area = "Filtering/Spam",
	.since = "9.2",
	.risk = SETTING_RISK_MAY_BLOCK_LEGIT,
	.help = "How strictly the HELO name of the sender is checked.",
	.help_fr = "Sévérité du contrôle du nom HELO de l’expéditeur.",
};

const struct setting setting_filter_karma = {
	.id = "filter.karma",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "qpsmtpd",
	.prop = "Karma",
	.type = &setting_type_bool,
	.choices = setting_choices_enabled,
	.default_value = "disabled",
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/service/qpsmtpd/config/peers/0",
	    NULL },
	.fragments = (const char *const[]){ "03karma", NULL },
	.services = setting_services_smtp,
	.see_also = (const char *const[]){ "filter.karma-negative",
	    "filter.karma-strikes", NULL },
	.area = "Filtering/Spam",
	.since = "9.2",
	.risk = SETTING_RISK_MAY_BLOCK_LEGIT,
	.help =
	    "Refuse for a day the hosts whose history is more bad than good.",
	.help_fr = "Refuser un jour les hôtes dont l’historique est plus "
		   "mauvais que bon.",
};

const struct setting setting_filter_karma_negative = {
	.id = "filter.karma-negative",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "qpsmtpd",
	.prop = "KarmaNegative",
	.type = &setting_type_int,
	.min = "0",
	.default_value = "2",
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/service/qpsmtpd/config/peers/0",
	    NULL },
	.fragments = (const char *const[]){ "03karma", NULL },
	.services = setting_services_smtp,
	.see_also = (const char *const[]){ "filter.karma", NULL },
	.area = "Filtering/Spam",
	.since = "9.2",
	.risk = SETTING_RISK_MAY_BLOCK_LEGIT,
	.help = "Excess of bad over good connections that blocks a host for "
		"one day.",
	.help_fr = "Excès de mauvaises connexions sur les bonnes qui bloque un "
		   "hôte un jour.",
};

const struct setting setting_filter_karma_strikes = {
	.id = "filter.karma-strikes",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "qpsmtpd",
	.prop = "KarmaStrikes",
	.type = &setting_type_int,
	.min = "1",
	.default_value = "3",
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/service/qpsmtpd/config/peers/0",
	    NULL },
	.fragments = (const char *const[]){ "03karma", NULL },
	.services = setting_services_smtp,
	.see_also = (const char *const[]){ "filter.karma", NULL },
	.area = "Filtering/Spam",
	.since = "9.2",
	.risk = SETTING_RISK_MAY_BLOCK_LEGIT,
	.help = "Points (plus or minus) that make one connection good or bad.",
	.help_fr = "Points (en plus ou moins) qui rendent une connexion bonne "
		   "ou mauvaise.",
};

const struct setting setting_filter_max_load = {
	.id = "filter.max-load",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "qpsmtpd",
	.prop = "MaxLoad",
	.type = &setting_type_int,
	.min = "1",
	.default_value = "7",
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/service/qpsmtpd/config/peers/0",
	    NULL },
	.fragments = (const char *const[]){ "06loadcheck", NULL },
	.services = setting_services_smtp,
	.area = "Filtering/Spam",
	.since = "9.2",
	.help = "System load above which mail from outside is deferred.",
	.help_fr = "Charge système au-delà de laquelle le courrier externe est "
		   "différé.",
};

const struct setting setting_filter_greylisting = {
	.id = "filter.greylisting",
	.place = SETTING_IN_FILE,
	.db = "file",
	.key = "contrib Greylisting",
	.prop = "-",
	.form =
	    &(const struct setting_form){
		.kind = SETTING_FORM_SWITCH,
		.paths =
		    (const char *const[]){
			"/etc/e-smith/templates-custom/var/service/qpsmtpd/"
			"config/peers/0/10greylisting",
			NULL },
		.on = "enabled",
		.text = "greylisting remote_ip 0 sender 1 recipient 1 "
			"deny_late 1 black_timeout 1 reject 1 db_dir "
			"/var/lib/qpsmtpd/greylisting",
		.sign = "greylisting",
	    },
	.type = &setting_type_bool,
	.choices = setting_choices_enabled,
	.default_value = "disabled",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/service/qpsmtpd/config/peers/0",
	    NULL },
	.fragments =
	    (const char *const[]){ "10greylisting (templates-custom)", NULL },
	.services = setting_services_smtp,
	.area = "Filtering/Spam",
	.risk = SETTING_RISK_MAY_LOSE_MAIL,
	.flags = SETTING_CONTRIB,
	.help = "Delay unknown senders; often costs more care than it brings.",
	.help_fr = "Retarder les expéditeurs inconnus ; coûte souvent plus de "
		   "soin qu’il n’apporte.",
};

const struct setting setting_filter_geoip_bad_countries = {
	.id = "filter.geoip-bad-countries",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "qpsmtpd",
	.prop = "BadCountries",
	.type = &setting_type_countries,
	.record_type = "service",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){ "/var/service/qpsmtpd/config/badcountries",
		"/var/service/qpsmtpd/config/peers/0", NULL },
	.fragments = (const char *const[]){ "10BadCountries",
	    "12check_badcountries", NULL },
	.services = setting_services_smtp,
	.apply = "needs contrib GeoIP",
	.area = "Filtering/Spam",
	.since = "9.2",
	.risk = SETTING_RISK_MAY_BLOCK_LEGIT,
	.flags = SETTING_CONTRIB,
	.help = "GeoIP contrib: countries whose mail is refused (crude).",
	.help_fr =
	    "Contrib GeoIP : pays dont le courrier est refusé (grossier).",
};

const struct setting setting_filter_connection_time = {
	.id = "filter.connection-time",
	.place = SETTING_IN_FILE,
	.db = "file",
	.key = "qpsmtpd plugin connection_time",
	.prop = "-",
	.form =
	    &(const struct setting_form){
		.kind = SETTING_FORM_SWITCH,
		.paths =
		    (const char *const[]){
			"/etc/e-smith/templates-custom/var/service/qpsmtpd/"
			"config/peers/0/01connection_time",
			"/etc/e-smith/templates-custom/var/service/qpsmtpd/"
			"config/peers/local/01connection_time",
			NULL },
		.on = "installed",
		.text = "connection_time",
		.sign = "connection_time",
	    },
	.type = &setting_type_bool,
	.choices = setting_choices_installed,
	.default_value = "absent",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/service/qpsmtpd/config/peers/0",
	    "/var/service/qpsmtpd/config/peers/local", NULL },
	.fragments =
	    (const char *const[]){
		"01connection_time (templates-custom)", NULL },
	.services = setting_services_smtp,
	.area = "Filtering/Spam",
	.help = "Log the duration of each SMTP connection; not installed by "
		"default.",
	.help_fr =
	    "Noter la durée de chaque connexion SMTP ; absent par défaut.",
};

const struct setting setting_filter_check_headers_local = {
	.id = "filter.check-headers-local",
	.place = SETTING_IN_FILE,
	.db = "file",
	.key = "/etc/e-smith/templates-custom/var/service/qpsmtpd/config/peers/"
	       "local/17check_basicheaders",
	.prop = "-",
	.form =
	    &(const struct setting_form){
		.kind = SETTING_FORM_SWITCH,
		.paths_new =
		    (const char *const[]){
			"/etc/e-smith/templates-custom/var/service/qpsmtpd/"
			"config/peers/local/17headers",
			NULL },
		.on = "disabled",
		.text = "# 17check_basicheaders disabled by custom template",
	    },
	.type = &setting_type_bool,
	.choices = setting_choices_enabled,
	.default_value = "enabled",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/var/service/qpsmtpd/config/peers/local", NULL },
	.fragments =
	    (const char *const[]){ "17check_basicheaders (templates-custom)",
		"17headers (templates-custom)", NULL },
	.services = setting_services_smtp,
	.apply = "comment-only fragment disables it",
	.area = "Filtering/Spam",
	.until = "9.1",
	.help = "Refuse mail without From or Date on the internal interface.",
	.help_fr =
	    "Refuser le courrier sans From ni Date sur l’interface interne.",
};

const struct setting setting_filter_check_headers_remote = {
	.id = "filter.check-headers-remote",
	.place = SETTING_IN_FILE,
	.db = "file",
	.key = "/etc/e-smith/templates-custom/var/service/qpsmtpd/config/peers/"
	       "0/17check_basicheaders",
	.prop = "-",
	.form =
	    &(const struct setting_form){
		.kind = SETTING_FORM_SWITCH,
		.paths_new =
		    (const char *const[]){
			"/etc/e-smith/templates-custom/var/service/qpsmtpd/"
			"config/peers/0/17headers",
			NULL },
		.on = "disabled",
		.text = "# 17check_basicheaders disabled by custom template",
	    },
	.type = &setting_type_bool,
	.choices = setting_choices_enabled,
	.default_value = "enabled",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/service/qpsmtpd/config/peers/0",
	    NULL },
	.fragments =
	    (const char *const[]){ "17check_basicheaders (templates-custom)",
		"17headers (templates-custom)", NULL },
	.services = setting_services_smtp,
	.apply = "comment-only fragment disables it",
	.area = "Filtering/Spam",
	.until = "9.1",
	.help = "Refuse mail without From or Date on the external interface.",
	.help_fr =
	    "Refuser le courrier sans From ni Date sur l’interface externe.",
};

const struct setting setting_filter_spf_plugin_old = {
	.id = "filter.spf-plugin-old",
	.place = SETTING_IN_FILE,
	.db = "file",
	.key = "/etc/e-smith/templates-custom/var/service/qpsmtpd/config/peers/"
	       "0/30spf",
	.prop = "sender_permitted_from spf_deny 1",
	.form =
	    &(const struct setting_form){
		.kind = SETTING_FORM_SWITCH,
		.on = "present",
		.text = "sender_permitted_from spf_deny 1",
		.sign = "sender_permitted_from spf_deny",
	    },
	.type = &setting_type_bool,
	.choices = setting_choices_present,
	.default_value = "absent",
	.files = (const char *const[]){ "/var/service/qpsmtpd/config/peers/0",
	    NULL },
	.fragments = (const char *const[]){ "30spf (templates-custom)", NULL },
	.services = setting_services_smtp,
	.apply = "expand-template /var/service/qpsmtpd/config/peers/0",
	.area = "Filtering/Spam",
	.until = "9.1",
	.risk = SETTING_RISK_MAY_BLOCK_LEGIT,
	.help = "Old SPF plugin; must be removed on 9.2 and later, else good "
		"mail is refused.",
	.help_fr = "Ancien module SPF ; à retirer dès 9.2, sinon du bon "
		   "courrier est refusé.",
};

const struct setting setting_filter_resolvable_from = {
	.id = "filter.resolvable-from",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "qpsmtpd",
	.prop = "RequireResolvableFromHost",
	.type = &setting_type_bool,
	.choices = setting_choices_yes,
	.default_value = "yes",
	.record_type = "service",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/var/service/qpsmtpd/config/require_resolvable_fromhost",
		NULL },
	.fragments =
	    (const char *const[]){ "10RequireResolvableFromHost", NULL },
	.services = setting_services_smtp,
	.area = "Filtering/Spam",
	.until = "7",
	.risk = SETTING_RISK_MAY_BLOCK_LEGIT,
	.help = "Obsolete: the sender domain check is always on for remote "
		"mail since SME 8.",
	.help_fr = "Obsolète : contrôle du domaine expéditeur toujours actif "
		   "(distant) depuis SME 8.",
};

const struct setting setting_filter_tnef = {
	.id = "filter.tnef",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "smtpd",
	.prop = "tnef2mime",
	.type = &setting_type_bool,
	.choices = setting_choices_enabled,
	.default_value = "enabled",
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/service/qpsmtpd/config/peers/0",
	    "/var/service/qpsmtpd/config/peers/local", NULL },
	.fragments = (const char *const[]){ "62tnef2mime", NULL },
	.services = setting_services_smtp,
	.area = "Filtering/Spam",
	.help = "Turn winmail.dat and uuencoded attachments into MIME.",
	.help_fr = "Convertir winmail.dat et uuencode en MIME.",
};

const struct setting setting_filter_max_date_offset = {
	.id = "filter.max-date-offset",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "smtpd",
	.prop = "MaxDateOffset",
	.type = &setting_type_int,
	.choices =
	    (const struct setting_choice[]){
		{ "0", N_("no check") },
		{ NULL, NULL },
	    },
	.min = "0",
	.unit = "d",
	.default_value = "0",
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/service/qpsmtpd/config/peers/0",
	    "/var/service/qpsmtpd/config/peers/local", NULL },
	.fragments =
	    (const char *const[]){ "17check_basicheaders", "17headers", NULL },
	.services = setting_services_smtp,
	.area = "Filtering/Spam",
	.until = "9.1",
	.risk = SETTING_RISK_MAY_BLOCK_LEGIT,
	.help = "Days of allowed Date header error; 0 = no check, e.g. 366.",
	.help_fr = "Écart de jours admis dans l’en-tête Date ; 0 = sans "
		   "contrôle, ex. 366.",
};

const struct setting setting_filter_hosts_allow = {
	.id = "filter.hosts-allow",
	.place = SETTING_IN_FILE,
	.db = "file",
	.key = "/var/service/qpsmtpd/config/hosts_allow",
	.prop = "-",
	.form =
	    &(const struct setting_form){
		.kind = SETTING_FORM_LINES,
		.plain = true,
	    },
	.type = &setting_type_host_rules,
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/var/service/qpsmtpd/config/hosts_allow", NULL },
	.area = "Filtering/Spam",
	.risk = SETTING_RISK_MAY_LOSE_MAIL,
	.flags = SETTING_LIST,
	.help = "Hosts or networks allowed or denied before any other check.",
	.help_fr =
	    "Hôtes ou réseaux admis ou refusés avant tout autre contrôle.",
};

const struct setting setting_filter_plugins_remote = {
	.id = "filter.plugins-remote",
	.place = SETTING_IN_FILE,
	.target = SETTING_TARGET_ENTRY,
	.db = "file",
	.key =
	    "/etc/e-smith/templates-custom/var/service/qpsmtpd/config/peers/0",
	.prop = "-",
	.form =
	    &(const struct setting_form){
		.kind = SETTING_FORM_LINE,
		.paths =
		    (const char *const[]){
			"/etc/e-smith/templates-custom/var/service/qpsmtpd/"
			"config/peers/0/<fragment>",
			NULL },
	    },
	.type = &setting_type_plugin_line,
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/service/qpsmtpd/config/peers/0",
	    NULL },
	.fragments =
	    (const char *const[]){ "<NN><name> (templates-custom)", NULL },
	.services = setting_services_smtp,
	.apply = "expand-template /var/service/qpsmtpd/config/peers/0",
	.area = "Filtering/Spam",
	.risk = SETTING_RISK_MAY_LOSE_MAIL,
	.help = "Plugin list used for everyone outside the local networks.",
	.help_fr =
	    "Liste des modules pour tout ce qui est hors réseaux locaux.",
};

const struct setting setting_filter_plugins_local = {
	.id = "filter.plugins-local",
	.place = SETTING_IN_FILE,
	.target = SETTING_TARGET_ENTRY,
	.db = "file",
	.key = "/etc/e-smith/templates-custom/var/service/qpsmtpd/config/peers/"
	       "local",
	.prop = "-",
	.form =
	    &(const struct setting_form){
		.kind = SETTING_FORM_LINE,
		.paths =
		    (const char *const[]){
			"/etc/e-smith/templates-custom/var/service/qpsmtpd/"
			"config/peers/local/<fragment>",
			NULL },
	    },
	.type = &setting_type_plugin_line,
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/var/service/qpsmtpd/config/peers/local", NULL },
	.fragments =
	    (const char *const[]){ "<NN><name> (templates-custom)", NULL },
	.services = setting_services_smtp,
	.apply = "expand-template /var/service/qpsmtpd/config/peers/local",
	.area = "Filtering/Spam",
	.risk = SETTING_RISK_MAY_LOSE_MAIL,
	.help = "Plugin list used for the local networks and for authenticated "
		"senders.",
	.help_fr = "Liste des modules pour les réseaux locaux et les "
		   "expéditeurs authentifiés.",
};

const struct setting setting_filter_smtp_forward_check = {
	.id = "filter.smtp-forward-check",
	.place = SETTING_IN_FILE,
	.db = "file",
	.key = "qpsmtpd plugin check_smtp_forward",
	.prop = "-",
	.type = &setting_type_bool,
	.choices =
	    (const struct setting_choice[]){
		{ "auto", NULL },
		{ NULL, NULL },
	    },
	.default_value = "auto",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/service/qpsmtpd/config/peers/0",
	    "/var/service/qpsmtpd/config/peers/local", NULL },
	.fragments = (const char *const[]){ "37check_smtp_forward", NULL },
	.services = setting_services_smtp,
	.area = "Filtering/Spam",
	.flags = SETTING_READ_ONLY,
	.help = "On when an internal mail server is set: asks it before "
		"accepting a recipient.",
	.help_fr = "Actif si un serveur interne est défini : l’interroge avant "
		   "d’accepter.",
};
