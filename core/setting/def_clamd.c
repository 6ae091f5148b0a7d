/* Settings of the area Antivirus: options of clamd, freshclam and the disk
 * scan. */
#include "core/setting/def_int.h"

#include "core/base/i18n.h"
#include "core/setting/setting.h"
#include "core/setting/type_int.h"

#include <stddef.h>

const struct setting setting_virus_self_check = {
	.id = "virus.self-check",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "clamav",
	.prop = "SelfCheck",
	.type = &setting_type_duration,
	.min = "0",
	.unit = "s",
	.default_value = "1800",
	.record_type = "service",
	.events = setting_event_clamav_update,
	.files = (const char *const[]){ "/etc/clamd.conf", NULL },
	.services = (const char *const[]){ "clamd:restart", NULL },
	.area = "Antivirus",
	.help = "Seconds between database self checks.",
	.help_fr = "Secondes entre contrôles internes de la base.",
};

const struct setting setting_virus_scan_mail = {
	.id = "virus.scan-mail",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "clamav",
	.prop = "ScanMail",
	.type = &setting_type_bool,
	.choices = setting_choices_yes,
	.default_value = "yes",
	.record_type = "service",
	.events = setting_event_clamav_update,
	.files = (const char *const[]){ "/etc/clamd.conf", NULL },
	.services = (const char *const[]){ "clamd:restart", NULL },
	.area = "Antivirus",
	.help = "Take mail files apart.",
	.help_fr = "Décomposer les fichiers de courrier.",
};

const struct setting setting_virus_scan_archive = {
	.id = "virus.scan-archive",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "clamav",
	.prop = "ScanArchive",
	.type = &setting_type_bool,
	.choices = setting_choices_yes,
	.default_value = "yes",
	.record_type = "service",
	.events = setting_event_clamav_update,
	.files = (const char *const[]){ "/etc/clamd.conf", NULL },
	.services = (const char *const[]){ "clamd:restart", NULL },
	.area = "Antivirus",
	.help = "Open archives.",
	.help_fr = "Ouvrir les archives.",
};

const struct setting setting_virus_scan_html = {
	.id = "virus.scan-html",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "clamav",
	.prop = "ScanHTML",
	.type = &setting_type_bool,
	.choices = setting_choices_yes,
	.default_value = "yes",
	.record_type = "service",
	.events = setting_event_clamav_update,
	.files = (const char *const[]){ "/etc/clamd.conf", NULL },
	.services = (const char *const[]){ "clamd:restart", NULL },
	.area = "Antivirus",
	.help = "Normalise and scan HTML.",
	.help_fr = "Normaliser et analyser HTML.",
};

const struct setting setting_virus_scan_ole2 = {
	.id = "virus.scan-ole2",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "clamav",
	.prop = "ScanOLE2",
	.type = &setting_type_bool,
	.choices = setting_choices_yes,
	.default_value = "yes",
	.record_type = "service",
	.events = setting_event_clamav_update,
	.files = (const char *const[]){ "/etc/clamd.conf", NULL },
	.services = (const char *const[]){ "clamd:restart", NULL },
	.area = "Antivirus",
	.help = "Scan Office documents.",
	.help_fr = "Analyser les documents Office.",
};

const struct setting setting_virus_scan_pe = {
	.id = "virus.scan-pe",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "clamav",
	.prop = "ScanPE",
	.type = &setting_type_bool,
	.choices = setting_choices_yes,
	.default_value = "yes",
	.record_type = "service",
	.events = setting_event_clamav_update,
	.files = (const char *const[]){ "/etc/clamd.conf", NULL },
	.services = (const char *const[]){ "clamd:restart", NULL },
	.area = "Antivirus",
	.help = "Scan Windows executables.",
	.help_fr = "Analyser les exécutables Windows.",
};

