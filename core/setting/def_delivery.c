/* Settings of the area Delivery: the way of mail out and within, and its
 * copies. */
#include "core/setting/def_int.h"

#include "core/base/i18n.h"
#include "core/setting/form.h"
#include "core/setting/setting.h"
#include "core/setting/type_int.h"

#include <stddef.h>

const struct setting setting_delivery_unknown_user = {
	.id = "delivery.unknown-user",
	.place = SETTING_IN_VALUE,
	.db = "configuration",
	.key = "EmailUnknownUser",
	.prop = "(value)",
	.type = &setting_type_enum_account,
	.choices =
	    (const struct setting_choice[]){
		{ "returntosender", N_("refuse it, or send it back") },
		{ "admin", N_("give it to admin") },
		{ NULL, NULL },
	    },
	.default_value = "returntosender",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/qmail/alias/.qmail-default",
	    "/var/service/qpsmtpd/config/peers/0",
	    "/var/service/qpsmtpd/config/peers/local", NULL },
	.fragments =
	    (const char *const[]){ "50body", "38check_goodrcptto", NULL },
	.services = (const char *const[]){ "qmail:sighup", "qpsmtpd:sighup",
	    "sqpsmtpd:sighup", NULL },
	.area = "Delivery",
	.help = "What to do with mail for an unknown address; reject is "
		"recommended.",
	.help_fr = "Sort du courrier vers une adresse inconnue ; le rejet est "
		   "recommandé.",
};

const struct setting setting_delivery_internal_server = {
	.id = "delivery.internal-server",
	.place = SETTING_IN_VALUE,
	.db = "configuration",
	.key = "DelegateMailServer",
	.prop = "(value)",
	.type = &setting_type_host,
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/qmail/control/smtproutes",
	    "/var/qmail/control/virtualdomains",
	    "/var/service/qpsmtpd/config/peers/0",
	    "/var/service/qpsmtpd/config/peers/local",
	    "/var/service/qpsmtpd/config/goodrcptto", NULL },
	.fragments =
	    (const char *const[]){ "10delegateMailServer", "80localdomains",
		"37check_smtp_forward", "50DelegatedDomains", NULL },
	.services = (const char *const[]){ "qmail:sighup", "qpsmtpd:sighup",
	    "sqpsmtpd:sighup", NULL },
	.see_also = (const char *const[]){ "delivery.domain-server", NULL },
	.area = "Delivery",
	.risk = SETTING_RISK_MAY_LOSE_MAIL,
	.risk_value = "*",
	.risk_text = N_("takes all mail away from the mailboxes here"),
	.safer = "smemail domain set DOMAIN delivery.domain-server HOST",
	.flags = SETTING_EMPTY_OK,
	.help = "Deliver every domain to this server; must be blank to deliver "
		"locally.",
	.help_fr = "Livrer tous les domaines à ce serveur ; doit être vide "
		   "pour livrer localement.",
};

const struct setting setting_delivery_domain_server = {
	.id = "delivery.domain-server",
	.place = SETTING_IN_DB,
	.target = SETTING_TARGET_DOMAIN,
	.db = "domains",
	.key = "<domain>",
	.prop = "MailServer",
	.type = &setting_type_host,
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/qmail/control/smtproutes",
	    "/var/qmail/control/virtualdomains",
	    "/var/service/qpsmtpd/config/peers/0",
	    "/var/service/qpsmtpd/config/peers/local",
	    "/var/service/qpsmtpd/config/goodrcptto",
	    "/etc/postfix/transport (11)", NULL },
	.fragments =
	    (const char *const[]){ "10delegateMailServer", "80localdomains",
		"37check_smtp_forward", "50DelegatedDomains", NULL },
	.services = (const char *const[]){ "qmail:sighup", "qpsmtpd:sighup",
	    "sqpsmtpd:sighup", NULL },
	.see_also = (const char *const[]){ "delivery.internal-server", NULL },
	.area = "Delivery",
	.risk = SETTING_RISK_MAY_LOSE_MAIL,
	.help = "Deliver this domain to another server (IP or FQDN); delete to "
		"deliver here.",
	.help_fr = "Livrer ce domaine à un autre serveur (IP ou FQDN) ; "
		   "supprimer pour livrer ici.",
};

