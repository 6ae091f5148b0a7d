/* The small files of /var/service/qpsmtpd/config (effects.md 2.1). */
#include "core/template/native_int.h"

#include <stdio.h>

#define CONFIG NATIVE_FILTER_CONFIG

static void
emit_ip(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	(void)f;
	/* a tree below a folder never listens for the network */
	native_line(out, "%s", env->embedded ? "127.0.0.1" : "0");
}

static void
emit_plugins(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	(void)f;
	native_line(out, "hosts_allow");
	native_line(out, "%s",
	    env->release >= TEMPLATE_R9_2 ? "peers peers/0" : "peers");
	native_line(out, "tls ssl/cert.pem ssl/cert.pem ssl/cert.pem");
}

/* As native_emit_one where 0 is a value of its own. */
static void
emit_number(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	const struct native_one *v = f->arg;
	struct str s = native_config(env, v->key, v->prop);
	native_line_str(out, s.len > 0 ? s : str_of(v->otherwise));
}

static void
emit_spool(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	(void)f;
	native_line(out, "%s/var/spool/qpsmtpd",
	    env->embedded ? env->root->prefix : "");
}

static void
emit_greeting(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	(void)f;
	native_line_str(out, native_or(native_config(env, "smtpd", "Greeting"),
				 native_host(env)));
}

static void
emit_ciphers(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	(void)f;
	native_line_str(out,
	    native_or2(native_config(env, "qpsmtpd", "tlsCipher"),
		native_config(env, "modSSL", "CipherSuite"), "HIGH:!SSLv2"));
}

static void
emit_resolvable(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
{
	(void)f;
	struct str v =
	    native_config(env, "qpsmtpd", "RequireResolvableFromHost");
	bool off = env->release < TEMPLATE_R7 + 100 && str_is(v, "no");
	native_line(out, "%s", off ? "0" : "1");
}

/* Letters, digits, '-' and dots, at least one dot inside (EF-10). */
static bool
is_dotted_host(struct str s)
{
	size_t dots = 0;
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '.')
			dots++;
		else if (!ascii_is_alnum(s.ptr[i]) && s.ptr[i] != '-')
			return false;
	}
	return dots > 0 && s.ptr[0] != '.' && s.ptr[s.len - 1] != '.';
}

static bool
all_dotted_hosts(struct str list)
{
	while (list.len > 0) {
		struct str rest, part = str_trim(str_cut(list, ':', &rest));
		if (part.len == 0 || !is_dotted_host(part))
			return false;
		list = rest;
	}
	return true;
}

/* EF-10: commas if there is one; else colons if all parts are hosts. */
static void
emit_zones(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	const struct native_one *v = f->arg;
	struct str list = str_trim(native_config(env, v->key, v->prop));
	size_t before = out->len;
	if (str_find(list, ',', 0) < list.len)
		native_parts(list, ',', native_emit_part, out);
	else if (all_dotted_hosts(list))
		native_parts(list, ':', native_emit_part, out);
	else if (list.len > 0)
		native_line_str(out, list);
	if (out->len == before)
		native_line(out, "%s", v->otherwise);
}

/* "zone:8-16" becomes "zone 8,16". */
static void
uribl_part(void *out, struct str part)
{
	struct str masks, zone = str_cut(part, ':', &masks);
	buf_add_str(out, str_trim(zone));
	masks = str_trim(masks);
	if (masks.len > 0)
		buf_add_char(out, ' ');
	for (size_t i = 0; i < masks.len; i++)
		buf_add_char(out, masks.ptr[i] == '-' ? ',' : masks.ptr[i]);
	buf_add_char(out, '\n');
}

static void
emit_uribl(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	const struct native_one *v = f->arg;
	struct str list = str_trim(native_config(env, v->key, v->prop));
	size_t before = out->len;
	native_parts(list, ',', uribl_part, out);
	if (out->len == before)
		native_line(out, "%s", v->otherwise);
}

/* A prefix with the dot that tells it from an address, once. */
static void
prefix_line(void *ctx, const char *prefix, bool whole)
{
	struct buf *out = ctx;
	char line[32];
	int n =
	    snprintf(line, sizeof(line), "%s%s\n", prefix, whole ? "" : ".");
	struct str text = buf_str(out), one = str_n(line, (size_t)n), l;
	while (str_next_line(&text, &l))
		if (str_eq(l, str_sub(one, 0, one.len - 1)))
			return;
	buf_add_str(out, one);
}

