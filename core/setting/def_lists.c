/* Settings of the area Lists: senders, hosts and recipients accepted or
 * refused. */
#include "core/setting/def_int.h"

#include "core/base/i18n.h"
#include "core/setting/form.h"
#include "core/setting/setting.h"
#include "core/setting/type_int.h"

#include <stddef.h>

const struct setting setting_lists_sender = {
	.id = "lists.sender",
	.place = SETTING_IN_DB,
	.target = SETTING_TARGET_ENTRY,
	.db = "spamassassin",
	.key = "wbl.global",
	.prop = "<address or pattern>",
	.type = &setting_type_enum,
	.choices =
	    (const struct setting_choice[]){
		{ "White", N_("accept") },
		{ "Black", N_("refuse") },
		{ NULL, NULL },
	    },
	.record_type = "wbl",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){ "/etc/mail/spamassassin/local.cf", NULL },
	.fragments = (const char *const[]){ "60globalWBL", NULL },
	.services = (const char *const[]){ "spamd:restart", NULL },
	.area = "Lists",
	.risk = SETTING_RISK_MAY_LOSE_MAIL,
	.help = "Accept or refuse a sender in SpamAssassin: user@dom, *@dom, "
		"*dom, *@*.tld.",
	.help_fr = "Accepter ou refuser un expéditeur : user@dom, *@dom, *dom, "
		   "*@*.tld.",
};

const struct setting setting_lists_recipient = {
	.id = "lists.recipient",
	.place = SETTING_IN_DB,
	.target = SETTING_TARGET_ENTRY,
	.db = "spamassassin",
	.key = "wbl.global_to",
	.prop = "<address or pattern>",
	.type = &setting_type_enum,
	.choices =
	    (const struct setting_choice[]){
		{ "White", N_("accept") },
		{ "Black", N_("refuse") },
		{ NULL, NULL },
	    },
	.record_type = "wbl",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){ "/etc/mail/spamassassin/local.cf", NULL },
	.fragments = (const char *const[]){ "70globalWBL_to", NULL },
	.services = (const char *const[]){ "spamd:restart", NULL },
	.area = "Lists",
	.risk = SETTING_RISK_MAY_LOSE_MAIL,
	.help = "Same for recipient addresses.",
	.help_fr = "De même pour les adresses de destinataires.",
};

const struct setting setting_lists_badhelo = {
	.id = "lists.badhelo",
	.place = SETTING_IN_DB,
	.target = SETTING_TARGET_ENTRY,
	.db = "wbl",
	.key = "badhelo",
	.prop = "<helo name>",
	.type = &setting_type_enum,
	.choices =
	    (const struct setting_choice[]){
		{ "Black", N_("refuse") },
		{ NULL, NULL },
	    },
	.record_type = "wbl",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/service/qpsmtpd/config/badhelo",
	    NULL },
	.fragments = (const char *const[]){ "10wbl_badhelo", NULL },
	.services = setting_services_smtp,
	.apply = "contrib smeserver-wbl",
	.area = "Lists",
	.risk = SETTING_RISK_MAY_LOSE_MAIL,
	.flags = SETTING_CONTRIB,
	.help = "Refuse hosts that greet with this exact HELO name.",
	.help_fr =
	    "Refuser les hôtes qui se présentent avec ce nom HELO exact.",
};

const struct setting setting_lists_badmailfrom = {
	.id = "lists.badmailfrom",
	.place = SETTING_IN_DB,
	.target = SETTING_TARGET_ENTRY,
	.db = "wbl",
	.key = "badmailfrom",
	.prop = "<@host or user@host>",
	.type = &setting_type_enum,
	.choices =
	    (const struct setting_choice[]){
		{ "Black", N_("refuse") },
		{ NULL, NULL },
	    },
	.record_type = "wbl",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/qmail/control/badmailfrom",
	    "/var/service/qpsmtpd/config/badmailfrom", NULL },
	.fragments = (const char *const[]){ "10wbl_badmailfrom", NULL },
	.services = setting_services_smtp,
	.apply = "contrib smeserver-wbl",
	.area = "Lists",
	.risk = SETTING_RISK_MAY_LOSE_MAIL,
	.flags = SETTING_CONTRIB,
	.help = "Refuse these envelope senders at the MAIL stage.",
	.help_fr = "Refuser ces expéditeurs d’enveloppe à l’étape MAIL.",
};

