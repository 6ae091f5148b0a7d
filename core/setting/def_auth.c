/* Settings of the area Relay & Auth: login and relay. */
#include "core/setting/def_int.h"

#include "core/base/i18n.h"
#include "core/setting/form.h"
#include "core/setting/setting.h"
#include "core/setting/type_int.h"

#include <stddef.h>

const struct setting setting_auth_smtp = {
	.id = "auth.smtp",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "qpsmtpd",
	.prop = "Authentication",
	.type = &setting_type_bool,
	.choices = setting_choices_enabled,
	.default_value = "enabled",
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/service/qpsmtpd/config/peers/0",
	    "/var/service/qpsmtpd/config/peers/local", NULL },
	.fragments = (const char *const[]){ "05auth_cvm_unix_local", NULL },
	.services = setting_services_smtp,
	.see_also = (const char *const[]){ "auth.tls-before-auth", NULL },
	.area = "Relay & Auth",
	.help = "Offer AUTH on port 25 (also for the LAN once the fragment is "
		"copied).",
	.help_fr = "Proposer AUTH sur le port 25 (LAN aussi si le fragment est "
		   "copié).",
};

const struct setting setting_auth_smtp_scope = {
	.id = "auth.smtp-scope",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "qpsmtpd",
	.prop = "AuthAccess",
	.type = &setting_type_enum,
	.choices =
	    (const struct setting_choice[]){
		{ "private", N_("the local networks") },
		{ "public", N_("everyone") },
		{ NULL, NULL },
	    },
	.default_value = "private",
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/service/qpsmtpd/config/peers/0",
	    NULL },
	.fragments = (const char *const[]){ "05auth_cvm_unix_local", NULL },
	.services = setting_services_smtp,
	.see_also =
	    (const char *const[]){ "submission.access", "smtps.access", NULL },
	.area = "Relay & Auth",
	.since = "11",
	.risk = SETTING_RISK_EXPOSES_PASSWORDS,
	.risk_value = "public",
	.risk_text =
	    N_("lets everyone on the Internet try passwords on port 25"),
	.safer = "smemail set smtps.access public",
	.help = "Offer AUTH on port 25 to the LAN only or to everyone.",
	.help_fr = "Proposer AUTH sur le port 25 au LAN seul ou à tous.",
	.text = N_("Port 587 follows it: while it is private, a stranger is "
		   "told 530 there, that login is open to the local networks "
		   "only. Port 465 does not."),
};

const struct setting setting_auth_smtp_old = {
	.id = "auth.smtp-old",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "smtpd",
	.prop = "Authentication",
	.type = &setting_type_bool,
	.choices = setting_choices_enabled,
	.default_value = "enabled",
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/service/qpsmtpd/config/peers/0",
	    "/var/service/qpsmtpd/config/peers/local", NULL },
	.fragments = (const char *const[]){ "05auth_cvm_unix_local", NULL },
	.services = setting_services_smtp,
	.area = "Relay & Auth",
	.help = "Older place of the AUTH switch for port 25.",
	.help_fr = "Ancien emplacement de l’interrupteur AUTH du port 25.",
};

const struct setting setting_auth_smtps_old = {
	.id = "auth.smtps-old",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "ssmtpd",
	.prop = "Authentication",
	.type = &setting_type_bool,
	.choices = setting_choices_enabled,
	.default_value = "enabled",
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/service/qpsmtpd/config/peers/0",
	    "/var/service/qpsmtpd/config/peers/local", NULL },
	.fragments = (const char *const[]){ "05auth_cvm_unix_local", NULL },
	.services = setting_services_smtp,
	.area = "Relay & Auth",
	.help = "Older place of the AUTH switch for port 465.",
	.help_fr = "Ancien emplacement de l’interrupteur AUTH du port 465.",
};

const struct setting setting_auth_tls_before_auth = {
	.id = "auth.tls-before-auth",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "qpsmtpd",
	.prop = "TlsBeforeAuth",
	.type = &setting_type_bool,
	.choices =
	    (const struct setting_choice[]){
		{ "0", N_("a login is taken in clear") },
		{ "1", N_("a login needs TLS first") },
		{ NULL, NULL },
	    },
	.default_value = "1",
	.record_type = "service",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/var/service/qpsmtpd/config/tls_before_auth", NULL },
	.fragments = (const char *const[]){ "10Auth", NULL },
	.services = setting_services_smtp,
	.area = "Relay & Auth",
	.since = "7.5.1",
	.risk = SETTING_RISK_EXPOSES_PASSWORDS,
	.risk_value = "0",
	.risk_text = N_("takes passwords in clear"),
	.safer = "smemail describe auth.tls-before-auth",
	.help = "1 requires TLS before a login (since 7.5); 0 goes back to the "
		"7.4 behaviour.",
	.help_fr = "1 exige TLS avant la connexion (depuis 7.5) ; 0 revient au "
		   "comportement 7.4.",
};

