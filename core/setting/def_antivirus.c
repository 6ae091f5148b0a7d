/* Settings of the area Antivirus: scanning of mail, services and limits. */
#include "core/setting/def_int.h"

#include "core/base/i18n.h"
#include "core/setting/setting.h"
#include "core/setting/type_int.h"

#include <stddef.h>

const struct setting setting_virus_scan = {
	.id = "virus.scan",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "qpsmtpd",
	.prop = "VirusScan",
	.type = &setting_type_bool,
	.choices = setting_choices_enabled,
	.default_value = "enabled",
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/service/qpsmtpd/config/peers/0",
	    "/var/service/qpsmtpd/config/peers/local", NULL },
	.fragments = (const char *const[]){ "80clamav", NULL },
	.services = setting_services_smtp,
	.see_also = (const char *const[]){ "virus.max-scan-size",
	    "virus.clamd-status", NULL },
	.area = "Antivirus",
	.help = "Scan mail with ClamAV; infected mail is refused.",
	.help_fr = "Analyser le courrier avec ClamAV ; le courrier infecté est "
		   "refusé.",
};

const struct setting setting_virus_max_scan_size = {
	.id = "virus.max-scan-size",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "qpsmtpd",
	.prop = "MaxScannerSize",
	.type = &setting_type_bytes,
	.unit = "B",
	.default_value = "25000000",
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/service/qpsmtpd/config/peers/0",
	    "/var/service/qpsmtpd/config/peers/local", NULL },
	.fragments = (const char *const[]){ "80clamav", NULL },
	.services = setting_services_smtp,
	.see_also = (const char *const[]){ "virus.stream-max",
	    "smtp.max-message-size", NULL },
	.area = "Antivirus",
	.risk = SETTING_RISK_MAY_LOSE_MAIL,
	.help = "Largest message handed to ClamAV by the SMTP plugin (else "
		"StreamMaxLength, 25M).",
	.help_fr = "Plus gros message confié à ClamAV par le module SMTP "
		   "(sinon StreamMaxLength, 25M).",
};

const struct setting setting_virus_status = {
	.id = "virus.status",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "clamav",
	.prop = "status",
	.type = &setting_type_bool,
	.choices = setting_choices_enabled,
	.default_value = "enabled",
	.record_type = "service",
	.with = (const char *const[]){ "clamd", "freshclam", NULL },
	.events = setting_event_clamav_update,
	.services =
	    (const char *const[]){ "clamd:up/down", "freshclam:up/down", NULL },
	.area = "Antivirus",
	.help = "ClamAV as a whole.",
	.help_fr = "ClamAV dans son ensemble.",
};

const struct setting setting_virus_clamd_status = {
	.id = "virus.clamd-status",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "clamd",
	.prop = "status",
	.type = &setting_type_bool,
	.choices = setting_choices_enabled,
	.default_value = "enabled",
	.record_type = "service",
	.events = setting_event_clamav_update,
	.files = (const char *const[]){ "/var/service/qpsmtpd/config/peers/0",
	    "/var/service/qpsmtpd/config/peers/local", NULL },
	.fragments = (const char *const[]){ "80clamav", NULL },
	.services = (const char *const[]){ "clamd:up/down", "qpsmtpd:sighup",
	    "sqpsmtpd:sighup", NULL },
	.apply = "sv t clamd",
	.area = "Antivirus",
	.risk = SETTING_RISK_MAY_LOSE_MAIL,
	.help = "Run the scanning daemon.",
	.help_fr = "Faire tourner le démon d’analyse.",
};

const struct setting setting_virus_freshclam_status = {
	.id = "virus.freshclam-status",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "freshclam",
	.prop = "status",
	.type = &setting_type_bool,
	.choices = setting_choices_enabled,
	.default_value = "enabled",
	.record_type = "service",
	.events = setting_event_clamav_update,
	.files =
	    (const char *const[]){ "/var/service/freshclam (down/up)", NULL },
	.services = (const char *const[]){ "freshclam:up/down", NULL },
	.area = "Antivirus",
	.help = "Update signatures automatically.",
	.help_fr = "Mettre à jour les signatures automatiquement.",
};

