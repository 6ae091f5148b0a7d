/* ClamAV: clamd.conf, freshclam.conf and clamd's memory (section 5). */
#include "core/template/native_int.h"

#include <stdio.h>

#define RECORD "clamav"

enum {
	MEMORY_LEAST = 80000000 /* bytes: clamd does not start with less */
};

/*
 * Where the signatures are. In a tree below a folder its record names those of
 * the clamd that is installed.
 */
static void
emit_databases(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
{
	struct str own = native_config(env, RECORD, "DatabaseDirectory");
	(void)f;
	if (native_true(own))
		native_line(out, "DatabaseDirectory %.*s", STR_ARG(own));
	else
		native_line(
		    out, "DatabaseDirectory %s/var/clamav", native_prefix(env));
}

/* "arg" with the root before it. */
struct path_line {
	const char *option, *path, *embedded; /* NULL: as 'path' */
};

static void
emit_path(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	const struct path_line *p = f->arg;
	const char *path =
	    env->embedded && p->embedded != NULL ? p->embedded : p->path;
	native_line(out, "%s %s%s", p->option, native_prefix(env), path);
}

/* Lines of the server's own user and programs, which a tree has not. */
static void
emit_server_only(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
{
	if (!env->embedded)
		native_emit_text(env, f, out);
}

/* clamd's address: only if set, else a comment that shows the usual one. */
struct optional {
	const char *option, *usual;
};

static void
emit_optional(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	const struct optional *o = f->arg;
	struct str v = native_config(env, RECORD, o->option);
	if (native_true(v))
		native_line(out, "%s %.*s", o->option, STR_ARG(v));
	else
		native_line(out, "#%s %s", o->option, o->usual);
}

static void
emit_mirrors(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	static const char last[] = "database.clamav.net";
	struct str own = native_config(env, RECORD, "DatabaseMirror");
	(void)f;
	if (native_true(own) && !str_is(own, last))
		native_line(out, "DatabaseMirror %.*s", STR_ARG(own));
	native_line(out, "DatabaseMirror %s", last);
}

static void
emit_proxy(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	static const char *const props[] = { "HTTPProxyServer", "HTTPProxyPort",
		"HTTPProxyUsername", "HTTPProxyPassword" };
	(void)f;
	for (size_t i = 0; i < ARRAY_LEN(props); i++) {
		struct str v = native_config(env, RECORD, props[i]);
		if (native_true(v))
			native_line(out, "%s %.*s", props[i], STR_ARG(v));
	}
}

static void
emit_memory(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	long n = native_number(
	    native_config(env, "clamd", "MemLimit"), MEMORY_LEAST);
	(void)f;
	native_line(out, "%ld", n > MEMORY_LEAST ? n : MEMORY_LEAST);
}

/* One option a fragment, both of the same name. */
#define OPTION(n, otherwise) NATIVE_VALUE(n, n " ", RECORD, n, otherwise, "")
/* The same where ClamAV 0.101, which release 10 has, renamed the option. */
#define RENAMED(n, other, otherwise)                                           \
	{ .name = (n),                                                         \
		.until = TEMPLATE_R10 - 1,                                     \
		.emit = native_emit_value,                                     \
		.arg = &(const struct native_value){                           \
		    n " ", RECORD, (n), (otherwise), "" } },                   \
	{                                                                      \
		.name = (n), .since = TEMPLATE_R10, .emit = native_emit_value, \
		.arg = &(const struct native_value)                            \
		{                                                              \
			other " ", RECORD, (n), (otherwise), ""                \
		}                                                              \
	}
#define PATH(n, path, embedded)                                                \
	{                                                                      \
		.name = (n), .emit = emit_path,                                \
		.arg = &(const struct path_line)                               \
		{                                                              \
			(n), (path), (embedded)                                \
		}                                                              \
	}
#define OPTIONAL(n, usual)                                                     \
	{                                                                      \
		.name = (n), .emit = emit_optional,                            \
		.arg = &(const struct optional)                                \
		{                                                              \
			(n), (usual)                                           \
		}                                                              \
	}
#define SERVER(n, text)                                                        \
	{                                                                      \
		.name = (n), .emit = emit_server_only, .arg = (text)           \
	}

/* clang-format off */
static const struct template_fragment
f_clamd[] = {
	{ .name = "AllowSupplementaryGroups", .until = TEMPLATE_R10 - 1,
	  .emit = native_emit_text, .arg = "AllowSupplementaryGroups yes" },
	RENAMED("ArchiveBlockEncrypted", "AlertEncryptedArchive", "no"),
	/* ClamAV up to 0.92, which release 7 had */
	{ .name = "ArchiveMaxCompressionRatio", .until = TEMPLATE_R7,
	  .emit = native_emit_value, .arg = &(const struct native_value){
	    "ArchiveMaxCompressionRatio ", RECORD,
	    "ArchiveMaxCompressionRatio", "300", "" } },
	NATIVE_EMIT("DatabaseDirectory", emit_databases),
	OPTION("Debug", "no"),
	RENAMED("DetectBrokenExecutables", "AlertBrokenExecutables", "no"),
	NATIVE_TEXT("FixStaleSocket", "FixStaleSocket yes"),
	NATIVE_TEXT("Foreground", "Foreground yes"),
	OPTION("HeuristicScanPrecedence", "no"),
	OPTION("IdleTimeout", "60"),
	OPTION("LeaveTemporaryFiles", "no"),
	PATH("LocalSocket", "/var/clamav/clamd.socket", NULL),
	OPTION("LogClean", "no"),
	OPTION("LogTime", "no"),
	OPTION("LogVerbose", "yes"),
	OPTION("MaxConnectionQueueLength", "30"),
	OPTION("MaxDirectoryRecursion", "20"),
	OPTION("MaxFileSize", "15M"),
	OPTION("MaxFiles", "1500"),
	OPTION("MaxRecursion", "8"),
	OPTION("MaxThreads", "20"),
	OPTION("ReadTimeout", "300"),
	OPTION("ScanArchive", "yes"),
	OPTION("ScanHTML", "yes"),
	OPTION("ScanMail", "yes"),
	OPTION("ScanOLE2", "yes"),
	OPTION("ScanPE", "yes"),
	OPTION("SelfCheck", "1800"),
	OPTION("StreamMaxLength", "25M"),
	OPTIONAL("TCPAddr", "127.0.0.1"),
	OPTIONAL("TCPSocket", "3310"),
	PATH("TemporaryDirectory", "/var/tmp", "/tmp"),
	SERVER("User", "User clamav"),
},
f_freshclam[] = {
	OPTION("Checks", "24"),
	OPTION("DNSDatabaseInfo", "current.cvd.clamav.net"),
	NATIVE_EMIT("DatabaseDirectory", emit_databases),
	NATIVE_EMIT("DatabaseMirror", emit_mirrors),
	SERVER("DatabaseOwner", "DatabaseOwner clamav"),
	NATIVE_TEXT("Foreground", "Foreground yes"),
	OPTION("LogVerbose", "yes"),
	OPTION("MaxAttempts", "6"),
	PATH("NotifyClamd", "/etc/clamd.conf", NULL),
	SERVER("OnErrorExecute",
	    "OnErrorExecute \"/sbin/e-smith/freshclam-update-failed\""),
	SERVER("OnUpdateExecute",
	    "OnUpdateExecute \"/sbin/e-smith/freshclam-update-ok\""),
	NATIVE_EMIT("ProxySettings", emit_proxy),
},
f_memory[] = { NATIVE_EMIT("MEMLIMIT", emit_memory) };

const struct template_file native_clamav[] = {
	{ .path = "/etc/clamd.conf", FRAGMENTS(f_clamd) },
	{ .path = "/etc/freshclam.conf", FRAGMENTS(f_freshclam),
	  .flags = TEMPLATE_SECRET },
	{ .path = "/var/service/clamd/env/MEMLIMIT", FRAGMENTS(f_memory),
	  .flags = TEMPLATE_FLAT },
};
const size_t native_clamav_count = ARRAY_LEN(native_clamav);
/* clang-format on */
