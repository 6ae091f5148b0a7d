/*
 * Release 11: Postfix carries the mail away (effects.md section 10).
 */
#include "core/template/native_int.h"

#include "core/sys/file.h"

#include <string.h>

#define POSTFIX  "/etc/postfix/"
#define LIFETIME "/etc/e-smith/templates-custom/var/qmail/control/queuelifetime"

enum {
	LIFETIME_MAX = 4096 /* bytes of that file */
};

static bool
host_is_set(const struct template_env *env)
{
	return native_true(native_config(env, "postfix", "SMTPSmartHost"));
}

static bool
login_is_on(const struct template_env *env)
{
	return host_is_set(env) &&
	       native_enabled(env, "postfix", "SMTPSmartHostStatus");
}

/* "[smtp.isp.example]:587" */
static const char *
smart_host(const struct template_env *env)
{
	struct str host = native_config(env, "postfix", "SMTPSmartHost");
	struct str port = native_or(
	    native_config(env, "postfix", "SMTPSmartHostPeerPort"), "25");
	return arena_printf(
	    env->arena, "[%.*s]:%.*s", STR_ARG(host), STR_ARG(port));
}

static bool
port_is_tls(const struct template_env *env)
{
	return host_is_set(env) &&
	       str_is(native_config(env, "postfix", "SMTPSmartHostPeerPort"),
		   "465");
}

static void
emit_identity(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	struct str domain = native_config(env, "DomainName", NULL);
	struct str ip = native_config(env, "ExternalIP", NULL);
	(void)f;
	native_line(out, "myhostname = %s", native_host(env));
	native_line(out, "mydomain = %.*s", STR_ARG(domain));
	native_line(out, "myorigin = $mydomain");
	if (native_true(ip))
		native_line(out,
		    "mydestination = localhost, $myhostname, [%.*s]",
		    STR_ARG(ip));
	else
		native_line(out, "mydestination = localhost, $myhostname");
	native_line(out, "inet_interfaces = loopback-only");
}

static void
emit_helo(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	struct str name = native_config(env, "smtpd", "HeloHost");
	(void)f;
	if (!native_true(name))
		name = native_config(env, "DomainName", NULL);
	native_line(out, "smtp_helo_name = %.*s", STR_ARG(name));
}

/* The queue's life is told by a file of its own, in seconds. */
static void
lifetime_lines(const struct template_env *env, struct buf *out)
{
	char real[SYS_PATH_MAX];
	struct buf text = BUF_INIT(LIFETIME_MAX);
	bool told = root_path(env->root, LIFETIME, real, NULL) &&
		    file_read(real, NULL, &text, NULL);
	long n = told ? native_number(str_trim(buf_str(&text)), 0) : 0;
	buf_clear(&text);
	if (n == 0)
		return;
	native_line(out, "maximal_queue_lifetime = %lds", n);
	native_line(out, "bounce_queue_lifetime = %lds", n);
}

static void
emit_limits(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	struct str size =
	    native_or(native_config(env, "qmail", "MaxMessageSize"), "0");
	struct str local =
	    native_or(native_config(env, "qmail", "ConcurrencyLocal"), "20");
	(void)f;
	native_line(out, "message_size_limit = %.*s", STR_ARG(size));
	native_line(out, "mailbox_size_limit = 0");
	native_line(
	    out, "local_destination_concurrency_limit = %.*s", STR_ARG(local));
	lifetime_lines(env, out);
}

/* Domains that go to another server, or those that do not. */
struct side {
	struct buf *out;
	bool away, any;
};

static void
domain_add(const struct template_env *env, void *ctx, struct str domain)
{
	struct side *s = ctx;
	bool away = !str_is(native_domain_server(env, domain), "localhost");
	if (away != s->away)
		return;
	buf_addf(s->out, "%s%.*s", s->any ? ", " : "", STR_ARG(domain));
	s->any = true;
}