const struct setting setting_virus_heuristic_precedence = {
	.id = "virus.heuristic-precedence",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "clamav",
	.prop = "HeuristicScanPrecedence",
	.type = &setting_type_bool,
	.choices = setting_choices_yes,
	.default_value = "no",
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/etc/clamd.conf", NULL },
	.fragments = (const char *const[]){ "HeuristicScanPrecedence", NULL },
	.services = (const char *const[]){ "clamd:restart", NULL },
	.apply = "expand-template /etc/clamd.conf; sv t clamd",
	.area = "Antivirus",
	.since = "clamav 0.94",
	.help = "Stop at the first heuristic hit: saves CPU; default yes in "
		"later packages.",
	.help_fr = "Arrêter au premier soupçon heuristique : économise le CPU "
		   "; yes par la suite.",
};

const struct setting setting_virus_max_file_size = {
	.id = "virus.max-file-size",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "clamav",
	.prop = "MaxFileSize",
	.type = &setting_type_size,
	.choices =
	    (const struct setting_choice[]){
		{ "0", N_("no limit") },
		{ NULL, NULL },
	    },
	.default_value = "15M",
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/etc/clamd.conf", NULL },
	.fragments = (const char *const[]){ "MaxFileSize", NULL },
	.services = (const char *const[]){ "clamd:restart", NULL },
	.area = "Antivirus",
	.risk = SETTING_RISK_MAY_LOSE_MAIL,
	.help = "Largest file that clamd examines, with suffix (15M); 0 = no "
		"limit.",
	.help_fr = "Plus gros fichier examiné par clamd, avec suffixe (15M) ; "
		   "0 = sans limite.",
};

const struct setting setting_virus_max_files = {
	.id = "virus.max-files",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "clamav",
	.prop = "MaxFiles",
	.type = &setting_type_int,
	.min = "0",
	.default_value = "1500",
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/etc/clamd.conf", NULL },
	.fragments = (const char *const[]){ "MaxFiles", NULL },
	.services = (const char *const[]){ "clamd:restart", NULL },
	.area = "Antivirus",
	.risk = SETTING_RISK_MAY_LOSE_MAIL,
	.help = "Files scanned within one archive; beyond it the attachment "
		"may be refused.",
	.help_fr = "Fichiers analysés dans une archive ; au-delà la pièce peut "
		   "être refusée.",
};

const struct setting setting_virus_max_recursion = {
	.id = "virus.max-recursion",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "clamav",
	.prop = "MaxRecursion",
	.type = &setting_type_int,
	.min = "0",
	.default_value = "8",
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/etc/clamd.conf", NULL },
	.fragments = (const char *const[]){ "MaxRecursion", NULL },
	.services = (const char *const[]){ "clamd:restart", NULL },
	.area = "Antivirus",
	.risk = SETTING_RISK_MAY_LOSE_MAIL,
	.help = "Nested archive depth scanned; beyond it the attachment may be "
		"refused.",
	.help_fr = "Profondeur d’archives imbriquées ; au-delà la pièce peut "
		   "être refusée.",
};

const struct setting setting_virus_archive_max_ratio = {
	.id = "virus.archive-max-ratio",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "clamav",
	.prop = "ArchiveMaxCompressionRatio",
	.type = &setting_type_int,
	.min = "0",
	.default_value = "300",
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/etc/clamd.conf", NULL },
	.fragments =
	    (const char *const[]){ "ArchiveMaxCompressionRatio", NULL },
	.services = (const char *const[]){ "clamd:restart", NULL },
	.area = "Antivirus",
	.until = "clamav 0.92",
	.risk = SETTING_RISK_MAY_LOSE_MAIL,
	.help = "Compression ratio above which an archive is refused (dropped "
		"in ClamAV 0.93).",
	.help_fr = "Taux de compression au-delà duquel refuser (retiré dans "
		   "ClamAV 0.93).",
};

const struct setting setting_virus_mem_limit = {
	.id = "virus.mem-limit",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "clamd",
	.prop = "MemLimit",
	.type = &setting_type_bytes,
	.unit = "B",
	.default_value = "1400000000",
	.record_type = "service",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){ "/var/service/clamd/env/MEMLIMIT", NULL },
	.fragments = (const char *const[]){ "MEMLIMIT", NULL },
	.services = (const char *const[]){ "clamd:restart", NULL },
	.apply = "sv t clamd",
	.area = "Antivirus",
	.help = "Memory limit of clamd; raise it when clamd dies (floor "
		"600000000 in old packages).",
	.help_fr = "Limite mémoire de clamd ; l’augmenter s’il meurt (plancher "
		   "600000000 autrefois).",
};

