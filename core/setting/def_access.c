/* Settings of the area Access: who may read mail, and how. */
#include "core/setting/def_int.h"

#include "core/base/i18n.h"
#include "core/setting/setting.h"
#include "core/setting/type_int.h"

#include <stddef.h>

const struct setting setting_imap_status = {
	.id = "imap.status",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "imap",
	.prop = "status",
	.type = &setting_type_bool,
	.choices = setting_choices_enabled,
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/etc/dovecot/dovecot.conf", NULL },
	.fragments = (const char *const[]){ "05protocols", "15auth",
	    "30imap-login", NULL },
	.services =
	    (const char *const[]){ "dovecot:reload", "imap:adjust", NULL },
	.area = "Access",
	.help = "Run the IMAP service (port 143).",
	.help_fr = "Faire tourner le service IMAP (port 143).",
};

const struct setting setting_imap_access = {
	.id = "imap.access",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "imap",
	.prop = "access",
	.type = &setting_type_enum,
	.choices =
	    (const struct setting_choice[]){
		{ "localhost", N_("this server itself only (webmail)") },
		{ "private", N_("the local networks") },
		{ "public", N_("everyone; passwords in clear") },
		{ NULL, NULL },
	    },
	.default_value = "private",
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/etc/dovecot/dovecot.conf",
	    "/var/service/imap/peers/0 (release 8)", NULL },
	.fragments = (const char *const[]){ "30imap-login", "access", NULL },
	.services = (const char *const[]){ "dovecot:reload", "masq:adjust",
	    "release 8 imap:sigusr1", NULL },
	.see_also = (const char *const[]){ "imaps.access", NULL },
	.area = "Access",
	.risk = SETTING_RISK_EXPOSES_PASSWORDS,
	.risk_value = "public",
	.risk_text = N_("sends passwords in clear over the Internet"),
	.safer = "smemail set imaps.access public",
	.help = "Who may use plain IMAP; public sends passwords in clear over "
		"the Internet.",
	.help_fr = "Qui peut utiliser IMAP en clair ; public envoie les mots "
		   "de passe en clair sur Internet.",
};

const struct setting setting_imaps_status = {
	.id = "imaps.status",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "imaps",
	.prop = "status",
	.type = &setting_type_bool,
	.choices = setting_choices_enabled,
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/etc/dovecot/dovecot.conf", NULL },
	.fragments =
	    (const char *const[]){ "05protocols", "30imap-login", NULL },
	.services = (const char *const[]){ "dovecot:reload", NULL },
	.area = "Access",
	.help = "Run the IMAP over TLS service (port 993).",
	.help_fr = "Faire tourner IMAP sur TLS (port 993).",
};

const struct setting setting_imaps_access = {
	.id = "imaps.access",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "imaps",
	.prop = "access",
	.type = &setting_type_enum,
	.choices =
	    (const struct setting_choice[]){
		{ "private", N_("the local networks") },
		{ "public", N_("everyone, over TLS") },
		{ NULL, NULL },
	    },
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/etc/dovecot/dovecot.conf", NULL },
	.fragments = (const char *const[]){ "30imap-login", NULL },
	.services =
	    (const char *const[]){ "dovecot:reload", "masq:adjust", NULL },
	.see_also = (const char *const[]){ "imap.access", NULL },
	.area = "Access",
	.help = "Who may use IMAPS (993); the safe way to give mail access "
		"from outside.",
	.help_fr = "Qui peut utiliser IMAPS (993) ; la voie sûre pour un accès "
		   "depuis l’extérieur.",
};

const struct setting setting_pop3_status = {
	.id = "pop3.status",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "pop3",
	.prop = "status",
	.type = &setting_type_bool,
	.choices = setting_choices_enabled,
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/etc/dovecot/dovecot.conf", NULL },
	.fragments =
	    (const char *const[]){ "05protocols", "35pop3-login", NULL },
	.services = (const char *const[]){ "dovecot:reload", NULL },
	.area = "Access",
	.help = "Run the POP3 service (port 110).",
	.help_fr = "Faire tourner le service POP3 (port 110).",
};