const struct setting setting_delivery_smarthost = {
	.id = "delivery.smarthost",
	.place = SETTING_IN_VALUE,
	.db = "configuration",
	.key = "SMTPSmartHost",
	.prop = "(value)",
	.type = &setting_type_host_port,
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/qmail/control/smtproutes", NULL },
	.fragments = (const char *const[]){ "20SMTPSmartHost", NULL },
	.services = (const char *const[]){ "qmail:sighup", NULL },
	.see_also = (const char *const[]){ "delivery.smarthost-auth", NULL },
	.area = "Delivery",
	.until = "10",
	.help = "Provider server for outgoing mail; add :port when port 25 is "
		"blocked (e.g. :587).",
	.help_fr = "Serveur du FAI pour l’envoi ; ajouter :port si le port 25 "
		   "est bloqué (ex. :587).",
};

const struct setting setting_delivery_smarthost_postfix = {
	.id = "delivery.smarthost-postfix",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "postfix",
	.prop = "SMTPSmartHost",
	.type = &setting_type_host,
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/etc/postfix/main.cf", NULL },
	.fragments = (const char *const[]){ "30relayhost", NULL },
	.services = (const char *const[]){ "postfix:reload", NULL },
	.see_also = (const char *const[]){ "delivery.smarthost-postfix-port",
	    "delivery.smarthost-postfix-auth", NULL },
	.area = "Delivery",
	.since = "11",
	.help = "Provider server for outgoing mail (Postfix releases).",
	.help_fr = "Serveur du FAI pour l’envoi (versions Postfix).",
};

const struct setting setting_delivery_smarthost_postfix_port = {
	.id = "delivery.smarthost-postfix-port",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "postfix",
	.prop = "SMTPSmartHostPeerPort",
	.type = &setting_type_int,
	.min = "1",
	.max = "65535",
	.default_value = "25",
	.default_unset = true,
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/etc/postfix/main.cf", NULL },
	.fragments = (const char *const[]){ "30relayhost", "31tls", NULL },
	.services = (const char *const[]){ "postfix:reload", NULL },
	.area = "Delivery",
	.since = "11",
	.help = "Port of the provider server (25, 587 or 465).",
	.help_fr = "Port du serveur du FAI (25, 587 ou 465).",
};

const struct setting setting_delivery_smarthost_auth = {
	.id = "delivery.smarthost-auth",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "smtp-auth-proxy",
	.prop = "status",
	.type = &setting_type_bool,
	.choices = setting_choices_enabled,
	.default_value = "disabled",
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/qmail/control/smtproutes", NULL },
	.fragments = (const char *const[]){ "20SMTPSmartHost", NULL },
	.services = (const char *const[]){ "smtp-auth-proxy:restart",
	    "qmail:sighup", NULL },
	.see_also = (const char *const[]){ "delivery.smarthost",
	    "delivery.smarthost-user", "delivery.smarthost-password", NULL },
	.area = "Delivery",
	.until = "10",
	.help = "Log in to the provider server when sending.",
	.help_fr = "S’authentifier auprès du serveur du FAI à l’envoi.",
};

const struct setting setting_delivery_smarthost_user = {
	.id = "delivery.smarthost-user",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "smtp-auth-proxy",
	.prop = "Userid",
	.type = &setting_type_text,
	.record_type = "service",
	.events = setting_event_email_update,
	.services = (const char *const[]){ "smtp-auth-proxy:restart", NULL },
	.see_also = (const char *const[]){ "delivery.smarthost-auth", NULL },
	.area = "Delivery",
	.until = "10",
	.help = "User name for the provider server; must not be blank when "
		"auth is on.",
	.help_fr = "Identifiant chez le FAI ; non vide si l’authentification "
		   "est activée.",
};

