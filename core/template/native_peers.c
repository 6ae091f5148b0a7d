/* The plugin lists peers/0 and peers/local (effects.md 2.2). */
#include "core/template/native_int.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static bool
is_new(const struct template_env *env)
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

static void
emit_karma(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	(void)f;
	if (!native_enabled(env, "qpsmtpd", "Karma")) {
		native_line(out, "# karma disabled");
		return;
	}
	struct str negative =
	    native_or(native_config(env, "qpsmtpd", "KarmaNegative"), "2");
	struct str strikes =
	    native_or(native_config(env, "qpsmtpd", "KarmaStrikes"), "3");
	native_line(out,
	    "karma penalty_days 1 negative %.*s strikes %.*s reject naughty "
	    "db_dir %s/var/lib/qpsmtpd/karma",
	    STR_ARG(negative), STR_ARG(strikes),
	    env->embedded ? env->root->prefix : "");
}

/* 'arg' is "local" in the inner list. */
static void
emit_auth(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	bool smtp = native_enabled_or(env, "qpsmtpd", "Authentication", true) &&
		    native_enabled_or(env, "smtpd", "Authentication", true);
	bool ssmtp = native_enabled_or(env, "ssmtpd", "Authentication", true);
	if (env->release >= TEMPLATE_R11 && f->arg == NULL)
		smtp =
		    smtp && str_is(native_config(env, "qpsmtpd", "AuthAccess"),
				"public");
	native_line(out,
	    "auth/auth_cvm_unix_local cvm_socket "
	    "%s/var/lib/cvm/cvm-unix-local.socket enable_smtp %s "
	    "enable_ssmtp %s",
	    env->embedded ? env->root->prefix : "", smtp ? "yes" : "no",
	    ssmtp ? "yes" : "no");
}

