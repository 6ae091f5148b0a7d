/*
 * Settings of the area Limits: what one peer, login, question or server may
 * take of the bundled filter daemon. Ranges: within those of
 * core/filter/limit.c.
 */
#include "core/setting/def_int.h"

#include "core/base/i18n.h"
#include "core/setting/setting.h"
#include "core/setting/type_int.h"

#include <stddef.h>

const struct setting setting_smtp_idle_timeout = {
	.id = "smtp.idle-timeout",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "qpsmtpd",
	.prop = "timeoutsmtpd",
	.type = &setting_type_duration,
	.min = "10",
	.max = "7200",
	.unit = "s",
	.default_value = "120",
	.default_unset = true,
	.record_type = "service",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/var/service/qpsmtpd/config/timeoutsmtpd", NULL },
	.fragments = (const char *const[]){ "timeoutsmtpd", NULL },
	.services = setting_services_smtp,
	.see_also = (const char *const[]){ "smtp.session-timeout", NULL },
	.area = "Limits",
	.risk = SETTING_RISK_MAY_LOSE_MAIL,
	.help =
	    "Seconds without a whole command, or without a byte of a message.",
	.help_fr =
	    "Secondes sans commande entière, ou sans octet d’un message.",
	.text = N_("A peer that is silent so long is told 421 and cut off; "
		   "nothing is queued. Large sites want five minutes or more "
		   "(RFC 5321, 4.5.3.2)."),
};

const struct setting setting_smtp_session_timeout = {
	.id = "smtp.session-timeout",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "qpsmtpd",
	.prop = "SessionTimeout",
	.type = &setting_type_duration,
	.min = "30",
	.max = "86400",
	.unit = "s",
	.default_value = "7200",
	.default_unset = true,
	.record_type = "service",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/var/service/qpsmtpd/config/session_time", NULL },
	.fragments = (const char *const[]){ "10SessionTimeout", NULL },
	.services = setting_services_smtp,
	.see_also = (const char *const[]){ "smtp.idle-timeout",
	    "smtp.text-rate", NULL },
	.area = "Limits",
	.risk = SETTING_RISK_MAY_LOSE_MAIL,
	.help = "Seconds that an SMTP session may last in all.",
	.help_fr = "Secondes que peut durer une session SMTP en tout.",
	.text = N_(
	    "Then it is told 421; a message that is under way is not queued."),
};

const struct setting setting_smtp_handshake_timeout = {
	.id = "smtp.handshake-timeout",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "qpsmtpd",
	.prop = "HandshakeTimeout",
	.type = &setting_type_duration,
	.min = "5",
	.max = "600",
	.unit = "s",
	.default_value = "30",
	.default_unset = true,
	.record_type = "service",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/var/service/qpsmtpd/config/handshake_time", NULL },
	.fragments = (const char *const[]){ "10HandshakeTimeout", NULL },
	.services = setting_services_smtp,
	.see_also = (const char *const[]){ "smtp.idle-timeout", NULL },
	.area = "Limits",
	.help = "Seconds for a TLS handshake.",
	.help_fr = "Secondes pour une négociation TLS.",
};

const struct setting setting_smtp_text_rate = {
	.id = "smtp.text-rate",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "qpsmtpd",
	.prop = "TextRate",
	.type = &setting_type_int,
	.min = "1",
	.max = "1000000",
	.unit = "B/s",
	.default_value = "1",
	.default_unset = true,
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/service/qpsmtpd/config/text_rate",
	    NULL },
	.fragments = (const char *const[]){ "10TextRate", NULL },
	.services = setting_services_smtp,
	.see_also = (const char *const[]){ "smtp.text-rate-window", NULL },
	.area = "Limits",
	.risk = SETTING_RISK_MAY_LOSE_MAIL,
	.help = "Bytes a second that the text of a message has to bring.",
	.help_fr =
	    "Octets par seconde que le texte d’un message doit apporter.",
	.text = N_("The average over smtp.text-rate-window counts. A modem "
		   "brings about 5000."),
};

const struct setting setting_smtp_text_rate_window = {
	.id = "smtp.text-rate-window",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "qpsmtpd",
	.prop = "TextRateWindow",
	.type = &setting_type_duration,
	.min = "10",
	.max = "3600",
	.unit = "s",
	.default_value = "600",
	.default_unset = true,
	.record_type = "service",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/var/service/qpsmtpd/config/text_rate_time", NULL },
	.fragments = (const char *const[]){ "10TextRateWindow", NULL },
	.services = setting_services_smtp,
	.see_also = (const char *const[]){ "smtp.text-rate", NULL },
	.area = "Limits",
	.help = "Seconds over which smtp.text-rate is averaged.",
	.help_fr = "Secondes sur lesquelles smtp.text-rate est moyenné.",
};