const struct setting setting_delivery_smarthost_password = {
	.id = "delivery.smarthost-password",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "smtp-auth-proxy",
	.prop = "Passwd",
	.type = &setting_type_secret,
	.record_type = "service",
	.events = setting_event_email_update,
	.services = (const char *const[]){ "smtp-auth-proxy:restart", NULL },
	.see_also = (const char *const[]){ "delivery.smarthost-auth", NULL },
	.area = "Delivery",
	.until = "10",
	.risk = SETTING_RISK_EXPOSES_PASSWORDS,
	.flags = SETTING_SECRET,
	.help = "Password for the provider server; must not be blank when auth "
		"is on.",
	.help_fr = "Mot de passe chez le FAI ; non vide si l’authentification "
		   "est activée.",
};

const struct setting setting_delivery_smarthost_port = {
	.id = "delivery.smarthost-port",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "smtp-auth-proxy",
	.prop = "PeerPort",
	.type = &setting_type_int,
	.choices =
	    (const struct setting_choice[]){
		{ "25", N_("SMTP") },
		{ "465", N_("SMTP over TLS") },
		{ "587", N_("submission") },
		{ NULL, NULL },
	    },
	.min = "1",
	.max = "65535",
	.default_value = "25",
	.default_unset = true,
	.record_type = "service",
	.events = setting_event_email_update,
	.services = (const char *const[]){ "smtp-auth-proxy:restart", NULL },
	.area = "Delivery",
	.until = "10",
	.help = "Port used by the auth proxy; 465 selects TLS.",
	.help_fr = "Port du mandataire d’authentification ; 465 choisit TLS.",
};

const struct setting setting_delivery_smarthost_debug = {
	.id = "delivery.smarthost-debug",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "smtp-auth-proxy",
	.prop = "Debug",
	.type = &setting_type_bool,
	.choices = setting_choices_enabled,
	.default_value = "disabled",
	.record_type = "service",
	.events = setting_event_email_update,
	.services = (const char *const[]){ "smtp-auth-proxy:restart", NULL },
	.area = "Delivery",
	.until = "10",
	.risk = SETTING_RISK_EXPOSES_PASSWORDS,
	.risk_value = "enabled",
	.risk_text = N_("writes the password of the provider into the log"),
	.safer = "smemail describe delivery.smarthost-debug",
	.help = "Trace the dialogue of the auth proxy.",
	.help_fr = "Tracer le dialogue du mandataire d’authentification.",
};

const struct setting setting_delivery_smarthost_postfix_auth = {
	.id = "delivery.smarthost-postfix-auth",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "postfix",
	.prop = "SMTPSmartHostStatus",
	.type = &setting_type_bool,
	.choices = setting_choices_enabled,
	.default_value = "disabled",
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/etc/postfix/main.cf",
	    "/etc/postfix/sasl_passwd", NULL },
	.fragments = (const char *const[]){ "32sasl", "10smarthost", NULL },
	.services = (const char *const[]){ "postfix:reload", NULL },
	.see_also = (const char *const[]){ "delivery.smarthost-postfix-user",
	    "delivery.smarthost-postfix-password", NULL },
	.area = "Delivery",
	.since = "11",
	.help = "Log in to the provider server (Postfix releases).",
	.help_fr = "S’authentifier auprès du FAI (versions Postfix).",
};

const struct setting setting_delivery_smarthost_postfix_user = {
	.id = "delivery.smarthost-postfix-user",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "postfix",
	.prop = "SMTPSmartHostUserid",
	.type = &setting_type_text,
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/etc/postfix/sasl_passwd", NULL },
	.fragments = (const char *const[]){ "10smarthost", NULL },
	.services = (const char *const[]){ "postmap", "postfix:reload", NULL },
	.area = "Delivery",
	.since = "11",
	.help = "User name for the provider server (Postfix releases).",
	.help_fr = "Identifiant chez le FAI (versions Postfix).",
};

