/* Settings of the area Logs: detail, kept files, the nightly report. */
#include "core/setting/def_int.h"

#include "core/base/i18n.h"
#include "core/setting/setting.h"
#include "core/setting/type_int.h"

#include <stddef.h>

const struct setting setting_logs_keep_smtp = {
	.id = "logs.keep-smtp",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "qpsmtpd",
	.prop = "KeepLogFiles",
	.type = &setting_type_int,
	.min = "1",
	.default_value = "5",
	.default_unset = true,
	.record_type = "service",
	.files = (const char *const[]){ "/var/service/qpsmtpd/log/run (static)",
	    NULL },
	.services = (const char *const[]){ "qpsmtpd/log:restart", NULL },
	.apply = "sv t /service/qpsmtpd/log",
	.area = "Logs",
	.help = "Old log files kept by multilog for qpsmtpd (5; 10 in the "
		"older run script).",
	.help_fr = "Anciens journaux gardés par multilog pour qpsmtpd (5 ; 10 "
		   "dans l’ancien script).",
};

const struct setting setting_logs_keep_smtps = {
	.id = "logs.keep-smtps",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "sqpsmtpd",
	.prop = "KeepLogFiles",
	.type = &setting_type_int,
	.min = "1",
	.default_value = "5",
	.default_unset = true,
	.record_type = "service",
	.files =
	    (const char *const[]){
		"/var/service/sqpsmtpd/log/run (static)", NULL },
	.services = (const char *const[]){ "sqpsmtpd/log:restart", NULL },
	.apply = "sv t /service/sqpsmtpd/log",
	.area = "Logs",
	.help = "Old log files kept by multilog for sqpsmtpd (5; 10 in the "
		"older run script).",
	.help_fr = "Anciens journaux gardés par multilog pour sqpsmtpd (5 ; 10 "
		   "dans l’ancien script).",
};

const struct setting setting_logs_keep_qmail = {
	.id = "logs.keep-qmail",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "qmail",
	.prop = "KeepLogFiles",
	.type = &setting_type_int,
	.min = "1",
	.default_value = "10",
	.default_unset = true,
	.record_type = "service",
	.files = (const char *const[]){ "/var/service/qmail/log/run (static)",
	    NULL },
	.services = (const char *const[]){ "qmail/log:restart", NULL },
	.apply = "sv t /service/qmail/log",
	.area = "Logs",
	.help = "Old log files kept for qmail.",
	.help_fr = "Anciens journaux gardés pour qmail.",
};

const struct setting setting_logs_level = {
	.id = "logs.level",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "qpsmtpd",
	.prop = "LogLevel",
	.type = &setting_type_int,
	.min = "0",
	.max = "8",
	.default_value = "8",
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/service/qpsmtpd/config/loglevel",
	    NULL },
	.fragments = (const char *const[]){ "10loglevel", NULL },
	.services = setting_services_smtp,
	.see_also = (const char *const[]){ "logs.keep-smtp", NULL },
	.area = "Logs",
	.help = "Detail of the SMTP log; mailstats wants 6 or more.",
	.help_fr = "Détail du journal SMTP ; mailstats demande 6 ou plus.",
};

const struct setting setting_logs_qplogsumm = {
	.id = "logs.qplogsumm",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "qpsmtpd",
	.prop = "qplogsumm",
	.type = &setting_type_bool,
	.choices = setting_choices_enabled,
	.default_value = "disabled",
	.record_type = "service",
	.files = (const char *const[]){ "/var/service/qpsmtpd/log/run (static)",
	    NULL },
	.services = (const char *const[]){ "qpsmtpd/log:restart", NULL },
	.apply = "sv t /service/qpsmtpd/log",
	.area = "Logs",
	.help = "Let multilog make qpsmtpd statistics with qplogsumm.pl.",
	.help_fr =
	    "Faire produire des statistiques par multilog avec qplogsumm.pl.",
};

const struct setting setting_mailstats_status = {
	.id = "mailstats.status",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "mailstats",
	.prop = "Status",
	.type = &setting_type_bool,
	.choices = setting_choices_enabled,
	.default_value = "enabled",
	.record_type = "service",
	.files = (const char *const[]){ "/etc/cron.d (contrib, static)", NULL },
	.apply = "contrib smeserver-mailstats",
	.area = "Logs",
	.flags = SETTING_CONTRIB,
	.help = "Contrib: nightly mail report.",
	.help_fr = "Contrib : rapport de courrier chaque nuit.",
};

const struct setting setting_mailstats_email = {
	.id = "mailstats.email",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "mailstats",
	.prop = "Email",
	.type = &setting_type_email,
	.default_value = "admin",
	.record_type = "service",
	.files = (const char *const[]){ "/etc/cron.d (contrib, static)", NULL },
	.apply = "contrib smeserver-mailstats",
	.area = "Logs",
	.flags = SETTING_CONTRIB,
	.help = "Contrib: who gets the report.",
	.help_fr = "Contrib : destinataire du rapport.",
};

