/* Settings of the area RBL: block lists in the DNS. */
#include "core/setting/def_int.h"

#include "core/base/i18n.h"
#include "core/setting/setting.h"
#include "core/setting/type_int.h"

#include <stddef.h>

const struct setting setting_rbl_dns = {
	.id = "rbl.dns",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "qpsmtpd",
	.prop = "DNSBL",
	.type = &setting_type_bool,
	.choices = setting_choices_enabled,
	.default_value = "disabled",
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/service/qpsmtpd/config/peers/0",
	    NULL },
	.fragments = (const char *const[]){ "22dnsbl", NULL },
	.services = setting_services_smtp,
	.see_also = (const char *const[]){ "rbl.dns-zones", NULL },
	.area = "RBL",
	.risk = SETTING_RISK_MAY_BLOCK_LEGIT,
	.help = "Refuse hosts listed in the address blacklists (RBLList).",
	.help_fr =
	    "Refuser les hôtes listés dans les listes d’adresses (RBLList).",
};

const struct setting setting_rbl_dns_zones = {
	.id = "rbl.dns-zones",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "qpsmtpd",
	.prop = "RBLList",
	.type = &setting_type_zone_list,
	.separator = ", or :",
	.record_type = "service",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/var/service/qpsmtpd/config/dnsbl_zones", NULL },
	.fragments = (const char *const[]){ "10RBLList", NULL },
	.services = setting_services_smtp,
	.see_also =
	    (const char *const[]){ "rbl.dns", "rbl.dns-forwarder", NULL },
	.area = "RBL",
	.risk = SETTING_RISK_MAY_BLOCK_LEGIT,
	.flags = SETTING_LIST,
	.help = "Address blacklist zones (zen.spamhaus.org alone is the "
		"careful choice).",
	.help_fr = "Zones de listes d’adresses (zen.spamhaus.org seule : choix "
		   "prudent).",
	.text = N_("Each zone is asked about the address of the client when it "
		   "connects. Spamhaus does not answer to public resolvers, so "
		   "rbl.dns-forwarder must be empty."),
};

const struct setting setting_rbl_sender = {
	.id = "rbl.sender",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "qpsmtpd",
	.prop = "RHSBL",
	.type = &setting_type_bool,
	.choices = setting_choices_enabled,
	.default_value = "disabled",
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/service/qpsmtpd/config/peers/0",
	    NULL },
	.fragments = (const char *const[]){ "20rhsbl", NULL },
	.services = setting_services_smtp,
	.see_also = (const char *const[]){ "rbl.sender-zones", NULL },
	.area = "RBL",
	.risk = SETTING_RISK_MAY_BLOCK_LEGIT,
	.help = "Refuse senders whose domain is listed (SBLList); never for "
		"local mail.",
	.help_fr = "Refuser les expéditeurs dont le domaine est listé "
		   "(SBLList) ; jamais en local.",
};

const struct setting setting_rbl_sender_zones = {
	.id = "rbl.sender-zones",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "qpsmtpd",
	.prop = "SBLList",
	.type = &setting_type_zone_list,
	.separator = ":",
	.record_type = "service",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/var/service/qpsmtpd/config/rhsbl_zones", NULL },
	.fragments = (const char *const[]){ "10SBLList", NULL },
	.services = setting_services_smtp,
	.see_also =
	    (const char *const[]){ "rbl.sender", "rbl.dns-forwarder", NULL },
	.area = "RBL",
	.risk = SETTING_RISK_MAY_BLOCK_LEGIT,
	.flags = SETTING_LIST,
	.help = "Sender-domain blacklist zones (dbl.spamhaus.org alone is the "
		"careful choice).",
	.help_fr = "Zones par domaine d’expéditeur (dbl.spamhaus.org seule : "
		   "choix prudent).",
};

const struct setting setting_rbl_uri = {
	.id = "rbl.uri",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "qpsmtpd",
	.prop = "URIBL",
	.type = &setting_type_bool,
	.choices = setting_choices_enabled,
	.default_value = "disabled",
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/service/qpsmtpd/config/peers/0",
	    NULL },
	.fragments = (const char *const[]){ "50uribl", NULL },
	.services = setting_services_smtp,
	.see_also = (const char *const[]){ "rbl.uri-zones", NULL },
	.area = "RBL",
	.since = "9.2",
	.risk = SETTING_RISK_MAY_BLOCK_LEGIT,
	.help = "Look up the domains of links found in the body.",
	.help_fr = "Interroger les domaines des liens trouvés dans le corps.",
};

const struct setting setting_rbl_uri_zones = {
	.id = "rbl.uri-zones",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "qpsmtpd",
	.prop = "UBLList",
	.type = &setting_type_zone_list,
	.separator = ",",
	.default_value =
	    "multi.surbl.org:8-16-64-128,black.uribl.com,rhsbl.sorbs.net",
	.record_type = "service",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/var/service/qpsmtpd/config/uribl_zones", NULL },
	.fragments = (const char *const[]){ "10UBLList", NULL },
	.services = setting_services_smtp,
	.see_also =
	    (const char *const[]){ "rbl.uri", "rbl.dns-forwarder", NULL },
	.area = "RBL",
	.since = "9.2",
	.risk = SETTING_RISK_MAY_BLOCK_LEGIT,
	.flags = SETTING_LIST,
	.help = "Link blacklist zones, each with an optional :bitmask such as "
		"8-16-64-128.",
	.help_fr = "Zones pour les liens, chacune avec un masque facultatif "
		   "tel que 8-16-64-128.",
};

const struct setting setting_rbl_dns_forwarder = {
	.id = "rbl.dns-forwarder",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "dnscache",
	.prop = "Forwarder",
	.type = &setting_type_ip_list,
	.record_type = "service",
	.events = (const char *const[]){ "dns-update", NULL },
	.files =
	    (const char *const[]){
		"/var/service/dnscache.forwarder/root/servers/@",
		"/var/service/dnscache.forwarder/config", NULL },
	.fragments = (const char *const[]){ "@", "FORWARDER", NULL },
	.services = (const char *const[]){ "dnscache.forwarder:restart",
	    "dnscache:restart", NULL },
	.area = "RBL",
	.risk = SETTING_RISK_MAY_BLOCK_LEGIT,
	.flags = SETTING_ADDRESSES,
	.help = "External resolver; must be empty or some blacklists answer "
		"wrongly.",
	.help_fr = "Résolveur externe ; doit être vide, sinon des listes "
		   "noires répondent faux.",
};

const struct setting setting_rbl_dns_forwarder2 = {
	.id = "rbl.dns-forwarder2",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "dnscache",
	.prop = "Forwarder2",
	.type = &setting_type_ip_list,
	.record_type = "service",
	.events = (const char *const[]){ "dns-update", NULL },
	.files =
	    (const char *const[]){
		"/var/service/dnscache.forwarder/root/servers/@", NULL },
	.fragments = (const char *const[]){ "@", NULL },
	.services = (const char *const[]){ "dnscache.forwarder:restart",
	    "dnscache:restart", NULL },
	.area = "RBL",
	.risk = SETTING_RISK_MAY_BLOCK_LEGIT,
	.flags = SETTING_ADDRESSES,
	.help = "Second external resolver; same warning.",
	.help_fr = "Second résolveur externe ; même avertissement.",
};