const struct setting setting_delivery_smarthost_postfix_password = {
	.id = "delivery.smarthost-postfix-password",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "postfix",
	.prop = "SMTPSmartHostPasswd",
	.type = &setting_type_secret,
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/etc/postfix/sasl_passwd", NULL },
	.fragments = (const char *const[]){ "10smarthost", NULL },
	.services = (const char *const[]){ "postmap", "postfix:reload", NULL },
	.area = "Delivery",
	.since = "11",
	.risk = SETTING_RISK_EXPOSES_PASSWORDS,
	.flags = SETTING_SECRET,
	.help = "Password for the provider server (Postfix releases).",
	.help_fr = "Mot de passe chez le FAI (versions Postfix).",
};

const struct setting setting_delivery_double_bounce_to = {
	.id = "delivery.double-bounce-to",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "qmail",
	.prop = "DoubleBounceTo",
	.type = &setting_type_account,
	.default_value = "admin",
	.default_unset = true,
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/qmail/control/doublebounceto",
	    "/etc/postfix/main.cf (11)", NULL },
	.fragments =
	    (const char *const[]){ "doublebounceto", "25bounce", NULL },
	.services = (const char *const[]){ "qmail:restart", NULL },
	.area = "Delivery",
	.risk = SETTING_RISK_MAY_LOSE_MAIL,
	.risk_value = "devnull",
	.risk_text = N_("throws bounces away, the rare real ones too"),
	.help = "Account that gets double bounces; devnull throws them away.",
	.help_fr = "Compte qui reçoit les doubles rebonds ; devnull les jette.",
};

const struct setting setting_delivery_concurrency_local = {
	.id = "delivery.concurrency-local",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "qmail",
	.prop = "ConcurrencyLocal",
	.type = &setting_type_int,
	.min = "1",
	.default_value = "20",
	.default_unset = true,
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/qmail/control/concurrencylocal",
	    "/etc/postfix/main.cf (11)", NULL },
	.fragments =
	    (const char *const[]){ "concurrencylocal", "20limits", NULL },
	.services = (const char *const[]){ "qmail:restart", NULL },
	.area = "Delivery",
	.help = "Simultaneous local deliveries (control/concurrencylocal).",
	.help_fr = "Livraisons locales simultanées (control/concurrencylocal).",
};

const struct setting setting_delivery_concurrency_remote = {
	.id = "delivery.concurrency-remote",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "qmail",
	.prop = "ConcurrencyRemote",
	.type = &setting_type_int,
	.min = "1",
	.default_value = "20",
	.default_unset = true,
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/qmail/control/concurrencyremote",
	    "/etc/postfix/master.cf (11)", NULL },
	.fragments = (const char *const[]){ "concurrencyremote", "smtp", NULL },
	.services = (const char *const[]){ "qmail:restart", NULL },
	.area = "Delivery",
	.help = "Simultaneous remote deliveries (control/concurrencyremote).",
	.help_fr =
	    "Livraisons distantes simultanées (control/concurrencyremote).",
};

const struct setting setting_delivery_queue_lifetime = {
	.id = "delivery.queue-lifetime",
	.place = SETTING_IN_FILE,
	.db = "file",
	.key = "/etc/e-smith/templates-custom/var/qmail/control/queuelifetime",
	.prop = "-",
	.form =
	    &(const struct setting_form){
		.kind = SETTING_FORM_LINE,
		.mark_last = true,
	    },
	.type = &setting_type_duration,
	.min = "1",
	.unit = "s",
	.default_value = "604800",
	.default_unset = true,
	.files =
	    (const char *const[]){ "/var/qmail/control/queuelifetime", NULL },
	.services = (const char *const[]){ "qmail:restart", NULL },
	.apply = "expand-template /var/qmail/control/queuelifetime; sv t qmail",
	.area = "Delivery",
	.risk = SETTING_RISK_MAY_LOSE_MAIL,
	.help = "Seconds of retrying before a message is returned (one week; "
		"172800 = 2 days).",
	.help_fr = "Secondes d’essais avant retour à l’expéditeur (une semaine "
		   "; 172800 = 2 jours).",
};

