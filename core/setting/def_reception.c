/* Settings of the area Reception: ports, names and fetching of incoming mail.
 */
#include "core/setting/def_int.h"

#include "core/base/i18n.h"
#include "core/setting/setting.h"
#include "core/setting/type_int.h"

#include <stddef.h>

const struct setting setting_smtp_status = {
	.id = "smtp.status",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "qpsmtpd",
	.prop = "status",
	.type = &setting_type_bool,
	.choices = setting_choices_enabled,
	.default_value = "enabled",
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/service/qpsmtpd (down/up)",
	    "/var/service/qpsmtpd/peers/local (mode 0644 or 0000)", NULL },
	.services = (const char *const[]){ "qpsmtpd:up/down", NULL },
	.area = "Reception",
	.risk = SETTING_RISK_MAY_LOSE_MAIL,
	.risk_value = "disabled",
	.risk_text = N_("stops taking mail: senders give up after some days"),
	.help = "Run the SMTP service on port 25.",
	.help_fr = "Faire tourner le service SMTP sur le port 25.",
};

const struct setting setting_smtp_access = {
	.id = "smtp.access",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "qpsmtpd",
	.prop = "access",
	.type = &setting_type_enum,
	.choices =
	    (const struct setting_choice[]){
		{ "private", N_("the local networks; no mail from outside") },
		{ "public", N_("everyone") },
		{ NULL, NULL },
	    },
	.default_value = "public",
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/service/qpsmtpd/peers/0",
	    "/etc/rc.d/init.d/masq", NULL },
	.fragments = (const char *const[]){ "access",
	    "adjustServices (the server's)", NULL },
	.services =
	    (const char *const[]){ "masq:adjust", "qpsmtpd:sigusr1", NULL },
	.area = "Reception",
	.risk = SETTING_RISK_MAY_LOSE_MAIL,
	.risk_value = "private",
	.risk_text = N_("lets nobody outside deliver mail here"),
	.help = "Let the Internet reach SMTP on port 25.",
	.help_fr = "Laisser Internet joindre SMTP sur le port 25.",
};

const struct setting setting_smtps_status = {
	.id = "smtps.status",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "sqpsmtpd",
	.prop = "status",
	.type = &setting_type_bool,
	.choices = setting_choices_enabled,
	.default_value = "enabled",
	.record_type = "service",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){ "/var/service/sqpsmtpd (down/up)", NULL },
	.services = (const char *const[]){ "sqpsmtpd:up/down", NULL },
	.area = "Reception",
	.help = "Run SMTP over implicit TLS on port 465.",
	.help_fr = "Faire tourner SMTP sur TLS implicite, port 465.",
};

const struct setting setting_smtps_access = {
	.id = "smtps.access",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "sqpsmtpd",
	.prop = "access",
	.type = &setting_type_enum,
	.choices =
	    (const struct setting_choice[]){
		{ "local", N_("the local networks") },
		{ "public", N_("everyone, over TLS") },
		{ "disabled", N_("no one; the service stops") },
		{ NULL, NULL },
	    },
	.default_value = "public",
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/etc/rc.d/init.d/masq", NULL },
	.fragments =
	    (const char *const[]){ "adjustServices (the server's)", NULL },
	.services = (const char *const[]){ "masq:adjust", NULL },
	.area = "Reception",
	.help = "Who may reach port 465.",
	.help_fr = "Qui peut joindre le port 465.",
};

const struct setting setting_submission_status = {
	.id = "submission.status",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "uqpsmtpd",
	.prop = "status",
	.type = &setting_type_bool,
	.choices = setting_choices_enabled,
	.record_type = "service",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/usr/lib/systemd/system/uqpsmtpd.service.d/50koozali.conf",
		NULL },
	.services = (const char *const[]){ "uqpsmtpd:restart", NULL },
	.area = "Reception",
	.since = "11",
	.help = "Run the submission service on port 587 (STARTTLS then AUTH).",
	.help_fr =
	    "Faire tourner la soumission, port 587 (STARTTLS puis AUTH).",
};

