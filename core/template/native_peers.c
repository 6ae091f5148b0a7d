/* The plugin lists peers/0 and peers/local (effects.md 2.2). */
#include "core/template/native_peers_int.h"

bool
peers_is_new(const struct template_env *env)
{
	return env->release >= TEMPLATE_R9_2;
}

/* "# 22dnsbl disabled for local connections" */
static void
emit_off(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	(void)env;
	native_line(out, "# %s disabled for local connections", f->name);
}

/* A plugin that one property of qpsmtpd switches on. */
struct switched {
	const char *key, *prop, *old_line, *new_line, *off;
};

static void
emit_switched(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	const struct switched *s = f->arg;
	if (native_enabled(env, s->key, s->prop))
		native_line(
		    out, "%s", peers_is_new(env) ? s->new_line : s->old_line);
	else
		native_line(out, "%s", s->off);
}

#define SWITCHED(key, prop, old_line, new_line, off)                           \
	&(const struct switched)                                               \
	{                                                                      \
		(key), (prop), (old_line), (new_line), (off)                   \
	}
#define TEXT(n, text)                                                          \
	{                                                                      \
		.name = (n), .emit = native_emit_text, .arg = (text)           \
	}
#define OLD(n, other, text)                                                    \
	{                                                                      \
		.name = (n), .also = (other), .until = TEMPLATE_R9_1,          \
		.emit = native_emit_text, .arg = (text)                        \
	}
#define NEW(n, other, text)                                                    \
	{                                                                      \
		.name = (n), .also = (other), .since = TEMPLATE_R9_2,          \
		.emit = native_emit_text, .arg = (text)                        \
	}
#define BOTH(n, function)                                                      \
	{                                                                      \
		.name = (n), .emit = (function)                                \
	}
#define SINCE(n, function)                                                     \
	{                                                                      \
		.name = (n), .since = TEMPLATE_R9_2, .emit = (function)        \
	}

#define TLS_LINE "tls ssl/cert.pem ssl/cert.pem ssl/cert.pem"

/* clang-format off */
/* Fragments that are the same in both lists. */
#define P_HELO \
	{ .name = "15helo", .also = "36check_spamhelo", \
	  .since = TEMPLATE_R9_2, .emit = peers_emit_helo }, \
	OLD("36check_spamhelo", "15helo", "check_spamhelo")
#define P_HEADERS \
	{ .name = "17headers", .also = "17check_basicheaders", \
	  .since = TEMPLATE_R9_2, .emit = peers_emit_headers }, \
	{ .name = "17check_basicheaders", .also = "17headers", \
	  .until = TEMPLATE_R9_1, .emit = peers_emit_headers }
#define P_RELAY \
	OLD("14check_relay", "14relay", "check_relay"), \
	OLD("15check_norelay", "14relay", "check_norelay"), \
	NEW("14relay", "14check_relay 15check_norelay", "relay")
#define P_SENDERS \
	OLD("30check_badmailfrom", "30badmailfrom", "check_badmailfrom"), \
	NEW("30badmailfrom", "30check_badmailfrom", "badmailfrom")
#define P_RCPTS \
	OLD("33check_badrcptto_patterns", NULL, \
	    "check_badrcptto_patterns"), \
	OLD("34check_badrcptto", "34badrcptto", "check_badrcptto"), \
	NEW("34badrcptto", "34check_badrcptto", "badrcptto"), \
	BOTH("37check_smtp_forward", peers_emit_forward), \
	NEW("37naughty", NULL, "naughty reject rcpt"), \
	BOTH("38check_goodrcptto", peers_emit_good), \
	TEXT("39rcpt_ok", "rcpt_ok")
#define P_CONTENT \
	BOTH("62pattern_filter", peers_emit_patterns), \
	BOTH("62tnef2mime", peers_emit_tnef)
#define P_END \
	BOTH("80clamav", peers_emit_clamav), \
	BOTH("90queue-qmail-queue", peers_emit_queue)

