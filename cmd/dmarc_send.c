/* dmarc send: the daily reports to the owners of the domains. */
#include "core/model/dmarc_send.h"

#include "cmd/app_dns.h"
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/render.h"
#include "cmd/when.h"
#include "core/base/i18n.h"
#include "core/mail/path.h"
#include "core/base/num.h"
#include "core/model/tree.h"

#include <stdlib.h>

enum {
	SMTP_PORT = 25,
	JSON_MAX = 16 << 20
};

/* "127.0.0.1:2525", "[::1]:25", "192.0.2.1" */
static bool
server_parse(const char *text, struct dmarc_send *s, struct err *e)
{
	struct str addr = str_of(text), port = STR_EMPTY;
	uint64_t n = SMTP_PORT;
	size_t colon = addr.len;
	while (colon > 0 && addr.ptr[colon - 1] != ':')
		colon--;
	bool bracket = addr.len > 0 && addr.ptr[0] == '[';
	bool one = str_find(addr, ':', 0) == colon - 1;
	if (colon > 0 && (one || (bracket && addr.ptr[colon - 2] == ']'))) {
		port = str_sub(addr, colon, addr.len);
		addr.len = colon - 1;
	}
	if (bracket)
		addr = str_sub(addr, 1, addr.len - 1);
	if (!net_addr_parse(addr, &s->server) ||
	    (port.len > 0 && !num_parse_u64(port, UINT16_MAX, &n)))
		return err_set(
		    e, ERR_USAGE, _("'%s' is not ADDRESS:PORT"), text);
	s->port = (uint16_t)n;
	return true;
}

/* The mail server of this root: its own port on loopback, else 25. */
static bool
server_find(
    struct app *app, const char *option, struct dmarc_send *s, struct err *e)
{
	if (option != NULL)
		return server_parse(option, s, e);
	s->port = SMTP_PORT;
	if (!root_is_system(&app->root))
		s->port = (uint16_t)tree_smtp_port(&app->model);
	return net_addr_parse(STR("127.0.0.1"), &s->server) ||
	       err_set(e, ERR_PERMANENT, "127.0.0.1");
}

static bool
form_parse(const char *text, enum report_form *out, struct err *e)
{
	*out = REPORT_RFC9990;
	if (text == NULL || strcmp(text, "rfc9990") == 0)
		return true;
	*out = REPORT_RFC7489;
	return strcmp(text, "rfc7489") == 0 ||
	       err_set(e, ERR_USAGE, _("unknown form '%s': rfc9990 or rfc7489"),
		   text);
}

static const char *
state_word(const struct dmarc_send *s, const struct dmarc_send_row *r)
{
	if (r->state != DMARC_SENT_NEVER)
		return _(dmarc_sent_word(r->state));
	return s->dry_run && r->reason.len == 0 ? _("would be sent")
						: _("not sent");
}

static void
rows_show(struct app *app, const struct dmarc_send *s,
    const struct dmarc_send_row *rows, size_t n)
{
	static const struct render_column columns[] = {
		{ N_("DAY"), false },
		{ N_("DOMAIN"), false },
		{ N_("STATE"), false },
		{ N_("TO"), false },
		{ N_("WHY"), false },
	};
	enum {
		WIDTH = ARRAY_LEN(columns)
	};
	struct str *cells = ARENA_ARRAY(app->arena, n * WIDTH + 1, struct str);
	for (size_t i = 0; i < n; i++) {
		struct str *row = &cells[i * WIDTH];
		row[0] = str_of(when_day(app, rows[i].begin));
		row[1] = rows[i].domain;
		row[2] = str_of(state_word(s, &rows[i]));
		row[3] = rows[i].uri;
		row[4] = rows[i].reason;
	}
	if (n > 0)
		render_table(app, columns, WIDTH, cells, n);
	else
		render_note(app, "%s", _("no report is due"));
}

