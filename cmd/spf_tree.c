/* spf tree: the record of a domain with everything it refers to. */
#include "core/model/spf_view.h"

#include "cmd/app_dns.h"
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/render.h"
#include "cmd/spf.h"
#include "core/base/i18n.h"

enum {
	ANSWER_NO = 1,
	JSON_MAX = 8 << 20,
	COLUMNS = 3
};

/* for programs */
static const char *const state_names[] = {
	[SPF_NODE_OK] = "ok",
	[SPF_NODE_VOID] = "void",
	[SPF_NODE_DEPENDS] = "depends",
	[SPF_NODE_UNTESTED] = "untested",
	[SPF_NODE_UNREACHED] = "unreached",
	[SPF_NODE_WRONG] = "wrong",
};
static const char *const tree_names[] = {
	[SPF_TREE_OK] = "ok",
	[SPF_TREE_NONE] = "none",
	[SPF_TREE_WRONG] = "permerror",
	[SPF_TREE_UNTESTED] = "untested",
};

static void
nodes_show(struct app *app, const struct spf_tree *t)
{
	static const struct render_column columns[COLUMNS] = {
		{ N_("TERM"), false },
		{ "N", true },
		{ N_("GIVES"), false },
	};
	bool last[SPF_TREE_DEPTH_MAX] = { false };
	struct str *cells =
	    ARENA_ARRAY(app->arena, t->n * COLUMNS + 1, struct str);
	for (size_t i = 0; i < t->n; i++) {
		const struct spf_node *n = &t->nodes[i];
		struct str *row = &cells[i * COLUMNS];
		last[n->depth] = n->last;
		row[0] = spf_node_line(app->arena, n, last, app->ascii);
		row[1] = n->number > 0
			     ? str_of(arena_printf(app->arena, "%u", n->number))
			     : STR("");
		row[2] = spf_node_note(app->arena, n);
	}
	if (t->n > 0)
		render_table(app, columns, COLUMNS, cells, t->n);
}

static void
tree_show(struct app *app, const struct spf_view *v)
{
	const struct spf_tree *t = &v->tree;
	static const char *const heads[] = { "ok", "none", "FAIL", "????" };
	const char *words =
	    t->state == SPF_TREE_OK ? _("the record is valid") : t->problem.ptr;
	render_prose(app, 6, "%s  %s", heads[t->state],
	    t->state == SPF_TREE_WRONG
		? arena_printf(app->arena, _("permerror: %s"), words)
		: words);
	render_prose(app, 2, "%s",
	    arena_printf(app->arena,
		_("lookups %u of %d, without an answer %u of %d"), t->lookups,
		SPF_LOOKUPS_MAX, t->voids, SPF_VOIDS_MAX));
	for (size_t i = 0; i < t->n_doubled; i++)
		render_line(app, "%.*s", STR_ARG(t->doubled[i]));
	if (t->record.len > 0)
		render_line(app, "%.*s", STR_ARG(t->record));
	nodes_show(app, t);
	for (size_t i = 0; i < v->n_own; i++)
		render_prose(app, 2, "%s %s", _("your mail leaves by"),
		    own_spf_text(app->arena, &v->own[i]));
	if (t->record.len > 0) {
		render_prose(app, 2, "%s", spf_others_text(app->arena, v));
		render_prose(app, 2, "%s", v->second_text);
	}
	const char *seen = spf_seen_text(&app->model, &v->seen);
	if (seen != NULL)
		render_prose(app, 2, "%s", seen);
	if (v->repair != NULL) {
		render_prose(
		    app, 2, "%s", spf_repair_text(app->arena, v->repair));
		render_line(app, "%.*s", STR_ARG(v->repair->proposal));
		render_next(app, "smemail spf repair %.*s", STR_ARG(t->domain));
	}
}

static void
node_json(struct json *j, const struct spf_node *n)
{
	json_object_begin(j);
	spf_json_uint(j, "depth", n->depth);
	json_text(j, "term", n->text);
	json_text(j, "domain", n->domain);
	json_key(j, "lookup");
	if (n->number > 0)
		json_int(j, n->number);
	else
		json_null(j);
	json_key(j, "state");
	json_cstr(j, state_names[n->state]);
	json_text(j, "note", n->note);
	json_text(j, "record", n->record);
	json_object_end(j);
}

static void
judged_json(struct json *j, const struct own_spf *s)
{
	json_key(j, "result");
	json_cstr(j, spf_result_word(s->out.result));
	spf_json_uint(j, "lookups", s->out.lookups);
	json_key(j, "libspf2");
	if (s->second_done)
		json_cstr(j, spf_result_word(s->second));
	else
		json_null(j);
}

