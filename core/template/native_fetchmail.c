/*
 * Mail fetched from another server: the script, who starts it, and when
 * (section 7). What goes into a shell script is checked once more here.
 */
#include "core/template/native_int.h"

#include <string.h>

#define RECORD "fetchmail"

static bool
method_is(const struct template_env *env, const char *method)
{
	return native_enabled(env, RECORD, "status") &&
	       str_is(native_config(env, RECORD, "Method"), method);
}

/* A value that is a word of a command line, else 'otherwise'. */
static struct str
word_or(const struct template_env *env, const char *prop, const char *otherwise)
{
	struct str v = native_config(env, RECORD, prop);
	return native_is_word(v, "-_.") ? v : str_of(otherwise);
}

/* Domains parted by 'sep', those that are host names. */
struct joined {
	struct buf *out;
	char sep;
	bool any;
};

static void
domain_join(const struct template_env *env, void *ctx, struct str domain)
{
	struct joined *j = ctx;
	(void)env;
	if (!native_is_word(domain, "-._"))
		return;
	if (j->any)
		buf_add_char(j->out, j->sep);
	buf_add_str(j->out, domain);
	j->any = true;
}

static void
domains_join(const struct template_env *env, struct buf *out, char sep)
{
	struct joined j = { out, sep, false };
	native_domains(env, domain_join, &j);
}

/* The server asked, or empty with a comment that none is set. */
static struct str
server(const struct template_env *env, struct buf *out)
{
	struct str name = native_config(env, RECORD, "SecondaryMailServer");
	if (native_is_word(name, "-._"))
		return name;
	native_line(out, "# SecondaryMailServer is not set");
	return (struct str)STR_EMPTY;
}

static void
emit_shell(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	(void)env;
	(void)f;
	native_line(out, "#!/bin/sh");
	native_line(out, "# generated; smemail set fetchmail.status ...");
}

static void
emit_etrn(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	(void)f;
	if (!method_is(env, "etrn"))
		return;
	struct str verbosity = word_or(env, "Verbosity", "--silent");
	struct str name = server(env, out);
	if (name.len == 0)
		return;
	buf_addf(out,
	    "/usr/bin/fetchmail --syslog %.*s --protocol ETRN --fetchdomains ",
	    STR_ARG(verbosity));
	domains_join(env, out, ',');
	native_line(out, " %.*s > /dev/null 2>&1", STR_ARG(name));
}

static void
quoted_add(struct buf *out, const char *before, struct str v, const char *after)
{
	buf_add_cstr(out, before);
	buf_add_char(out, '"');
	native_quote(out, v, "\"\\");
	buf_add_char(out, '"');
	buf_add_cstr(out, after);
}

/* The header that names who a fetched message is for. */
static void
envelope_line(const struct template_env *env, struct buf *out)
{
	struct str v = native_config(env, RECORD, "SecondaryMailEnvelope");
	if (native_true(v) && !str_is(v, "Default"))
		quoted_add(out, "envelope ", v, "\n");
}

/* Below a folder the filter listens on a port of its own. */
static void
smtphost_line(const struct template_env *env, struct buf *out)
{
	struct str port = native_config(env, "smtpd", "TCPPort");
	if (env->embedded)
		native_line(
		    out, "smtphost 127.0.0.1/%ld", native_number(port, 25));
	else
		native_line(out, "smtphost 127.0.0.200");
}

static void
poll_lines(const struct template_env *env, struct str name, struct buf *out)
{
	struct str domain = native_config(env, "DomainName", NULL);
	struct str protocol = word_or(env, "Protocol", "POP3");
	buf_add_cstr(out, "set postmaster \"postmaster@");
	native_quote(out, domain, "\"\\");
	native_line(out, "\"");
	native_line(out, "set bouncemail");
	native_line(out, "set properties \"\"");
	native_line(out, "poll %.*s", STR_ARG(name));
	envelope_line(env, out);
	native_line(out, "protocol %.*s", STR_ARG(protocol));
	if (native_enabled(env, RECORD, "SSL"))
		native_line(out, "ssl");
	native_line(out, "no dns");
	buf_add_cstr(out, "localdomains ");
	domains_join(env, out, ' ');
	buf_add_char(out, '\n');
	quoted_add(out, "       username ",
	    native_config(env, RECORD, "SecondaryMailAccount"), "");
	quoted_add(out, " password ",
	    native_config(env, RECORD, "SecondaryMailPassword"),
	    " to * here\n");
	smtphost_line(env, out);
	native_line(out, "fetchall");
	native_line(out, "forcecr");
}

