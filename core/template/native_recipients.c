/* Who takes mail, who takes none from outside (EF-12, EF-13). */
#include "core/template/native_int.h"

#define CONFIG NATIVE_FILTER_CONFIG

struct account_walk {
	struct buf *out;
	struct str name;
};

static void
account_at(const struct template_env *env, void *ctx, struct str domain)
{
	struct account_walk *w = ctx;
	(void)env;
	native_line(w->out, "%.*s@%.*s", STR_ARG(w->name), STR_ARG(domain));
}

/* The main domain has its line already. */
static void
account_at_other(const struct template_env *env, void *ctx, struct str domain)
{
	if (!str_eq(domain, native_config(env, "DomainName", NULL)))
		account_at(env, ctx, domain);
}

/* EF-12 */
static void
emit_internal(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	(void)f;
	const struct template_data *d = env->data;
	const struct template_record *r;
	struct str main_domain = native_config(env, "DomainName", NULL);
	size_t n = d->records(d->ctx, "accounts", &r);
	for (size_t i = 0; i < n; i++) {
		struct str visible;
		if (!d->value(
			d->ctx, "accounts", r[i].key, "Visible", &visible) ||
		    !str_is(visible, "internal"))
			continue;
		struct account_walk w = { out, r[i].key };
		native_line_str(out, r[i].key);
		account_at(env, &w, main_domain);
		native_domains(env, account_at_other, &w);
	}
}

/* EF-13 */
static void
emit_good_literal(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
{
	(void)f;
	struct str ip = native_config(env, "ExternalIP", NULL);
	if (native_true(ip))
		native_line(out, "postmaster@[%.*s]", STR_ARG(ip));
}

static void
emit_good_admin(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
{
	static const char *const names[] = { "admin", "root" };
	(void)f;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct account_walk w = { out, str_of(names[i]) };
		native_domains(env, account_at, &w);
	}
}

static void
emit_good_local(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
{
	static const char *const types[] = { "user", "group", "pseudonym",
		"mailmanlist", "mailinglist" };
	(void)f;
	const struct template_record *r;
	size_t n = env->data->records(env->data->ctx, "accounts", &r);
	for (size_t i = 0; i < n; i++) {
		bool takes_mail = false;
		for (size_t k = 0; k < ARRAY_LEN(types); k++)
			takes_mail |= str_is(r[i].type, types[k]);
		struct account_walk w = { out, r[i].key };
		if (!takes_mail)
			continue;
		if (str_find(r[i].key, '@', 0) < r[i].key.len)
			native_line_str(out, r[i].key);
		else
			native_domains(env, account_at, &w);
	}
}

static void
delegated_line(const struct template_env *env, void *ctx, struct str domain)
{
	if (!str_is(native_domain_server(env, domain), "localhost"))
		native_line(ctx, "@%.*s", STR_ARG(domain));
}

static void
emit_good_delegated(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
{
	(void)f;
	native_domains(env, delegated_line, out);
}

static void
backup_line(void *out, struct str domain)
{
	native_line(out, "@%.*s", STR_ARG(domain));
}

static void
emit_good_backup(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
{
	(void)f;
	native_backup_mx(env, backup_line, out);
}

#define BANG    "!\tSorry, bang paths not accepted here"
#define AT      "@.*@\tSorry, multiple at signs not accepted here"
#define EMPTY   "^@\tInvalid recipient address"
#define PERCENT "%\tSorry, percent hack not accepted here"

/* clang-format off */
static const struct template_fragment
f_bad_patterns[] = {
	{ .name = "10NoBangPaths", .emit = native_emit_text, .arg = BANG },
	{ .name = "10NoDoubleAt", .emit = native_emit_text, .arg = AT },
	{ .name = "10NoEmptyLocalPart", .emit = native_emit_text,
	  .arg = EMPTY },
	{ .name = "10NoPercentHack", .emit = native_emit_text,
	  .arg = PERCENT },
},
f_badrcptto[] = {
	{ .name = "05patterns", .emit = native_emit_text,
	  .arg = BANG "\n" AT "\n" EMPTY "\n" PERCENT },
	{ .name = "10blockVisibleInternal", .emit = emit_internal },
},
f_badrcptto_old[] = {
	{ .name = "10blockVisibleInternal", .emit = emit_internal } },
f_goodrcptto[] = {
	{ .name = "12PostmasterAtBracketLiteralIP",
	  .emit = emit_good_literal },
	{ .name = "30ValidAdmin", .emit = emit_good_admin },
	{ .name = "40ValidLocalRecipients", .emit = emit_good_local },
	{ .name = "50DelegatedDomains", .emit = emit_good_delegated },
	{ .name = "60mxbackup", .emit = emit_good_backup },
};

const struct template_file native_recipients[] = {
	{ .path = CONFIG "badrcptto", FRAGMENTS(f_badrcptto), .since = TEMPLATE_R9_2 },
	{ .path = CONFIG "badrcptto_patterns", FRAGMENTS(f_bad_patterns),
	  .until = TEMPLATE_R9_1 },
	{ .path = CONFIG "goodrcptto", FRAGMENTS(f_goodrcptto) },
	{ .path = "/var/qmail/control/badrcptto", FRAGMENTS(f_badrcptto_old),
	  .until = TEMPLATE_R9_1 },
};
const size_t native_recipients_count = ARRAY_LEN(native_recipients);
/* clang-format on */
