/* Ways into a rehearsal: typed, a message of the logs, a session. */
#include "core/base/i18n.h"
#include "core/base/num.h"
#include "core/maillog/story.h"
#include "core/model/own.h"
#include "core/model/top.h"
#include "core/model/why_find.h"
#include "tui/screens/rehearse.h"

enum {
	FOUND_BYTES = 64 << 20,
	AROUND_S = 3600 /* a message is through within that */
};

/* Somebody that this server has in any case. */
static struct str
somebody(struct tui *ui)
{
	struct own_names names;
	struct err e = ERR_INIT;
	if (!own_names_read(&ui->model, &names, &e) || names.domain.len == 0)
		return STR("postmaster");
	return str_of(ui_text(ui, "postmaster@%.*s", STR_ARG(names.domain)));
}

static void
open_envelope(struct tui *ui, struct rehearse_ask *ask)
{
	if (ask->client.len == 0) {
		ui_say(ui, "%s", _("the address of its client is not known"));
		return;
	}
	if (ask->rcpt.len == 0)
		ask->rcpt = somebody(ui);
	rehearsal_open(ui, ask);
}

/* What stands in front of the file; false: it was told what is wrong. */
static bool
take_named(struct tui *ui, struct str *rest, struct rehearse_ask *ask)
{
	struct str more = *rest, word;
	while (str_next_word(&more, &word)) {
		struct str value, name = str_cut(word, '=', &value);
		uint64_t n;
		if (str_is(name, "user") && value.ptr != NULL) {
			ask->user = value;
		} else if (str_is(name, "helo") && value.len > 0) {
			ask->helo = value;
		} else if (str_is(name, "port") && value.ptr != NULL) {
			if (!num_parse_u64(value, UINT16_MAX, &n)) {
				ui_say(ui, _("'%.*s' is not a port"),
				    STR_ARG(value));
				return false;
			}
			ask->port = (uint16_t)n;
		} else {
			break;
		}
		*rest = more;
	}
	return true;
}

void
rehearsal_open_words(struct tui *ui, const char *words)
{
	struct rehearse_ask ask = { .file = NULL };
	struct str rest = str_of(words), file;
	/* one that is missing or none is told by the request itself */
	if (!str_next_word(&rest, &ask.client))
		ask.client = (struct str)STR_EMPTY;
	/* what is not said: a bounce, for somebody who is there */
	if (!str_next_word(&rest, &ask.sender))
		ask.sender = STR("<>");
	if (!str_next_word(&rest, &ask.rcpt))
		ask.rcpt = somebody(ui);
	if (!take_named(ui, &rest, &ask))
		return;
	file = str_trim(rest);
	if (file.len > 0)
		ask.file = ui_text(ui, "%.*s", STR_ARG(file));
	if (str_is(ask.sender, "<>"))
		ask.sender = (struct str)STR_EMPTY;
	rehearsal_open(ui, &ask);
}

void
rehearsal_open_why(struct tui *ui, const struct why *w)
{
	struct str rest = w->recipients;
	struct rehearse_ask ask = {
		.client = w->ip, .helo = w->helo, .sender = w->sender
	};
	if (!maillog_recipient_next(&rest, &ask.rcpt))
		ask.rcpt = w->refused;
	open_envelope(ui, &ask);
}

void
rehearsal_open_logged(
    struct tui *ui, enum why_what what, const char *text, int64_t at_s)
{
	struct logrange range = { clock_s_to_ns(at_s - AROUND_S),
		clock_s_to_ns(at_s + AROUND_S) };
	struct why_list found = { .n = 0 };
	struct err e = ERR_INIT;
	struct model_ctx m = ui->model;
	if (at_s == 0)
		range = (struct logrange)LOGRANGE_ALL;
	m.arena = ui_arena(ui, FOUND_BYTES);
	if (!why_find(&m, why_query(ui, what, text), NULL, range, -1, NULL,
		&found, &e))
		ui_error(ui, &e);
	else if (found.n == 0)
		ui_say(ui, "%s", _("this line belongs to no message"));
	else
		rehearsal_open_why(ui, found.rows[0]);
	arena_free(m.arena);
}

void
rehearsal_open_session(struct tui *ui, const struct top_session *s)
{
	struct rehearse_ask ask = { .client = str_of(s->ip),
		.helo = str_of(s->helo),
		.sender = str_of(s->from),
		.rcpt = str_of(s->to) };
	open_envelope(ui, &ask);
}