const struct setting setting_smtp_max_recipients = {
	.id = "smtp.max-recipients",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "qpsmtpd",
	.prop = "MaxRecipients",
	.type = &setting_type_int,
	.min = "100",
	.max = "10000",
	.default_value = "1000",
	.default_unset = true,
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/service/qpsmtpd/config/max_rcpts",
	    NULL },
	.fragments = (const char *const[]){ "10MaxRecipients", NULL },
	.services = setting_services_smtp,
	.see_also = (const char *const[]){ "smtp.max-message-size", NULL },
	.area = "Limits",
	.help = "Recipients of one message; more are answered 452.",
	.help_fr = "Destinataires d’un message ; au-delà la réponse est 452.",
	.text = N_(
	    "The sender tries those that were too many again, in a message of "
	    "their own; at least 100 have to be taken (RFC 5321, 4.5.3.1.8)."),
};

const struct setting setting_smtp_instances_per_network = {
	.id = "smtp.instances-per-network",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "smtpd",
	.prop = "InstancesPerNetwork",
	.type = &setting_type_int,
	.min = "0",
	.max = "100000",
	.record_type = "service",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/var/service/qpsmtpd/config/instances_per_network", NULL },
	.fragments = (const char *const[]){ "10InstancesPerNetwork", NULL },
	.services = setting_services_smtp,
	.see_also = (const char *const[]){ "smtp.instances",
	    "smtp.instances-per-ip", NULL },
	.area = "Limits",
	.risk = SETTING_RISK_MAY_LOSE_MAIL,
	.help = "Simultaneous SMTP connections of one /24, of IPv6 one /64.",
	.help_fr = "Connexions SMTP simultanées d’un /24, en IPv6 d’un /64.",
	.text = N_("More are answered 421. 0 is no limit. Unless it is set, "
		   "one network has a quarter of all connections, and this "
		   "machine's own programs have no limit."),
};

const struct setting setting_smtp_dns_timeout = {
	.id = "smtp.dns-timeout",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "qpsmtpd",
	.prop = "DNSTimeout",
	.type = &setting_type_duration,
	.min = "1",
	.max = "600",
	.unit = "s",
	.default_value = "60",
	.default_unset = true,
	.record_type = "service",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/var/service/qpsmtpd/config/dns_timeout", NULL },
	.fragments = (const char *const[]){ "10DNSTimeout", NULL },
	.services = setting_services_smtp,
	.see_also = (const char *const[]){ "rbl.timeout", NULL },
	.area = "Limits",
	.risk = SETTING_RISK_MAY_BLOCK_LEGIT,
	.help = "Seconds that a session may wait for the DNS in all.",
	.help_fr = "Secondes d’attente du DNS en tout pour une session.",
	.text =
	    N_("When they are used up, questions count as unanswered: filters "
	       "let pass or refuse for now, as the rule of each says."),
};

const struct setting setting_rbl_timeout = {
	.id = "rbl.timeout",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "qpsmtpd",
	.prop = "RBLTimeout",
	.type = &setting_type_duration,
	.min = "1",
	.max = "60",
	.unit = "s",
	.default_value = "30",
	.default_unset = true,
	.record_type = "service",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/var/service/qpsmtpd/config/dnsbl_timeout", NULL },
	.fragments = (const char *const[]){ "10RBLTimeout", NULL },
	.services = setting_services_smtp,
	.see_also = (const char *const[]){ "rbl.dns", "rbl.sender",
	    "smtp.dns-timeout", NULL },
	.area = "Limits",
	.help = "Seconds for all DNS lists together to answer.",
	.help_fr =
	    "Secondes pour que toutes les listes DNS répondent, ensemble.",
	.text = N_("A list that has not answered by then lists nothing."),
};

const struct setting setting_smtp_queue_log = {
	.id = "smtp.queue-log",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "qpsmtpd",
	.prop = "QueueLogSize",
	.type = &setting_type_bytes,
	.min = "0",
	.max = "1073741824",
	.unit = "B",
	.default_value = "67108864",
	.default_unset = true,
	.record_type = "service",
	.events = setting_event_email_update,
	.files = (const char *const[]){ "/var/service/qpsmtpd/config/queue_log",
	    NULL },
	.fragments = (const char *const[]){ "10QueueLogSize", NULL },
	.services = setting_services_smtp,
	.see_also = (const char *const[]){ "smtp.queue-timeout", NULL },
	.area = "Limits",
	.help = "Size of the log that makes messages durable; 0: none.",
	.help_fr =
	    "Taille du journal qui rend les messages durables ; 0 : aucun.",
	.text = N_("All messages that wait are written to it by one sync, then "
		   "delivered. The least is 1 MiB."),
};