const struct setting setting_virus_block_encrypted = {
	.id = "virus.block-encrypted",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "clamav",
	.prop = "ArchiveBlockEncrypted",
	.type = &setting_type_bool,
	.choices = setting_choices_yes,
	.default_value = "no",
	.record_type = "service",
	.events = setting_event_clamav_update,
	.files = (const char *const[]){ "/etc/clamd.conf", NULL },
	.services = (const char *const[]){ "clamd:restart", NULL },
	.area = "Antivirus",
	.help = "Treat encrypted archives as viruses.",
	.help_fr = "Traiter les archives chiffrées comme des virus.",
};

const struct setting setting_virus_detect_broken = {
	.id = "virus.detect-broken",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "clamav",
	.prop = "DetectBrokenExecutables",
	.type = &setting_type_bool,
	.choices = setting_choices_yes,
	.default_value = "no",
	.record_type = "service",
	.events = setting_event_clamav_update,
	.files = (const char *const[]){ "/etc/clamd.conf", NULL },
	.services = (const char *const[]){ "clamd:restart", NULL },
	.area = "Antivirus",
	.help = "Flag broken executables.",
	.help_fr = "Signaler les exécutables abîmés.",
};

const struct setting setting_virus_log_clean = {
	.id = "virus.log-clean",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "clamav",
	.prop = "LogClean",
	.type = &setting_type_bool,
	.choices = setting_choices_yes,
	.default_value = "no",
	.record_type = "service",
	.events = setting_event_clamav_update,
	.files = (const char *const[]){ "/etc/clamd.conf", NULL },
	.services = (const char *const[]){ "clamd:restart", NULL },
	.area = "Antivirus",
	.help = "Log clean files too.",
	.help_fr = "Noter aussi les fichiers sains.",
};

const struct setting setting_virus_log_verbose = {
	.id = "virus.log-verbose",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "clamav",
	.prop = "LogVerbose",
	.type = &setting_type_bool,
	.choices = setting_choices_yes,
	.default_value = "yes",
	.record_type = "service",
	.events = setting_event_clamav_update,
	.files = (const char *const[]){ "/etc/clamd.conf",
	    "/etc/freshclam.conf", NULL },
	.services =
	    (const char *const[]){ "clamd:restart", "freshclam:restart", NULL },
	.area = "Antivirus",
	.help = "Verbose log of clamd and freshclam.",
	.help_fr = "Journal détaillé de clamd et freshclam.",
};

const struct setting setting_virus_debug = {
	.id = "virus.debug",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "clamav",
	.prop = "Debug",
	.type = &setting_type_bool,
	.choices = setting_choices_yes,
	.default_value = "no",
	.record_type = "service",
	.events = setting_event_clamav_update,
	.files = (const char *const[]){ "/etc/clamd.conf", NULL },
	.services = (const char *const[]){ "clamd:restart", NULL },
	.area = "Antivirus",
	.help = "Debug messages of clamd.",
	.help_fr = "Messages de mise au point de clamd.",
};

const struct setting setting_virus_update_checks = {
	.id = "virus.update-checks",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "clamav",
	.prop = "Checks",
	.type = &setting_type_int,
	.min = "1",
	.max = "50",
	.default_value = "24",
	.record_type = "service",
	.events = setting_event_clamav_update,
	.files = (const char *const[]){ "/etc/freshclam.conf", NULL },
	.services = (const char *const[]){ "freshclam:restart", NULL },
	.area = "Antivirus",
	.help = "Signature checks per day.",
	.help_fr = "Vérifications de signatures par jour.",
};

const struct setting setting_virus_update_attempts = {
	.id = "virus.update-attempts",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "clamav",
	.prop = "MaxAttempts",
	.type = &setting_type_int,
	.min = "1",
	.default_value = "6",
	.record_type = "service",
	.events = setting_event_clamav_update,
	.files = (const char *const[]){ "/etc/freshclam.conf", NULL },
	.services = (const char *const[]){ "freshclam:restart", NULL },
	.area = "Antivirus",
	.help = "Download attempts before giving up.",
	.help_fr = "Essais de téléchargement avant abandon.",
};

