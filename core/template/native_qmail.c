/*
 * Files of /var/qmail/control that the SMTP filter reads too (effects.md
 * section 3): names, sizes, and the domains it takes mail for.
 */
#include "core/template/native_int.h"

#define CONTROL "/var/qmail/control/"

static void
emit_domain_name(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
{
	(void)f;
	native_line_str(out, native_config(env, "DomainName", NULL));
}

static void
emit_databytes(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
{
	(void)f;
	native_line_str(
	    out, native_or(native_config(env, "qmail", "MaxMessageSize"), "0"));
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

/* clang-format off */
static const struct template_fragment
f_me[] = { { .name = "me", .emit = emit_domain_name } },
f_databytes[] = { { .name = "databytes", .emit = emit_databytes } },
f_locals[] = { { .name = "locals", .emit = emit_locals } },
f_rcpthosts[] = {
	{ .name = "10standard", .emit = emit_rcpthosts },
	{ .name = "12LiteralIP", .emit = emit_literal },
},
f_badmailfrom[] = { { .name = "10wbl_badmailfrom", .emit = native_emit_black,
	.arg = "badmailfrom" } };

const struct template_file native_qmail[] = {
	{ CONTROL "badmailfrom", FRAGMENTS(f_badmailfrom), 0, 0, 0 },
	{ CONTROL "databytes", FRAGMENTS(f_databytes), 0, 0, TEMPLATE_FLAT },
	{ CONTROL "locals", FRAGMENTS(f_locals), 0, 0, TEMPLATE_FLAT },
	{ CONTROL "me", FRAGMENTS(f_me), 0, 0, TEMPLATE_FLAT },
	{ CONTROL "rcpthosts", FRAGMENTS(f_rcpthosts), 0, 0, 0 },
};
const size_t native_qmail_count = ARRAY_LEN(native_qmail);
/* clang-format on */
