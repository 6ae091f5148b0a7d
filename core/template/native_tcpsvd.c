/*
 * Services that tcpsvd listens for: limits of imap and imaps, and access files
 * that are empty and speak by their mode (sections 2.4 and 6). peers/0 is the
 * world, peers/local the networks.
 */
#include "core/template/native_int.h"

#define SERVICES "/var/service/"

enum {
	OPEN = 0644,
	SHUT = 0
};

static void
emit_nothing(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	(void)env;
	(void)f;
	(void)out;
}

/* "/var/service/imap/peers/0" is of imap. */
static const char *
service_of(const struct template_env *env, const struct template_file *f)
{
	struct str rest = str_of(f->path + sizeof(SERVICES) - 1);
	return arena_cstr(env->arena, str_cut(rest, '/', &rest));
}

static mode_t
public_only(const struct template_env *env, const struct template_file *f)
{
	struct str access = native_config(env, service_of(env, f), "access");
	return str_is(access, "public") ? OPEN : SHUT;
}

/* The server's pop3 says it the other way round. */
static mode_t
unless_private(const struct template_env *env, const struct template_file *f)
{
	struct str access = native_config(env, service_of(env, f), "access");
	return str_is(access, "private") ? SHUT : OPEN;
}

static mode_t
while_enabled(const struct template_env *env, const struct template_file *f)
{
	return native_enabled(env, service_of(env, f), "status") ? OPEN : SHUT;
}

#define LIMITS(record)                                                         \
	{                                                                      \
		NATIVE_VALUE("INSTANCES", "INSTANCES=", record,                \
		    "ConcurrencyLimit", "400", ""),                            \
		    NATIVE_VALUE("INSTANCES_PER_IP",                           \
			"INSTANCES_PER_IP=", record, "ConcurrencyLimitPerIP",  \
			"12", ""),                                             \
		    NATIVE_VALUE("ulimitdata", "ulimitdata=", record,          \
			"ProcessMemoryLimit", "128000000", "")                 \
	}
#define ACCESS(service, last, world)                                           \
	{ .path = SERVICES service "/peers/0",                                 \
		FRAGMENTS(f_access),                                           \
		.until = (last),                                               \
		.flags = TEMPLATE_FLAT,                                        \
		.mode_of = (world) },                                          \
	{                                                                      \
		.path = SERVICES service "/peers/local", FRAGMENTS(f_access),  \
		.until = (last), .flags = TEMPLATE_FLAT,                       \
		.mode_of = while_enabled                                       \
	}

/* clang-format off */
static const struct template_fragment
f_imap[] = LIMITS("imap"),
f_imaps[] = LIMITS("imaps"),
f_access[] = { NATIVE_EMIT("access", emit_nothing) };

const struct template_file native_tcpsvd[] = {
	{ .path = SERVICES "imap/config", FRAGMENTS(f_imap),
	  .until = TEMPLATE_R8 },
	{ .path = SERVICES "imaps/config", FRAGMENTS(f_imaps),
	  .until = TEMPLATE_R8 },
	ACCESS("imap", TEMPLATE_R8, public_only),
	ACCESS("imaps", TEMPLATE_R8, public_only),
	ACCESS("pop3", TEMPLATE_R8, unless_private),
	ACCESS("pop3s", TEMPLATE_R8, unless_private),
	ACCESS("qpsmtpd", TEMPLATE_R10, public_only),
};
const size_t native_tcpsvd_count = ARRAY_LEN(native_tcpsvd);
/* clang-format on */
