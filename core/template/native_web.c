/*
 * PHP's limits, Horde's title and administrator, and hosts that lead to the
 * webmail (section 8). The rest of these files is the server's own.
 */
#include "core/template/native_int.h"

#include <string.h>

/* php.ini has its own sign of a comment. */
#define PHP_HEADING                                                            \
	"; Generated: changes made here are lost. Set it with smemail,\n"      \
	"; or put a fragment below /etc/e-smith/templates-custom."

static void
emit_registry(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	struct str name =
	    native_or(native_config(env, "horde", "Name"), "Horde");
	(void)f;
	native_line(out, "$this->applications['horde'] = array(");
	buf_add_cstr(out, "    'name' => _(\"");
	native_quote(out, name, "\"\\$");
	native_line(out, "\"),\n);");
}

static void
emit_admins(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	struct str on = native_config(env, "horde", "Administration");
	(void)f;
	buf_add_cstr(out, "$conf['auth']['admins'] = array('");
	if (native_true(on) && !str_is(on, "disabled")) {
		buf_add_cstr(out, "admin@");
		native_quote(
		    out, native_config(env, "DomainName", NULL), "'\\");
	}
	native_line(out, "');");
}

/* http://host/path or https://: nothing that ends the directive. */
static bool
is_target(struct str s)
{
	bool ok =
	    str_starts(s, STR("http://")) || str_starts(s, STR("https://"));
	for (size_t i = 0; i < s.len && ok; i++)
		ok = s.ptr[i] > ' ' && s.ptr[i] < 127 &&
		     strchr("\"'<>\\%{}", s.ptr[i]) == NULL;
	return ok;
}

static void
host_lines(struct buf *out, struct str host, struct str target)
{
	while (str_ends(target, STR("/")))
		target.len--;
	native_line(out, "<VirtualHost *:80>");
	native_line(out, "    ServerName %.*s", STR_ARG(host));
	native_line(out, "    ProxyPreserveHost On");
	native_line(out, "    ProxyPass / %.*s/", STR_ARG(target));
	native_line(out, "    ProxyPassReverse / %.*s/", STR_ARG(target));
	native_line(out, "</VirtualHost>");
}

/* One of the two properties alone says nothing. */
static void
emit_hosts(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	const struct template_data *d = env->data;
	const struct template_record *r;
	size_t n = d->records(d->ctx, "domains", &r);
	(void)f;
	for (size_t i = 0; i < n; i++) {
		struct str path, target;
		if (d->value(
			d->ctx, "domains", r[i].key, "TemplatePath", &path) &&
		    str_is(path, "ProxyPassVirtualHosts") &&
		    d->value(d->ctx, "domains", r[i].key, "ProxyPassTarget",
			&target) &&
		    is_target(target) && native_is_word(r[i].key, "-._"))
			host_lines(out, r[i].key, target);
	}
}

#define HORDE "/home/httpd/html/horde/config/"

/* clang-format off */
/* Names of php.ini are padded to 39 columns. */
static const struct native_value
resources[] = {
	{ "memory_limit                           = ", "php", "MemoryLimit",
	  "32M", "" },
	{ "max_execution_time                     = ", "php",
	  "MaxExecutionTime", "30", "" },
	{ NULL, NULL, NULL, NULL, NULL },
},
uploads[] = {
	{ "file_uploads                           = ", NULL, NULL, "On", "" },
	{ "upload_max_filesize                    = ", "php",
	  "UploadMaxFilesize", "10M", "" },
	{ NULL, NULL, NULL, NULL, NULL },
};

static const struct template_fragment
f_php[] = {
	NATIVE_TEXT("template-begin", PHP_HEADING),
	{ .name = "20ResourceLimits", .emit = native_emit_values,
	  .arg = resources },
	NATIVE_VALUE("40DataHandling",
	    "post_max_size                          = ", "php",
	    "PostMaxSize", "20M", ""),
	{ .name = "60FileUploads", .emit = native_emit_values,
	  .arg = uploads },
},
f_registry[] = {
	NATIVE_TEXT("template-begin", "<?php"),
	NATIVE_EMIT("110AppRegistryHorde", emit_registry),
},
f_conf[] = {
	NATIVE_TEXT("template-begin", "<?php"),
	NATIVE_EMIT("120AdminAuthentication", emit_admins),
},
f_httpd[] = { NATIVE_EMIT("ProxyPassVirtualHosts", emit_hosts) };

const struct template_file native_web[] = {
	{ .path = "/etc/httpd/conf/httpd.conf", FRAGMENTS(f_httpd) },
	{ .path = "/etc/php.ini", FRAGMENTS(f_php) },
	{ .path = HORDE "conf.php", FRAGMENTS(f_conf), .until = TEMPLATE_R10 },
	{ .path = HORDE "registry.php", FRAGMENTS(f_registry),
	  .until = TEMPLATE_R10 },
};
const size_t native_web_count = ARRAY_LEN(native_web);
/* clang-format on */