const struct setting setting_mailstats_junkmail = {
	.id = "mailstats.junkmail",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "mailstats",
	.prop = "JunkMailList",
	.type = &setting_type_bool,
	.choices = setting_choices_enabled,
	.default_value = "enabled",
	.record_type = "service",
	.files = (const char *const[]){ "/etc/cron.d (contrib, static)", NULL },
	.apply = "contrib smeserver-mailstats",
	.area = "Logs",
	.flags = SETTING_CONTRIB,
	.help = "Contrib: count junkmail left in each mailbox.",
	.help_fr = "Contrib : compter le junkmail restant par boîte.",
};

const struct setting setting_mailstats_rules = {
	.id = "mailstats.rules",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "mailstats",
	.prop = "SARules",
	.type = &setting_type_bool,
	.choices = setting_choices_enabled,
	.default_value = "enabled",
	.record_type = "service",
	.files = (const char *const[]){ "/etc/cron.d (contrib, static)", NULL },
	.apply = "contrib smeserver-mailstats",
	.area = "Logs",
	.flags = SETTING_CONTRIB,
	.help = "Contrib: table of SpamAssassin rules hit.",
	.help_fr = "Contrib : table des règles SpamAssassin.",
};

const struct setting setting_mailstats_rules_threshold = {
	.id = "mailstats.rules-threshold",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "mailstats",
	.prop = "SARulePercentThreshold",
	.type = &setting_type_decimal,
	.min = "0",
	.max = "100",
	.unit = "%",
	.default_value = "0.5",
	.record_type = "service",
	.files = (const char *const[]){ "/etc/cron.d (contrib, static)", NULL },
	.apply = "contrib smeserver-mailstats",
	.area = "Logs",
	.flags = SETTING_CONTRIB,
	.help = "Contrib: smallest share shown in the rules table.",
	.help_fr = "Contrib : part minimale montrée dans la table des règles.",
};

const struct setting setting_mailstats_codes = {
	.id = "mailstats.codes",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "mailstats",
	.prop = "QpsmtpdCodes",
	.type = &setting_type_bool,
	.choices = setting_choices_enabled,
	.default_value = "enabled",
	.record_type = "service",
	.files = (const char *const[]){ "/etc/cron.d (contrib, static)", NULL },
	.apply = "contrib smeserver-mailstats",
	.area = "Logs",
	.flags = SETTING_CONTRIB,
	.help = "Contrib: table of qpsmtpd results.",
	.help_fr = "Contrib : table des résultats de qpsmtpd.",
};

const struct setting setting_mailstats_geoip = {
	.id = "mailstats.geoip",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "mailstats",
	.prop = "Geoiptable",
	.type = &setting_type_bool,
	.choices = setting_choices_enabled,
	.default_value = "enabled",
	.record_type = "service",
	.files = (const char *const[]){ "/etc/cron.d (contrib, static)", NULL },
	.apply = "contrib smeserver-mailstats",
	.area = "Logs",
	.flags = SETTING_CONTRIB,
	.help = "Contrib: table of countries.",
	.help_fr = "Contrib : table des pays.",
};

const struct setting setting_mailstats_geoip_threshold = {
	.id = "mailstats.geoip-threshold",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "mailstats",
	.prop = "GeoipCutoffPercent",
	.type = &setting_type_decimal,
	.min = "0",
	.max = "100",
	.unit = "%",
	.default_value = "0.5",
	.record_type = "service",
	.files = (const char *const[]){ "/etc/cron.d (contrib, static)", NULL },
	.apply = "contrib smeserver-mailstats",
	.area = "Logs",
	.flags = SETTING_CONTRIB,
	.help = "Contrib: smallest share shown in the countries table.",
	.help_fr = "Contrib : part minimale montrée dans la table des pays.",
};

const struct setting setting_mailstats_totals = {
	.id = "mailstats.totals",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "mailstats",
	.prop = "ShowLeagueTotals",
	.type = &setting_type_bool,
	.choices = setting_choices_yes,
	.default_value = "yes",
	.record_type = "service",
	.files = (const char *const[]){ "/etc/cron.d (contrib, static)", NULL },
	.apply = "contrib smeserver-mailstats",
	.area = "Logs",
	.flags = SETTING_CONTRIB,
	.help = "Contrib: totals under the tables.",
	.help_fr = "Contrib : totaux sous les tables.",
};