static void
own_json(struct json *j, const struct spf_view *v)
{
	char addr[NET_ADDR_TEXT_SIZE];
	json_key(j, "own_mail");
	json_array_begin(j);
	for (size_t i = 0; i < v->n_own; i++) {
		json_object_begin(j);
		json_key(j, "ip");
		json_cstr(j, net_addr_format(&v->own[i].from.addr, addr));
		json_key(j, "smarthost");
		json_bool(j, v->own[i].from.source == OWN_SMARTHOST);
		judged_json(j, &v->own[i]);
		json_object_end(j);
	}
	json_array_end(j);
}

static void
time_json(struct json *j, const char *key, int64_t unix_s)
{
	char text[CLOCK_RFC3339_SIZE];
	json_key(j, key);
	if (unix_s != 0)
		json_cstr(j, clock_rfc3339(unix_s, text));
	else
		json_null(j);
}

/* Of anybody else, and what there is to compare with. */
static void
others_json(struct json *j, const struct spf_view *v)
{
	bool changed = v->seen.changed;
	json_key(j, "other_mail");
	if (v->tree.record.len > 0) {
		json_object_begin(j);
		judged_json(j, &v->others);
		json_object_end(j);
	} else {
		json_null(j);
	}
	json_key(j, "libspf2");
	json_cstr(j, spf_agreement_word(v->second));
	json_text(j, "libspf2_text", str_of(v->second_text));
	time_json(j, "changed_since", changed ? v->seen.since_s : 0);
	time_json(j, "same_since", changed ? 0 : v->seen.since_s);
}

static void
tree_json(struct app *app, const struct spf_view *v)
{
	const struct spf_tree *t = &v->tree;
	struct buf buf = BUF_INIT(JSON_MAX);
	struct json j;
	render_json_begin(app, &j, &buf, "smemail.spf.tree/1");
	json_text(&j, "domain", t->domain);
	json_key(&j, "state");
	json_cstr(&j, tree_names[t->state]);
	json_text(&j, "problem", t->problem);
	json_text(&j, "record", t->record);
	spf_json_uint(&j, "lookups", t->lookups);
	spf_json_uint(&j, "lookups_max", SPF_LOOKUPS_MAX);
	spf_json_uint(&j, "voids", t->voids);
	spf_json_uint(&j, "voids_max", SPF_VOIDS_MAX);
	json_key(&j, "terms");
	json_array_begin(&j);
	for (size_t i = 0; i < t->n; i++)
		node_json(&j, &t->nodes[i]);
	json_array_end(&j);
	json_text(&j, "proposal",
	    v->repair != NULL ? v->repair->proposal : (struct str)STR_EMPTY);
	own_json(&j, v);
	others_json(&j, v);
	render_json_end(app, &j, &buf);
}

static int
spf_tree_command(struct app *app, const struct call *call, struct err *e)
{
	struct str domain;
	struct spf_view *v = ARENA_NEW(app->arena, struct spf_view);
	const char *record = call_option(call, "record");
	if (!fact_domain_parse(app->arena, call->args[0], &domain, e))
		return err_exit_status(e->code);
	if (record != NULL && !spf_record_is(str_of(record))) {
		err_set(e, ERR_USAGE,
		    _("'%s' is no SPF record: it has to begin with 'v=spf1'"),
		    record);
		return err_exit_status(e->code);
	}
	struct dns *dns = app_dns(app, e);
	if (dns == NULL)
		return err_exit_status(e->code);
	spf_view_tree(&app->model, dns, domain, str_of(record), v);
	spf_view_judge(&app->model, dns, str_of(record), v);
	if (app->json || app->jsonl)
		tree_json(app, v);
	else
		tree_show(app, v);
	if (v->tree.state == SPF_TREE_UNTESTED)
		return err_exit_status(ERR_TEMPORARY);
	return v->tree.state == SPF_TREE_OK ? 0 : ANSWER_NO;
}

const struct command command_spf_tree = {
	.words = "spf tree",
	.summary = N_("the SPF record of a domain with all it includes"),
	.text = N_("Shows every term with the number of its DNS lookup (10 are "
		   "allowed) and what it gives, through includes and "
		   "redirects, as for a client that no term matches; for a "
		   "domain of this server also what becomes of its own mail, and of "
		   "mail from elsewhere, whether libspf2 says the same, and since "
		   "when the record is what it is, as far as it was looked at "
		   "before. A record to publish is proposed when this one is wrong, has lookups "
		   "without an answer, or does not let the domain's own mail "
		   "pass. A lookup without an answer is void; 2 are allowed. '?' could not "
		   "be tested, or depends on the client. Exit 0 when the "
		   "record is valid, 1 when not, 111 when it could not be "
		   "tested."),
	.args = {
		{ .name = "DOMAIN", .kind = ARG_DOMAIN, .count = ARG_ONE },
	},
	.options = {
		{ .name = "record",
		    .value = "TEXT",
		    .kind = ARG_TEXT,
		    .help = N_("as if the domain had published this record") },
	},
	.flags = COMMAND_NO_ROOT,
	.run = spf_tree_command,
};