const struct setting setting_submission_access = {
	.id = "submission.access",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "uqpsmtpd",
	.prop = "access",
	.type = &setting_type_enum,
	.choices =
	    (const struct setting_choice[]){
		{ "local", N_("the local networks") },
		{ "public", N_("everyone, after STARTTLS") },
		{ "disabled", N_("no one; the service stops") },
		{ NULL, NULL },
	    },
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/etc/rc.d/init.d/masq", NULL },
	.fragments =
	    (const char *const[]){ "adjustServices (the server's)", NULL },
	.services = (const char *const[]){ "masq:adjust", NULL },
	.see_also = (const char *const[]){ "auth.smtp-scope", NULL },
	.area = "Reception",
	.since = "11",
	.help = "Who may reach port 587.",
	.help_fr = "Qui peut joindre le port 587.",
	.text = N_("Reaching it is not enough: who is no local network can "
		   "log in there, and so send, only with auth.smtp-scope "
		   "public. Port 465 needs no such thing."),
};

const struct setting setting_smtp_port = {
	.id = "smtp.port",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "smtpd",
	.prop = "TCPPort",
	.type = &setting_type_int,
	.min = "1",
	.max = "65535",
	.default_value = "25",
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/service/qpsmtpd/runenv", NULL },
	.fragments = (const char *const[]){ "PORT", NULL },
	.services = (const char *const[]){ "qpsmtpd:restart", NULL },
	.area = "Reception",
	.risk = SETTING_RISK_MAY_LOSE_MAIL,
	.help = "Listening port of the SMTP service.",
	.help_fr = "Port d’écoute du service SMTP.",
};

const struct setting setting_smtps_port = {
	.id = "smtps.port",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "ssmtpd",
	.prop = "TCPPort",
	.type = &setting_type_int,
	.min = "1",
	.max = "65535",
	.default_value = "465",
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/service/sqpsmtpd/runenv", NULL },
	.fragments = (const char *const[]){ "PORT", NULL },
	.services = (const char *const[]){ "sqpsmtpd:restart", NULL },
	.area = "Reception",
	.help = "Listening port of the SMTPS service.",
	.help_fr = "Port d’écoute du service SMTPS.",
};

const struct setting setting_smtp_greeting = {
	.id = "smtp.greeting",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "smtpd",
	.prop = "Greeting",
	.type = &setting_type_host,
	.default_value = "<SystemName>.<DomainName>",
	.default_unset = true,
	.record_type = "service",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/var/service/qpsmtpd/config/smtpgreeting", NULL },
	.fragments = (const char *const[]){ "10Body", NULL },
	.services = setting_services_smtp,
	.area = "Reception",
	.help = "Name shown in the SMTP banner (file smtpgreeting).",
	.help_fr = "Nom présenté dans la bannière SMTP (fichier smtpgreeting).",
};

const struct setting setting_smtp_helo_host = {
	.id = "smtp.helo-host",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "smtpd",
	.prop = "HeloHost",
	.type = &setting_type_host,
	.default_value = "<hostname>.<domain>",
	.default_unset = true,
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/qmail/control/helohost",
	    "/etc/postfix/main.cf (11)", NULL },
	.fragments = (const char *const[]){ "helohost", "15helo", NULL },
	.services = (const char *const[]){ "qmail:sighup",
	    "smtp-auth-proxy:restart", NULL },
	.area = "Reception",
	.help = "HELO name used when sending; best equal to the reverse DNS of "
		"the public IP.",
	.help_fr = "Nom HELO à l’envoi ; idéalement égal au DNS inverse de "
		   "l’IP publique.",
};

const struct setting setting_fetchmail_status = {
	.id = "fetchmail.status",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "fetchmail",
	.prop = "status",
	.type = &setting_type_bool,
	.choices = setting_choices_enabled,
	.default_value = "disabled",
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/etc/startmail", "/etc/fetchmail",
	    "/etc/crontab", NULL },
	.fragments = (const char *const[]){ "50ETRN", "50multi-drop", "20body",
	    "email", NULL },
	.services = (const char *const[]){ "crond:reload", NULL },
	.area = "Reception",
	.help =
	    "Mail retrieval service; enabled when the method is not standard.",
	.help_fr =
	    "Service de relève ; activé si la méthode n’est pas standard.",
};

