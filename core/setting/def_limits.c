/* Settings of the area Limits: sizes, connections, quotas. */
#include "core/setting/def_int.h"

#include "core/base/i18n.h"
#include "core/setting/form.h"
#include "core/setting/setting.h"
#include "core/setting/type_int.h"

#include <stddef.h>

const struct setting setting_imap_concurrency = {
	.id = "imap.concurrency",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "imap",
	.prop = "ConcurrencyLimit",
	.type = &setting_type_int,
	.min = "1",
	.default_value = "400",
	.default_unset = true,
	.record_type = "service",
	.events = (const char *const[]){ "post-upgrade", "reboot", NULL },
	.files = (const char *const[]){ "/etc/dovecot/dovecot.conf",
	    "/var/service/imap/config (8)", NULL },
	.fragments = (const char *const[]){ "40imap", "INSTANCES", NULL },
	.services = (const char *const[]){ "dovecot:restart", NULL },
	.area = "Limits",
	.risk = SETTING_RISK_NEEDS_REBOOT,
	.help = "IMAP processes allowed in total.",
	.help_fr = "Nombre total de processus IMAP permis.",
};

const struct setting setting_imap_concurrency_per_ip = {
	.id = "imap.concurrency-per-ip",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "imap",
	.prop = "ConcurrencyLimitPerIP",
	.type = &setting_type_int,
	.min = "1",
	.default_value = "12",
	.default_unset = true,
	.record_type = "service",
	.events = (const char *const[]){ "post-upgrade", "reboot", NULL },
	.files = (const char *const[]){ "/etc/dovecot/dovecot.conf",
	    "/var/service/imap/config (8)", NULL },
	.fragments =
	    (const char *const[]){ "45limits", "INSTANCES_PER_IP", NULL },
	.services = (const char *const[]){ "dovecot:restart", NULL },
	.area = "Limits",
	.risk = SETTING_RISK_NEEDS_REBOOT,
	.help = "IMAP connections allowed per user and address (20 in the "
		"example).",
	.help_fr = "Connexions IMAP permises par utilisateur et adresse (20 "
		   "dans l’exemple).",
};

const struct setting setting_imaps_concurrency_per_ip = {
	.id = "imaps.concurrency-per-ip",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "imaps",
	.prop = "ConcurrencyLimitPerIP",
	.type = &setting_type_int,
	.min = "1",
	.default_value = "12",
	.default_unset = true,
	.record_type = "service",
	.events = (const char *const[]){ "post-upgrade", "reboot", NULL },
	.files = (const char *const[]){ "/var/service/imaps/config", NULL },
	.fragments = (const char *const[]){ "INSTANCES_PER_IP", NULL },
	.services = (const char *const[]){ "imaps:restart", NULL },
	.area = "Limits",
	.until = "8",
	.risk = SETTING_RISK_NEEDS_REBOOT,
	.help = "Same for IMAPS before SME 9; from 9 a migrate fragment "
		"deletes it.",
	.help_fr = "De même pour IMAPS avant SME 9 ; dès 9 un fragment migrate "
		   "l’efface.",
};

const struct setting setting_imaps_concurrency = {
	.id = "imaps.concurrency",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "imaps",
	.prop = "ConcurrencyLimit",
	.type = &setting_type_int,
	.min = "1",
	.default_value = "400",
	.default_unset = true,
	.record_type = "service",
	.events = (const char *const[]){ "post-upgrade", "reboot", NULL },
	.files = (const char *const[]){ "/var/service/imaps/config", NULL },
	.fragments = (const char *const[]){ "INSTANCES", NULL },
	.services = (const char *const[]){ "imaps:restart", NULL },
	.area = "Limits",
	.until = "8",
	.risk = SETTING_RISK_NEEDS_REBOOT,
	.help = "Total IMAPS connections before SME 9.",
	.help_fr = "Total des connexions IMAPS avant SME 9.",
};

const struct setting setting_imap_check_concurrency = {
	.id = "imap.check-concurrency",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "imap",
	.prop = "checkConcurrencyLimit",
	.type = &setting_type_text,
	.record_type = "service",
	.events = (const char *const[]){ "post-upgrade", "reboot", NULL },
	.files = (const char *const[]){ "/etc/dovecot/dovecot.conf", NULL },
	.fragments = (const char *const[]){ "45limits", NULL },
	.services = (const char *const[]){ "dovecot:restart", NULL },
	.area = "Limits",
	.since = "9",
	.risk = SETTING_RISK_NEEDS_REBOOT,
	.help = "Whether the concurrency limit is checked (imap record only).",
	.help_fr = "Contrôle de la limite de connexions (clé imap seulement).",
};