const struct setting setting_delivery_disclaimer = {
	.id = "delivery.disclaimer",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "smtpd",
	.prop = "disclaimer",
	.type = &setting_type_bool,
	.choices = setting_choices_enabled,
	.default_value = "disabled",
	.record_type = "service",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/var/service/qpsmtpd/config/peers/local", NULL },
	.fragments = (const char *const[]){ "65disclaimer", NULL },
	.services = setting_services_smtp,
	.area = "Delivery",
	.since = "7.2",
	.help =
	    "Add a footer text to mail going outside (not to internal mail).",
	.help_fr = "Ajouter un texte en pied du courrier sortant (pas du "
		   "courrier interne).",
};

const struct setting setting_delivery_disclaimer_text = {
	.id = "delivery.disclaimer-text",
	.place = SETTING_IN_FILE,
	.db = "file",
	.key = "/service/qpsmtpd/config/disclaimer",
	.prop = "-",
	.form =
	    &(const struct setting_form){
		.kind = SETTING_FORM_TEXT,
		.paths =
		    (const char *const[]){
			"/var/service/qpsmtpd/config/disclaimer", NULL },
	    },
	.type = &setting_type_file_text,
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/var/service/qpsmtpd/config/disclaimer", NULL },
	.area = "Delivery",
	.since = "7.2",
	.help = "Footer used for every domain; remove it when per-domain files "
		"are used.",
	.help_fr = "Pied de page commun à tous les domaines ; à retirer si "
		   "fichiers par domaine.",
};

const struct setting setting_delivery_disclaimer_text_domain = {
	.id = "delivery.disclaimer-text-domain",
	.place = SETTING_IN_FILE,
	.target = SETTING_TARGET_DOMAIN,
	.db = "file",
	.key = "/service/qpsmtpd/config/disclaimer_<domain>",
	.prop = "-",
	.form =
	    &(const struct setting_form){
		.kind = SETTING_FORM_TEXT,
		.paths =
		    (const char *const[]){
			"/var/service/qpsmtpd/config/disclaimer_<domain>",
			NULL },
	    },
	.type = &setting_type_file_text,
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/var/service/qpsmtpd/config/disclaimer_<domain>", NULL },
	.area = "Delivery",
	.since = "7.2",
	.help = "Footer of one domain; domains without a file get none.",
	.help_fr = "Pied de page d’un domaine ; sans fichier, pas de texte.",
};

const struct setting setting_archive_bcc = {
	.id = "archive.bcc",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "qpsmtpd",
	.prop = "Bcc",
	.type = &setting_type_bool,
	.choices = setting_choices_enabled,
	.default_value = "disabled",
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/service/qpsmtpd/config/peers/0",
	    "/var/service/qpsmtpd/config/peers/local", NULL },
	.fragments = (const char *const[]){ "13bcc", NULL },
	.services = setting_services_smtp,
	.see_also = (const char *const[]){ "archive.bcc-mode",
	    "archive.bcc-user", NULL },
	.area = "Delivery",
	.since = "7",
	.risk = SETTING_RISK_PRIVACY,
	.help = "Copy every message that passes to an archive account.",
	.help_fr = "Copier chaque message qui passe vers un compte d’archive.",
};

const struct setting setting_archive_bcc_mode = {
	.id = "archive.bcc-mode",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "qpsmtpd",
	.prop = "BccMode",
	.type = &setting_type_enum,
	.choices =
	    (const struct setting_choice[]){
		{ "cc", N_("a header X-Copied-To shows the copy") },
		{ "bcc", N_("nothing shows the copy") },
		{ NULL, NULL },
	    },
	.default_value = "cc",
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/service/qpsmtpd/config/peers/0",
	    "/var/service/qpsmtpd/config/peers/local", NULL },
	.fragments = (const char *const[]){ "13bcc", NULL },
	.services = setting_services_smtp,
	.see_also =
	    (const char *const[]){ "archive.bcc", "archive.bcc-user", NULL },
	.area = "Delivery",
	.since = "7",
	.risk = SETTING_RISK_PRIVACY,
	.visible_if_id = "archive.bcc",
	.visible_if_value = "enabled",
	.help = "bcc hides the copy; otherwise an X-Copied-To header shows it.",
	.help_fr =
	    "bcc cache la copie ; sinon un en-tête X-Copied-To la montre.",
};