static void
emit_dnsbl_allow(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
{
	(void)f;
	template_network_prefixes(native_config(env, "LocalIP", NULL),
	    native_config(env, "LocalNetmask", NULL), prefix_line, out);
	native_networks(env, NULL, prefix_line, out);
	prefix_line(out, "127.0.0.1", true);
}

/* EF-11 */
static void
emit_relay_localhost(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
{
	(void)f;
	struct str ip = native_config(env, "LocalIP", NULL);
	native_line(out, "127.0.0.");
	if (ip.len > 0)
		native_line_str(out, ip);
}

static void
emit_relay_clients(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
{
	(void)f;
	native_parts(
	    native_config(env, "qpsmtpd", "UnauthenticatedRelayClients"), ',',
	    native_emit_part, out);
}

static bool
relays_without_login(const struct template_env *env, struct str key)
{
	struct str own = STR_EMPTY;
	if (!env->data->value(
		env->data->ctx, "networks", key, "RelayRequiresAuth", &own))
		own = (struct str)STR_EMPTY;
	struct str all = native_config(env, "qpsmtpd", "RelayRequiresAuth");
	return str_is(native_or(all, "enabled"), "disabled") ||
	       str_is(native_or(own, "enabled"), "disabled");
}

static void
emit_relay_networks(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
{
	(void)f;
	native_networks(env, relays_without_login, prefix_line, out);
}

/* One value of the configuration as a line, or a comment, or nothing. */
static void
emit_known(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	const struct native_one *v = f->arg;
	struct str s = native_config(env, v->key, v->prop);
	if (native_true(s))
		native_line_str(out, s);
	else if (v->otherwise != NULL)
		native_line(out, "%s", v->otherwise);
}

static void
emit_countries(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
{
	(void)f;
	native_parts(native_config(env, "qpsmtpd", "BadCountries"), ',',
	    native_emit_part, out);
}

static void
emit_patterns(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	(void)f;
	const struct template_data *d = env->data;
	const struct template_record *r;
	size_t n = d->records(d->ctx, "mailpatterns", &r);
	for (size_t i = 0; i < n; i++) {
		struct str status, body = STR_EMPTY;
		if (!str_is(r[i].type, "pattern") ||
		    !d->value(
			d->ctx, "mailpatterns", r[i].key, "Status", &status) ||
		    !str_is(status, "enabled"))
			continue;
		if (!d->value(
			d->ctx, "mailpatterns", r[i].key, "Body", &body) ||
		    !native_true(body))
			body = r[i].key;
		native_parts(body, ',', native_emit_part, out);
	}
}

/* clang-format off */
static const struct template_fragment
f_ip[] = { { .name = "10IP", .emit = emit_ip } },
f_plugins[] = { { .name = "plugins", .emit = emit_plugins } },
f_plugin_dirs[] = { { .name = "10plugins", .emit = native_emit_text,
	.arg = "/usr/share/qpsmtpd/plugins" } },
f_loglevel[] = { { .name = "10loglevel", .emit = emit_number,
	.arg = NATIVE_ONE("qpsmtpd", "LogLevel", "6") } },
f_memory[] = { { .name = "10memory", .emit = native_emit_text, .arg = "1" } },
f_spool[] = { { .name = "10spool", .emit = emit_spool } },
f_greeting[] = { { .name = "10Body", .emit = emit_greeting } },
f_subject[] = { { .name = "10subject", .emit = native_emit_one,
	.arg = NATIVE_ONE("spamassassin", "Subject", "[SPAM]") } },
f_timeout[] = { { .name = "timeout", .emit = native_emit_one,
	.arg = NATIVE_ONE("qpsmtpd", "timeout", "120") } },
f_timeoutsmtpd[] = { { .name = "timeoutsmtpd", .emit = native_emit_one,
	.arg = NATIVE_ONE("qpsmtpd", "timeoutsmtpd", "120") } },
f_tls_before[] = { { .name = "10Auth", .emit = emit_number,
	.arg = NATIVE_ONE("qpsmtpd", "TlsBeforeAuth", "1") } },
f_ciphers[] = { { .name = "10ciphers", .emit = emit_ciphers } },
f_resolvable[] = { { .name = "10RequireResolvableFromHost",
	.emit = emit_resolvable } },
f_invalid[] = {
	{ .name = "link_local", .emit = native_emit_text,
	  .arg = "169.254.0.0/16" },
	{ .name = "loopback", .emit = native_emit_text,
	  .arg = "127.0.0.0/8\n0.0.0.0/8" },
	{ .name = "multicast", .emit = native_emit_text,
	  .arg = "224.0.0.0/4" },
},
f_dnsbl[] = { { .name = "10RBLList", .emit = emit_zones,
	.arg = NATIVE_ONE("qpsmtpd", "RBLList", "# No RBLs are defined") } },
f_rhsbl[] = { { .name = "10SBLList", .emit = emit_zones,
	.arg = NATIVE_ONE("qpsmtpd", "SBLList", "# No SBLs are defined") } },
f_uribl[] = { { .name = "10UBLList", .emit = emit_uribl,
	.arg = NATIVE_ONE("qpsmtpd", "UBLList", "# No UBLs are defined") } },
f_dnsbl_allow[] = { { .name = "80LocalNetworks", .emit = emit_dnsbl_allow } },
f_relay[] = {
	{ .name = "10localhost", .emit = emit_relay_localhost },
	{ .name = "20UnauthenticatedRelayClients",
	  .emit = emit_relay_clients },
	{ .name = "80relayFromLocalNetwork", .emit = emit_relay_networks },
},
f_norelay[] = { { .name = "20norelayFromRouter", .emit = emit_known,
	.arg = NATIVE_ONE("GatewayIP", NULL, NULL) } },
f_badhelo[] = {
	{ .name = "10ExternalIP", .emit = emit_known,
	  .arg = NATIVE_ONE("ExternalIP", NULL, "# ExternalIP not defined") },
	{ .name = "10wbl_badhelo", .emit = native_emit_black,
	  .arg = "badhelo" },
	{ .name = "20aol.com", .emit = native_emit_text, .arg = "aol.com" },
	{ .name = "20yahoo.com", .emit = native_emit_text,
	  .arg = "yahoo.com" },
},
f_badmailfrom[] = { { .name = "10wbl_badmailfrom", .emit = native_emit_black,
	.arg = "badmailfrom" } },
f_whitehosts[] = { { .name = "10wbl_whitelisthosts",
	.emit = native_emit_white, .arg = "whitelisthosts" } },
f_whitehelo[] = { { .name = "10wbl_whitelisthelo",
	.emit = native_emit_white, .arg = "whitelisthelo" } },
f_whitesenders[] = { { .name = "10wbl_whitelistsenders",
	.emit = native_emit_white, .arg = "whitelistsenders" } },
f_countries[] = { { .name = "10BadCountries", .emit = emit_countries } },
f_signatures[] = { { .name = "20blockPatterns", .emit = emit_patterns } };

const struct template_file native_lists[] = {
	{ .path = CONFIG "IP", FRAGMENTS(f_ip) },
	{ .path = CONFIG "badcountries", FRAGMENTS(f_countries),
	  .since = TEMPLATE_R9_2 },
	{ .path = CONFIG "badhelo", FRAGMENTS(f_badhelo) },
	{ .path = CONFIG "badmailfrom", FRAGMENTS(f_badmailfrom) },
	{ .path = CONFIG "dnsbl_allow", FRAGMENTS(f_dnsbl_allow) },
	{ .path = CONFIG "dnsbl_zones", FRAGMENTS(f_dnsbl) },
	{ .path = CONFIG "invalid_resolvable_fromhost", FRAGMENTS(f_invalid) },
	{ .path = CONFIG "loglevel", FRAGMENTS(f_loglevel) },
	{ .path = CONFIG "memory_threshold", FRAGMENTS(f_memory) },
	{ .path = CONFIG "norelayclients", FRAGMENTS(f_norelay) },
	{ .path = CONFIG "plugin_dirs", FRAGMENTS(f_plugin_dirs) },
	{ .path = CONFIG "plugins", FRAGMENTS(f_plugins),
	  .flags = TEMPLATE_FLAT | TEMPLATE_PLUGINS },
	{ .path = CONFIG "relayclients", FRAGMENTS(f_relay) },
	{ .path = CONFIG "require_resolvable_fromhost", FRAGMENTS(f_resolvable) },
	{ .path = CONFIG "rhsbl_zones", FRAGMENTS(f_rhsbl),
	  .flags = TEMPLATE_BARE },
	{ .path = CONFIG "signatures_patterns", FRAGMENTS(f_signatures) },
	{ .path = CONFIG "size_threshold", FRAGMENTS(f_memory), .since = TEMPLATE_R9_2 },
	{ .path = CONFIG "smtpgreeting", FRAGMENTS(f_greeting),
	  .flags = TEMPLATE_BARE },
	{ .path = CONFIG "spool_dir", FRAGMENTS(f_spool) },
	{ .path = CONFIG "subject_prefix", FRAGMENTS(f_subject) },
	{ .path = CONFIG "timeout", FRAGMENTS(f_timeout),
	  .flags = TEMPLATE_FLAT },
	{ .path = CONFIG "timeoutsmtpd", FRAGMENTS(f_timeoutsmtpd),
	  .flags = TEMPLATE_FLAT },
	{ .path = CONFIG "tls_before_auth", FRAGMENTS(f_tls_before) },
	{ .path = CONFIG "tls_ciphers", FRAGMENTS(f_ciphers) },
	{ .path = CONFIG "uribl_zones", FRAGMENTS(f_uribl), .since = TEMPLATE_R9_2 },
	{ .path = CONFIG "whitelisthelo", FRAGMENTS(f_whitehelo) },
	{ .path = CONFIG "whitelisthosts", FRAGMENTS(f_whitehosts) },
	{ .path = CONFIG "whitelistsenders", FRAGMENTS(f_whitesenders) },
};
const size_t native_lists_count = ARRAY_LEN(native_lists);
/* clang-format on */