const struct setting setting_imap_process_memory = {
	.id = "imap.process-memory",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "imap",
	.prop = "ProcessMemoryLimit",
	.type = &setting_type_bytes,
	.unit = "B",
	.record_type = "service",
	.events = (const char *const[]){ "post-upgrade", "reboot", NULL },
	.files = (const char *const[]){ "/etc/dovecot/dovecot.conf",
	    "/var/service/imap/config (8)", NULL },
	.fragments = (const char *const[]){ "40imap", "ulimitdata", NULL },
	.services = (const char *const[]){ "dovecot:restart", NULL },
	.area = "Limits",
	.since = "9",
	.risk = SETTING_RISK_NEEDS_REBOOT,
	.help = "Memory limit of one IMAP process (imap record only).",
	.help_fr = "Limite mémoire d’un processus IMAP (clé imap seulement).",
};

const struct setting setting_imap_idle_notify = {
	.id = "imap.idle-notify",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "dovecot",
	.prop = "Idle_Notify",
	.type = &setting_type_int,
	.min = "1",
	.max = "29",
	.unit = "min",
	.default_value = "2",
	.default_unset = true,
	.record_type = "service",
	.files = (const char *const[]){ "/etc/dovecot/dovecot.conf", NULL },
	.fragments = (const char *const[]){ "45limits", NULL },
	.services = (const char *const[]){ "dovecot:reload", NULL },
	.apply = "expand-template /etc/dovecot/dovecot.conf",
	.area = "Limits",
	.help =
	    "Minutes between IDLE messages; 20 spares the battery of phones.",
	.help_fr = "Minutes entre messages IDLE ; 20 épargne la batterie des "
		   "téléphones.",
};

const struct setting setting_smtp_max_message_size = {
	.id = "smtp.max-message-size",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "qmail",
	.prop = "MaxMessageSize",
	.type = &setting_type_bytes,
	.unit = "B",
	.default_value = "15000000",
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/qmail/control/databytes",
	    "/etc/postfix/main.cf (11)", NULL },
	.fragments = (const char *const[]){ "databytes", "20limits", NULL },
	.services = (const char *const[]){ "qmail:sighup", "qpsmtpd:sighup",
	    "sqpsmtpd:sighup", NULL },
	.see_also = (const char *const[]){ "virus.max-scan-size",
	    "php.upload-max", NULL },
	.area = "Limits",
	.risk = SETTING_RISK_MAY_LOSE_MAIL,
	.flags = SETTING_EMPTY_OK,
	.help = "Largest message accepted for delivery; empty means no limit.",
	.help_fr =
	    "Plus gros message accepté à la livraison ; vide = sans limite.",
	.text = N_("Encoding makes a message up to a third larger than its "
		   "attachments."),
};

const struct setting setting_smtp_instances = {
	.id = "smtp.instances",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "smtpd",
	.prop = "Instances",
	.type = &setting_type_int,
	.min = "1",
	.default_value = "40",
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/service/qpsmtpd/runenv", NULL },
	.fragments = (const char *const[]){ "INSTANCES", NULL },
	.services = (const char *const[]){ "qpsmtpd:restart", NULL },
	.see_also = (const char *const[]){ "smtp.instances-per-ip", NULL },
	.area = "Limits",
	.help = "Simultaneous SMTP connections in total.",
	.help_fr = "Connexions SMTP simultanées en tout.",
};

const struct setting setting_smtp_instances_per_ip = {
	.id = "smtp.instances-per-ip",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "smtpd",
	.prop = "InstancesPerIP",
	.type = &setting_type_int,
	.min = "1",
	.default_value = "5",
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/service/qpsmtpd/runenv",
	    "/var/service/sqpsmtpd/runenv", NULL },
	.fragments = (const char *const[]){ "INSTANCES_PER_IP", NULL },
	.services = (const char *const[]){ "qpsmtpd:restart",
	    "sqpsmtpd:restart", NULL },
	.see_also = (const char *const[]){ "smtp.instances", NULL },
	.area = "Limits",
	.risk = SETTING_RISK_MAY_LOSE_MAIL,
	.help = "Simultaneous SMTP connections from one address.",
	.help_fr = "Connexions SMTP simultanées depuis une adresse.",
};

