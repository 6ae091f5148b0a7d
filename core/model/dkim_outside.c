/* A message to somebody outside who reports what arrived (F160). */
#include "core/model/dkim_outside.h"

#include "core/base/escape.h"
#include "core/base/i18n.h"
#include "core/base/random.h"
#include "core/mail/date.h"
#include "core/mail/path.h"
#include "core/model/own.h"
#include "core/model/tree.h"
#include "core/smtp/send.h"

enum {
	SMTP_PORT = 25,
	SEND_LIMIT_MS = 60000,
	MESSAGE_MAX = 16 * 1024
};

static const char label[] = N_("outside view");

bool
dkim_outside_address(const struct model_ctx *m, const char *text, struct err *e)
{
	struct mail_path path;
	struct str params;
	struct str whole = str_of(arena_printf(m->arena, "<%s>", text));
	if (mail_path_parse(whole, MAIL_PATH_RECIPIENT, &path, &params, NULL) &&
	    path.domain.len > 0 && params.len == 0 && *text != '@')
		return true;
	return err_set(e, ERR_USAGE, _("'%s' is no mail address"), text);
}

/* Unsigned: the daemon is to sign it, as it does all mail of users. */
static void
message_write(const struct model_ctx *m, struct str from, struct str to,
    const char *host, struct buf *out)
{
	char date[MAIL_DATE_SIZE];
	buf_addf(out,
	    "From: <%.*s>\nTo: <%.*s>\nDate: %s\n"
	    "Subject: probe of smemail dkim check\n"
	    "Message-ID: <%08x%08x.probe@%s>\nMIME-Version: 1.0\n"
	    "Content-Type: text/plain; charset=us-ascii\n\n"
	    "This message shows how mail of this domain arrives: whether its\n"
	    "DKIM signature verifies, and what SPF and DMARC say.\n",
	    STR_ARG(from), STR_ARG(to),
	    mail_date_format(clock_wall_s(m->clock), date),
	    (unsigned)random_u32(), (unsigned)random_u32(), host);
}

static enum smtp_sent
hand_over(
    const struct model_ctx *m, struct str from, struct str to, struct err *e)
{
	struct own_names names;
	struct buf message = BUF_INIT(MESSAGE_MAX);
	struct smtp_send mail = { .port = SMTP_PORT,
		.from = from,
		.to = to,
		.limit_ms = SEND_LIMIT_MS };
	if (!own_names_read(m, &names, e) ||
	    !net_addr_parse(STR("127.0.0.1"), &mail.addr))
		return SMTP_SENT_LATER;
	mail.helo = arena_cstr(m->arena, names.host);
	if (!root_is_system(m->root))
		mail.port = (uint16_t)tree_smtp_port(m);
	message_write(m, from, to, mail.helo, &message);
	mail.message = buf_str(&message);
	enum smtp_sent sent = smtp_send_message(&mail, m->clock, e);
	buf_clear(&message);
	return sent;
}

void
dkim_outside_view(const struct model_ctx *m, const char *domain, const char *to,
    struct findings *f)
{
	struct err e = ERR_INIT;
	struct str from =
	    str_of(arena_printf(m->arena, "postmaster@%s", domain));
	if (to == NULL) {
		findings_add(f, FINDING_INFO, "outside", label,
		    _("not asked; an address that answers with what arrived "
		      "tells"));
		findings_next(
		    f, "smemail dkim check %s --send-probe ADDRESS", domain);
		return;
	}
	switch (hand_over(m, from, str_of(to), &e)) {
	case SMTP_SENT:
		findings_add(f, FINDING_OK, "outside", label,
		    _("a probe is on its way to %s; what it answers comes to "
		      "%.*s"),
		    to, STR_ARG(from));
		findings_next(f, "smemail log show %s",
		    escape_shell_word(
			m->arena, str_of(arena_printf(m->arena, "to:%s", to))));
		break;
	case SMTP_SENT_REFUSED:
		findings_add(f, FINDING_FAIL, "outside", label,
		    _("the probe was refused: %s"), e.text);
		break;
	case SMTP_SENT_LATER:
	case SMTP_SENT_UNKNOWN:
		findings_add(f, FINDING_UNKNOWN, "outside", label,
		    _("the probe could not be sent: %s"), e.text);
		break;
	}
}