const struct setting setting_smtp_queue_timeout = {
	.id = "smtp.queue-timeout",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "qpsmtpd",
	.prop = "QueueTimeout",
	.type = &setting_type_duration,
	.min = "5",
	.max = "296",
	.unit = "s",
	.record_type = "service",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/var/service/qpsmtpd/config/queue_timeout", NULL },
	.fragments = (const char *const[]){ "10QueueTimeout", NULL },
	.services = setting_services_smtp,
	.see_also = (const char *const[]){ "smtp.queue-failures",
	    "smtp.queue-connections", NULL },
	.area = "Limits",
	.risk = SETTING_RISK_MAY_LOSE_MAIL,
	.help = "Seconds to hand one message to qmail or another server.",
	.help_fr = "Secondes pour remettre un message à qmail ou à un serveur.",
	.text = N_("What takes longer is answered 451. Unless it is set, "
		   "qmail-queue has 120 seconds and another server 60."),
};

const struct setting setting_smtp_queue_failures = {
	.id = "smtp.queue-failures",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "qpsmtpd",
	.prop = "QueueFailures",
	.type = &setting_type_int,
	.min = "0",
	.max = "1000",
	.default_value = "3",
	.default_unset = true,
	.record_type = "service",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/var/service/qpsmtpd/config/queue_failures", NULL },
	.fragments = (const char *const[]){ "10QueueFailures", NULL },
	.services = setting_services_smtp,
	.see_also = (const char *const[]){ "smtp.queue-pause", NULL },
	.area = "Limits",
	.help = "Failures in a row after which a mail server is left alone.",
	.help_fr =
	    "Échecs de suite après lesquels un serveur est laissé en paix.",
	.text = N_("What is for it is answered 451 at once then, so that it "
		   "holds up no other mail. 0: it is asked each time."),
};

const struct setting setting_smtp_queue_pause = {
	.id = "smtp.queue-pause",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "qpsmtpd",
	.prop = "QueuePause",
	.type = &setting_type_duration,
	.min = "1",
	.max = "3600",
	.unit = "s",
	.default_value = "20",
	.default_unset = true,
	.record_type = "service",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/var/service/qpsmtpd/config/queue_pause", NULL },
	.fragments = (const char *const[]){ "10QueuePause", NULL },
	.services = setting_services_smtp,
	.see_also = (const char *const[]){ "smtp.queue-failures", NULL },
	.area = "Limits",
	.help = "Seconds for which a server that failed is left alone.",
	.help_fr =
	    "Secondes pendant lesquelles un serveur défaillant est épargné.",
	.text = N_("One message is the probe when they are over."),
};

const struct setting setting_smtp_queue_connections = {
	.id = "smtp.queue-connections",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "qpsmtpd",
	.prop = "QueueConnections",
	.type = &setting_type_int,
	.min = "1",
	.max = "40",
	.default_value = "24",
	.default_unset = true,
	.record_type = "service",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/var/service/qpsmtpd/config/queue_connections", NULL },
	.fragments = (const char *const[]){ "10QueueConnections", NULL },
	.services = setting_services_smtp,
	.see_also = (const char *const[]){ "smtp.queue-timeout", NULL },
	.area = "Limits",
	.help = "Connections at once to one server that mail is handed to.",
	.help_fr = "Connexions simultanées vers un serveur à qui l’on remet.",
	.text = N_("Lower it for a server that refuses many at once."),
};

const struct setting setting_smtp_recipient_check_timeout = {
	.id = "smtp.recipient-check-timeout",
	.place = SETTING_IN_DB,
	.db = "configuration",
	.key = "qpsmtpd",
	.prop = "RecipientCheckTimeout",
	.type = &setting_type_duration,
	.min = "1",
	.max = "120",
	.unit = "s",
	.default_value = "30",
	.default_unset = true,
	.record_type = "service",
	.events = setting_event_email_update,
	.files =
	    (const char *const[]){
		"/var/service/qpsmtpd/config/rcpt_timeout", NULL },
	.fragments = (const char *const[]){ "10RecipientCheckTimeout", NULL },
	.services = setting_services_smtp,
	.see_also = (const char *const[]){ "smtp.queue-timeout", NULL },
	.area = "Limits",
	.help = "Seconds for a domain's server to say whether it takes one.",
	.help_fr =
	    "Secondes pour qu’un serveur de domaine dise s’il accepte un nom.",
	.text =
	    N_("The filter asks the server of a domain about each recipient "
	       "before it takes mail for him. Where no answer comes in "
	       "time he is taken as if nobody had been asked."),
};
