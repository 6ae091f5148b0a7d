/* Plugin lines of the connection and the envelope. */
#include "core/template/native_peers_int.h"

void
peers_emit_karma(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
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
void
peers_emit_auth(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
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

void
peers_emit_loadcheck(const struct template_env *env,
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

void
peers_emit_whitelist(const struct template_env *env,
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
void
peers_emit_countries(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
{
	(void)f;
	if (native_true(native_config(env, "qpsmtpd", "BadCountries")))
		native_line(out, "check_badcountries%s%s%s",
		    env->embedded ? " db_dir " : "",
		    env->embedded ? env->root->prefix : "",
		    env->embedded ? "/usr/share/GeoIP" : "");
}

void
peers_emit_bcc(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
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
void
peers_emit_resolvable(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
{
	(void)f;
	native_line(out, "%sresolvable_fromhost%s",
	    peers_is_new(env) ? "" : "require_",
	    env->embedded ? " reject 0" : "");
}

void
peers_emit_helo(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
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

void
peers_emit_headers(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
{
	(void)f;
	struct str days =
	    native_or2(native_config(env, "smtpd", "MaximumDateOffset"),
		native_config(env, "smtpd", "MaxDateOffset"), "");
	if (!peers_is_new(env))
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

void
peers_emit_spf(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
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

void
peers_emit_forward(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
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

void
peers_emit_good(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
{
	(void)f;
	struct str unknown = native_or(
	    native_config(env, "EmailUnknownUser", NULL), "returntosender");
	if (str_is(unknown, "returntosender") &&
	    !native_true(native_config(env, "DelegateMailServer", NULL)))
		native_line(out, "check_goodrcptto extn -");
}