const struct setting setting_virus_mirror = {
	.id = "virus.mirror",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "clamav",
	.prop = "DatabaseMirror",
	.type = &setting_type_host,
	.default_value = "db.local.clamav.net",
	.record_type = "service",
	.events = setting_event_clamav_update,
	.files = (const char *const[]){ "/etc/freshclam.conf", NULL },
	.services = (const char *const[]){ "freshclam:restart", NULL },
	.area = "Antivirus",
	.help = "Signature mirror.",
	.help_fr = "Miroir des signatures.",
};

const struct setting setting_virus_filesystem_scan = {
	.id = "virus.filesystem-scan",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "clamav",
	.prop = "FilesystemScan",
	.type = &setting_type_enum,
	.choices =
	    (const struct setting_choice[]){
		{ "disabled", N_("never") },
		{ "daily", N_("every night") },
		{ "weekly", N_("once a week") },
		{ NULL, NULL },
	    },
	.default_value = "disabled",
	.record_type = "service",
	.events = setting_event_clamav_update,
	.files = (const char *const[]){ "/etc/crontab", NULL },
	.services = (const char *const[]){ "crond:restart", NULL },
	.area = "Antivirus",
	.help = "Nightly scan of the disk.",
	.help_fr = "Analyse nocturne du disque.",
};

const struct setting setting_virus_quarantine = {
	.id = "virus.quarantine",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "clamav",
	.prop = "Quarantine",
	.type = &setting_type_bool,
	.choices = setting_choices_enabled,
	.default_value = "disabled",
	.record_type = "service",
	.events = setting_event_clamav_update,
	.area = "Antivirus",
	.help = "Move infected files found on disk to quarantine.",
	.help_fr = "Mettre en quarantaine les fichiers infectés du disque.",
};

const struct setting setting_virus_quarantine_dir = {
	.id = "virus.quarantine-dir",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "clamav",
	.prop = "QuarantineDirectory",
	.type = &setting_type_path,
	.default_value = "/var/spool/clamav/quarantine",
	.record_type = "service",
	.events = setting_event_clamav_update,
	.area = "Antivirus",
	.help = "Quarantine folder.",
	.help_fr = "Dossier de quarantaine.",
};

const struct setting setting_virus_scan_report_to = {
	.id = "virus.scan-report-to",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "clamav",
	.prop = "FilesystemScanReportTo",
	.type = &setting_type_account,
	.default_value = "admin",
	.record_type = "service",
	.events = setting_event_clamav_update,
	.area = "Antivirus",
	.help = "Who gets the disk scan report.",
	.help_fr = "Destinataire du rapport d’analyse.",
};

const struct setting setting_virus_scan_folders = {
	.id = "virus.scan-folders",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "clamav",
	.prop = "FilesystemScanFilesystems",
	.type = &setting_type_path,
	.separator = ",",
	.default_value = "/home/e-smith/files",
	.record_type = "service",
	.events = setting_event_clamav_update,
	.area = "Antivirus",
	.flags = SETTING_LIST,
	.help = "What the disk scan covers.",
	.help_fr = "Ce que couvre l’analyse du disque.",
};

const struct setting setting_virus_scan_exclude = {
	.id = "virus.scan-exclude",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "clamav",
	.prop = "FilesystemScanExclude",
	.type = &setting_type_path,
	.separator = ",",
	.default_value = "/proc,/sys,/usr/share,/var",
	.record_type = "service",
	.events = setting_event_clamav_update,
	.area = "Antivirus",
	.flags = SETTING_LIST,
	.help = "What the disk scan leaves out.",
	.help_fr = "Ce que l’analyse du disque écarte.",
};

const struct setting setting_virus_extra_signatures = {
	.id = "virus.extra-signatures",
	.place = SETTING_IN_FILE,
	.db = "file",
	.key = "howto Virus:Additional Signatures",
	.prop = "-",
	.type = &setting_type_bool,
	.choices = setting_choices_installed,
	.default_value = "absent",
	.files = (const char *const[]){ "/var/clamav", NULL },
	.area = "Antivirus",
	.help =
	    "Third-party signature databases, downloaded by a separate script.",
	.help_fr =
	    "Bases de signatures tierces, téléchargées par un script à part.",
};
