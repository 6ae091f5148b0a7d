/*
 * Limits of the bundled filter daemon (core/filter/limit.h), each in a file of
 * its own in the configuration directory. Where nothing is set there is no
 * file, and the daemon's own default holds.
 */
#include "core/template/native_int.h"

#define CONFIG "/var/service/qpsmtpd/config/"

struct stored {
	const char *key, *prop;
};

static void
emit_stored(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	const struct stored *s = f->arg;
	struct str v = native_stored(env, s->key, s->prop);
	if (v.len > 0)
		native_line_str(out, v);
}

#define STORED(n, key, prop)                                                   \
	{                                                                      \
		.name = (n), .emit = emit_stored,                              \
		.arg = &(const struct stored)                                  \
		{                                                              \
			(key), (prop)                                          \
		}                                                              \
	}
#define LIMIT(file, array)                                                     \
	{                                                                      \
		.path = CONFIG file, FRAGMENTS(array),                         \
		.flags = TEMPLATE_OPTIONAL                                     \
	}

/* clang-format off */
static const struct template_fragment
f_bare_lf[] = { STORED("10BareLineFeed", "qpsmtpd", "BareLineFeed") },
f_dns_timeout[] = { STORED("10DNSTimeout", "qpsmtpd", "DNSTimeout") },
f_dnsbl_timeout[] = { STORED("10RBLTimeout", "qpsmtpd", "RBLTimeout") },
f_handshake_time[] = {
	STORED("10HandshakeTimeout", "qpsmtpd", "HandshakeTimeout") },
f_instances_per_network[] = {
	STORED("10InstancesPerNetwork", "smtpd", "InstancesPerNetwork") },
f_login_delay[] = { STORED("10LoginDelay", "qpsmtpd", "LoginDelay") },
f_login_failures[] = { STORED("10LoginFailures", "qpsmtpd", "LoginFailures") },
f_login_timeout[] = { STORED("10LoginTimeout", "qpsmtpd", "LoginTimeout") },
f_max_rcpts[] = { STORED("10MaxRecipients", "qpsmtpd", "MaxRecipients") },
f_queue_connections[] = {
	STORED("10QueueConnections", "qpsmtpd", "QueueConnections") },
f_queue_failures[] = { STORED("10QueueFailures", "qpsmtpd", "QueueFailures") },
f_queue_log[] = { STORED("10QueueLogSize", "qpsmtpd", "QueueLogSize") },
f_queue_pause[] = { STORED("10QueuePause", "qpsmtpd", "QueuePause") },
f_queue_timeout[] = { STORED("10QueueTimeout", "qpsmtpd", "QueueTimeout") },
f_rcpt_timeout[] = {
	STORED("10RecipientCheckTimeout", "qpsmtpd", "RecipientCheckTimeout") },
f_session_time[] = { STORED("10SessionTimeout", "qpsmtpd", "SessionTimeout") },
f_text_rate[] = { STORED("10TextRate", "qpsmtpd", "TextRate") },
f_text_rate_time[] = {
	STORED("10TextRateWindow", "qpsmtpd", "TextRateWindow") };

const struct template_file native_limits[] = {
	LIMIT("bare_lf", f_bare_lf),
	LIMIT("dns_timeout", f_dns_timeout),
	LIMIT("dnsbl_timeout", f_dnsbl_timeout),
	LIMIT("handshake_time", f_handshake_time),
	LIMIT("instances_per_network", f_instances_per_network),
	LIMIT("login_delay", f_login_delay),
	LIMIT("login_failures", f_login_failures),
	LIMIT("login_timeout", f_login_timeout),
	LIMIT("max_rcpts", f_max_rcpts),
	LIMIT("queue_connections", f_queue_connections),
	LIMIT("queue_failures", f_queue_failures),
	LIMIT("queue_log", f_queue_log),
	LIMIT("queue_pause", f_queue_pause),
	LIMIT("queue_timeout", f_queue_timeout),
	LIMIT("rcpt_timeout", f_rcpt_timeout),
	LIMIT("session_time", f_session_time),
	LIMIT("text_rate", f_text_rate),
	LIMIT("text_rate_time", f_text_rate_time),
};
const size_t native_limits_count = ARRAY_LEN(native_limits);
/* clang-format on */
