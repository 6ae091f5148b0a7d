/* What native fragments share. */
#include "core/template/native_int.h"

#include "core/base/num.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct str
native_stored(const struct template_env *env, const char *key, const char *prop)
{
	const struct template_data *d = env->data;
	struct str v;
	return d->value(d->ctx, "configuration", str_of(key), prop, &v)
		   ? v
		   : (struct str)STR_EMPTY;
}

struct str
native_config(const struct template_env *env, const char *key, const char *prop)
{
	const struct template_data *d = env->data;
	struct str v = native_stored(env, key, prop);
	if (v.len == 0 && d->fallback != NULL &&
	    !d->fallback(d->ctx, "configuration", str_of(key), prop, &v))
		v = (struct str)STR_EMPTY;
	return v;
}

bool
native_true(struct str s)
{
	return s.len > 0 && !str_is(s, "0");
}

struct str
native_or(struct str a, const char *otherwise)
{
	return native_true(a) ? a : str_of(otherwise);
}

struct str
native_or2(struct str a, struct str b, const char *otherwise)
{
	return native_true(a) ? a : native_or(b, otherwise);
}

bool
native_enabled(
    const struct template_env *env, const char *key, const char *prop)
{
	return str_is(native_config(env, key, prop), "enabled");
}

bool
native_enabled_or(const struct template_env *env, const char *key,
    const char *prop, bool otherwise)
{
	struct str v = native_config(env, key, prop);
	return v.len == 0 ? otherwise : str_is(v, "enabled");
}

void
native_line(struct buf *out, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	buf_vaddf(out, fmt, ap);
	va_end(ap);
	buf_add_char(out, '\n');
}

void
native_line_str(struct buf *out, struct str s)
{
	buf_add_str(out, s);
	buf_add_char(out, '\n');
}

void
native_parts(struct str list, char sep,
    void (*each)(void *ctx, struct str part), void *ctx)
{
	while (list.len > 0) {
		struct str rest, part = str_trim(str_cut(list, sep, &rest));
		if (part.len > 0)
			each(ctx, part);
		list = rest;
	}
}

void
native_emit_part(void *out, struct str part)
{
	native_line_str(out, part);
}

