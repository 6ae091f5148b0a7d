/* The certificate that the filter shows to those who send and fetch mail. */
#include "core/model/status.h"

#include "core/auth/dkim_base64.h"
#include "core/base/i18n.h"
#include "core/model/moment.h"
#include "core/net/tls.h"
#include "core/sys/file.h"

#include <errno.h>
#include <string.h>

enum {
	PEM_MAX = 256 * 1024,
	DAY_S = 24 * 60 * 60
};

/* Where the line "tls ssl/cert.pem ..." of the filter leads. */
static const char *const places[] = {
	"/var/service/qpsmtpd/config/ssl/cert.pem",
	"/var/service/qpsmtpd/ssl/cert.pem",
};

/* The first certificate of a PEM text, decoded (RFC 7468). */
static bool
first_certificate(struct str pem, struct arena *a, struct str *der)
{
	const struct str begin = STR("-----BEGIN CERTIFICATE-----");
	const struct str end = STR("-----END CERTIFICATE-----");
	struct str line, body = STR_EMPTY;
	while (str_next_line(&pem, &line)) {
		line = str_trim(line);
		if (body.ptr == NULL && str_eq(line, begin))
			body = str_sub(pem, 0, 0);
		else if (body.ptr != NULL && str_eq(line, end))
			return dkim_base64_decode(body, a, der);
		else if (body.ptr != NULL)
			body.len = (size_t)(line.ptr + line.len - body.ptr);
	}
	return false;
}

/* The file holds the key too: it is wiped. */
static bool
read_der(const struct model_ctx *m, struct str *der, const char **path,
    struct err *e)
{
	char real[SYS_PATH_MAX];
	struct buf pem = BUF_INIT(PEM_MAX);
	bool read = false;
	if (buf_reserve(&pem, PEM_MAX) == NULL)
		return err_set_errno(e, ENOMEM, "%s", _("cannot read"));
	for (size_t i = 0; i < ARRAY_LEN(places) && !read; i++) {
		err_clear(e);
		*path = places[i];
		if (!root_path(m->root, places[i], real, e))
			break;
		read = file_read(real, places[i], &pem, e);
		if (!read && e->sys_errno != ENOENT)
			break;
	}
	bool ok = read && first_certificate(buf_str(&pem), m->arena, der);
	buf_wipe(&pem);
	if (read && !ok)
		err_set(e, ERR_NO, _("'%s' holds no certificate"), *path);
	return ok;
}

void
status_certificate_read(
    const struct model_ctx *m, struct status_certificate *out)
{
	struct tls_certificate facts;
	struct str der;
	const char *path = "";
	memset(out, 0, sizeof(*out));
	const struct tls_calls *tls = tls_load(&out->why);
	if (tls == NULL || !read_der(m, &der, &path, &out->why))
		return;
	if (!tls->certificate(der, m->arena, &facts)) {
		err_set(
		    &out->why, ERR_NO, _("'%s' holds no certificate"), path);
		return;
	}
	out->known = true;
	out->name = arena_cstr(
	    m->arena, facts.n_names > 0 ? facts.names[0] : facts.subject);
	out->not_before = facts.not_before;
	out->not_after = facts.not_after;
}

const char *
status_certificate_words(
    const struct model_ctx *m, const struct status_certificate *c)
{
	int64_t now = clock_wall_s(m->clock);
	if (!c->known)
		return arena_printf(m->arena, "????  %s", c->why.text);
	const char *day = moment_day(m->arena, c->not_after, now);
	if (c->not_after <= now)
		return arena_printf(
		    m->arena, _("%s, expired: %s"), c->name, day);
	unsigned long days = (unsigned long)((c->not_after - now) / DAY_S);
	return arena_printf(m->arena,
	    P_("%s, until %s (%lu day)", "%s, until %s (%lu days)", days),
	    c->name, day, days);
}
