/*
 * /var/qmail/control (effects.md section 3). What the SMTP filter reads is
 * there on every release; the rest is the queue's, to release 10.
 */
#include "core/template/native_int.h"

#define CONTROL "/var/qmail/control/"
#define CONFIG  NATIVE_FILTER_CONFIG

static void
emit_domain_name(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
{
	(void)f;
	native_line_str(out, native_config(env, "DomainName", NULL));
}

static void
emit_helo_host(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
{
	(void)f;
	struct str own = native_stored(env, "smtpd", "HeloHost");
	native_line_str(out,
	    native_true(own) ? own : native_config(env, "DomainName", NULL));
}

/* The catalogue names admin, the server its pseudonym (effects.md 15). */
static void
emit_double_bounce(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
{
	(void)f;
	native_line_str(
	    out, native_or(native_stored(env, "qmail", "DoubleBounceTo"),
		     "postmaster"));
}

static void
emit_locals(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	(void)f;
	struct str ip = native_config(env, "ExternalIP", NULL);
	native_line(out, "localhost");
	native_line(out, "%s", native_host(env));
	if (native_true(ip))
		native_line(out, "[%.*s]", STR_ARG(ip));
	else
		native_line(out, "# No ExternalIP");
}

static void
domain_line(const struct template_env *env, void *ctx, struct str domain)
{
	(void)env;
	native_line_str(ctx, domain);
}

static void
emit_rcpthosts(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
{
	(void)f;
	native_line(out, "%s", native_host(env));
	native_domains(env, domain_line, out);
}

static void
emit_literal(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	(void)f;
	struct str ip = native_config(env, "ExternalIP", NULL);
	if (native_true(ip))
		native_line(out, "[%.*s]", STR_ARG(ip));
}

static void
emit_backup_mx(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
{
	(void)f;
	native_backup_mx(env, native_emit_part, out);
}

/* What is delivered here goes to the domain's own place, or to everybody. */
static void
local_domain_line(const struct template_env *env, void *ctx, struct str domain)
{
	struct str to = STR_EMPTY;
	if (!str_is(native_domain_server(env, domain), "localhost"))
		return;
	if (!env->data->value(
		env->data->ctx, "domains", domain, "EmailTo", &to))
		to = (struct str)STR_EMPTY;
	to = native_or(to, "alias-localdelivery");
	native_line(ctx, "%.*s:%.*s", STR_ARG(domain), STR_ARG(to));
}

static void
emit_local_domains(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
{
	(void)f;
	native_domains(env, local_domain_line, out);
}

static void
emit_pseudonyms(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
{
	(void)f;
	const struct template_data *d = env->data;
	const struct template_record *r;
	size_t n = d->records(d->ctx, "accounts", &r);
	if (native_true(native_config(env, "DelegateMailServer", NULL))) {
		native_line(out, "# DelegateMailServer is set");
		return;
	}
	for (size_t i = 0; i < n; i++) {
		struct str account;
		if (str_is(r[i].type, "pseudonym") &&
		    str_find(r[i].key, '@', 0) < r[i].key.len &&
		    d->value(
			d->ctx, "accounts", r[i].key, "Account", &account) &&
		    native_true(account))
			native_line(out, "%.*s:%.*s", STR_ARG(r[i].key),
			    STR_ARG(account));
	}
}

static void
route_line(const struct template_env *env, void *ctx, struct str domain)
{
	struct str server = native_domain_server(env, domain);
	if (!str_is(server, "localhost"))
		native_line(ctx, "%.*s:%.*s", STR_ARG(domain), STR_ARG(server));
}

static void
emit_routes(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	(void)f;
	native_domains(env, route_line, out);
}

/* The last best match counts, so custom lines may come behind. */
static void
emit_smart_host(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
{
	(void)f;
	struct str host = str_trim(native_config(env, "SMTPSmartHost", NULL));
	if (!native_true(host) || str_is(host, "off"))
		return;
	if (native_enabled(env, "smtp-auth-proxy", "status"))
		native_line(out, ":localhost:26");
	else
		native_line(out, ":%.*s", STR_ARG(host));
}

/* clang-format off */
#define DOMAIN(variable, word) \
	variable[] = { { .name = (word), .emit = emit_domain_name } }

static const struct template_fragment
DOMAIN(f_me, "me"),
DOMAIN(f_bouncehost, "bouncehost"),
DOMAIN(f_defaultdomain, "defaultdomain"),
DOMAIN(f_defaulthost, "defaulthost"),
DOMAIN(f_doublebouncehost, "doublebouncehost"),
DOMAIN(f_envnoathost, "envnoathost"),
DOMAIN(f_plusdomain, "plusdomain"),
f_bouncefrom[] = { { .name = "bouncefrom", .emit = native_emit_text,
	.arg = "MAILER-DAEMON" } },
f_concurrencylocal[] = { { .name = "concurrencylocal", .emit = native_emit_one,
	.arg = NATIVE_ONE("qmail", "ConcurrencyLocal", "20") } },
f_concurrencyremote[] = { { .name = "concurrencyremote", .emit = native_emit_one,
	.arg = NATIVE_ONE("qmail", "ConcurrencyRemote", "20") } },
f_databytes[] = { { .name = "databytes", .emit = native_emit_one,
	.arg = NATIVE_ONE("qmail", "MaxMessageSize", "0") } },
f_doublebounceto[] = { { .name = "doublebounceto",
	.emit = emit_double_bounce } },
f_helohost[] = { { .name = "helohost", .emit = emit_helo_host } },
f_locals[] = { { .name = "locals", .emit = emit_locals } },
f_rcpthosts[] = {
	{ .name = "10standard", .emit = emit_rcpthosts },
	{ .name = "12LiteralIP", .emit = emit_literal },
	{ .name = "20mxbackup", .emit = emit_backup_mx },
},
f_smtproutes[] = {
	{ .name = "10delegateMailServer", .emit = emit_routes },
	{ .name = "20SMTPSmartHost", .until = TEMPLATE_R10,
	  .emit = emit_smart_host },
},
f_virtualdomains[] = {
	{ .name = "80localdomains", .emit = emit_local_domains },
	{ .name = "90pseudonyms", .emit = emit_pseudonyms },
},
f_badmailfrom[] = {
	{ .name = "10sample", .emit = native_emit_text,
	  .arg = "# One address a line: who@host.example\n"
		 "# or every one of a host: @host.example" },
	{ .name = "10wbl_badmailfrom", .emit = native_emit_black,
	  .arg = "badmailfrom" },
};

#define FLAT(word) \
	{ .path = CONTROL #word, FRAGMENTS(f_##word), .flags = TEMPLATE_FLAT }
#define QUEUE(word) \
	{ .path = CONTROL #word, FRAGMENTS(f_##word), \
	  .until = TEMPLATE_R10, .flags = TEMPLATE_FLAT }

const struct template_file native_qmail[] = {
	{ .path = CONTROL "badmailfrom", FRAGMENTS(f_badmailfrom) },
	{ .path = CONTROL "badmailfromto", .flags = TEMPLATE_OPTIONAL },
	QUEUE(bouncefrom),
	QUEUE(bouncehost),
	QUEUE(concurrencylocal),
	QUEUE(concurrencyremote),
	FLAT(databytes),
	QUEUE(defaultdomain),
	QUEUE(defaulthost),
	QUEUE(doublebouncehost),
	QUEUE(doublebounceto),
	QUEUE(envnoathost),
	QUEUE(helohost),
	QUEUE(locals),
	FLAT(me),
	QUEUE(plusdomain),
	{ .path = CONTROL "queuelifetime",
	  .flags = TEMPLATE_FLAT | TEMPLATE_OPTIONAL },
	{ .path = CONTROL "rcpthosts", FRAGMENTS(f_rcpthosts),
	  .until = TEMPLATE_R10 },
	{ .path = CONTROL "smtproutes", FRAGMENTS(f_smtproutes),
	  .until = TEMPLATE_R10 },
	{ .path = CONTROL "virtualdomains", FRAGMENTS(f_virtualdomains),
	  .until = TEMPLATE_R10 },
	/* Postfix reads neither; the filter has them in its own folder */
	{ .path = CONFIG "rcpthosts", FRAGMENTS(f_rcpthosts),
	  .since = TEMPLATE_R11 },
	{ .path = CONFIG "smtproutes", FRAGMENTS(f_smtproutes),
	  .since = TEMPLATE_R11 },
};
const size_t native_qmail_count = ARRAY_LEN(native_qmail);
/* clang-format on */
