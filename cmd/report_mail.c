/* The mail report as a message: text, a page, or both (RFC 2046). */
#include "cmd/report_int.h"

#include "cmd/render.h"
#include "core/base/i18n.h"
#include "core/base/num.h"
#include "core/base/random.h"
#include "core/mail/date.h"
#include "core/mail/path.h"
#include "core/model/settings.h"
#include "core/smtp/send.h"

#include <stdlib.h>
#include <string.h>

enum {
	MESSAGE_MAX = 128 << 20,
	SEND_LIMIT_MS = 60000,
	SMTP_PORT = 25,
	ENCODED_LINE = 57, /* bytes of a line of base64, RFC 2045 6.8 */
};

static void
base64(struct buf *out, struct str s)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *p = (const unsigned char *)s.ptr;
	for (size_t i = 0; i < s.len; i += 3) {
		uint32_t n = (uint32_t)p[i] << 16;
		n |= i + 1 < s.len ? (uint32_t)p[i + 1] << 8 : 0;
		n |= i + 2 < s.len ? p[i + 2] : 0;
		buf_add_char(out, digits[n >> 18]);
		buf_add_char(out, digits[n >> 12 & 63]);
		buf_add_char(out, i + 1 < s.len ? digits[n >> 6 & 63] : '=');
		buf_add_char(out, i + 2 < s.len ? digits[n & 63] : '=');
		if ((i + 3) % ENCODED_LINE == 0 || i + 3 >= s.len)
			buf_add_char(out, '\n');
	}
}

static void
part(struct buf *out, const char *type, struct str content)
{
	buf_addf(out,
	    "Content-Type: text/%s; charset=utf-8\n"
	    "Content-Transfer-Encoding: base64\n\n",
	    type);
	base64(out, content);
}

/* What report_text prints, without a terminal. */
static bool
text_of(struct app *app, const struct report *r, struct buf *out)
{
	char *bytes = NULL;
	size_t n = 0;
	FILE *memory = open_memstream(&bytes, &n), *kept = app->out;
	bool terminal = app->terminal, color = app->color;
	int columns = app->columns;
	if (memory == NULL)
		return false;
	app->out = memory;
	app->terminal = app->color = false;
	app->columns = 0;
	report_text(app, r);
	app->out = kept;
	app->terminal = terminal;
	app->color = color;
	app->columns = columns;
	bool ok = fclose(memory) == 0 && buf_add(out, bytes, n);
	free(bytes);
	return ok;
}

static bool
body(struct app *app, const struct report *r, struct buf *out)
{
	struct buf text = BUF_INIT(MESSAGE_MAX), page = BUF_INIT(MESSAGE_MAX);
	bool with_page = strcmp(r->choice.mail_form, "no") != 0;
	bool both = strcmp(r->choice.mail_form, "both") == 0;
	bool ok = (with_page && !both) || text_of(app, r, &text);
	ok = ok && (!with_page || report_html(app, r, &page));
	if (both) {
		const char *between = arena_printf(app->arena,
		    "=_smemail_%08x%08x", random_u32(), random_u32());
		buf_addf(out,
		    "Content-Type: multipart/alternative; "
		    "boundary=\"%s\"\n\n--%s\n",
		    between, between);
		part(out, "plain", buf_str(&text));
		buf_addf(out, "\n--%s\n", between);
		part(out, "html", buf_str(&page));
		buf_addf(out, "\n--%s--\n", between);
	} else if (with_page)
		part(out, "html", buf_str(&page));
	else
		part(out, "plain", buf_str(&text));
	buf_clear(&text);
	buf_clear(&page);
	return ok && !out->failed;
}

static bool
message(
    struct app *app, const struct report *r, const char *to, struct buf *out)
{
	char date[MAIL_DATE_SIZE];
	int64_t now = clock_wall_s(app->clock);
	buf_addf(out, "From: %s <postmaster@%s>\nTo: %s\n", "smemail",
	    r->config.domain, to);
	buf_addf(out, "Subject: %s: %s\n", "mail report", app_host(app));
	buf_addf(out, "Date: %s\n", mail_date_format(now, date));
	buf_addf(out, "Message-ID: <%lld.%08x@%s>\n", (long long)now,
	    random_u32(), app_host(app));
	buf_add_cstr(
	    out, "MIME-Version: 1.0\nAuto-Submitted: auto-generated\n");
	return body(app, r, out);
}

/* The port of the root's own listener. */
static uint16_t
local_port(struct app *app)
{
	struct settings_store *st;
	uint64_t port = SMTP_PORT;
	if (settings_open(&app->model, &st, NULL)) {
		const struct setting *s = setting_find(STR("smtp.port"));
		struct settings_row row;
		if (s == NULL ||
		    !settings_read_value(st, s, NULL, &row, NULL) ||
		    !num_parse_u64(row.value, UINT16_MAX, &port))
			port = SMTP_PORT;
		settings_close(st);
	}
	return (uint16_t)port;
}

bool
report_mail_check(const char *to, struct err *e)
{
	struct buf path = BUF_INIT(MAIL_PATH_MAX);
	struct mail_path parsed;
	struct str params;
	buf_addf(&path, "<%s%s>", to, strchr(to, '@') == NULL ? "@x" : "");
	bool ok = !path.failed &&
		  mail_path_parse(buf_str(&path), MAIL_PATH_RECIPIENT, &parsed,
		      &params, NULL) &&
		  params.len == 0;
	buf_clear(&path);
	return ok || err_set(e, ERR_USAGE, _("'%s' is no address"), to);
}

bool
report_mail(
    struct app *app, const struct report *r, const char *to, struct err *e)
{
	struct buf text = BUF_INIT(MESSAGE_MAX);
	if (to == NULL)
		to = r->choice.mail_to;
	if (!report_mail_check(to, e))
		return err_next(e, "smemail set mailstats.email ADDRESS");
	if (strchr(to, '@') == NULL)
		to = arena_printf(app->arena, "%s@%s", to, r->config.domain);
	if (!message(app, r, to, &text)) {
		buf_clear(&text);
		return err_no_memory(e);
	}
	struct smtp_send s = {
		.addr = { .bytes = { 127, 0, 0, 1 } },
		.port = local_port(app),
		.helo = app_host(app),
		.from = STR(""),
		.to = str_of(to),
		.message = buf_str(&text),
		.limit_ms = SEND_LIMIT_MS,
	};
	enum smtp_sent sent = smtp_send_message(&s, app->clock, e);
	buf_clear(&text);
	if (sent == SMTP_SENT) {
		render_note(app, _("report sent to %s"), to);
		return true;
	}
	err_context(e, _("cannot send the report to '%s'"), to);
	return err_next(e, "smemail service status");
}