const struct setting setting_fetchmail_method = {
	.id = "fetchmail.method",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "fetchmail",
	.prop = "Method",
	.type = &setting_type_enum,
	.choices =
	    (const struct setting_choice[]){
		{ "standard", N_("sent to this server by SMTP") },
		{ "etrn", N_("held by the provider until asked for") },
		{ "multidrop", N_("one POP box holds the mail of everyone") },
		{ NULL, NULL },
	    },
	.default_value = "standard",
	.record_type = "service",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){ "/etc/fetchmail", "/etc/crontab", NULL },
	.fragments =
	    (const char *const[]){ "50ETRN", "50multi-drop", "email", NULL },
	.services = (const char *const[]){ "crond:reload", NULL },
	.see_also = (const char *const[]){ "fetchmail.server",
	    "fetchmail.status", NULL },
	.area = "Reception",
	.risk = SETTING_RISK_MAY_LOSE_MAIL,
	.help = "How mail arrives: direct SMTP, ETRN or one POP box shared "
		"(multi-drop).",
	.help_fr = "Mode d’arrivée : SMTP direct, ETRN ou boîte POP partagée "
		   "(multi-drop).",
};

const struct setting setting_fetchmail_server = {
	.id = "fetchmail.server",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "fetchmail",
	.prop = "SecondaryMailServer",
	.type = &setting_type_host,
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/etc/fetchmail", NULL },
	.fragments = (const char *const[]){ "50ETRN", "50multi-drop", NULL },
	.area = "Reception",
	.help = "Provider server to fetch from (ETRN or multi-drop).",
	.help_fr = "Serveur du fournisseur à relever (ETRN ou multi-drop).",
};

const struct setting setting_fetchmail_account = {
	.id = "fetchmail.account",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "fetchmail",
	.prop = "SecondaryMailAccount",
	.type = &setting_type_text,
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/etc/fetchmail", NULL },
	.fragments = (const char *const[]){ "50multi-drop", NULL },
	.area = "Reception",
	.visible_if_id = "fetchmail.method",
	.visible_if_value = "multidrop",
	.help = "POP account used for multi-drop.",
	.help_fr = "Compte POP utilisé en multi-drop.",
};

const struct setting setting_fetchmail_password = {
	.id = "fetchmail.password",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "fetchmail",
	.prop = "SecondaryMailPassword",
	.type = &setting_type_secret,
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/etc/fetchmail", NULL },
	.fragments = (const char *const[]){ "50multi-drop", NULL },
	.area = "Reception",
	.risk = SETTING_RISK_EXPOSES_PASSWORDS,
	.flags = SETTING_SECRET,
	.visible_if_id = "fetchmail.method",
	.visible_if_value = "multidrop",
	.help = "POP password used for multi-drop (stored readable).",
	.help_fr = "Mot de passe POP du multi-drop (stocké lisible).",
};

const struct setting setting_fetchmail_sort_header = {
	.id = "fetchmail.sort-header",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "fetchmail",
	.prop = "SecondaryMailEnvelope",
	.type = &setting_type_text,
	.choices =
	    (const struct setting_choice[]){
		{ "Default", NULL },
		{ "Received", NULL },
		{ "for", NULL },
		{ NULL, NULL },
	    },
	.default_value = "Default",
	.default_unset = true,
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/etc/fetchmail", NULL },
	.fragments = (const char *const[]){ "50multi-drop", NULL },
	.area = "Reception",
	.risk = SETTING_RISK_MAY_LOSE_MAIL,
	.visible_if_id = "fetchmail.method",
	.visible_if_value = "multidrop",
	.help = "Header used to sort multi-drop mail; use Received or for when "
		"the ISP adds none.",
	.help_fr = "En-tête de tri du multi-drop ; mettre Received ou for si "
		   "le FAI n’en ajoute pas.",
};

const struct setting setting_fetchmail_freq_office = {
	.id = "fetchmail.freq-office",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "fetchmail",
	.prop = "FreqOffice",
	.type = &setting_type_enum,
	.choices =
	    (const struct setting_choice[]){
		{ "never", N_("not at all") },
		{ "every5min", N_("every 5 minutes") },
		{ "every15min", N_("every 15 minutes") },
		{ "every30min", N_("every 30 minutes") },
		{ "everyhour", N_("every hour") },
		{ "every2hrs", N_("every 2 hours") },
		{ NULL, NULL },
	    },
	.default_value = "every15min",
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/etc/crontab", NULL },
	.fragments = (const char *const[]){ "email", NULL },
	.services = (const char *const[]){ "crond:reload", NULL },
	.area = "Reception",
	.help = "Fetch interval: weekdays 8:00-18:00.",
	.help_fr = "Intervalle de relève : en semaine 8h-18h.",
};

