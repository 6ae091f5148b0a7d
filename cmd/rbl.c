/* The commands rbl: lists in the domain name system. */
#include "core/model/rbl.h"

#include "cmd/app.h"
#include "cmd/app_dns.h"
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/diagnosis.h"
#include "cmd/findings.h"
#include "cmd/render.h"
#include "core/base/i18n.h"
#include "core/base/num.h"

enum {
	ANSWER_NO = 1
};

/* Lines of a table whose last column goes on below on a terminal. */
static void
rows_show(struct app *app, const struct rbl_view *v)
{
	enum {
		COLUMNS = 4,
		INDENT = 7
	};
	size_t widths[COLUMNS] = { 4, 0, 18, 0 };
	const struct rbl_subject *last = NULL;
	for (size_t i = 0; i < v->n_zones; i++) {
		if (v->zones[i].zone.len > widths[1])
			widths[1] = v->zones[i].zone.len;
	}
	for (size_t i = 0; i < v->n_rows; i++) {
		const struct rbl_row *r = &v->rows[i];
		if (r->subject != last)
			render_line(app,
			    r->subject->source[0] != '\0' ? "%.*s (%s)"
							  : "%.*s%s",
			    STR_ARG(r->subject->item), r->subject->source);
		last = r->subject;
		struct str cells[COLUMNS] = { str_of(finding_shown(
						  rbl_row_state(r))),
			r->zone->zone, str_of(rbl_row_verdict(r)),
			str_of(rbl_row_detail(app->arena, r)) };
		render_stream_row(
		    app, cells, widths, COLUMNS, app->terminal ? INDENT : 0);
	}
}

/* Behind the table: what each listing says of itself, and the way off. */
static void
listings_show(struct app *app, const struct rbl_view *v)
{
	for (size_t i = 0; i < v->n_rows; i++) {
		const struct rbl_row *r = &v->rows[i];
		if (r->result.verdict != RBL_LISTED || !r->believed)
			continue;
		if (r->result.text.len > 0)
			render_prose(app, 2, _("%.*s says of %.*s: %.*s"),
			    STR_ARG(r->zone->zone), STR_ARG(r->subject->item),
			    STR_ARG(r->result.text));
		if (r->url != NULL)
			render_prose(app, 2, _("to get %.*s off %.*s: %s"),
			    STR_ARG(r->subject->item), STR_ARG(r->zone->zone),
			    r->url);
	}
}

/* Trouble of the resolver comes first: it decides what the rest is worth. */
static void
fitness_show(struct app *app, const struct rbl_view *v)
{
	if (v->fitness != RBL_FIT) {
		render_note(app, _("this resolver is not fit for lists: %.*s"),
		    STR_ARG(v->fitness_reason));
		render_next(app, "smemail resolver check");
	}
	if (v->forwarder.len > 0)
		render_note(app,
		    _("a forwarder is set (%.*s): some lists refuse it or "
		      "answer wrongly; see rbl.dns-forwarder"),
		    STR_ARG(v->forwarder));
}

static void
str_json(struct json *j, const char *key, struct str value)
{
	json_key(j, key);
	json_str(j, value);
}

static void
codes_json(struct json *j, const struct rbl_result *r)
{
	char addr[NET_ADDR_TEXT_SIZE];
	json_key(j, "codes");
	json_array_begin(j);
	for (size_t i = 0; i < r->n_codes; i++) {
		json_object_begin(j);
		json_key(j, "code");
		json_cstr(j, net_addr_format(&r->codes[i].answer, addr));
		json_key(j, "counts");
		json_bool(j, r->codes[i].counts);
		json_key(j, "meaning");
		json_cstr(j, r->codes[i].meaning);
		json_object_end(j);
	}
	json_array_end(j);
}

static void
row_json(struct json *j, const struct rbl_row *r)
{
	json_object_begin(j);
	str_json(j, "item", r->subject->item);
	json_key(j, "source");
	json_cstr(j, r->subject->source);
	str_json(j, "zone", r->zone->zone);
	json_key(j, "verdict");
	json_cstr(j, rbl_verdict_word(r->result.verdict));
	json_key(j, "believed");
	json_bool(j, r->believed);
	codes_json(j, &r->result);
	str_json(j, "text", r->result.text);
	str_json(j, "reason", r->result.reason);
	json_key(j, "url");
	json_cstr(j, r->url);
	str_json(j, "asked", r->result.name);
	json_key(j, "ms");
	json_int(j, r->result.elapsed_ms);
	json_object_end(j);
}

