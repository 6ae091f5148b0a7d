/* Settings of the area Domain authentication: DKIM, SPF and DMARC. */
#include "core/setting/def_int.h"

#include "core/base/i18n.h"
#include "core/setting/form.h"
#include "core/setting/setting.h"
#include "core/setting/type_int.h"

#include <stddef.h>

const struct setting setting_dkim_signing = {
	.id = "dkim.signing",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "qpsmtpd",
	.prop = "DKIMSigning",
	.type = &setting_type_bool,
	.choices = setting_choices_enabled,
	.default_value = "disabled",
	.record_type = "service",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){ "/var/service/qpsmtpd/config/peers/local",
		"/var/service/qpsmtpd/config/dkim (link)", NULL },
	.fragments = (const char *const[]){ "69dkim", NULL },
	.services = setting_services_smtp,
	.see_also = (const char *const[]){ "dkim.domain-signing",
	    "dkim.selector", NULL },
	.apply = "qpsmtpd-print-dns <domain>, then publish",
	.area = "Domain authentication",
	.since = "9.2",
	.help = "Sign outgoing mail of all domains.",
	.help_fr = "Signer le courrier sortant de tous les domaines.",
};

const struct setting setting_dkim_domain_signing = {
	.id = "dkim.domain-signing",
	.place = SETTING_IN_DB,
	.target = SETTING_TARGET_DOMAIN,
	.db = "domains",
	.key = "<domain>",
	.prop = "DKIMSigning",
	.type = &setting_type_bool,
	.choices = setting_choices_enabled,
	.default_from = "dkim.signing",
	.default_value = "follows qpsmtpd DKIMSigning",
	.default_unset = true,
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/var/service/qpsmtpd/config/dkim/<domain>", NULL },
	.services = setting_services_smtp,
	.see_also = (const char *const[]){ "dkim.signing", NULL },
	.area = "Domain authentication",
	.since = "9.2",
	.help = "disabled leaves this domain unsigned.",
	.help_fr = "disabled laisse ce domaine sans signature.",
};

const struct setting setting_dkim_default_key = {
	.id = "dkim.default-key",
	.place = SETTING_IN_FILE,
	.db = "file",
	.key = "/home/e-smith/dkim_keys/default/private",
	.prop = "-",
	.type = &setting_type_path,
	.default_value = "created at install, 2048 bits",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/home/e-smith/dkim_keys/<domain>/private", NULL },
	.services = setting_services_smtp,
	.apply = "owner qpsmtpd:qpsmtpd mode 0400",
	.area = "Domain authentication",
	.since = "9.2",
	.help = "Private key shared by all domains; 1024 bits only if DNS "
		"refuses the long record.",
	.help_fr = "Clé privée commune ; 1024 bits seulement si le DNS refuse "
		   "l’enregistrement long.",
};

const struct setting setting_dkim_default_public = {
	.id = "dkim.default-public",
	.place = SETTING_IN_FILE,
	.db = "file",
	.key = "/home/e-smith/dkim_keys/default/public",
	.prop = "-",
	.type = &setting_type_path,
	.default_value = "created at install",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/home/e-smith/dkim_keys/<domain>/public", NULL },
	.services = setting_services_smtp,
	.apply = "owner root:qpsmtpd",
	.area = "Domain authentication",
	.since = "9.2",
	.help = "Public key to publish in the DNS.",
	.help_fr = "Clé publique à publier dans le DNS.",
};

const struct setting setting_dkim_domain_key = {
	.id = "dkim.domain-key",
	.place = SETTING_IN_FILE,
	.target = SETTING_TARGET_DOMAIN,
	.db = "file",
	.key = "/home/e-smith/dkim_keys/<domain>/private",
	.prop = "-",
	.type = &setting_type_path,
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/home/e-smith/dkim_keys/<domain>/private", NULL },
	.services = setting_services_smtp,
	.apply = "openssl genrsa 2048; owner qpsmtpd:qpsmtpd mode 400",
	.area = "Domain authentication",
	.since = "9.2",
	.help = "Own key of one domain (with files public and selector).",
	.help_fr =
	    "Clé propre à un domaine (avec les fichiers public et selector).",
};