const struct setting setting_archive_bcc_user = {
	.id = "archive.bcc-user",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "qpsmtpd",
	.prop = "BccUser",
	.type = &setting_type_account,
	.default_value = "maillog",
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/service/qpsmtpd/config/peers/0",
	    "/var/service/qpsmtpd/config/peers/local", NULL },
	.fragments = (const char *const[]){ "13bcc", NULL },
	.services = setting_services_smtp,
	.see_also =
	    (const char *const[]){ "archive.bcc", "archive.bcc-mode", NULL },
	.area = "Delivery",
	.since = "7",
	.risk = SETTING_RISK_PRIVACY,
	.visible_if_id = "archive.bcc",
	.visible_if_value = "enabled",
	.help = "Account that gets the copies; must exist before enabling.",
	.help_fr =
	    "Compte qui reçoit les copies ; doit exister avant activation.",
};

/* The record is asked anew at each expansion, as the server's own does. */
static const char outgoing_bcc[] =
    "{\n"
    "    return \"# bcc disabled\" unless (($qpsmtpd{'Bcc'} || '') eq "
    "'enabled');\n"
    "    return \"bcc mode \" . ($qpsmtpd{'BccMode'} || 'cc') .\n"
    "        \" outgoing \" . ($qpsmtpd{'BccUser'} || 'maillog');\n"
    "}";

const struct setting setting_archive_outgoing_only = {
	.id = "archive.outgoing-only",
	.place = SETTING_IN_FILE,
	.db = "file",
	.key = "/etc/e-smith/templates-custom/var/service/qpsmtpd/config/peers/"
	       "0/13bcc",
	.prop = "outgoing",
	.form =
	    &(const struct setting_form){
		.kind = SETTING_FORM_SWITCH,
		.paths =
		    (const char *const[]){
			"/etc/e-smith/templates-custom/var/service/qpsmtpd/"
			"config/peers/0/13bcc",
			"/etc/e-smith/templates-custom/var/service/qpsmtpd/"
			"config/peers/local/13bcc",
			NULL },
		.on = "outgoing",
		.sign = "outgoing",
		.text = outgoing_bcc,
	    },
	.type = &setting_type_enum,
	.choices =
	    (const struct setting_choice[]){
		{ "all", N_("copies every message") },
		{ "outgoing", N_("copies sent mail only") },
		{ NULL, NULL },
	    },
	.default_value = "all",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/service/qpsmtpd/config/peers/0",
	    "/var/service/qpsmtpd/config/peers/local", NULL },
	.fragments = (const char *const[]){ "13bcc (templates-custom)", NULL },
	.services = setting_services_smtp,
	.area = "Delivery",
	.since = "7",
	.risk = SETTING_RISK_PRIVACY,
	.visible_if_id = "archive.bcc",
	.visible_if_value = "enabled",
	.help = "Custom fragment: emit bcc mode <BccMode> outgoing <BccUser> "
		"to copy sent mail only.",
	.help_fr = "Fragment : émettre bcc mode <BccMode> outgoing <BccUser> "
		   "pour ne copier que l’envoi.",
};

const struct setting setting_delivery_lan_smtp_proxy = {
	.id = "delivery.lan-smtp-proxy",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "smtpd",
	.prop = "Proxy",
	.type = &setting_type_enum,
	.choices =
	    (const struct setting_choice[]){
		{ "blocked", N_("they cannot send past this server") },
		{ "transparent",
		    N_("their connections are led to this server") },
		{ "disabled", N_("they may send directly") },
		{ NULL, NULL },
	    },
	.default_value = "blocked",
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/etc/rc.d/init.d/masq", NULL },
	.fragments = (const char *const[]){ "35SMTPProxy", "40AllowGSMTP",
	    "90adjustSMTPProxy", NULL },
	.services = (const char *const[]){ "masq:adjust", NULL },
	.area = "Delivery",
	.since = "8",
	.help = "LAN clients sending straight to port 25 outside: block, "
		"redirect here or allow.",
	.help_fr = "Clients du LAN vers le port 25 externe : bloquer, "
		   "rediriger ici ou laisser.",
};