const struct setting setting_smtp_workers = {
	.id = "smtp.workers",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "qpsmtpd",
	.prop = "Workers",
	.type = &setting_type_int,
	.min = "1",
	.max = "16",
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/service/qpsmtpd/runenv", NULL },
	.fragments = (const char *const[]){ "WORKERS", NULL },
	.services = (const char *const[]){ "qpsmtpd:restart", NULL },
	.see_also = (const char *const[]){ "smtp.instances", NULL },
	.area = "Limits",
	.help = "Processes that share the filter's SMTP sessions.",
	.help_fr = "Processus qui se partagent les sessions SMTP du filtre.",
	.text = N_("Each session goes to the one that has the fewest; one that "
		   "crashes takes only its own with it. Unless it is set, "
		   "there is one for each processor, at most four."),
};

const struct setting setting_smtps_instances = {
	.id = "smtps.instances",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "ssmtpd",
	.prop = "Instances",
	.type = &setting_type_int,
	.min = "1",
	.default_value = "10",
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/service/sqpsmtpd/runenv", NULL },
	.fragments = (const char *const[]){ "INSTANCES", NULL },
	.services = (const char *const[]){ "sqpsmtpd:restart", NULL },
	.area = "Limits",
	.help = "Simultaneous SMTPS connections in total (10 old, 40 in the "
		"run script).",
	.help_fr = "Connexions SMTPS simultanées en tout (10 jadis, 40 dans le "
		   "script run).",
};

const struct setting setting_smtp_stray_databytes = {
	.id = "smtp.stray-databytes",
	.place = SETTING_IN_FILE,
	.db = "file",
	.key = "/var/service/qpsmtpd/config/databytes",
	.prop = "-",
	.form =
	    &(const struct setting_form){
		.kind = SETTING_FORM_STRAY,
		.on = "present",
	    },
	.type = &setting_type_bool,
	.choices = setting_choices_present,
	.default_value = "absent",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/service/qpsmtpd/config/databytes",
	    NULL },
	.services = setting_services_smtp,
	.apply = "delete the file",
	.area = "Limits",
	.until = "smeserver-qpsmtpd 2.4.0-7",
	.risk = SETTING_RISK_MAY_LOSE_MAIL,
	.help = "Stray size limit file; must be deleted on older packages.",
	.help_fr =
	    "Fichier de limite résiduel ; à supprimer sur les anciens paquets.",
};

const struct setting setting_php_upload_max = {
	.id = "php.upload-max",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "php",
	.prop = "UploadMaxFilesize",
	.type = &setting_type_size,
	.default_value = "10M",
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/etc/php.ini", NULL },
	.fragments = (const char *const[]){ "60FileUploads", NULL },
	.services = (const char *const[]){ "httpd-e-smith:restart", NULL },
	.area = "Limits",
	.help = "Largest attachment in the webmail.",
	.help_fr = "Plus grosse pièce jointe dans le webmail.",
};

const struct setting setting_php_memory_limit = {
	.id = "php.memory-limit",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "php",
	.prop = "MemoryLimit",
	.type = &setting_type_size,
	.default_value = "32M",
	.record_type = "service",
	.files = (const char *const[]){ "/etc/php.ini", NULL },
	.fragments = (const char *const[]){ "20ResourceLimits", NULL },
	.services = (const char *const[]){ "httpd-e-smith:restart", NULL },
	.apply = "expand-template /etc/php.ini; sv t httpd-e-smith",
	.area = "Limits",
	.help = "Memory of one PHP page; raise it to open large attachments; "
		"keep the M.",
	.help_fr = "Mémoire d’une page PHP ; augmenter pour grosses pièces ; "
		   "garder le M.",
};

const struct setting setting_user_quota_hard = {
	.id = "user.quota-hard",
	.place = SETTING_IN_DB,
	.target = SETTING_TARGET_USER,
	.db = "accounts",
	.key = "<user>",
	.prop = "MaxBlocks",
	.type = &setting_type_int,
	.min = "0",
	.unit = "kB",
	.events = (const char *const[]){ "user-modify <user>", NULL },
	.area = "Limits",
	.risk = SETTING_RISK_MAY_LOSE_MAIL,
	.help = "Hard disk quota; when reached, mail delivery is deferred.",
	.help_fr = "Quota dur ; une fois atteint, la livraison est différée.",
};

const struct setting setting_user_quota_soft = {
	.id = "user.quota-soft",
	.place = SETTING_IN_DB,
	.target = SETTING_TARGET_USER,
	.db = "accounts",
	.key = "<user>",
	.prop = "MaxBlocksSoftLim",
	.type = &setting_type_int,
	.min = "0",
	.unit = "kB",
	.events = (const char *const[]){ "user-modify <user>", NULL },
	.area = "Limits",
	.risk = SETTING_RISK_MAY_LOSE_MAIL,
	.help = "Soft disk quota with a grace period.",
	.help_fr = "Quota souple avec délai de grâce.",
};