const struct setting setting_dkim_selector = {
	.id = "dkim.selector",
	.place = SETTING_IN_FILE,
	.target = SETTING_TARGET_DOMAIN,
	.db = "file",
	.key = "/home/e-smith/dkim_keys/<domain>/selector",
	.prop = "-",
	.type = &setting_type_file_text,
	.default_value = "default",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/home/e-smith/dkim_keys/<domain>/selector", NULL },
	.services = setting_services_smtp,
	.area = "Domain authentication",
	.since = "9.2",
	.help = "DNS selector of the key.",
	.help_fr = "Sélecteur DNS de la clé.",
};

const struct setting setting_dkim_old_key = {
	.id = "dkim.old-key",
	.place = SETTING_IN_FILE,
	.target = SETTING_TARGET_DOMAIN,
	.db = "file",
	.key = "/var/service/qpsmtpd/config/dkimkeys/<sender-domain>.private",
	.prop = "-",
	.type = &setting_type_path,
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/var/service/qpsmtpd/config/dkimkeys/<domain>.private", NULL },
	.services = setting_services_smtp,
	.apply = "chown qpsmtpd:qpsmtpd; chmod 0700 dkim.private",
	.area = "Domain authentication",
	.until = "9.1",
	.help =
	    "Key of a domain for the old plugin: one file per signed domain.",
	.help_fr = "Clé d’un domaine pour l’ancien module : un fichier par "
		   "domaine signé.",
};

const struct setting setting_dkim_old_keys = {
	.id = "dkim.old-keys",
	.place = SETTING_IN_FILE,
	.db = "file",
	.key = "/etc/e-smith/templates-custom/var/service/qpsmtpd/config/peers/"
	       "local/69dkim_sign",
	.prop = "dkim_sign keys",
	.form =
	    &(const struct setting_form){
		.kind = SETTING_FORM_OPTION,
		.mark = "dkim.old-keys",
		.head = "dkim_sign",
		.name = "keys",
	    },
	.type = &setting_type_enum,
	.choices =
	    (const struct setting_choice[]){
		{ "both", N_("DomainKeys and DKIM") },
		{ "dk", N_("DomainKeys") },
		{ "domainkeys", N_("DomainKeys") },
		{ "dkim", N_("DKIM") },
		{ NULL, NULL },
	    },
	.default_value = "both",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/var/service/qpsmtpd/config/peers/local", NULL },
	.fragments =
	    (const char *const[]){ "69dkim_sign (templates-custom)", NULL },
	.services = setting_services_smtp,
	.area = "Domain authentication",
	.until = "9.1",
	.help = "Old plugin: which signatures to add (dkim is advised).",
	.help_fr = "Ancien module : signatures à ajouter (dkim conseillé).",
};

const struct setting setting_dkim_old_dk_method = {
	.id = "dkim.old-dk-method",
	.place = SETTING_IN_FILE,
	.db = "file",
	.key = "/etc/e-smith/templates-custom/var/service/qpsmtpd/config/peers/"
	       "local/69dkim_sign",
	.prop = "dkim_sign dk_method",
	.form =
	    &(const struct setting_form){
		.kind = SETTING_FORM_OPTION,
		.mark = "dkim.old-keys",
		.head = "dkim_sign",
		.name = "dk_method",
	    },
	.type = &setting_type_file_text,
	.default_value = "nofws",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/var/service/qpsmtpd/config/peers/local", NULL },
	.fragments =
	    (const char *const[]){ "69dkim_sign (templates-custom)", NULL },
	.services = setting_services_smtp,
	.area = "Domain authentication",
	.until = "9.1",
	.help = "Old plugin: DomainKeys canonical form.",
	.help_fr = "Ancien module : forme canonique DomainKeys.",
};

