/* SpamAssassin: /etc/mail/spamassassin/local.cf (effects.md section 4). */
#include "core/template/native_int.h"

#include <string.h>

#define RECORD "spamassassin"
#define STATE  "/var/spool/spamd/.spamassassin"

/* A line that only some records make: the value unless it is 'unless'. */
static struct str
unless(const struct template_env *env, const char *prop, const char *word)
{
	struct str v = native_config(env, RECORD, prop);
	return native_true(v) && !str_is(v, word) ? v : (struct str)STR_EMPTY;
}

/* The server's own address; loopback is one of the trusted anyway. */
static struct str
own_address(const struct template_env *env)
{
	struct str ip = native_config(env, "LocalIP", NULL);
	return native_true(ip) && !str_starts(ip, STR("127."))
		   ? ip
		   : (struct str)STR_EMPTY;
}

static void
emit_internal(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	struct str ip = own_address(env);
	(void)f;
	if (ip.len > 0)
		native_line(out, "internal_networks %.*s", STR_ARG(ip));
}

/* lint fails for options of a plugin that is not loaded */
static void
emit_languages(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
{
	struct str v = unless(env, "OkLanguages", "all");
	(void)f;
	if (v.len == 0)
		return;
	native_line(out, "ifplugin Mail::SpamAssassin::Plugin::TextCat");
	native_line(out, "ok_languages %.*s", STR_ARG(v));
	native_line(out, "endif");
}

static void
emit_paths(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	(void)f;
	native_line(out, "bayes_path %s" STATE "/bayes", native_prefix(env));
	native_line(out, "bayes_file_mode 750");
}

/* "4" is 4000; what is no such number is the middle of the words below. */
static long
thousandths(struct str s)
{
	struct str rest, whole = str_cut(s, '.', &rest);
	long n = native_number(whole, -1), part = 0, unit = 100;
	if (n < 0 || n > 1000000)
		return 5000;
	for (size_t i = 0; i < rest.len && unit > 0; i++, unit /= 10) {
		if (!ascii_is_digit(rest.ptr[i]))
			return 5000;
		part += unit * (rest.ptr[i] - '0');
	}
	return n * 1000 + part;
}

static long
tag_level(const struct template_env *env)
{
	static const struct {
		const char *word;
		long level;
	} words[] = { { "veryhigh", 2000 }, { "high", 3000 },
		{ "medium", 5000 }, { "low", 7000 }, { "verylow", 9000 } };
	struct str word = native_config(env, RECORD, "Sensitivity");
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (str_is(word, words[i].word))
			return words[i].level;
	return str_is(word, "custom")
		   ? thousandths(native_config(env, RECORD, "TagLevel"))
		   : 5000;
}

/* spamd says "at least", the filter "above": a hundredth between them. */
static void
emit_required(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	long n = tag_level(env) - 10;
	long part = n < 0 ? -n % 1000 : n % 1000;
	(void)f;
	native_line(out,
	    part % 10 == 0 ? "required_score %s%ld.%02ld"
			   : "required_score %s%ld.%03ld",
	    n < 0 ? "-" : "", n < 0 ? -n / 1000 : n / 1000,
	    part % 10 == 0 ? part / 10 : part);
}

/* '#' would begin a comment. */
static void
emit_subject(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	struct str subject = native_config(env, RECORD, "Subject");
	(void)f;
	if (!native_enabled(env, RECORD, "SubjectTag") || subject.len == 0)
		return;
	buf_add_cstr(out, "rewrite_header Subject ");
	native_quote(out, subject, "#");
	buf_add_char(out, '\n');
}

static void
emit_trusted(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	struct str ip = own_address(env);
	struct str more = native_config(env, RECORD, "TrustedNetworks");
	(void)f;
	native_line(out, "clear_trusted_networks");
	if (ip.len > 0 || more.len > 0)
		native_line(out, "trusted_networks %.*s%s%.*s", STR_ARG(ip),
		    ip.len > 0 && more.len > 0 ? " " : "", STR_ARG(more));
}

static void
emit_auto_whitelist(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
{
	(void)f;
	if (!str_is(native_config(env, RECORD, "UseAutoWhitelist"), "1"))
		return;
	native_line(out, "ifplugin Mail::SpamAssassin::Plugin::AWL");
	native_line(out, "use_auto_whitelist 1");
	native_line(out, "auto_whitelist_path %s" STATE "/auto-whitelist",
	    native_prefix(env));
	native_line(out, "auto_whitelist_file_mode 750");
	native_line(out, "endif");
}

static void
emit_autolearn(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
{
	bool on = str_is(native_config(env, RECORD, "UseBayesAutoLearn"), "1");
	(void)f;
	if (str_is(native_config(env, "spamd", "SpamLearning"), "disabled"))
		on = false;
	native_line(out, "bayes_auto_learn %d", on ? 1 : 0);
}

/* The two options that a record of lists makes. */
struct two_lists {
	const char *record, *white, *black;
};

static void
emit_lists(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	const struct two_lists *l = f->arg;
	const struct template_prop *p;
	size_t n =
	    env->data->props(env->data->ctx, RECORD, str_of(l->record), &p);
	for (size_t i = 0; i < n; i++) {
		const char *option = str_is(p[i].value, "White")   ? l->white
				     : str_is(p[i].value, "Black") ? l->black
								   : NULL;
		if (option != NULL)
			native_line(out, "%s %.*s", option, STR_ARG(p[i].name));
	}
}

#define VALUE(n, option, prop, otherwise)                                      \
	NATIVE_VALUE(n, option " ", RECORD, prop, otherwise, "")
#define LISTS(n, record, white, black)                                         \
	{                                                                      \
		.name = (n), .emit = emit_lists,                               \
		.arg = &(const struct two_lists)                               \
		{                                                              \
			(record), (white), (black)                             \
		}                                                              \
	}

/* clang-format off */
static const struct template_fragment f_local_cf[] = {
	VALUE("10dns_available", "dns_available", "DNSAvailable", "yes"),
	NATIVE_EMIT("10internal_networks", emit_internal),
	NATIVE_TEXT("10lock_method", "lock_method flock"),
	NATIVE_EMIT("10ok_languages", emit_languages),
	VALUE("10ok_locales", "ok_locales", "OkLocales", "all"),
	NATIVE_EMIT("10paths", emit_paths),
	VALUE("10report_safe", "report_safe", "ReportSafe", "0"),
	NATIVE_EMIT("10required_score", emit_required),
	NATIVE_EMIT("10rewrite_subject", emit_subject),
	VALUE("10skip_rbl_checks", "skip_rbl_checks", "SkipRBLChecks", "0"),
	NATIVE_EMIT("10trusted_networks", emit_trusted),
	NATIVE_EMIT("10use_auto_whitelist", emit_auto_whitelist),
	VALUE("10use_bayes", "use_bayes", "UseBayes", "0"),
	NATIVE_EMIT("15bayes_auto_learn", emit_autolearn),
	VALUE("15bayes_auto_learn_threshold_nonspam",
	    "bayes_auto_learn_threshold_nonspam",
	    "BayesAutoLearnThresholdNonspam", ""),
	VALUE("15bayes_auto_learn_threshold_spam",
	    "bayes_auto_learn_threshold_spam", "BayesAutoLearnThresholdSpam",
	    ""),
	VALUE("50pyzor_timeout", "pyzor_timeout", "PyzorTimeout", ""),
	LISTS("60globalWBL", "wbl.global", "whitelist_from", "blacklist_from"),
	LISTS("70globalWBL_to", "wbl.global_to", "whitelist_to",
	    "blacklist_to"),
};

const struct template_file native_spam[] = {
	{ .path = "/etc/mail/spamassassin/local.cf", FRAGMENTS(f_local_cf) },
};
const size_t native_spam_count = ARRAY_LEN(native_spam);
/* clang-format on */