static void
emit_loadcheck(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
{
	(void)f;
	struct str load =
	    native_or(native_config(env, "qpsmtpd", "MaxLoad"), "7");
	/* the machine of a folder has other work to do */
	if (env->embedded && str_is(load, "7"))
		native_line(out,
		    "# loadcheck is off below a folder until MaxLoad is set");
	else
		native_line(out, "loadcheck max_load %.*s", STR_ARG(load));
}

static void
emit_whitelist(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
{
	static const char *const lists[] = { "whitelisthosts", "whitelisthelo",
		"whitelistsenders" };
	(void)f;
	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		const struct template_prop *p;
		size_t n = env->data->props(
		    env->data->ctx, "wbl", str_of(lists[i]), &p);
		for (size_t k = 0; k < n; k++)
			if (str_is(p[k].value, "White")) {
				native_line(out, "whitelist_soft");
				return;
			}
	}
}

/* The contrib of countries; the record alone does nothing without it. */
static void
emit_countries(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
{
	(void)f;
	if (native_true(native_config(env, "qpsmtpd", "BadCountries")))
		native_line(out, "check_badcountries%s%s%s",
		    env->embedded ? " db_dir " : "",
		    env->embedded ? env->root->prefix : "",
		    env->embedded ? "/usr/share/GeoIP" : "");
}

static void
emit_bcc(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	(void)f;
	struct str mode =
	    native_or(native_config(env, "qpsmtpd", "BccMode"), "cc");
	struct str user =
	    native_or(native_config(env, "qpsmtpd", "BccUser"), "maillog");
	if (native_enabled(env, "qpsmtpd", "Bcc"))
		native_line(out, "bcc mode %.*s all %.*s", STR_ARG(mode),
		    STR_ARG(user));
	else
		native_line(out, "# bcc disabled");
}

static bool
is_built(const struct template_env *env, const char *line)
{
	return env->line_built == NULL || env->line_built(str_of(line));
}

/* Strangers of a folder, on 127/8, have domains that no name server knows. */
static void
emit_resolvable(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
{
	(void)f;
	native_line(out, "%sresolvable_fromhost%s",
	    is_new(env) ? "" : "require_", env->embedded ? " reject 0" : "");
}

static void
emit_helo(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	(void)f;
	struct str policy =
	    native_or(native_config(env, "qpsmtpd", "HeloPolicy"), "lenient");
	/* a mark that no plugin acts on would let everybody pass */
	bool marks = is_built(env, "naughty");
	struct str reject =
	    native_or(native_config(env, "qpsmtpd", "HeloReject"), "naughty");
	if (!marks && str_is(reject, "naughty"))
		reject = STR("1");
	native_line(out, "helo policy %.*s reject %.*s", STR_ARG(policy),
	    STR_ARG(reject));
}

static void
emit_headers(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	(void)f;
	struct str days =
	    native_or2(native_config(env, "smtpd", "MaximumDateOffset"),
		native_config(env, "smtpd", "MaxDateOffset"), "");
	if (!is_new(env))
		native_line(out, "check_basicheaders%s%.*s",
		    days.len > 0 ? " " : "", STR_ARG(days));
	else if (days.len > 0)
		native_line(out,
		    "headers require From,Date past %.*s future "
		    "%.*s",
		    STR_ARG(days), STR_ARG(days));
	else
		native_line(out, "headers require From,Date");
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
		native_line(out, "%s", is_new(env) ? s->new_line : s->old_line);
	else
		native_line(out, "%s", s->off);
}

static void
emit_spf(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	(void)f;
	struct str policy =
	    native_or(native_config(env, "qpsmtpd", "SPFRejectPolicy"), "0");
	native_line(out, "sender_permitted_from reject 1 no_dmarc_policy %.*s",
	    STR_ARG(policy));
}

static void
delegated_count(const struct template_env *env, void *ctx, struct str domain)
{
	struct str own;
	if (env->data->value(
		env->data->ctx, "domains", domain, "MailServer", &own) &&
	    native_true(own))
		++*(size_t *)ctx;
}

static void
emit_forward(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	(void)f;
	size_t delegated = 0;
	native_domains(env, delegated_count, &delegated);
	if (delegated > 0 ||
	    native_true(native_config(env, "DelegateMailServer", NULL)))
		native_line(out, "check_smtp_forward");
	else
		native_line(out, "# check_smtp_forward not required");
}

static void
emit_good(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	(void)f;
	struct str unknown = native_or(
	    native_config(env, "EmailUnknownUser", NULL), "returntosender");
	if (str_is(unknown, "returntosender") &&
	    !native_true(native_config(env, "DelegateMailServer", NULL)))
		native_line(out, "check_goodrcptto extn -");
}

/* A property of qpsmtpd, if unset that of smtpd (EF-15). */
static struct str
either(const struct template_env *env, const char *prop)
{
	struct str v = native_stored(env, "qpsmtpd", prop);
	if (v.len == 0)
		v = native_stored(env, "smtpd", prop);
	return v.len > 0 ? v : native_config(env, "qpsmtpd", prop);
}

static void
emit_patterns(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	(void)f;
	if (str_is(either(env, "PatternsScan"), "enabled"))
		native_line(
		    out, "virus/pattern_filter check=patterns action=deny");
	else
		native_line(out, "# pattern_filter disabled");
}

static void
emit_tnef(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	(void)f;
	native_line(out, "%s",
	    native_enabled_or(env, "smtpd", "tnef2mime", true)
		? "tnef2mime"
		: "# tnef to mime conversion disabled");
}

/* A number with decimals, 0 when missing; false when it is none. */
static bool
level_parse(struct str s, double *out)
{
	char text[32], *end;
	*out = 0;
	if (s.len == 0)
		return true;
	if (s.len >= sizeof(text))
		return false;
	memcpy(text, s.ptr, s.len);
	text[s.len] = '\0';
	*out = strtod(text, &end);
	return *end == '\0';
}

/* EF-14 */
static void
emit_spam(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	static const char key[] = "spamassassin";
	(void)f;
	if (!native_enabled(env, key, "status")) {
		native_line(out, "# spamassassin disabled");
		return;
	}
	struct str reject = native_config(env, key, "RejectLevel");
	struct str tag = native_config(env, key, "TagLevel");
	struct str size = native_config(env, key, "MaxMessageSize");
	double reject_at, tag_at;
	buf_add_cstr(out, "spamassassin");
	if (str_is(native_config(env, key, "Sensitivity"), "custom") &&
	    level_parse(reject, &reject_at) && level_parse(tag, &tag_at) &&
	    reject_at > tag_at)
		buf_addf(out, " %s %.*s",
		    is_new(env) ? "reject" : "reject_threshold",
		    STR_ARG(reject));
	if (native_enabled(env, key, "SubjectTag") && tag.len > 0)
		buf_addf(out, " munge_subject_threshold %.*s", STR_ARG(tag));
	if (is_new(env) && size.len > 0)
		buf_addf(out, " size_limit %.*s", STR_ARG(size));
	buf_add_char(out, '\n');
}

static void
emit_dmarc(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	(void)f;
	bool silent =
	    str_is(native_config(env, "qpsmtpd", "DMARCReporting"), "disabled");
	native_line(out, "dmarc reject %d reporting %d",
	    native_enabled(env, "qpsmtpd", "DMARCReject") ? 1 : 0,
	    silent ? 0 : 1);
}

/* EF-15 */
static void
emit_clamav(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	(void)f;
	if (!native_enabled(env, "clamd", "status")) {
		native_line(out, "# clamd disabled");
		return;
	}
	if (!str_is(either(env, "VirusScan"), "enabled")) {
		native_line(out, "# clamav disabled");
		return;
	}
	struct str size =
	    native_or2(native_config(env, "qpsmtpd", "MaxScannerSize"),
		native_config(env, "clamav", "StreamMaxLength"), "25M");
	buf_add_cstr(out,
	    "virus/clamav clamscan_path=/usr/bin/clamdscan action=reject "
	    "max_size=");
	for (size_t i = 0; i < size.len; i++) {
		char c = ascii_lower(size.ptr[i]);
		if (c == 'k' || c == 'm')
			buf_add_cstr(out, c == 'k' ? "000" : "000000");
		else
			buf_add_char(out, size.ptr[i]);
	}
	buf_add_char(out, '\n');
}

static void
emit_queue(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	(void)f;
	/* no mail server of the machine has a part in a tree of its own: the
	 * mailboxes of the server's users, one delivery each */
	if (env->embedded)
		native_line(out,
		    "queue/maildir %s/home/e-smith/files/users %%l/Maildir",
		    env->root->prefix);
	else if (env->release >= TEMPLATE_R11)
		native_line(out, "queue/postfix-queue");
	else
		native_line(out, "queue/qmail-queue");
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
#define UNTIL(n, function)                                                     \
	{                                                                      \
		.name = (n), .until = TEMPLATE_R9_1, .emit = (function)        \
	}

#define TLS_LINE "tls ssl/cert.pem ssl/cert.pem ssl/cert.pem"

/* clang-format off */
/* Fragments that are the same in both lists. */
#define P_HELO \
	{ .name = "15helo", .also = "36check_spamhelo", \
	  .since = TEMPLATE_R9_2, .emit = emit_helo }, \
	OLD("36check_spamhelo", "15helo", "check_spamhelo")
#define P_HEADERS \
	{ .name = "17headers", .also = "17check_basicheaders", \
	  .since = TEMPLATE_R9_2, .emit = emit_headers }, \
	{ .name = "17check_basicheaders", .also = "17headers", \
	  .until = TEMPLATE_R9_1, .emit = emit_headers }
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
	BOTH("37check_smtp_forward", emit_forward), \
	NEW("37naughty", NULL, "naughty reject rcpt"), \
	BOTH("38check_goodrcptto", emit_good), \
	TEXT("39rcpt_ok", "rcpt_ok")
#define P_CONTENT \
	BOTH("62pattern_filter", emit_patterns), \
	BOTH("62tnef2mime", emit_tnef)
#define P_END \
	BOTH("80clamav", emit_clamav), \
	BOTH("90queue-qmail-queue", emit_queue)

static const struct template_fragment outside[] = {
	TEXT("02logterse", "logging/logterse"),
	SINCE("03karma", emit_karma),
	TEXT("04tls", TLS_LINE),
	BOTH("05auth_cvm_unix_local", emit_auth),
	SINCE("06loadcheck", emit_loadcheck),
	OLD("10check_earlytalker", "10earlytalker", "check_earlytalker"),
	NEW("10earlytalker", "10check_earlytalker", "earlytalker"),
	BOTH("11whitelist_soft", emit_whitelist),
	SINCE("12check_badcountries", emit_countries),
	TEXT("12count_unrecognized_commands", "count_unrecognized_commands 4"),
	BOTH("13bcc", emit_bcc),
	P_RELAY,
	P_HELO,
	{ .name = "16require_resolvable_fromhost",
	  .also = "16resolvable_fromhost", .until = TEMPLATE_R9_1,
	  .emit = emit_resolvable },
	{ .name = "16resolvable_fromhost",
	  .also = "16require_resolvable_fromhost", .since = TEMPLATE_R9_2,
	  .emit = emit_resolvable },
	P_HEADERS,
	{ .name = "20rhsbl", .emit = emit_switched,
	  .arg = SWITCHED("qpsmtpd", "RHSBL", "rhsbl", "rhsbl",
	      "# rhsbl disabled") },
	{ .name = "22dnsbl", .emit = emit_switched,
	  .arg = SWITCHED("qpsmtpd", "DNSBL", "dnsbl disconnect",
	      "dnsbl reject naughty reject_type disconnect",
	      "# dnsbl disabled") },
	P_SENDERS,
	SINCE("32sender_permitted_from", emit_spf),
	P_RCPTS,
	{ .name = "50uribl", .since = TEMPLATE_R9_2, .emit = emit_switched,
	  .arg = SWITCHED("qpsmtpd", "URIBL", "", "uribl action deny",
	      "# uribl disabled") },
	P_CONTENT,
	TEXT("65disclaimer",
	    "# 65disclaimer disabled for external connections"),
	NEW("69dkim", NULL, "dkim reject 0"),
	BOTH("70spamassassin", emit_spam),
	SINCE("71dmarc", emit_dmarc),
	P_END,
};

static const struct template_fragment inside[] = {
	TEXT("02logterse", "logging/logterse"),
	SINCE("03karma", emit_off),
	TEXT("04tls", TLS_LINE),
	{ .name = "05auth_cvm_unix_local", .emit = emit_auth, .arg = "local" },
	SINCE("06loadcheck", emit_off),
	{ .name = "10check_earlytalker", .also = "10earlytalker",
	  .until = TEMPLATE_R9_1, .emit = emit_off },
	{ .name = "10earlytalker", .also = "10check_earlytalker",
	  .since = TEMPLATE_R9_2, .emit = emit_off },
	BOTH("12count_unrecognized_commands", emit_off),
	BOTH("13bcc", emit_bcc),
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