static void
zone_json(struct json *j, const struct rbl_zone *z)
{
	json_object_begin(j);
	str_json(j, "zone", z->zone);
	json_key(j, "setting");
	json_cstr(j, z->setting);
	json_key(j, "health");
	json_cstr(j, rbl_health_word(z->health));
	str_json(j, "reason", z->reason);
	json_key(j, "closed");
	json_bool(j, z->known != NULL && z->known->state == DNS_LIST_CLOSED);
	json_key(j, "closed_since");
	json_cstr(j, z->known != NULL && z->known->state != DNS_LIST_OPEN
			 ? z->known->since
			 : NULL);
	json_key(j, "instead");
	json_cstr(j, z->known != NULL ? z->known->instead : NULL);
	json_key(j, "ms");
	json_int(j, z->elapsed_ms);
	json_object_end(j);
}

static void
view_json(struct app *app, const char *schema, const struct rbl_view *v)
{
	struct json j;
	struct buf buf;
	render_json_begin(app, &j, &buf, schema);
	json_key(&j, "resolver");
	json_cstr(&j, rbl_fitness_word(v->fitness));
	str_json(&j, "resolver_reason", v->fitness_reason);
	str_json(&j, "forwarder", v->forwarder);
	json_key(&j, "listed");
	json_int(&j, (int64_t)v->n_listed);
	json_key(&j, "not_tested");
	json_int(&j, (int64_t)v->n_unknown);
	json_key(&j, "ms");
	json_int(&j, v->elapsed_ms);
	json_key(&j, "zones");
	json_array_begin(&j);
	for (size_t i = 0; i < v->n_zones; i++)
		zone_json(&j, &v->zones[i]);
	json_array_end(&j);
	json_key(&j, "rows");
	json_array_begin(&j);
	for (size_t i = 0; i < v->n_rows; i++)
		row_json(&j, &v->rows[i]);
	json_array_end(&j);
	render_json_end(app, &j, &buf);
}

/* Values of an option that may be repeated, as a list. */
static const char *const *
zones_given(struct app *app, const char *joined)
{
	struct str rest = str_of(joined);
	const char **zones =
	    ARENA_ARRAY(app->arena, RBL_ZONES_MAX + 1, const char *);
	size_t n = 0;
	while (rest.ptr != NULL && n < RBL_ZONES_MAX)
		zones[n++] = arena_cstr(app->arena, str_cut(rest, '\n', &rest));
	return zones;
}

static int
check_run(struct app *app, const struct call *call, struct err *e)
{
	struct rbl_view v;
	const char *zones = call_option(call, "zone");
	struct rbl_wish wish = {
		.item = call->n_args > 0 ? call->args[0] : NULL,
		.zones = zones != NULL ? zones_given(app, zones) : NULL,
		.configured_only = call_has(call, "configured"),
	};
	struct dns *dns;
	if (!diagnosis_timeout(call, &wish.deadline_ms, e) ||
	    (dns = app_dns(app, e)) == NULL ||
	    !rbl_check(&app->model, dns, &wish, &v, e))
		return err_exit_status(e->code);
	if (app->json) {
		view_json(app, "smemail.rbl-check/1", &v);
	} else {
		fitness_show(app, &v);
		rows_show(app, &v);
		listings_show(app, &v);
		render_note(app,
		    _("%zu listed, %zu not, %zu not tested, in %lld ms"),
		    v.n_listed, v.n_rows - v.n_listed - v.n_unknown,
		    v.n_unknown, (long long)v.elapsed_ms);
	}
	if (v.n_listed > 0)
		return ANSWER_NO;
	return v.n_rows > 0 && v.n_unknown == v.n_rows
		   ? err_exit_status(ERR_TEMPORARY)
		   : 0;
}

