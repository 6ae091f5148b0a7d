/* Settings of the area System: what mail needs of the server itself. */
#include "core/setting/def_int.h"

#include "core/base/i18n.h"
#include "core/setting/setting.h"
#include "core/setting/type_int.h"

#include <stddef.h>

const struct setting setting_network_mtu = {
	.id = "network.mtu",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "InternalInterface",
	.prop = "MTU",
	.type = &setting_type_int,
	.min = "576",
	.max = "1500",
	.unit = "B",
	.default_value = "1500",
	.default_unset = true,
	.record_type = "service",
	.events = (const char *const[]){ "post-upgrade", "reboot", NULL },
	.files =
	    (const char *const[]){
		"/etc/sysconfig/network-scripts/ifcfg-eth0", NULL },
	.fragments = (const char *const[]){ "10MTU", NULL },
	.services = (const char *const[]){ "network:restart (reboot)", NULL },
	.area = "System",
	.risk = SETTING_RISK_NEEDS_REBOOT,
	.help = "Packet size of the server; set to the smallest pmtu found "
		"(1492 with PPPoE).",
	.help_fr = "Taille de paquet du serveur ; mettre le plus petit pmtu "
		   "trouvé (1492 en PPPoE).",
};

const struct setting setting_system_domain_name = {
	.id = "system.domain-name",
	.place = SETTING_IN_VALUE,
	.db = "configuration",
	.key = "DomainName",
	.prop = "(value)",
	.type = &setting_type_host,
	.events =
	    (const char *const[]){ "domain-modify", "email-update", NULL },
	.files = (const char *const[]){ "/var/qmail/control/me",
	    "/var/qmail/control/defaulthost",
	    "/var/qmail/control/defaultdomain", "/var/qmail/control/bouncehost",
	    "/var/qmail/control/doublebouncehost",
	    "/var/qmail/control/envnoathost", "/var/qmail/control/plusdomain",
	    "/var/qmail/control/locals", "/var/qmail/control/rcpthosts",
	    "/var/service/qpsmtpd/config/smtpgreeting",
	    "/var/qmail/control/helohost", "/var/qmail/control/virtualdomains",
	    "/var/qmail/alias/.qmail-localdelivery-default",
	    "/var/service/qpsmtpd/config/badrcptto",
	    "/var/service/qpsmtpd/config/goodrcptto",
	    "/var/service/qpsmtpd/runenv", "/var/service/sqpsmtpd/runenv",
	    "/etc/fetchmail", "/etc/postfix/main.cf (11)",
	    "/home/httpd/html/horde/config/conf.php", NULL },
	.fragments =
	    (const char *const[]){ "me", "defaulthost", "defaultdomain",
		"bouncehost", "locals", "10standard", "10Body", NULL },
	.services = (const char *const[]){ "qmail:sighup", "qpsmtpd:sighup",
	    "sqpsmtpd:sighup", NULL },
	.area = "System",
	.risk = SETTING_RISK_CHANGES_CERTIFICATE,
	.flags = SETTING_REQUIRED,
	.help = "Main domain, shown everywhere; changing it may create a new "
		"certificate.",
	.help_fr = "Domaine principal, montré partout ; le changer peut créer "
		   "un nouveau certificat.",
};

const struct setting setting_system_mode = {
	.id = "system.mode",
	.place = SETTING_IN_VALUE,
	.db = "configuration",
	.key = "SystemMode",
	.prop = "(value)",
	.type = &setting_type_enum,
	.choices =
	    (const struct setting_choice[]){
		{ "serveronly",
		    N_("one network card, behind another firewall") },
		{ "servergateway", N_("server and gateway") },
		{ "servergateway-private",
		    N_("gateway, nothing open from outside") },
		{ NULL, NULL },
	    },
	.events = (const char *const[]){ "console-save", NULL },
	.services = (const char *const[]){ "reboot", NULL },
	.apply = "reboot",
	.area = "System",
	.risk = SETTING_RISK_NEEDS_REBOOT,
	.flags = SETTING_REQUIRED,
	.help = "In server-only mode behind another firewall some spam rules "
		"cannot work.",
	.help_fr = "En mode serveur seul derrière un pare-feu, des règles "
		   "antispam ne marchent pas.",
};

const struct setting setting_system_external_ip = {
	.id = "system.external-ip",
	.place = SETTING_IN_VALUE,
	.db = "configuration",
	.key = "ExternalIP",
	.prop = "(value)",
	.type = &setting_type_host,
	.events = (const char *const[]){ "ip-change", NULL },
	.files = (const char *const[]){ "/var/service/qpsmtpd/config/badhelo",
	    "/var/qmail/control/locals", "/var/qmail/control/rcpthosts",
	    "/var/service/qpsmtpd/config/goodrcptto", "/etc/rc.d/init.d/masq",
	    NULL },
	.fragments = (const char *const[]){ "10ExternalIP", "locals",
	    "12LiteralIP", "12PostmasterAtBracketLiteralIP", NULL },
	.services = (const char *const[]){ "qmail:sighup", "qpsmtpd:sighup",
	    "sqpsmtpd:sighup", NULL },
	.area = "System",
	.help = "Public address known to the server; feeds the HELO and SPF "
		"checks.",
	.help_fr = "Adresse publique connue du serveur ; sert aux contrôles "
		   "HELO et SPF.",
};