static void
rows_json(struct app *app, const struct dmarc_send *s,
    const struct dmarc_send_row *rows, size_t n)
{
	struct buf buf = BUF_INIT(JSON_MAX);
	struct json j;
	render_json_begin(app, &j, &buf, "smemail.dmarc.send/1");
	json_key(&j, "dry_run");
	json_bool(&j, s->dry_run);
	json_key(&j, "reports");
	json_array_begin(&j);
	for (size_t i = 0; i < n; i++) {
		json_object_begin(&j);
		json_text(&j, "domain", rows[i].domain);
		json_key(&j, "begin");
		json_int(&j, rows[i].begin);
		json_text(&j, "to", rows[i].uri);
		json_key(&j, "state");
		json_cstr(&j, dmarc_sent_word(rows[i].state));
		json_key(&j, "now");
		json_bool(&j, rows[i].now);
		json_key(&j, "destination");
		json_cstr(&j, dmarc_destination_word(rows[i].destination));
		json_text(&j, "reason", rows[i].reason);
		json_object_end(&j);
	}
	json_array_end(&j);
	render_json_end(app, &j, &buf);
}

/* It stands in MAIL FROM and in the report: a whole address, and nothing else.
 */
static bool
from_check(const char *from, struct err *e)
{
	size_t at = from != NULL ? strcspn(from, "@") : 0;
	bool good =
	    from == NULL || (at > 0 && from[at] == '@' &&
				mail_domain_is_valid(str_of(from + at + 1)));
	for (size_t i = 0; good && i < at && from != NULL; i++)
		good = from[i] > ' ' && from[i] < 0x7f &&
		       strchr("<>,;:\"\\()[]", from[i]) == NULL;
	return good || err_set(e, ERR_USAGE, _("'%s' is no address"), from);
}

static int
dmarc_send_command(struct app *app, const struct call *call, struct err *e)
{
	struct dmarc_send s = { .model = &app->model,
		.dry_run = call_has(call, "dry-run"),
		.domain = str_of(call_option(call, "domain")),
		.from = str_of(call_option(call, "from")),
		.helo = app_host(app) };
	struct dmarc_send_row *rows;
	size_t n;
	if (!from_check(call_option(call, "from"), e) ||
	    !form_parse(call_option(call, "form"), &s.form, e) ||
	    !server_find(app, call_option(call, "smtp"), &s, e))
		return err_exit_status(e->code);
	s.dns = app_dns(app, e);
	if (s.dns == NULL || !dmarc_send_run(&s, &rows, &n, e))
		return err_exit_status(e->code);
	if (app->json || app->jsonl)
		rows_json(app, &s, rows, n);
	else
		rows_show(app, &s, rows, n);
	for (size_t i = 0; i < n; i++)
		if (rows[i].state == DMARC_SENT_RETRY ||
		    rows[i].destination == DMARC_DESTINATION_UNTESTED)
			return err_exit_status(ERR_TEMPORARY);
	return 0;
}

const struct command command_dmarc_send = {
	.words = "dmarc send",
	.summary = N_("send the daily DMARC reports that are due"),
	.text = N_("Writes a report for each domain and day that is over, in "
		   "the form of RFC 9990 (or RFC 7489), packs it by gzip and "
		   "hands it to the mail server, once to each address that the "
		   "domain names. Addresses outside the domain must agree to it "
		   "in the DNS. What fails for now is tried again by later "
		   "runs, after 15 minutes, then longer, for two days; what "
		   "may have arrived is never sent again. Made for cron. Exit "
		   "111 when something is left to be tried again."),
	.options = {
		{ .name = "dry-run",
		    .help = N_("tell what would be sent, and to whom") },
		{ .name = "domain",
		    .value = "DOMAIN",
		    .kind = ARG_DOMAIN,
		    .help = N_("only reports about this domain") },
		{ .name = "form",
		    .value = "FORM",
		    .kind = ARG_TEXT,
		    .help = N_("rfc9990 (the default) or rfc7489") },
		{ .name = "from",
		    .value = "ADDRESS",
		    .kind = ARG_HOST,
		    .help = N_("sender of the reports") },
		{ .name = "smtp",
		    .value = "ADDRESS:PORT",
		    .kind = ARG_TEXT,
		    .help = N_("mail server that takes them, in place of the "
			       "one here") },
	},
	.flags = COMMAND_CHANGES,
	.run = dmarc_send_command,
};