const struct setting setting_lists_whitelisthosts = {
	.id = "lists.whitelisthosts",
	.place = SETTING_IN_DB,
	.target = SETTING_TARGET_ENTRY,
	.db = "wbl",
	.key = "whitelisthosts",
	.prop = "<ip>",
	.type = &setting_type_enum,
	.choices =
	    (const struct setting_choice[]){
		{ "White", N_("accept") },
		{ NULL, NULL },
	    },
	.record_type = "wbl",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){ "/var/service/qpsmtpd/config/whitelisthosts",
		"/var/service/qpsmtpd/config/peers/0", NULL },
	.fragments = (const char *const[]){ "10wbl_whitelisthosts",
	    "11whitelist_soft", NULL },
	.services = setting_services_smtp,
	.apply = "contrib smeserver-wbl",
	.area = "Lists",
	.flags = SETTING_CONTRIB,
	.help = "Addresses exempt from all checks after connecting.",
	.help_fr = "Adresses exemptées de tout contrôle après connexion.",
};

const struct setting setting_lists_whitelisthelo = {
	.id = "lists.whitelisthelo",
	.place = SETTING_IN_DB,
	.target = SETTING_TARGET_ENTRY,
	.db = "wbl",
	.key = "whitelisthelo",
	.prop = "<helo name>",
	.type = &setting_type_enum,
	.choices =
	    (const struct setting_choice[]){
		{ "White", N_("accept") },
		{ NULL, NULL },
	    },
	.record_type = "wbl",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){ "/var/service/qpsmtpd/config/whitelisthelo",
		"/var/service/qpsmtpd/config/peers/0", NULL },
	.fragments = (const char *const[]){ "10wbl_whitelisthelo", NULL },
	.services = setting_services_smtp,
	.apply = "contrib smeserver-wbl",
	.area = "Lists",
	.flags = SETTING_CONTRIB,
	.help = "HELO names exempt from further checks.",
	.help_fr = "Noms HELO exemptés des contrôles suivants.",
};

const struct setting setting_lists_whitelistsenders = {
	.id = "lists.whitelistsenders",
	.place = SETTING_IN_DB,
	.target = SETTING_TARGET_ENTRY,
	.db = "wbl",
	.key = "whitelistsenders",
	.prop = "<host or user@host>",
	.type = &setting_type_enum,
	.choices =
	    (const struct setting_choice[]){
		{ "White", N_("accept") },
		{ NULL, NULL },
	    },
	.record_type = "wbl",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/var/service/qpsmtpd/config/whitelistsenders",
		"/var/service/qpsmtpd/config/peers/0", NULL },
	.fragments = (const char *const[]){ "10wbl_whitelistsenders", NULL },
	.services = setting_services_smtp,
	.apply = "contrib smeserver-wbl",
	.area = "Lists",
	.flags = SETTING_CONTRIB,
	.help =
	    "Envelope senders exempt from further checks at the MAIL stage.",
	.help_fr = "Expéditeurs d’enveloppe exemptés à l’étape MAIL.",
};

const struct setting setting_lists_badmailfrom_file = {
	.id = "lists.badmailfrom-file",
	.place = SETTING_IN_FILE,
	.db = "file",
	.key = "/var/service/qpsmtpd/config/badmailfrom",
	.prop = "-",
	.type = &setting_type_file_text,
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/var/service/qpsmtpd/config/badmailfrom", NULL },
	.fragments = (const char *const[]){ "10wbl_badmailfrom", NULL },
	.services = setting_services_smtp,
	.area = "Lists",
	.risk = SETTING_RISK_MAY_LOSE_MAIL,
	.flags = SETTING_READ_ONLY,
	.help = "Generated list read by the badmailfrom plugin.",
	.help_fr = "Liste générée lue par le module badmailfrom.",
};

const struct setting setting_lists_badrcptto_file = {
	.id = "lists.badrcptto-file",
	.place = SETTING_IN_FILE,
	.db = "file",
	.key = "/var/service/qpsmtpd/config/badrcptto",
	.prop = "-",
	.type = &setting_type_file_text,
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/qmail/control/badrcptto",
	    "/var/service/qpsmtpd/config/badrcptto", NULL },
	.fragments = (const char *const[]){ "10blockVisibleInternal", NULL },
	.services = setting_services_smtp,
	.area = "Lists",
	.risk = SETTING_RISK_MAY_LOSE_MAIL,
	.flags = SETTING_READ_ONLY,
	.help = "Generated list of refused recipients (internal-only accounts "
		"among them).",
	.help_fr =
	    "Liste générée des destinataires refusés (dont comptes internes).",
};