const struct setting setting_auth_tls_ciphers = {
	.id = "auth.tls-ciphers",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "qpsmtpd",
	.prop = "tlsCipher",
	.type = &setting_type_text,
	.default_value = "modSSL CipherSuite, else HIGH:!SSLv2",
	.default_unset = true,
	.record_type = "service",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/var/service/qpsmtpd/config/tls_ciphers", NULL },
	.fragments = (const char *const[]){ "10ciphers", NULL },
	.services = setting_services_smtp,
	.area = "Relay & Auth",
	.since = "8",
	.help = "Ciphers offered for STARTTLS and SMTPS.",
	.help_fr = "Chiffrements proposés pour STARTTLS et SMTPS.",
};

const struct setting setting_auth_lan_fragment = {
	.id = "auth.lan-fragment",
	.place = SETTING_IN_FILE,
	.db = "file",
	.key = "/etc/e-smith/templates-custom/var/service/qpsmtpd/config/peers/"
	       "local/05auth_cvm_unix_local",
	.prop = "-",
	.type = &setting_type_bool,
	.choices = setting_choices_present,
	.default_value = "absent",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/var/service/qpsmtpd/config/peers/local", NULL },
	.fragments = (const char *const[]){ "05auth_cvm_unix_local", NULL },
	.services = setting_services_smtp,
	.apply = "copy from templates/.../peers/0",
	.area = "Relay & Auth",
	.help = "Offer AUTH on the LAN too; it then follows qpsmtpd "
		"Authentication.",
	.help_fr =
	    "Proposer AUTH sur le LAN ; suit alors qpsmtpd Authentication.",
};

const struct setting setting_relay_require_auth = {
	.id = "relay.require-auth",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "qpsmtpd",
	.prop = "RelayRequiresAuth",
	.type = &setting_type_bool,
	.choices = setting_choices_enabled,
	.default_value = "enabled",
	.record_type = "service",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/var/service/qpsmtpd/config/relayclients", NULL },
	.fragments = (const char *const[]){ "80relayFromLocalNetwork", NULL },
	.services = setting_services_smtp,
	.see_also = (const char *const[]){ "relay.network-require-auth",
	    "relay.free-clients", NULL },
	.area = "Relay & Auth",
	.since = "8",
	.risk = SETTING_RISK_OPEN_RELAY,
	.risk_value = "disabled",
	.risk_text = N_("makes an open relay"),
	.safer = "smemail set relay.free-clients IP",
	.help = "disabled lets all local networks relay without login.",
	.help_fr = "disabled laisse tous les réseaux locaux relayer sans "
		   "authentification.",
	.text = N_("While enabled, every client must log in before mail for "
		   "other domains is taken, on the local networks too. Single "
		   "devices that cannot log in belong in relay.free-clients."),
};

const struct setting setting_relay_network_require_auth = {
	.id = "relay.network-require-auth",
	.place = SETTING_IN_DB,
	.target = SETTING_TARGET_NETWORK,
	.db = "networks",
	.key = "<network>",
	.prop = "RelayRequiresAuth",
	.type = &setting_type_bool,
	.choices = setting_choices_enabled,
	.default_value = "enabled",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/var/service/qpsmtpd/config/relayclients", NULL },
	.fragments = (const char *const[]){ "80relayFromLocalNetwork", NULL },
	.services = setting_services_smtp,
	.see_also = (const char *const[]){ "relay.require-auth",
	    "relay.free-clients", NULL },
	.area = "Relay & Auth",
	.since = "8",
	.risk = SETTING_RISK_OPEN_RELAY,
	.risk_value = "disabled",
	.risk_text = N_("makes an open relay"),
	.safer = "smemail set relay.free-clients IP",
	.help = "disabled lets this one network relay without login.",
	.help_fr =
	    "disabled laisse ce seul réseau relayer sans authentification.",
};

const struct setting setting_relay_free_clients = {
	.id = "relay.free-clients",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "qpsmtpd",
	.prop = "UnauthenticatedRelayClients",
	.type = &setting_type_ip_list,
	.separator = ",",
	.record_type = "service",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/var/service/qpsmtpd/config/relayclients", NULL },
	.fragments =
	    (const char *const[]){ "20UnauthenticatedRelayClients", NULL },
	.services = setting_services_smtp,
	.see_also = (const char *const[]){ "relay.require-auth", NULL },
	.area = "Relay & Auth",
	.risk = SETTING_RISK_OPEN_RELAY,
	.risk_text =
	    N_("lets hosts outside the local networks relay without a login"),
	.safer = "smemail describe auth.smtp",
	.flags = SETTING_LIST | SETTING_ADDRESSES,
	.help = "Single addresses that may relay without login; no subnet; use "
		"setprop, not set.",
	.help_fr = "Adresses isolées pouvant relayer sans login ; pas de "
		   "sous-réseau ; setprop, pas set.",
};