static void
emit_multidrop(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
{
	(void)f;
	if (!method_is(env, "multidrop"))
		return;
	struct str verbosity = word_or(env, "Verbosity", "--silent");
	struct str auth = word_or(env, "AuthenticationMethod", "password");
	struct str name = server(env, out);
	if (name.len == 0)
		return;
	/* quoted: the shell leaves '$' in passwords alone */
	native_line(out,
	    "/usr/bin/fetchmail --syslog %.*s --auth %.*s --fetchmailrc - "
	    "<<'EOF'",
	    STR_ARG(verbosity), STR_ARG(auth));
	poll_lines(env, name, out);
	native_line(out, "EOF");
}

static void
emit_start(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	const char *root = native_prefix(env);
	(void)f;
	if (!native_enabled(env, RECORD, "status")) {
		native_line(out, "# fetchmail is disabled");
		native_line(out, "# smemail set fetchmail.status enabled");
		return;
	}
	if (env->embedded)
		native_line(out,
		    "FETCHMAILHOME=\"%s/var/lock/fetchmail\" "
		    "\"%s/etc/fetchmail\"",
		    root, root);
	else
		native_line(out,
		    "/bin/su - qmailr -s /bin/bash -c \\\n"
		    "\t\"FETCHMAILHOME=/var/lock/fetchmail /etc/fetchmail\"");
}

/* When mail is fetched: hours and weekdays of the three properties. */
static const struct {
	const char *prop, *hours, *days;
} times[] = {
	{ "FreqOffice", "8-17", "1-5" },
	{ "FreqOutside", "0-7", "1-5" },
	{ "FreqOutside", "18-23", "1-5" },
	{ "FreqWeekend", "*", "6-7" },
};

static const struct {
	const char *word, *minutes, *step; /* of the hours */
} rates[] = {
	{ "every5min", "*/5", "" },
	{ "every15min", "*/15", "" },
	{ "every30min", "*/30", "" },
	{ "everyhour", "0", "" },
	{ "every2hrs", "0", "/2" },
};

static void
time_line(const struct template_env *env, size_t i, struct buf *out)
{
	struct str rate = native_config(env, RECORD, times[i].prop);
	for (size_t k = 0; k < ARRAY_LEN(rates); k++)
		if (str_is(rate, rates[k].word)) {
			native_line(out, "%s\t%s%s\t*\t*\t%s\troot\t%s%s",
			    rates[k].minutes, times[i].hours, rates[k].step,
			    times[i].days, native_prefix(env),
			    "/etc/startmail");
			return;
		}
	if (i == 0 || strcmp(times[i - 1].prop, times[i].prop) != 0)
		native_line(out, "# Fetchmail%s - never", times[i].prop);
}

static void
emit_times(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	(void)f;
	if (!method_is(env, "etrn") && !method_is(env, "multidrop"))
		return;
	for (size_t i = 0; i < ARRAY_LEN(times); i++)
		time_line(env, i, out);
}

/* The minute is fixed: a file must not change by itself. */
static void
emit_scan(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	struct str when = native_config(env, "clamav", "FilesystemScan");
	bool weekly = str_is(when, "weekly");
	(void)f;
	native_line(out, "# smeserver-clamscan filesystem scan");
	if (weekly || str_is(when, "daily"))
		native_line(out,
		    "0\t0\t*\t*\t%s\troot\t/sbin/e-smith/smeserver-clamscan",
		    weekly ? "0" : "*");
	else
		native_line(out, "# disabled");
}

/* clang-format off */
static const struct template_fragment
f_fetchmail[] = {
	NATIVE_EMIT("template-begin", emit_shell),
	NATIVE_EMIT("50ETRN", emit_etrn),
	NATIVE_EMIT("50multi-drop", emit_multidrop),
},
f_startmail[] = {
	NATIVE_EMIT("template-begin", emit_shell),
	NATIVE_EMIT("20body", emit_start),
},
f_crontab[] = {
	NATIVE_EMIT("clamav", emit_scan),
	NATIVE_EMIT("email", emit_times),
};

const struct template_file native_fetchmail[] = {
	{ .path = "/etc/crontab", FRAGMENTS(f_crontab) },
	{ .path = "/etc/fetchmail", FRAGMENTS(f_fetchmail),
	  .flags = TEMPLATE_SECRET, .mode = 0700, .owner = "qmailr",
	  .group = "nofiles" },
	{ .path = "/etc/startmail", FRAGMENTS(f_startmail), .mode = 0700,
	  .owner = "root", .group = "daemon" },
};
const size_t native_fetchmail_count = ARRAY_LEN(native_fetchmail);
/* clang-format on */