const struct setting setting_pop3_access = {
	.id = "pop3.access",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "pop3",
	.prop = "access",
	.type = &setting_type_enum,
	.choices =
	    (const struct setting_choice[]){
		{ "private", N_("the local networks") },
		{ "public", N_("everyone; passwords in clear") },
		{ "disabled", N_("no one") },
		{ NULL, NULL },
	    },
	.default_value = "private",
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/etc/dovecot/dovecot.conf",
	    "/var/service/pop3/peers/0 (release 8)", NULL },
	.fragments = (const char *const[]){ "35pop3-login", "access", NULL },
	.services = (const char *const[]){ "dovecot:reload", "masq:adjust",
	    "release 8 pop3:sigusr1", NULL },
	.see_also = (const char *const[]){ "pop3s.access", NULL },
	.apply = "svc -t /service/pop3s (7.1 text)",
	.area = "Access",
	.risk = SETTING_RISK_EXPOSES_PASSWORDS,
	.risk_value = "public",
	.risk_text = N_("sends passwords in clear over the Internet"),
	.safer = "smemail set pop3s.access public",
	.help = "Who may use plain POP3; public sends passwords in clear over "
		"the Internet.",
	.help_fr = "Qui peut utiliser POP3 en clair ; public envoie les mots "
		   "de passe en clair sur Internet.",
};

const struct setting setting_pop3s_status = {
	.id = "pop3s.status",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "pop3s",
	.prop = "status",
	.type = &setting_type_bool,
	.choices = setting_choices_enabled,
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/etc/dovecot/dovecot.conf", NULL },
	.fragments =
	    (const char *const[]){ "05protocols", "35pop3-login", NULL },
	.services = (const char *const[]){ "dovecot:reload", NULL },
	.area = "Access",
	.help = "Run the POP3 over TLS service (port 995).",
	.help_fr = "Faire tourner POP3 sur TLS (port 995).",
};

const struct setting setting_pop3s_access = {
	.id = "pop3s.access",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "pop3s",
	.prop = "access",
	.type = &setting_type_enum,
	.choices =
	    (const struct setting_choice[]){
		{ "private", N_("the local networks") },
		{ "public", N_("everyone, over TLS") },
		{ "disabled", N_("no one") },
		{ NULL, NULL },
	    },
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/etc/dovecot/dovecot.conf", NULL },
	.fragments = (const char *const[]){ "35pop3-login", NULL },
	.services =
	    (const char *const[]){ "dovecot:reload", "masq:adjust", NULL },
	.see_also = (const char *const[]){ "pop3.access", NULL },
	.area = "Access",
	.help = "Who may use POP3S (995), the only POP offered from outside by "
		"the manager.",
	.help_fr = "Qui peut utiliser POP3S (995), seul POP proposé vers "
		   "l’extérieur par le gestionnaire.",
};

const struct setting setting_webmail_roundcube_status = {
	.id = "webmail.roundcube-status",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "roundcube",
	.prop = "status",
	.type = &setting_type_bool,
	.choices = setting_choices_enabled,
	.record_type = "service",
	.with = (const char *const[]){ "php81-php-fpm", "mariadb", NULL },
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/etc/httpd/conf/httpd.conf", NULL },
	.services = (const char *const[]){ "httpd-e-smith:reload", NULL },
	.apply = "php81-php-fpm and mariadb status enabled too",
	.area = "Access",
	.since = "11",
	.help = "Enable the Roundcube webmail.",
	.help_fr = "Activer le webmail Roundcube.",
};

const struct setting setting_webmail_roundcube_access = {
	.id = "webmail.roundcube-access",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "roundcube",
	.prop = "access",
	.type = &setting_type_enum,
	.choices =
	    (const struct setting_choice[]){
		{ "private", N_("the local networks") },
		{ "public", N_("everyone, over HTTPS") },
		{ NULL, NULL },
	    },
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/etc/httpd/conf/httpd.conf", NULL },
	.services = (const char *const[]){ "httpd-e-smith:reload", NULL },
	.area = "Access",
	.since = "11",
	.help =
	    "Webmail from local networks only or also from outside (HTTPS).",
	.help_fr = "Webmail depuis le réseau local seul ou aussi depuis "
		   "l’extérieur (HTTPS).",
};

const struct setting setting_webmail_horde_status = {
	.id = "webmail.horde-status",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "horde",
	.prop = "status",
	.type = &setting_type_bool,
	.choices = setting_choices_enabled,
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/etc/httpd/conf/httpd.conf", NULL },
	.fragments =
	    (const char *const[]){ "85HordeAccess (the server's)", NULL },
	.services = (const char *const[]){ "httpd-e-smith:reload", NULL },
	.area = "Access",
	.until = "10",
	.help = "Enable the Horde webmail.",
	.help_fr = "Activer le webmail Horde.",
};