const struct setting setting_lists_badrcptto_patterns_file = {
	.id = "lists.badrcptto-patterns-file",
	.place = SETTING_IN_FILE,
	.db = "file",
	.key = "/var/service/qpsmtpd/config/badrcptto_patterns",
	.prop = "-",
	.type = &setting_type_file_text,
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/var/service/qpsmtpd/config/badrcptto_patterns", NULL },
	.fragments = (const char *const[]){ "10NoBangPaths", "10NoDoubleAt",
	    "10NoEmptyLocalPart", "10NoPercentHack", NULL },
	.services = setting_services_smtp,
	.area = "Lists",
	.until = "9.1",
	.risk = SETTING_RISK_MAY_LOSE_MAIL,
	.flags = SETTING_READ_ONLY,
	.help =
	    "Patterns of refused recipients; merged into badrcptto from 9.2.",
	.help_fr =
	    "Motifs de destinataires refusés ; fondus dans badrcptto dès 9.2.",
};

const struct setting setting_lists_goodrcptto_file = {
	.id = "lists.goodrcptto-file",
	.place = SETTING_IN_FILE,
	.db = "file",
	.key = "/var/service/qpsmtpd/config/goodrcptto",
	.prop = "-",
	.type = &setting_type_file_text,
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/var/service/qpsmtpd/config/goodrcptto", NULL },
	.fragments = (const char *const[]){ "12PostmasterAtBracketLiteralIP",
	    "30ValidAdmin", "40ValidLocalRecipients", "50DelegatedDomains",
	    NULL },
	.services = setting_services_smtp,
	.area = "Lists",
	.risk = SETTING_RISK_MAY_LOSE_MAIL,
	.flags = SETTING_READ_ONLY,
	.help = "Generated list of accepted recipients; whole domain when it "
		"is forwarded.",
	.help_fr = "Liste générée des destinataires admis ; domaine entier "
		   "s’il est relayé.",
};

const struct setting setting_lists_badhelo_file = {
	.id = "lists.badhelo-file",
	.place = SETTING_IN_FILE,
	.db = "file",
	.key = "/var/service/qpsmtpd/config/badhelo",
	.prop = "-",
	.type = &setting_type_file_text,
	.events = (const char *const[]){ "email-update", "ip-change", NULL },
	.files = (const char *const[]){ "/var/service/qpsmtpd/config/badhelo",
	    NULL },
	.fragments = (const char *const[]){ "10ExternalIP", "10wbl_badhelo",
	    "20aol.com", "20yahoo.com", NULL },
	.services = setting_services_smtp,
	.area = "Lists",
	.risk = SETTING_RISK_MAY_LOSE_MAIL,
	.flags = SETTING_READ_ONLY,
	.help = "Generated list of refused HELO names (includes the own "
		"external IP).",
	.help_fr =
	    "Liste générée des HELO refusés (dont l’IP externe du serveur).",
};

const struct setting setting_lists_from_to_plugin_remote_old = {
	.id = "lists.from-to-plugin-remote-old",
	.place = SETTING_IN_FILE,
	.db = "file",
	.key = "/etc/e-smith/templates-custom/var/service/qpsmtpd/config/peers/"
	       "0/31check_badmailfromto",
	.prop = "check_badmailfromto",
	.form =
	    &(const struct setting_form){
		.kind = SETTING_FORM_SWITCH,
		.on = "present",
		.text = "check_badmailfromto",
		.sign = "check_badmailfromto",
	    },
	.type = &setting_type_bool,
	.choices = setting_choices_present,
	.default_value = "absent",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/service/qpsmtpd/config/peers/0",
	    NULL },
	.fragments =
	    (const char *const[]){
		"31check_badmailfromto (templates-custom)", NULL },
	.services = setting_services_smtp,
	.apply = "symlink to config/plugins/31check_badmailfromto",
	.area = "Lists",
	.until = "9.1",
	.risk = SETTING_RISK_MAY_LOSE_MAIL,
	.help = "Load the from-to pair plugin for mail from outside.",
	.help_fr = "Charger le module de paires pour le courrier externe.",
};