const struct setting setting_dkim_old_selector = {
	.id = "dkim.old-selector",
	.place = SETTING_IN_FILE,
	.db = "file",
	.key = "/etc/e-smith/templates-custom/var/service/qpsmtpd/config/peers/"
	       "local/69dkim_sign",
	.prop = "dkim_sign selector",
	.form =
	    &(const struct setting_form){
		.kind = SETTING_FORM_OPTION,
		.mark = "dkim.old-keys",
		.head = "dkim_sign",
		.name = "selector",
	    },
	.type = &setting_type_file_text,
	.default_value = "default",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/var/service/qpsmtpd/config/peers/local", NULL },
	.fragments =
	    (const char *const[]){ "69dkim_sign (templates-custom)", NULL },
	.services = setting_services_smtp,
	.area = "Domain authentication",
	.until = "9.1",
	.help = "Old plugin: DNS selector.",
	.help_fr = "Ancien module : sélecteur DNS.",
};

const struct setting setting_dkim_old_algorithm = {
	.id = "dkim.old-algorithm",
	.place = SETTING_IN_FILE,
	.db = "file",
	.key = "/etc/e-smith/templates-custom/var/service/qpsmtpd/config/peers/"
	       "local/69dkim_sign",
	.prop = "dkim_sign algorithm",
	.form =
	    &(const struct setting_form){
		.kind = SETTING_FORM_OPTION,
		.mark = "dkim.old-keys",
		.head = "dkim_sign",
		.name = "algorithm",
	    },
	.type = &setting_type_file_text,
	.default_value = "rsa-sha1",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/var/service/qpsmtpd/config/peers/local", NULL },
	.fragments =
	    (const char *const[]){ "69dkim_sign (templates-custom)", NULL },
	.services = setting_services_smtp,
	.area = "Domain authentication",
	.until = "9.1",
	.help = "Old plugin: signing algorithm.",
	.help_fr = "Ancien module : algorithme de signature.",
};

const struct setting setting_dkim_old_dkim_method = {
	.id = "dkim.old-dkim-method",
	.place = SETTING_IN_FILE,
	.db = "file",
	.key = "/etc/e-smith/templates-custom/var/service/qpsmtpd/config/peers/"
	       "local/69dkim_sign",
	.prop = "dkim_sign dkim_method",
	.form =
	    &(const struct setting_form){
		.kind = SETTING_FORM_OPTION,
		.mark = "dkim.old-keys",
		.head = "dkim_sign",
		.name = "dkim_method",
	    },
	.type = &setting_type_file_text,
	.default_value = "relaxed",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/var/service/qpsmtpd/config/peers/local", NULL },
	.fragments =
	    (const char *const[]){ "69dkim_sign (templates-custom)", NULL },
	.services = setting_services_smtp,
	.area = "Domain authentication",
	.until = "9.1",
	.help = "Old plugin: DKIM canonical form.",
	.help_fr = "Ancien module : forme canonique DKIM.",
};

const struct setting setting_dmarc_reject = {
	.id = "dmarc.reject",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "qpsmtpd",
	.prop = "DMARCReject",
	.type = &setting_type_bool,
	.choices = setting_choices_enabled,
	.default_value = "disabled",
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/service/qpsmtpd/config/peers/0",
	    NULL },
	.fragments = (const char *const[]){ "71dmarc", NULL },
	.services = setting_services_smtp,
	.see_also = (const char *const[]){ "spf.reject-policy",
	    "dmarc.reporting", NULL },
	.area = "Domain authentication",
	.since = "9.2",
	.risk = SETTING_RISK_MAY_BLOCK_LEGIT,
	.help = "Refuse mail when the DMARC policy of the sender asks for it.",
	.help_fr = "Refuser si la politique DMARC de l’expéditeur le demande.",
};

const struct setting setting_dmarc_reporting = {
	.id = "dmarc.reporting",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "qpsmtpd",
	.prop = "DMARCReporting",
	.type = &setting_type_bool,
	.choices = setting_choices_enabled,
	.default_value = "enabled",
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/service/qpsmtpd/config/peers/0",
	    "/etc/cron.daily/qpsmtpd (report)", NULL },
	.fragments = (const char *const[]){ "71dmarc", NULL },
	.services = setting_services_smtp,
	.area = "Domain authentication",
	.since = "9.2",
	.risk = SETTING_RISK_PRIVACY,
	.help = "Record results and send daily reports to domain owners "
		"(reports.sqlite).",
	.help_fr = "Noter les résultats et envoyer des rapports quotidiens "
		   "(reports.sqlite).",
};