static void
side_line(const struct template_env *env, const char *option, bool away,
    struct buf *out)
{
	struct buf names = BUF_INIT(out->max);
	struct side s = { &names, away, false };
	native_domains(env, domain_add, &s);
	if (s.any)
		native_line(out, "%s = %s", option, buf_cstr(&names));
	else
		native_line(out, "%s =", option);
	out->failed = out->failed || names.failed;
	buf_clear(&names);
}

static void
emit_domains(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	(void)f;
	side_line(env, "relay_domains", true, out);
	side_line(env, "virtual_alias_domains", false, out);
	native_line(out, "transport_maps = hash:%s" POSTFIX "transport",
	    native_prefix(env));
}

static void
emit_relayhost(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
{
	(void)f;
	if (host_is_set(env))
		native_line(out, "relayhost = %s", smart_host(env));
}

static void
emit_tls(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	bool wrapped = port_is_tls(env);
	(void)f;
	native_line(out, "smtp_tls_security_level = %s",
	    wrapped || login_is_on(env) ? "encrypt" : "may");
	if (wrapped)
		native_line(out, "smtp_tls_wrappermode = yes");
}

static void
emit_sasl(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	(void)f;
	if (!login_is_on(env))
		return;
	native_line(out, "smtp_sasl_auth_enable = yes");
	native_line(out,
	    "smtp_sasl_password_maps = hash:%s" POSTFIX "sasl_passwd",
	    native_prefix(env));
	native_line(out, "smtp_sasl_security_options = noanonymous");
}

static void
emit_password(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	struct str user = native_config(env, "postfix", "SMTPSmartHostUserid");
	struct str word = native_config(env, "postfix", "SMTPSmartHostPasswd");
	(void)f;
	if (host_is_set(env) && user.len > 0)
		native_line(out, "%s %.*s:%.*s", smart_host(env), STR_ARG(user),
		    STR_ARG(word));
}

static void
route_line(const struct template_env *env, void *ctx, struct str domain)
{
	struct str server = native_domain_server(env, domain);
	if (!str_is(server, "localhost"))
		native_line(
		    ctx, "%.*s smtp:[%.*s]", STR_ARG(domain), STR_ARG(server));
}

static void
emit_routes(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	(void)f;
	native_domains(env, route_line, out);
}

#define POSTFIX_FILE(word, fragments)                                          \
	{                                                                      \
		.path = POSTFIX word, FRAGMENTS(fragments),                    \
		.since = TEMPLATE_R11                                          \
	}

/* clang-format off */
static const struct template_fragment
f_main[] = {
	NATIVE_EMIT("10identity", emit_identity),
	NATIVE_EMIT("15helo", emit_helo),
	NATIVE_EMIT("20limits", emit_limits),
	NATIVE_VALUE("25bounce", "2bounce_notice_recipient = ", "qmail",
	    "DoubleBounceTo", "postmaster", ""),
	NATIVE_EMIT("28domains", emit_domains),
	NATIVE_EMIT("30relayhost", emit_relayhost),
	NATIVE_EMIT("31tls", emit_tls),
	NATIVE_EMIT("32sasl", emit_sasl),
},
f_master[] = {
	NATIVE_VALUE("smtp", "smtp unix - - n - ", "qmail",
	    "ConcurrencyRemote", "20", " smtp"),
},
f_sasl[] = { NATIVE_EMIT("10smarthost", emit_password) },
f_transport[] = { NATIVE_EMIT("10domains", emit_routes) };

const struct template_file native_postfix[] = {
	POSTFIX_FILE("main.cf", f_main),
	POSTFIX_FILE("master.cf", f_master),
	{ .path = POSTFIX "sasl_passwd", FRAGMENTS(f_sasl),
	  .since = TEMPLATE_R11, .flags = TEMPLATE_SECRET, .mode = 0600 },
	POSTFIX_FILE("transport", f_transport),
};
const size_t native_postfix_count = ARRAY_LEN(native_postfix);
/* clang-format on */