static void
health_show(struct app *app, const struct rbl_view *v)
{
	static const struct render_column columns[] = {
		{ N_("STATE"), false },
		{ N_("LIST"), false },
		{ N_("HEALTH"), false },
		{ N_("SETTING"), false },
		{ N_("REASON"), false },
	};
	struct str *cells = ARENA_ARRAY(
	    app->arena, v->n_zones * ARRAY_LEN(columns) + 1, struct str);
	for (size_t i = 0; i < v->n_zones; i++) {
		const struct rbl_zone *z = &v->zones[i];
		struct str *c = &cells[i * ARRAY_LEN(columns)];
		c[0] = str_of(finding_shown(rbl_zone_state(z)));
		c[1] = z->zone;
		c[2] = str_of(rbl_health_word(z->health));
		c[3] = str_of(z->setting != NULL ? z->setting : "-");
		c[4] = str_of(rbl_zone_text(app->arena, z));
	}
	render_table(app, columns, ARRAY_LEN(columns), cells, v->n_zones);
}

static int
health_run(struct app *app, const struct call *call, struct err *e)
{
	struct rbl_view v;
	struct rbl_wish wish = { .zones = call->args };
	struct dns *dns;
	size_t bad = 0, unknown = 0;
	if (!diagnosis_timeout(call, &wish.deadline_ms, e) ||
	    (dns = app_dns(app, e)) == NULL ||
	    !rbl_health_check(&app->model, dns, &wish, &v, e))
		return err_exit_status(e->code);
	for (size_t i = 0; i < v.n_zones; i++) {
		enum finding_state state = rbl_zone_state(&v.zones[i]);
		bad += state == FINDING_FAIL;
		unknown += state == FINDING_UNKNOWN;
	}
	if (app->json) {
		view_json(app, "smemail.rbl-health/1", &v);
	} else {
		fitness_show(app, &v);
		health_show(app, &v);
	}
	if (bad > 0 || v.fitness == RBL_LIES)
		return ANSWER_NO;
	return unknown > 0 && unknown == v.n_zones
		   ? err_exit_status(ERR_TEMPORARY)
		   : 0;
}

const struct command command_rbl_check = {
	.words = "rbl check",
	.summary = N_("is an address or a domain in a blacklist"),
	.text = N_("Asks every list at once. Without WHO the addresses of this "
		   "server, its smarthost and its primary domain are looked "
		   "for, in the configured lists and in those that many others "
		   "use. Each list is tested in the same moment: a listing "
		   "counts only from a list that passes, through a resolver "
		   "that tells the truth. What could not be tested is shown as "
		   "????, and is no listing. Exit status 1 when somebody is "
		   "listed, 111 when nothing could be tested."),
	.args = { { .name = "WHO", .kind = ARG_HOST, .count = ARG_OPTIONAL } },
	.options = {
		{ .name = "zone",
		    .value = "ZONE",
		    .kind = ARG_HOST,
		    .help = N_("only this list, ZONE, ZONE:8-16 or "
			       "ZONE=127.0.0.[2..9]; may "
			       "be repeated"),
		    .many = true },
		{ .name = "configured",
		    .help = N_("only the lists that are configured here") },
		{ .name = "timeout",
		    .value = "SECONDS",
		    .kind = ARG_INT,
		    .help = N_("wait so long for an answer; 10") },
	},
	.flags = COMMAND_NO_ROOT,
	.run = check_run,
};

const struct command command_rbl_health = {
	.words = "rbl health",
	.summary = N_("do the configured blacklists work"),
	.text = N_("Tests each list by the names that must and must not be in "
		   "it (RFC 5782): ok; dead (does not list its test point); "
		   "lists-all (lists what nobody may list, so it would refuse "
		   "all mail); parked (answers with addresses of no list); "
		   "refused (does not serve this resolver); closed; no-test "
		   "(has no test point); unknown (could not be asked). Exit "
		   "status 1 when a list is not to be used, 111 when none could "
		   "be tested."),
	.args = { { .name = "ZONE", .kind = ARG_HOST, .count = ARG_ANY } },
	.options = { { .name = "timeout",
		    .value = "SECONDS",
		    .kind = ARG_INT,
		    .help = N_("wait so long for an answer; 10") }, },
	.flags = COMMAND_NO_ROOT,
	.run = health_run,
};