void
native_emit_one(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
{
	const struct native_one *v = f->arg;
	native_line_str(
	    out, native_or(native_config(env, v->key, v->prop), v->otherwise));
}

void
native_emit_text(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
{
	(void)env;
	native_line(out, "%s", (const char *)f->arg);
}

static void
value_line(const struct template_env *env, const struct native_value *v,
    struct buf *out)
{
	struct str s = str_of(v->otherwise);
	if (v->key != NULL)
		s = native_or(
		    native_config(env, v->key, v->prop), v->otherwise);
	if (s.len > 0)
		native_line(out, "%s%.*s%s", v->start, STR_ARG(s), v->end);
}

void
native_emit_value(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
{
	value_line(env, f->arg, out);
}

void
native_emit_values(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
{
	for (const struct native_value *v = f->arg; v->start != NULL; v++)
		value_line(env, v, out);
}

const char *
native_prefix(const struct template_env *env)
{
	return env->embedded ? env->root->prefix : "";
}

long
native_number(struct str s, long otherwise)
{
	long n = 0;
	if (s.len == 0 || s.len > 18)
		return otherwise;
	for (size_t i = 0; i < s.len; i++) {
		if (!ascii_is_digit(s.ptr[i]))
			return otherwise;
		n = n * 10 + (s.ptr[i] - '0');
	}
	return n;
}

void
native_quote(struct buf *out, struct str text, const char *special)
{
	for (size_t i = 0; i < text.len; i++) {
		if (strchr(special, text.ptr[i]) != NULL)
			buf_add_char(out, '\\');
		buf_add_char(out, text.ptr[i]);
	}
}

bool
native_is_word(struct str s, const char *others)
{
	for (size_t i = 0; i < s.len; i++)
		if (!ascii_is_alnum(s.ptr[i]) &&
		    (s.ptr[i] == '\0' || strchr(others, s.ptr[i]) == NULL))
			return false;
	return s.len > 0;
}

/* Entries of record 'key' of the wbl database that have the word. */
static void
wbl_emit(const struct template_env *env, const char *key, const char *word,
    struct buf *out)
{
	const struct template_prop *p;
	size_t n = env->data->props(env->data->ctx, "wbl", str_of(key), &p);
	for (size_t i = 0; i < n; i++)
		if (str_is(p[i].value, word))
			native_line_str(out, p[i].name);
}

void
native_emit_black(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
{
	wbl_emit(env, f->arg, "Black", out);
}

void
native_emit_white(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
{
	wbl_emit(env, f->arg, "White", out);
}

const char *
native_host(const struct template_env *env)
{
	struct str name = native_config(env, "SystemName", NULL);
	struct str domain = native_config(env, "DomainName", NULL);
	return arena_printf(env->arena, "%.*s%s%.*s", STR_ARG(name),
	    name.len > 0 && domain.len > 0 ? "." : "", STR_ARG(domain));
}

void
native_domains(const struct template_env *env,
    void (*each)(const struct template_env *env, void *ctx, struct str domain),
    void *ctx)
{
	const struct template_record *r;
	size_t n = env->data->records(env->data->ctx, "domains", &r);
	for (size_t i = 0; i < n; i++)
		if (str_is(r[i].type, "domain"))
			each(env, ctx, r[i].key);
}

struct str
native_domain_server(const struct template_env *env, struct str domain)
{
	struct str own = STR_EMPTY;
	if (!env->data->value(
		env->data->ctx, "domains", domain, "MailServer", &own))
		own = (struct str)STR_EMPTY;
	return native_or2(
	    own, native_config(env, "DelegateMailServer", NULL), "localhost");
}

void
native_backup_mx(const struct template_env *env,
    void (*each)(void *ctx, struct str domain), void *ctx)
{
	if (native_enabled(env, "mxbackup", "status"))
		native_parts(
		    native_config(env, "mxbackup", "name"), ',', each, ctx);
}

void
native_networks(const struct template_env *env,
    bool (*wanted)(const struct template_env *env, struct str key),
    void (*each)(void *ctx, const char *prefix, bool whole), void *ctx)
{
	const struct template_record *r;
	const struct template_data *d = env->data;
	size_t n = d->records(d->ctx, "networks", &r);
	for (size_t i = 0; i < n; i++) {
		struct str mask;
		if (!str_is(r[i].type, "network") ||
		    (wanted != NULL && !wanted(env, r[i].key)))
			continue;
		if (d->value(d->ctx, "networks", r[i].key, "Mask", &mask))
			template_network_prefixes(r[i].key, mask, each, ctx);
	}
}

static bool
address_parse(struct str s, uint32_t *out)
{
	char text[INET_ADDRSTRLEN];
	struct in_addr a;
	if (s.len == 0 || s.len >= sizeof(text))
		return false;
	memcpy(text, s.ptr, s.len);
	text[s.len] = '\0';
	if (inet_pton(AF_INET, text, &a) != 1)
		return false;
	*out = ntohl(a.s_addr);
	return true;
}

void
template_network_prefixes(struct str address, struct str mask,
    void (*each)(void *ctx, const char *prefix, bool whole), void *ctx)
{
	uint32_t a, m;
	if (!address_parse(str_trim(address), &a) ||
	    !address_parse(str_trim(mask), &m))
		return;
	/* a mask is ones, then zeros; without any one it names no network */
	if (m == 0 || ((~m + 1) & ~m) != 0)
		return;
	unsigned bits = 0;
	for (uint32_t rest = m; rest != 0; rest <<= 1)
		bits++;
	unsigned numbers = (bits + 7) / 8;
	unsigned step = 1u << (8 * (4 - numbers)); /* of one prefix */
	uint32_t count = 1u << (8 * numbers - bits);
	for (uint32_t i = 0; i < count; i++) {
		uint32_t one = (a & m) + i * step;
		char text[INET_ADDRSTRLEN];
		size_t used = 0;
		for (unsigned k = 0; k < numbers; k++)
			used += (size_t)snprintf(text + used,
			    sizeof(text) - used, "%s%u", k > 0 ? "." : "",
			    (one >> (24 - 8 * k)) & 255u);
		each(ctx, text, numbers == 4);
	}
}
