/* Diagnoses of blacklists and of the resolver they are asked through. */
#include "core/base/i18n.h"
#include "core/model/rbl.h"
#include "core/model/resolver.h"
#include "tui/screens/tool_int.h"

const struct tool_column tool_lists_columns[3] = {
	{ N_("List"), false, false, 26 },
	{ N_("Verdict"), false, false, 18 },
	{ N_("Detail"), false, false, 0 },
};
const struct tool_column tool_health_columns[3] = {
	{ N_("List"), false, false, 26 },
	{ N_("Setting"), false, true, 20 },
	{ N_("Detail"), false, false, 0 },
};
const struct tool_column tool_resolver_columns[3] = {
	{ N_("Server"), false, true, 20 },
	{ N_("Test"), false, false, 24 },
	{ N_("Result"), false, false, 0 },
};

/* What the resolver is worth: lines below the rows. */
static void
fitness_send(const struct tool_run *r, const struct rbl_view *v)
{
	struct arena *a = r->m->arena;
	if (v->fitness != RBL_FIT) {
		tool_send_foot(r, "DNS",
		    arena_printf(a,
			_("this resolver is not fit for lists: %.*s"),
			STR_ARG(v->fitness_reason)));
		tool_send_cure(r, "", "smemail resolver check");
	}
	if (v->forwarder.len > 0)
		tool_send_foot(r, "DNS",
		    arena_printf(a,
			_("a forwarder is set (%.*s): some lists refuse it or "
			  "answer wrongly; see rbl.dns-forwarder"),
			STR_ARG(v->forwarder)));
}

/* Who it is about, the list's own words, and the way off. */
static const char *
row_detail(const struct tool_run *r, const struct rbl_row *row)
{
	struct arena *a = r->m->arena;
	const char *who = arena_printf(
	    a, "%.*s %s", STR_ARG(row->subject->item), row->subject->source);
	if (row->result.verdict != RBL_LISTED || !row->believed)
		return who;
	if (row->url == NULL)
		return arena_printf(
		    a, "%s: %.*s", who, STR_ARG(row->result.text));
	return arena_printf(a, _("%s: %.*s To get off: %s"), who,
	    STR_ARG(row->result.text), row->url);
}

static const char *
row_item(const struct tool_run *r, const struct rbl_view *v, size_t i)
{
	return v->n_subjects > 1 ? arena_printf(r->m->arena, "%.*s  ",
				       STR_ARG(v->rows[i].subject->item))
				 : "";
}

/* Every row stands from the start, so that none moves when another comes. */
static void
rows_begun(void *ctx, const struct rbl_view *v)
{
	const struct tool_run *r = ctx;
	for (size_t i = 0; i < v->n_rows; i++) {
		const char *cells[] = { arena_cstr(
					    r->m->arena, v->rows[i].zone->zone),
			"", row_item(r, v, i) };
		tool_send_row(
		    r, i, TOOL_WAITS, cells, ARRAY_LEN(cells), NULL, NULL);
	}
}

static void
row_judged(void *ctx, const struct rbl_view *v, size_t i)
{
	const struct tool_run *r = ctx;
	const struct rbl_row *row = &v->rows[i];
	struct arena *a = r->m->arena;
	const char *cells[] = { arena_cstr(a, row->zone->zone),
		rbl_row_verdict(row),
		arena_printf(
		    a, "%s%s", row_item(r, v, i), rbl_row_detail(a, row)) };
	tool_send_row(r, i, finding_shown(rbl_row_state(row)), cells,
	    ARRAY_LEN(cells), row_detail(r, row), NULL);
}

bool
tool_lists_run(struct tool_run *r, struct err *e)
{
	const struct rbl_watch watch = { rows_begun, row_judged, r };
	const struct rbl_wish wish = { .item = r->subject, .watch = &watch };
	struct rbl_view v;
	if (!rbl_check(r->m, r->dns, &wish, &v, e))
		return false;
	fitness_send(r, &v);
	tool_send_head(r,
	    v.n_listed > 0                            ? "FAIL"
	    : v.n_rows > 0 && v.n_unknown == v.n_rows ? "????"
						      : "ok",
	    arena_printf(r->m->arena, _("%zu listed, %zu not, %zu not tested"),
		v.n_listed, v.n_rows - v.n_listed - v.n_unknown, v.n_unknown));
	return true;
}

static const char *
zone_setting(const struct rbl_zone *z)
{
	return z->setting != NULL ? z->setting : "-";
}

static void
zones_begun(void *ctx, const struct rbl_view *v)
{
	const struct tool_run *r = ctx;
	for (size_t i = 0; i < v->n_zones; i++) {
		const struct rbl_zone *z = &v->zones[i];
		const char *cells[] = { arena_cstr(r->m->arena, z->zone),
			zone_setting(z) };
		tool_send_row(
		    r, i, TOOL_WAITS, cells, ARRAY_LEN(cells), NULL, NULL);
	}
}

static void
zone_judged(void *ctx, const struct rbl_view *v, size_t i)
{
	const struct tool_run *r = ctx;
	const struct rbl_zone *z = &v->zones[i];
	struct arena *a = r->m->arena;
	const char *cells[] = { arena_cstr(a, z->zone), zone_setting(z),
		arena_printf(a, "%s  %s", rbl_health_word(z->health),
		    rbl_zone_text(a, z)) };
	tool_send_row(r, i, finding_shown(rbl_zone_state(z)), cells,
	    ARRAY_LEN(cells), NULL, NULL);
}

bool
tool_health_run(struct tool_run *r, struct err *e)
{
	const struct rbl_watch watch = { zones_begun, zone_judged, r };
	const struct rbl_wish wish = { .item = NULL, .watch = &watch };
	struct rbl_view v;
	if (!rbl_health_check(r->m, r->dns, &wish, &v, e))
		return false;
	fitness_send(r, &v);
	return true;
}

bool
tool_resolver_run(struct tool_run *r, struct err *e)
{
	const struct tui_host *host = r->ui->host;
	struct dns_config config;
	struct resolver_view v;
	const char *source;
	if (!host->dns_config(host->ctx, &config, &source, e) ||
	    !resolver_check(r->m, r->dns, &config, source, 0, &v, e))
		return false;
	for (size_t i = 0; i < v.n_rows; i++) {
		const struct resolver_row *row = &v.rows[i];
		const char *cells[] = { row->server,
			row->subject[0] != '\0' ? row->subject : row->what,
			row->text };
		tool_send_row(r, i, finding_shown(row->state), cells,
		    ARRAY_LEN(cells), NULL, row->cure);
	}
	tool_send_foot(r, "DNS",
	    arena_printf(r->m->arena, _("servers from %s"), v.source));
	return true;
}