const struct setting setting_fetchmail_freq_outside = {
	.id = "fetchmail.freq-outside",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "fetchmail",
	.prop = "FreqOutside",
	.type = &setting_type_enum,
	.choices =
	    (const struct setting_choice[]){
		{ "never", N_("not at all") },
		{ "every5min", N_("every 5 minutes") },
		{ "every15min", N_("every 15 minutes") },
		{ "every30min", N_("every 30 minutes") },
		{ "everyhour", N_("every hour") },
		{ "every2hrs", N_("every 2 hours") },
		{ NULL, NULL },
	    },
	.default_value = "everyhour",
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/etc/crontab", NULL },
	.fragments = (const char *const[]){ "email", NULL },
	.services = (const char *const[]){ "crond:reload", NULL },
	.area = "Reception",
	.help = "Fetch interval: weekday nights 18:00-8:00.",
	.help_fr = "Intervalle de relève : nuits de semaine 18h-8h.",
};

const struct setting setting_fetchmail_freq_weekend = {
	.id = "fetchmail.freq-weekend",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "fetchmail",
	.prop = "FreqWeekend",
	.type = &setting_type_enum,
	.choices =
	    (const struct setting_choice[]){
		{ "never", N_("not at all") },
		{ "every5min", N_("every 5 minutes") },
		{ "every15min", N_("every 15 minutes") },
		{ "every30min", N_("every 30 minutes") },
		{ "everyhour", N_("every hour") },
		{ "every2hrs", N_("every 2 hours") },
		{ NULL, NULL },
	    },
	.default_value = "everyhour",
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/etc/crontab", NULL },
	.fragments = (const char *const[]){ "email", NULL },
	.services = (const char *const[]){ "crond:reload", NULL },
	.area = "Reception",
	.help = "Fetch interval: the weekend.",
	.help_fr = "Intervalle de relève : le week-end.",
};

const struct setting setting_smtp_backup_mx = {
	.id = "smtp.backup-mx",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "mxbackup",
	.prop = "status",
	.type = &setting_type_bool,
	.choices = setting_choices_enabled,
	.default_value = "disabled",
	.default_unset = true,
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/qmail/control/rcpthosts",
	    "/var/service/qpsmtpd/config/goodrcptto", NULL },
	.fragments = (const char *const[]){ "20mxbackup", "60mxbackup", NULL },
	.services = setting_services_smtp,
	.area = "Reception",
	.risk = SETTING_RISK_MAY_LOSE_MAIL,
	.flags = SETTING_CONTRIB,
	.help =
	    "Contrib: act as backup MX for other domains (read by mailstats).",
	.help_fr = "Contrib : servir de MX de secours à d’autres domaines (lu "
		   "par mailstats).",
};

const struct setting setting_smtp_backup_mx_domains = {
	.id = "smtp.backup-mx-domains",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "mxbackup",
	.prop = "name",
	.type = &setting_type_domain_list,
	.separator = ",",
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/qmail/control/rcpthosts",
	    "/var/service/qpsmtpd/config/goodrcptto", NULL },
	.fragments = (const char *const[]){ "20mxbackup", "60mxbackup", NULL },
	.services = setting_services_smtp,
	.area = "Reception",
	.risk = SETTING_RISK_MAY_LOSE_MAIL,
	.flags = SETTING_LIST | SETTING_CONTRIB,
	.help = "Contrib: domains held as backup MX.",
	.help_fr = "Contrib : domaines gérés en MX de secours.",
};

const struct setting setting_smtp_bare_lf = {
	.id = "smtp.bare-lf",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "qpsmtpd",
	.prop = "BareLineFeed",
	.type = &setting_type_enum,
	.choices =
	    (const struct setting_choice[]){
		{ "reject", N_("the message is refused") },
		{ "reject-all", N_("so is a command that ends in one") },
		{ "relay",
		    N_("taken for a line end from clients that may relay") },
		{ "normalize", N_("taken for a line end from everyone") },
		{ NULL, NULL },
	    },
	.default_value = "reject",
	.default_unset = true,
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/service/qpsmtpd/config/bare_lf",
	    NULL },
	.fragments = (const char *const[]){ "10BareLineFeed", NULL },
	.services = setting_services_smtp,
	.area = "Reception",
	.risk = SETTING_RISK_MAY_BLOCK_LEGIT,
	.help = "What becomes of a message with a bare line feed.",
	.help_fr =
	    "Sort d’un message avec un saut de ligne sans retour chariot.",
	.text =
	    N_("Only old programs send them; a line feed that one server takes "
	       "for the end of a message and another does not lets mail be "
	       "smuggled past filters. It never ends a message here."),
};