const struct setting setting_lists_from_to_plugin_local_old = {
	.id = "lists.from-to-plugin-local-old",
	.place = SETTING_IN_FILE,
	.db = "file",
	.key = "/etc/e-smith/templates-custom/var/service/qpsmtpd/config/peers/"
	       "local/31check_badmailfromto",
	.prop = "check_badmailfromto",
	.form =
	    &(const struct setting_form){
		.kind = SETTING_FORM_SWITCH,
		.on = "present",
		.text = "check_badmailfromto",
		.sign = "check_badmailfromto",
	    },
	.type = &setting_type_bool,
	.choices = setting_choices_present,
	.default_value = "absent",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/var/service/qpsmtpd/config/peers/local", NULL },
	.fragments =
	    (const char *const[]){
		"31check_badmailfromto (templates-custom)", NULL },
	.services = setting_services_smtp,
	.apply = "symlink to config/plugins/31check_badmailfromto",
	.area = "Lists",
	.until = "9.1",
	.risk = SETTING_RISK_MAY_LOSE_MAIL,
	.help = "Load the from-to pair plugin for mail from the local networks "
		"as well.",
	.help_fr =
	    "Charger aussi le module de paires pour le courrier interne.",
};

const struct setting setting_lists_from_to_plugin_remote_new = {
	.id = "lists.from-to-plugin-remote-new",
	.place = SETTING_IN_FILE,
	.db = "file",
	.key = "/etc/e-smith/templates-custom/var/service/qpsmtpd/config/peers/"
	       "0/31badmailfromto",
	.prop = "badmailfromto",
	.form =
	    &(const struct setting_form){
		.kind = SETTING_FORM_SWITCH,
		.on = "present",
		.text = "badmailfromto",
		.sign = "badmailfromto",
	    },
	.type = &setting_type_bool,
	.choices = setting_choices_present,
	.default_value = "absent",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/service/qpsmtpd/config/peers/0",
	    NULL },
	.fragments =
	    (const char *const[]){ "31badmailfromto (templates-custom)", NULL },
	.services = setting_services_smtp,
	.apply = "symlink to config/plugins/31badmailfromto",
	.area = "Lists",
	.since = "9.2",
	.risk = SETTING_RISK_MAY_LOSE_MAIL,
	.help = "Load the from-to pair plugin for mail from outside.",
	.help_fr = "Charger le module de paires pour le courrier externe.",
};

const struct setting setting_lists_from_to_plugin_local_new = {
	.id = "lists.from-to-plugin-local-new",
	.place = SETTING_IN_FILE,
	.db = "file",
	.key = "/etc/e-smith/templates-custom/var/service/qpsmtpd/config/peers/"
	       "local/31badmailfromto",
	.prop = "badmailfromto",
	.form =
	    &(const struct setting_form){
		.kind = SETTING_FORM_SWITCH,
		.on = "present",
		.text = "badmailfromto",
		.sign = "badmailfromto",
	    },
	.type = &setting_type_bool,
	.choices = setting_choices_present,
	.default_value = "absent",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/var/service/qpsmtpd/config/peers/local", NULL },
	.fragments =
	    (const char *const[]){ "31badmailfromto (templates-custom)", NULL },
	.services = setting_services_smtp,
	.apply = "symlink to config/plugins/31badmailfromto",
	.area = "Lists",
	.since = "9.2",
	.risk = SETTING_RISK_MAY_LOSE_MAIL,
	.help = "Load the from-to pair plugin for mail from the local networks "
		"as well.",
	.help_fr =
	    "Charger aussi le module de paires pour le courrier interne.",
};

const struct setting setting_lists_from_to = {
	.id = "lists.from-to",
	.place = SETTING_IN_FILE,
	.target = SETTING_TARGET_ENTRY,
	.db = "file",
	.key = "/etc/e-smith/templates-custom/var/qmail/control/badmailfromto/"
	       "template-begin",
	.prop = "<from><TAB><to>",
	.form =
	    &(const struct setting_form){
		.kind = SETTING_FORM_ENTRY,
		.value = "refuse",
	    },
	.type = &setting_type_file_text,
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){ "/var/qmail/control/badmailfromto", NULL },
	.fragments =
	    (const char *const[]){ "template-begin (templates-custom)", NULL },
	.services = setting_services_smtp,
	.apply = "expand-template /var/qmail/control/badmailfromto",
	.area = "Lists",
	.risk = SETTING_RISK_MAY_LOSE_MAIL,
	.help = "Pairs that may not write to each other; one TAB, no wildcard, "
		"no spare spaces.",
	.help_fr = "Paires interdites ; une tabulation, pas de joker, pas "
		   "d’espaces en trop.",
};