const struct setting setting_dmarc_reports_db = {
	.id = "dmarc.reports-db",
	.place = SETTING_IN_FILE,
	.db = "file",
	.key = "/var/lib/qpsmtpd/dmarc/reports.sqlite",
	.prop = "-",
	.type = &setting_type_path,
	.files = (const char *const[]){ "/var/lib/qpsmtpd/dmarc/reports.sqlite",
	    NULL },
	.area = "Domain authentication",
	.since = "9.2",
	.flags = SETTING_READ_ONLY,
	.help = "Local database of DMARC results waiting to be reported.",
	.help_fr = "Base locale des résultats DMARC à rapporter.",
};

const struct setting setting_spf_reject_policy = {
	.id = "spf.reject-policy",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "qpsmtpd",
	.prop = "SPFRejectPolicy",
	.type = &setting_type_int,
	.choices =
	    (const struct setting_choice[]){
		{ "0", N_("refuses nothing") },
		{ "1", N_("refuses fail") },
		{ "2", N_("also softfail") },
		{ "3", N_("also neutral") },
		{ "4", N_("also errors and none") },
		{ NULL, NULL },
	    },
	.min = "0",
	.max = "4",
	.default_value = "0",
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/service/qpsmtpd/config/peers/0",
	    NULL },
	.fragments = (const char *const[]){ "32sender_permitted_from", NULL },
	.services = setting_services_smtp,
	.see_also = (const char *const[]){ "dmarc.reject", NULL },
	.area = "Domain authentication",
	.since = "9.2",
	.risk = SETTING_RISK_MAY_BLOCK_LEGIT,
	.help = "0 none,1 fail,2 softfail,3 neutral,4 error/none; only without "
		"sender DMARC policy.",
	.help_fr = "0 rien,1 fail,2 softfail,3 neutral,4 erreur/absent ; "
		   "seulement sans politique DMARC.",
};

const struct setting setting_dns_dkim_record = {
	.id = "dns.dkim-record",
	.place = SETTING_IN_DNS,
	.target = SETTING_TARGET_DOMAIN,
	.db = "file",
	.key = "public DNS TXT <selector>._domainkey.<domain>",
	.prop = "v=DKIM1; p=<key>",
	.type = &setting_type_file_text,
	.apply = "published at the DNS provider",
	.area = "Domain authentication",
	.flags = SETTING_READ_ONLY,
	.help = "Public key record; t=y means testing and must go once signing "
		"works.",
	.help_fr = "Enregistrement de clé ; t=y signifie essai et doit partir "
		   "ensuite.",
};

const struct setting setting_dns_spf_record = {
	.id = "dns.spf-record",
	.place = SETTING_IN_DNS,
	.target = SETTING_TARGET_DOMAIN,
	.db = "file",
	.key = "public DNS TXT <domain>",
	.prop = "v=spf1",
	.type = &setting_type_file_text,
	.default_value = "v=spf1 mx a -all",
	.apply = "published at the DNS provider",
	.area = "Domain authentication",
	.risk = SETTING_RISK_MAY_BLOCK_LEGIT,
	.flags = SETTING_READ_ONLY,
	.help = "Sample SPF policy; adjust before publishing.",
	.help_fr = "Politique SPF d’exemple ; à ajuster avant publication.",
};

const struct setting setting_dns_dmarc_record = {
	.id = "dns.dmarc-record",
	.place = SETTING_IN_DNS,
	.target = SETTING_TARGET_DOMAIN,
	.db = "file",
	.key = "public DNS TXT _dmarc.<domain>",
	.prop = "v=DMARC1",
	.type = &setting_type_file_text,
	.default_value = "v=DMARC1; p=none; adkim=s; aspf=r; "
			 "rua=mailto:dmarc-feedback@<domain>; pct=100",
	.apply = "published at the DNS provider",
	.area = "Domain authentication",
	.flags = SETTING_READ_ONLY,
	.help =
	    "Sample DMARC policy; the rua mailbox must exist or be changed.",
	.help_fr = "Politique DMARC d’exemple ; l’adresse rua doit exister ou "
		   "être changée.",
};
