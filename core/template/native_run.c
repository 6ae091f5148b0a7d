/* Run parameters, one fragment a line (effects.md 2.4), and logs. */
#include "core/template/native_int.h"

/* NAME=first of the records that has 'prop', else 'otherwise'. */
struct parameter {
	const char *start;          /* "export PORT=" */
	const char *first, *second; /* records; 'second' may be NULL */
	const char *prop, *otherwise;
};

static void
emit_parameter(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
{
	const struct parameter *p = f->arg;
	struct str second = STR_EMPTY;
	if (p->second != NULL)
		second = native_config(env, p->second, p->prop);
	struct str v = native_or2(
	    native_config(env, p->first, p->prop), second, p->otherwise);
	native_line(out, "%s%.*s", p->start, STR_ARG(v));
}

static void
emit_host(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	const char *start = f->arg;
	native_line(out, "%s%s",
	    start != NULL ? start : "export TCPLOCALHOST=", native_host(env));
}

/*
 * What the log run script of a server reads from the database is told to
 * svlogd by a file here.
 */
static void
emit_keep(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	(void)f;
	struct str n = native_config(env, "qpsmtpd", "KeepLogFiles");
	native_line(out, "s5000000");
	native_line(out, "n%.*s", STR_ARG(native_or(n, "5")));
}

/* Where nothing is set the bundled filter has a default of its own. */
static void
emit_workers(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	struct str n = native_config(env, "qpsmtpd", "Workers");
	(void)f;
	if (n.len > 0)
		native_line(out, "WORKERS=%.*s", STR_ARG(n));
}

#define PARAMETER(n, start, first, second, prop, otherwise)                    \
	{                                                                      \
		.name = (n), .emit = emit_parameter,                           \
		.arg = &(const struct parameter)                               \
		{                                                              \
			(start), (first), (second), (prop), (otherwise)        \
		}                                                              \
	}
#define PATHS     "PATH=/var/qmail/bin:/bin:/usr/bin:/usr/local/bin"
#define PATH_LINE "export " PATHS

/* The same for systemd (release 11). */
#define UNIT(n, first, second, prop, otherwise)                                \
	PARAMETER(n, "Environment=" n "=", first, second, prop, otherwise)
#define UNIT_HEAD                                                              \
	{                                                                      \
		.name = "00service", .emit = native_emit_text,                 \
		.arg = "[Service]\nMemoryLimit=150M"                           \
	}
#define UNIT_PATH                                                              \
	{                                                                      \
		.name = "PATH", .emit = native_emit_text,                      \
		.arg = "Environment=" PATHS                                    \
	}
#define UNIT_HOST                                                              \
	{                                                                      \
		.name = "TCPLOCALHOST", .emit = emit_host,                     \
		.arg = "Environment=TCPLOCALHOST="                             \
	}
#define DROP_IN(service)                                                       \
	"/usr/lib/systemd/system/" service ".service.d/50koozali.conf"

/* clang-format off */
static const struct template_fragment
f_qpsmtpd[] = {
	PARAMETER("INSTANCES", "INSTANCES=", "smtpd", NULL, "Instances", "40"),
	PARAMETER("INSTANCES_PER_IP", "INSTANCES_PER_IP=", "smtpd", NULL,
	    "InstancesPerIP", "5"),
	{ .name = "PATH", .emit = native_emit_text, .arg = PATH_LINE },
	PARAMETER("PORT", "export PORT=", "smtpd", NULL, "TCPPort", "25"),
	PARAMETER("SOFTLIMIT", "SOFTLIMIT=", "smtpd", NULL, "Softlimit",
	    "25000000"),
	{ .name = "TCPLOCALHOST", .emit = emit_host },
	{ .name = "WORKERS", .emit = emit_workers },
},
f_sqpsmtpd[] = {
	PARAMETER("INSTANCES", "INSTANCES=", "ssmtpd", "smtpd", "Instances",
	    "10"),
	PARAMETER("INSTANCES_PER_IP", "INSTANCES_PER_IP=", "ssmtpd", "smtpd",
	    "InstancesPerIP", "5"),
	{ .name = "PATH", .emit = native_emit_text, .arg = PATH_LINE },
	PARAMETER("PORT", "export PORT=", "ssmtpd", NULL, "TCPPort", "465"),
	{ .name = "TCPLOCALHOST", .emit = emit_host },
},
f_uqpsmtpd[] = {
	PARAMETER("INSTANCES", "INSTANCES=", "uqpsmtpd", "smtpd", "Instances",
	    "40"),
	PARAMETER("INSTANCES_PER_IP", "INSTANCES_PER_IP=", "smtpd", NULL,
	    "InstancesPerIP", "5"),
	{ .name = "PATH", .emit = native_emit_text, .arg = PATH_LINE },
	PARAMETER("PORT", "export PORT=", "uqpsmtpd", NULL, "TCPPort", "587"),
	{ .name = "TCPLOCALHOST", .emit = emit_host },
},
f_log[] = { { .name = "config", .emit = emit_keep } },
f_smtp_unit[] = {
	UNIT_HEAD,
	UNIT("INSTANCES", "smtpd", NULL, "Instances", "40"),
	UNIT("INSTANCES_PER_IP", "smtpd", NULL, "InstancesPerIP", "5"),
	UNIT_PATH,
	UNIT("PORT", "smtpd", NULL, "TCPPort", "25"),
	UNIT_HOST,
},
f_smtps_unit[] = {
	UNIT_HEAD,
	UNIT("INSTANCES", "ssmtpd", "smtpd", "Instances", "10"),
	UNIT("INSTANCES_PER_IP", "ssmtpd", "smtpd", "InstancesPerIP", "5"),
	UNIT_PATH,
	UNIT("PORT", "ssmtpd", NULL, "TCPPort", "465"),
	UNIT_HOST,
},
f_submission_unit[] = {
	UNIT_HEAD,
	UNIT("INSTANCES", "uqpsmtpd", "smtpd", "Instances", "40"),
	UNIT("INSTANCES_PER_IP", "smtpd", NULL, "InstancesPerIP", "5"),
	UNIT_PATH,
	UNIT("PORT", "uqpsmtpd", NULL, "TCPPort", "587"),
	UNIT_HOST,
};

const struct template_file native_run[] = {
	{ .path = "/var/service/qpsmtpd/runenv", FRAGMENTS(f_qpsmtpd) },
	{ .path = "/var/service/sqpsmtpd/runenv", FRAGMENTS(f_sqpsmtpd) },
	{ .path = "/var/service/uqpsmtpd/runenv", FRAGMENTS(f_uqpsmtpd),
	  .since = TEMPLATE_R11 },
	{ .path = "/var/log/qpsmtpd/config", FRAGMENTS(f_log),
	  .flags = TEMPLATE_FLAT | TEMPLATE_EMBEDDED },
	{ .path = DROP_IN("qpsmtpd"), FRAGMENTS(f_smtp_unit),
	  .since = TEMPLATE_R11 },
	{ .path = DROP_IN("sqpsmtpd"), FRAGMENTS(f_smtps_unit),
	  .since = TEMPLATE_R11 },
	{ .path = DROP_IN("uqpsmtpd"), FRAGMENTS(f_submission_unit),
	  .since = TEMPLATE_R11 },
};
const size_t native_run_count = ARRAY_LEN(native_run);
/* clang-format on */
