/* Dovecot, release 9 on: /etc/dovecot/dovecot.conf (section 6). */
#include "core/template/native_int.h"

/* A listener: its record, the port it has when none is told, TLS or not. */
struct listener {
	const char *name;
	long port;
	bool tls;
};

static const struct listener imap[] = { { "imap", 143, false },
	{ "imaps", 993, true } };
static const struct listener pop3[] = { { "pop3", 110, false },
	{ "pop3s", 995, true } };

/* Off for pop3 also by its access. */
static bool
is_on(const struct template_env *env, const char *name)
{
	return native_enabled(env, name, "status") &&
	       !str_is(native_config(env, name, "access"), "disabled");
}

static bool
any_on(const struct template_env *env, const struct listener *two)
{
	return is_on(env, two[0].name) || is_on(env, two[1].name);
}

static void
emit_protocols(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
{
	bool i = any_on(env, imap), p = any_on(env, pop3);
	(void)f;
	native_line(out, "protocols = %s%s%s", i ? "imap" : "",
	    i && p ? " " : "",
	    p   ? "pop3"
	    : i ? ""
		: "none");
}

static void
emit_auth(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	bool plain = is_on(env, "imap") || is_on(env, "pop3");
	(void)f;
	native_line(out, "disable_plaintext_auth = %s", plain ? "no" : "yes");
	native_line(out, "auth_mechanisms = plain login");
	native_line(out, "passdb {\n  driver = pam\n  args = dovecot\n}");
	native_line(out, "userdb {\n  driver = passwd\n}");
}

static void
emit_ssl(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	static const char *const files[] = { "ssl_cert", "ssl_key" };
	(void)f;
	native_line(out, "ssl = yes");
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		native_line(out, "%s = <%s/etc/dovecot/ssl/imapd.pem", files[i],
		    native_prefix(env));
	native_line(out, "ssl_min_protocol = TLSv1.2");
}

/* Loopback, the local network, or everybody: the firewall guards as well. */
static void
address_line(const struct template_env *env, const char *name, struct buf *out)
{
	struct str access = native_config(env, name, "access");
	struct str ip = native_config(env, "LocalIP", NULL);
	if (str_is(access, "public"))
		native_line(out, "    address = *, ::");
	else if (str_is(access, "localhost") || !native_true(ip) ||
		 str_is(ip, "127.0.0.1"))
		native_line(out, "    address = 127.0.0.1");
	else
		native_line(out, "    address = 127.0.0.1, %.*s", STR_ARG(ip));
}

static void
listener_lines(
    const struct template_env *env, const struct listener *l, struct buf *out)
{
	long port =
	    native_number(native_config(env, l->name, "TCPPort"), l->port);
	native_line(out, "  inet_listener %s {", l->name);
	if (is_on(env, l->name)) {
		native_line(out, "    port = %ld", port > 0 ? port : l->port);
		address_line(env, l->name, out);
	} else {
		native_line(out, "    port = 0");
	}
	if (l->tls)
		native_line(out, "    ssl = yes");
	native_line(out, "  }");
}

static void
emit_login(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	const struct listener *two = f->arg;
	native_line(out, "service %s-login {", two[0].name);
	listener_lines(env, &two[0], out);
	listener_lines(env, &two[1], out);
	native_line(out, "}");
}

static void
emit_imap(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	struct str memory = native_config(env, "imap", "ProcessMemoryLimit");
	struct str n =
	    native_or(native_config(env, "imap", "ConcurrencyLimit"), "400");
	(void)f;
	native_line(out, "service imap {");
	native_line(out, "  process_limit = %.*s", STR_ARG(n));
	if (native_true(memory))
		native_line(out, "  vsz_limit = %.*s B", STR_ARG(memory));
	native_line(out, "}");
}

static void
emit_limits(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	struct str per_ip = native_or(
	    native_config(env, "imap", "ConcurrencyLimitPerIP"), "12");
	struct str idle =
	    native_or(native_config(env, "dovecot", "Idle_Notify"), "2");
	(void)f;
	if (str_is(native_config(env, "imap", "checkConcurrencyLimit"),
		"disabled"))
		per_ip = STR("0");
	native_line(out, "protocol imap {");
	native_line(
	    out, "  mail_max_userip_connections = %.*s", STR_ARG(per_ip));
	native_line(
	    out, "  imap_idle_notify_interval = %.*s mins", STR_ARG(idle));
	native_line(out, "}");
	native_line(
	    out, "protocol pop3 {\n  mail_max_userip_connections = 4\n}");
}

/* clang-format off */
static const struct template_fragment f_dovecot[] = {
	NATIVE_EMIT("05protocols", emit_protocols),
	NATIVE_TEXT("10MaildirCopyUsingHardlinks",
	    "maildir_copy_with_hardlinks = no"),
	NATIVE_TEXT("12mail_location", "mail_location = maildir:~/Maildir"),
	NATIVE_EMIT("15auth", emit_auth),
	NATIVE_EMIT("20ssl", emit_ssl),
	{ .name = "30imap-login", .emit = emit_login, .arg = imap },
	{ .name = "35pop3-login", .emit = emit_login, .arg = pop3 },
	NATIVE_EMIT("40imap", emit_imap),
	NATIVE_EMIT("45limits", emit_limits),
};

const struct template_file native_dovecot[] = {
	{ .path = "/etc/dovecot/dovecot.conf", FRAGMENTS(f_dovecot),
	  .since = TEMPLATE_R9 },
};
const size_t native_dovecot_count = ARRAY_LEN(native_dovecot);
/* clang-format on */