const struct setting setting_virus_stream_max = {
	.id = "virus.stream-max",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "clamav",
	.prop = "StreamMaxLength",
	.type = &setting_type_size,
	.default_value = "25M",
	.default_unset = true,
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/etc/clamd.conf", NULL },
	.fragments = (const char *const[]){ "StreamMaxLength", NULL },
	.services = (const char *const[]){ "clamd:restart", NULL },
	.see_also = (const char *const[]){ "virus.max-scan-size", NULL },
	.area = "Antivirus",
	.risk = SETTING_RISK_MAY_LOSE_MAIL,
	.help = "Largest stream that clamd takes.",
	.help_fr = "Plus gros flux accepté par clamd.",
};

const struct setting setting_virus_max_dir_recursion = {
	.id = "virus.max-dir-recursion",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "clamav",
	.prop = "MaxDirectoryRecursion",
	.type = &setting_type_int,
	.min = "0",
	.default_value = "20",
	.record_type = "service",
	.events = setting_event_clamav_update,
	.files = (const char *const[]){ "/etc/clamd.conf", NULL },
	.fragments = (const char *const[]){ "MaxDirectoryRecursion", NULL },
	.services = (const char *const[]){ "clamd:restart", NULL },
	.area = "Antivirus",
	.help = "Directory depth scanned.",
	.help_fr = "Profondeur de répertoires analysée.",
};

const struct setting setting_virus_max_threads = {
	.id = "virus.max-threads",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "clamav",
	.prop = "MaxThreads",
	.type = &setting_type_int,
	.min = "1",
	.default_value = "20",
	.record_type = "service",
	.events = setting_event_clamav_update,
	.files = (const char *const[]){ "/etc/clamd.conf", NULL },
	.fragments = (const char *const[]){ "MaxThreads", NULL },
	.services = (const char *const[]){ "clamd:restart", NULL },
	.area = "Antivirus",
	.help = "Threads of clamd.",
	.help_fr = "Fils d’exécution de clamd.",
};

const struct setting setting_virus_max_queue = {
	.id = "virus.max-queue",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "clamav",
	.prop = "MaxConnectionQueueLength",
	.type = &setting_type_int,
	.min = "1",
	.default_value = "30",
	.record_type = "service",
	.events = setting_event_clamav_update,
	.files = (const char *const[]){ "/etc/clamd.conf", NULL },
	.fragments = (const char *const[]){ "MaxConnectionQueueLength", NULL },
	.services = (const char *const[]){ "clamd:restart", NULL },
	.area = "Antivirus",
	.help = "Pending connections of clamd.",
	.help_fr = "Connexions en attente de clamd.",
};

const struct setting setting_virus_idle_timeout = {
	.id = "virus.idle-timeout",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "clamav",
	.prop = "IdleTimeout",
	.type = &setting_type_duration,
	.min = "0",
	.unit = "s",
	.default_value = "60",
	.record_type = "service",
	.events = setting_event_clamav_update,
	.files = (const char *const[]){ "/etc/clamd.conf", NULL },
	.fragments = (const char *const[]){ "IdleTimeout", NULL },
	.services = (const char *const[]){ "clamd:restart", NULL },
	.area = "Antivirus",
	.help = "Seconds an idle clamd thread waits.",
	.help_fr = "Secondes d’attente d’un fil inactif.",
};

const struct setting setting_virus_read_timeout = {
	.id = "virus.read-timeout",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "clamav",
	.prop = "ReadTimeout",
	.type = &setting_type_duration,
	.choices =
	    (const struct setting_choice[]){
		{ "0", N_("no limit") },
		{ NULL, NULL },
	    },
	.min = "0",
	.unit = "s",
	.default_value = "300",
	.record_type = "service",
	.events = setting_event_clamav_update,
	.files = (const char *const[]){ "/etc/clamd.conf", NULL },
	.fragments = (const char *const[]){ "ReadTimeout", NULL },
	.services = (const char *const[]){ "clamd:restart", NULL },
	.area = "Antivirus",
	.help = "Seconds clamd waits for data; 0 = no limit.",
	.help_fr = "Secondes d’attente de données ; 0 = sans limite.",
};