const struct setting setting_relay_custom_clients = {
	.id = "relay.custom-clients",
	.place = SETTING_IN_FILE,
	.db = "file",
	.key = "/etc/e-smith/templates-custom/var/service/qpsmtpd/config/"
	       "relayclients/80custom",
	.prop = "<prefix, address or network>",
	.form =
	    &(const struct setting_form){
		.kind = SETTING_FORM_LINES,
	    },
	.type = &setting_type_ip_list,
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/var/service/qpsmtpd/config/relayclients", NULL },
	.fragments =
	    (const char *const[]){ "80custom (templates-custom)", NULL },
	.services = setting_services_smtp,
	.area = "Relay & Auth",
	.risk = SETTING_RISK_OPEN_RELAY,
	.risk_text =
	    N_("lets hosts outside the local networks relay without a login"),
	.flags = SETTING_LIST,
	.help = "Extra relay clients: partial prefix ending with a dot, "
		"address, or network.",
	.help_fr = "Clients de relais en plus : préfixe terminé par un point, "
		   "adresse ou réseau.",
};

const struct setting setting_relay_no_lan = {
	.id = "relay.no-lan",
	.place = SETTING_IN_FILE,
	.db = "file",
	.key = "/etc/e-smith/templates-custom/var/service/qpsmtpd/config/"
	       "relayclients/80relayFromLocalNetwork",
	.prop = "-",
	.form =
	    &(const struct setting_form){
		.kind = SETTING_FORM_SWITCH,
		.on = "present",
		.text = "# 80relayFromLocalNetwork disabled by custom template",
	    },
	.type = &setting_type_bool,
	.choices = setting_choices_present,
	.default_value = "absent",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/var/service/qpsmtpd/config/relayclients", NULL },
	.fragments =
	    (const char *const[]){
		"80relayFromLocalNetwork (templates-custom)", NULL },
	.services = setting_services_smtp,
	.apply = "comment-only fragment",
	.area = "Relay & Auth",
	.help = "Stop LAN clients from relaying without login (built in since "
		"SME 8).",
	.help_fr = "Empêcher le relais sans login depuis le LAN (intégré "
		   "depuis SME 8).",
};

const struct setting setting_relay_norelayclients = {
	.id = "relay.norelayclients",
	.place = SETTING_IN_FILE,
	.db = "file",
	.key = "/var/service/qpsmtpd/config/norelayclients",
	.prop = "-",
	.form =
	    &(const struct setting_form){
		.kind = SETTING_FORM_LINES,
		.paths =
		    (const char *const[]){
			"/etc/e-smith/templates-custom/var/service/qpsmtpd/"
			"config/norelayclients/80custom",
			NULL },
	    },
	.type = &setting_type_ip_list,
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/var/service/qpsmtpd/config/norelayclients", NULL },
	.fragments = (const char *const[]){ "20norelayFromRouter",
	    " 80custom (templates-custom)", NULL },
	.services = setting_services_smtp,
	.area = "Relay & Auth",
	.flags = SETTING_LIST,
	.help =
	    "Addresses never allowed to relay, checked first (e.g. a router).",
	.help_fr = "Adresses jamais autorisées à relayer, vérifiées d’abord "
		   "(ex. un routeur).",
};

const struct setting setting_auth_login_timeout = {
	.id = "auth.login-timeout",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "qpsmtpd",
	.prop = "LoginTimeout",
	.type = &setting_type_duration,
	.min = "2",
	.max = "300",
	.unit = "s",
	.default_value = "20",
	.default_unset = true,
	.record_type = "service",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/var/service/qpsmtpd/config/login_timeout", NULL },
	.fragments = (const char *const[]){ "10LoginTimeout", NULL },
	.services = setting_services_smtp,
	.see_also = (const char *const[]){ "auth.login-failures", NULL },
	.area = "Relay & Auth",
	.help = "Seconds for CVM, PAM or Dovecot to judge a login.",
	.help_fr =
	    "Secondes pour que CVM, PAM ou Dovecot jugent un identifiant.",
	.text = N_("A login that nobody has judged by then is answered 454, so "
		   "that the program tries again later."),
};

const struct setting setting_auth_login_delay = {
	.id = "auth.login-delay",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "qpsmtpd",
	.prop = "LoginDelay",
	.type = &setting_type_duration,
	.min = "0",
	.max = "60",
	.unit = "s",
	.default_value = "1",
	.default_unset = true,
	.record_type = "service",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/var/service/qpsmtpd/config/login_delay", NULL },
	.fragments = (const char *const[]){ "10LoginDelay", NULL },
	.services = setting_services_smtp,
	.see_also = (const char *const[]){ "auth.login-failures", NULL },
	.area = "Relay & Auth",
	.help = "Seconds that the answer to a failed login is held back.",
	.help_fr = "Secondes de retenue de la réponse à un identifiant refusé.",
};

const struct setting setting_auth_login_failures = {
	.id = "auth.login-failures",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "qpsmtpd",
	.prop = "LoginFailures",
	.type = &setting_type_int,
	.min = "1",
	.max = "100",
	.default_value = "5",
	.default_unset = true,
	.record_type = "service",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/var/service/qpsmtpd/config/login_failures", NULL },
	.fragments = (const char *const[]){ "10LoginFailures", NULL },
	.services = setting_services_smtp,
	.see_also = (const char *const[]){ "auth.login-delay", NULL },
	.area = "Relay & Auth",
	.help = "Failed logins after which a session ends.",
	.help_fr = "Identifiants refusés après lesquels la session se termine.",
};
