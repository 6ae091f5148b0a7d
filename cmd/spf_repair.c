/* spf repair: a record to publish in place of the one there is. */
#include "core/model/own_spf.h"

#include "cmd/app_dns.h"
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/render.h"
#include "cmd/spf.h"
#include "core/base/i18n.h"

enum {
	ANSWER_NO = 1,
	JSON_MAX = 1 << 20,
	STRING_MAX = 255 /* octets of one string of a TXT record */
};

struct egress {
	struct spf_egress list[OWN_ADDRESSES_MAX];
	size_t n;
	const char *source; /* where they come from, for people */
};

static bool
egress_parse(const char *given, struct egress *out, struct err *e)
{
	struct str list = str_of(given), one;
	char text[NET_ADDR_TEXT_SIZE + 8];
	while (str_next_line(&list, &one)) {
		if (out->n == OWN_ADDRESSES_MAX || one.len >= sizeof(text))
			return err_set(e, ERR_USAGE,
			    _("'%.*s' is not an IP address"), STR_ARG(one));
		memcpy(text, one.ptr, one.len);
		text[one.len] = '\0';
		if (!spf_ip_parse(text, &out->list[out->n++].addr, e))
			return false;
	}
	out->source = "--ip";
	return true;
}

/* As it stands in a zone file, in strings of at most 255 octets. */
static const char *
zone_form(struct app *app, struct str domain, struct str record)
{
	struct buf out = BUF_INIT(2 * SPF_REPAIR_RECORD_MAX);
	buf_addf(&out, "%.*s. IN TXT", STR_ARG(domain));
	for (size_t at = 0; at < record.len; at += STRING_MAX)
		buf_addf(&out, " \"%.*s\"",
		    STR_ARG(str_sub(record, at, at + STRING_MAX)));
	const char *text = arena_cstr(app->arena, buf_str(&out));
	buf_clear(&out);
	return text;
}

/* "include:x.example: it leads nowhere"; some changes are of no term. */
static const char *
note_shown(struct app *app, const struct spf_repair_note *n)
{
	if (n->term.len == 0)
		return arena_cstr(app->arena, n->words);
	return arena_printf(
	    app->arena, _("%.*s: %.*s"), STR_ARG(n->term), STR_ARG(n->words));
}

static void
repair_show(
    struct app *app, const struct spf_repair *r, const struct egress *from)
{
	const struct spf_tree *t = &r->before;
	if (t->state == SPF_TREE_UNTESTED) {
		render_line(app, "?  %s",
		    arena_printf(app->arena, _("could not test: %s"),
			arena_cstr(app->arena, t->problem)));
		return;
	}
	render_line(app, "%s  %s", t->state == SPF_TREE_OK ? "ok" : "FAIL",
	    t->state == SPF_TREE_OK ? _("the record is valid")
				    : t->problem.ptr);
	if (t->record.len > 0)
		render_line(
		    app, "%-9s %.*s", _("published"), STR_ARG(t->record));
	if (from->n > 0)
		render_prose(app, 10, "%-9s %s", _("mail from"), from->source);
	for (size_t i = 0; i < r->n_notes; i++)
		render_prose(app, 10, "%-9s %s", _("change"),
		    note_shown(app, &r->notes[i]));
	if (!r->changed) {
		render_line(app, "%s", _("nothing to change"));
		return;
	}
	render_line(app, "%-9s %.*s", _("proposal"), STR_ARG(r->proposal));
	render_prose(app, 10, "%-9s %s", _("it needs"),
	    arena_printf(app->arena,
		_("%u lookups of %d, without an answer %u of %d"),
		r->after.lookups, SPF_LOOKUPS_MAX, r->after.voids,
		SPF_VOIDS_MAX));
	if (r->after.state != SPF_TREE_OK)
		render_prose(app, 10, "%-9s %s", "FAIL",
		    arena_printf(app->arena, _("%s: %.*s"),
			_("this cannot be repaired alone"),
			STR_ARG(r->after.problem)));
	render_line(app, "%-9s %s", _("zone file"),
	    zone_form(app, t->domain, r->proposal));
}

static void
repair_json(struct app *app, const struct spf_repair *r)
{
	struct buf buf = BUF_INIT(JSON_MAX);
	struct json j;
	bool untested = r->before.state == SPF_TREE_UNTESTED;
	render_json_begin(app, &j, &buf, "smemail.spf.repair/1");
	json_text(&j, "domain", r->before.domain);
	json_text(&j, "published", r->before.record);
	json_text(&j, "problem", r->before.problem);
	json_text(&j, "proposal", r->proposal);
	json_key(&j, "changed");
	if (untested)
		json_null(&j);
	else
		json_bool(&j, r->changed);
	json_key(&j, "valid");
	if (untested)
		json_null(&j);
	else
		json_bool(&j, r->after.state == SPF_TREE_OK);
	spf_json_uint(&j, "lookups", r->after.lookups);
	spf_json_uint(&j, "voids", r->after.voids);
	json_key(&j, "changes");
	json_array_begin(&j);
	for (size_t i = 0; i < r->n_notes; i++) {
		json_object_begin(&j);
		json_text(&j, "term", r->notes[i].term);
		json_text(&j, "change", r->notes[i].words);
		json_object_end(&j);
	}
	json_array_end(&j);
	render_json_end(app, &j, &buf);
}

static int
spf_repair_command(struct app *app, const struct call *call, struct err *e)
{
	struct egress egress = { .n = 0 };
	struct str domain;
	struct spf_repair r;
	const char *ip = call_option(call, "ip");
	if (!fact_domain_parse(app->arena, call->args[0], &domain, e) ||
	    (ip != NULL && !egress_parse(ip, &egress, e)))
		return err_exit_status(e->code);
	struct dns *dns = app_dns(app, e);
	if (dns == NULL)
		return err_exit_status(e->code);
	if (ip == NULL)
		egress.n = own_spf_egress(
		    &app->model, dns, domain, egress.list, &egress.source);
	own_spf_repair(&app->model, dns, domain, egress.list, egress.n, &r);
	if (app->json || app->jsonl)
		repair_json(app, &r);
	else
		repair_show(app, &r, &egress);
	if (r.before.state == SPF_TREE_UNTESTED)
		return err_exit_status(ERR_TEMPORARY);
	return r.changed ? ANSWER_NO : 0;
}

const struct command command_spf_repair = {
	.words = "spf repair",
	.summary = N_("propose a corrected SPF record"),
	.text = N_("Reads the record that is published and proposes one of the "
		   "same meaning that is valid: slips of syntax mended, several "
		   "records joined, references that lead nowhere and terms "
		   "that give nothing new dropped, includes written out when "
		   "there are more than 10 lookups, and addresses that mail "
		   "leaves from added. Each change is told, and the proposal is "
		   "judged as spf tree would. Without --ip, and for a domain of "
		   "this server, its smarthost counts, or else its own addresses. Nothing "
		   "is published. Exit 0 when "
		   "there is nothing to change, else 1; 111 when it could not "
		   "be tested."),
	.args = {
		{ .name = "DOMAIN", .kind = ARG_DOMAIN, .count = ARG_ONE },
	},
	.options = {
		{ .name = "ip",
		    .value = "ADDRESS",
		    .kind = ARG_TEXT,
		    .many = true,
		    .help = N_("mail leaves from here, so it must pass; may be "
			       "given again") },
	},
	.flags = COMMAND_NO_ROOT,
	.run = spf_repair_command,
};