static const struct template_fragment outside[] = {
	TEXT("02logterse", "logging/logterse"),
	SINCE("03karma", peers_emit_karma),
	TEXT("04tls", TLS_LINE),
	BOTH("05auth_cvm_unix_local", peers_emit_auth),
	SINCE("06loadcheck", peers_emit_loadcheck),
	OLD("10check_earlytalker", "10earlytalker", "check_earlytalker"),
	NEW("10earlytalker", "10check_earlytalker", "earlytalker"),
	BOTH("11whitelist_soft", peers_emit_whitelist),
	SINCE("12check_badcountries", peers_emit_countries),
	TEXT("12count_unrecognized_commands", "count_unrecognized_commands 4"),
	BOTH("13bcc", peers_emit_bcc),
	P_RELAY,
	P_HELO,
	{ .name = "16require_resolvable_fromhost",
	  .also = "16resolvable_fromhost", .until = TEMPLATE_R9_1,
	  .emit = peers_emit_resolvable },
	{ .name = "16resolvable_fromhost",
	  .also = "16require_resolvable_fromhost", .since = TEMPLATE_R9_2,
	  .emit = peers_emit_resolvable },
	P_HEADERS,
	{ .name = "20rhsbl", .emit = emit_switched,
	  .arg = SWITCHED("qpsmtpd", "RHSBL", "rhsbl", "rhsbl",
	      "# rhsbl disabled") },
	{ .name = "22dnsbl", .emit = emit_switched,
	  .arg = SWITCHED("qpsmtpd", "DNSBL", "dnsbl disconnect",
	      "dnsbl reject naughty reject_type disconnect",
	      "# dnsbl disabled") },
	P_SENDERS,
	SINCE("32sender_permitted_from", peers_emit_spf),
	P_RCPTS,
	{ .name = "50uribl", .since = TEMPLATE_R9_2, .emit = emit_switched,
	  .arg = SWITCHED("qpsmtpd", "URIBL", "", "uribl action deny",
	      "# uribl disabled") },
	P_CONTENT,
	TEXT("65disclaimer",
	    "# 65disclaimer disabled for external connections"),
	NEW("69dkim", NULL, "dkim reject 0"),
	BOTH("70spamassassin", peers_emit_spam),
	SINCE("71dmarc", peers_emit_dmarc),
	P_END,
};

static const struct template_fragment inside[] = {
	TEXT("02logterse", "logging/logterse"),
	SINCE("03karma", emit_off),
	TEXT("04tls", TLS_LINE),
	{ .name = "05auth_cvm_unix_local", .emit = peers_emit_auth, .arg = "local" },
	SINCE("06loadcheck", emit_off),
	{ .name = "10check_earlytalker", .also = "10earlytalker",
	  .until = TEMPLATE_R9_1, .emit = emit_off },
	{ .name = "10earlytalker", .also = "10check_earlytalker",
	  .since = TEMPLATE_R9_2, .emit = emit_off },
	BOTH("12count_unrecognized_commands", emit_off),
	BOTH("13bcc", peers_emit_bcc),
	P_RELAY,
	P_HELO,
	{ .name = "16require_resolvable_fromhost",
	  .also = "16resolvable_fromhost", .until = TEMPLATE_R9_1,
	  .emit = emit_off },
	{ .name = "16resolvable_fromhost",
	  .also = "16require_resolvable_fromhost", .since = TEMPLATE_R9_2,
	  .emit = emit_off },
	P_HEADERS,
	BOTH("20rhsbl", emit_off),
	BOTH("22dnsbl", emit_off),
	P_SENDERS,
	SINCE("32sender_permitted_from", emit_off),
	P_RCPTS,
	SINCE("50uribl", emit_off),
	P_CONTENT,
	{ .name = "65disclaimer", .emit = emit_switched,
	  .arg = SWITCHED("smtpd", "disclaimer", "disclaimer", "disclaimer",
	      "# disclaimer disabled") },
	{ .name = "69dkim", .since = TEMPLATE_R9_2, .emit = emit_switched,
	  .arg = SWITCHED("qpsmtpd", "DKIMSigning", "", "dkim",
	      "# dkim signing disabled") },
	BOTH("70spamassassin", emit_off),
	SINCE("71dmarc", emit_off),
	P_END,
};

const struct template_file native_peers[] = {
	{ .path = "/var/service/qpsmtpd/config/peers/0", FRAGMENTS(outside),
	  .flags = TEMPLATE_PLUGINS },
	{ .path = "/var/service/qpsmtpd/config/peers/local", FRAGMENTS(inside),
	  .flags = TEMPLATE_PLUGINS },
};
const size_t native_peers_count = ARRAY_LEN(native_peers);
/* clang-format on */