const struct setting setting_mailstats_interval = {
	.id = "mailstats.interval",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "mailstats",
	.prop = "Interval",
	.type = &setting_type_text,
	.choices =
	    (const struct setting_choice[]){
		{ "daily", NULL },
		{ "weekly", NULL },
		{ "fortnightly", NULL },
		{ "monthly", NULL },
		{ NULL, NULL },
	    },
	.default_value = "daily",
	.record_type = "service",
	.files = (const char *const[]){ "/etc/cron.d (contrib, static)", NULL },
	.apply = "contrib smeserver-mailstats",
	.area = "Logs",
	.flags = SETTING_CONTRIB,
	.help = "Contrib: daily, weekly, fortnightly, monthly or hours.",
	.help_fr = "Contrib : daily, weekly, fortnightly, monthly ou heures.",
};

const struct setting setting_mailstats_base = {
	.id = "mailstats.base",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "mailstats",
	.prop = "Base",
	.type = &setting_type_text,
	.choices =
	    (const struct setting_choice[]){
		{ "Midnight", NULL },
		{ "Midday", NULL },
		{ "Now", NULL },
		{ NULL, NULL },
	    },
	.default_value = "Midnight",
	.record_type = "service",
	.files = (const char *const[]){ "/etc/cron.d (contrib, static)", NULL },
	.apply = "contrib smeserver-mailstats",
	.area = "Logs",
	.flags = SETTING_CONTRIB,
	.help = "Contrib: Midnight, Midday, Now or an hour 0-23.",
	.help_fr = "Contrib : Midnight, Midday, Now ou une heure 0-23.",
};

const struct setting setting_mailstats_html = {
	.id = "mailstats.html",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "mailstats",
	.prop = "HTMLEmail",
	.type = &setting_type_enum,
	.choices =
	    (const struct setting_choice[]){
		{ "yes", N_("HTML") },
		{ "no", N_("plain text") },
		{ "both", N_("both forms") },
		{ NULL, NULL },
	    },
	.default_value = "no",
	.record_type = "service",
	.files = (const char *const[]){ "/etc/cron.d (contrib, static)", NULL },
	.apply = "contrib smeserver-mailstats",
	.area = "Logs",
	.flags = SETTING_CONTRIB,
	.help = "Contrib: send the report as HTML.",
	.help_fr = "Contrib : envoyer le rapport en HTML.",
};

const struct setting setting_mailstats_mysql = {
	.id = "mailstats.mysql",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "mailstats",
	.prop = "SaveDataToMySQL",
	.type = &setting_type_bool,
	.choices = setting_choices_yes,
	.default_value = "no",
	.record_type = "service",
	.files = (const char *const[]){ "/etc/cron.d (contrib, static)", NULL },
	.apply = "contrib smeserver-mailstats",
	.area = "Logs",
	.flags = SETTING_CONTRIB,
	.help = "Contrib: keep the data in MySQL.",
	.help_fr = "Contrib : garder les données dans MySQL.",
};

const struct setting setting_mailstats_mysql_host = {
	.id = "mailstats.mysql-host",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "mailstats",
	.prop = "DBHost",
	.type = &setting_type_host,
	.default_value = "localhost",
	.record_type = "service",
	.files = (const char *const[]){ "/etc/cron.d (contrib, static)", NULL },
	.apply = "contrib smeserver-mailstats",
	.area = "Logs",
	.flags = SETTING_CONTRIB,
	.help = "Contrib: MySQL server.",
	.help_fr = "Contrib : serveur MySQL.",
};

const struct setting setting_mailstats_mysql_port = {
	.id = "mailstats.mysql-port",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "mailstats",
	.prop = "DBPort",
	.type = &setting_type_int,
	.min = "1",
	.max = "65535",
	.default_value = "3306",
	.record_type = "service",
	.files = (const char *const[]){ "/etc/cron.d (contrib, static)", NULL },
	.apply = "contrib smeserver-mailstats",
	.area = "Logs",
	.flags = SETTING_CONTRIB,
	.help = "Contrib: MySQL port.",
	.help_fr = "Contrib : port MySQL.",
};

const struct setting setting_mailstats_column = {
	.id = "mailstats.column",
	.place = SETTING_IN_DB,
	.target = SETTING_TARGET_ENTRY,
	.db = "configuration",
	.key = "mailstats",
	.prop = "<column name>",
	.type = &setting_type_enum,
	.choices =
	    (const struct setting_choice[]){
		{ "yes", N_("always shown") },
		{ "no", N_("hidden") },
		{ "auto", N_("shown if not zero") },
		{ NULL, NULL },
	    },
	.default_value = "auto",
	.record_type = "service",
	.files = (const char *const[]){ "/etc/cron.d (contrib, static)", NULL },
	.apply = "contrib smeserver-mailstats",
	.area = "Logs",
	.flags = SETTING_CONTRIB,
	.help = "Contrib: show, hide or show if not zero one column.",
	.help_fr =
	    "Contrib : montrer, cacher ou montrer si non nul une colonne.",
};
