/* The SPF record of a domain as a tree (screens.md 4.15). */
#include "core/auth/spf.h"
#include "core/base/i18n.h"
#include "core/model/spf_view.h"
#include "tui/screens/tool_int.h"

const struct tool_column tool_spf_columns[3] = {
	{ NULL, false, false, 42 },
	{ NULL, true, false, 3 },
	{ NULL, false, false, 0 },
};

/* Its rows have no state to see; it serves going to the next problem. */
static const char *
node_state(const struct spf_node *n)
{
	static const char *const words[] = {
		[SPF_NODE_OK] = "ok",
		[SPF_NODE_VOID] = "WARN",
		[SPF_NODE_DEPENDS] = "ok",
		[SPF_NODE_UNTESTED] = "????",
		[SPF_NODE_UNREACHED] = "WARN",
		[SPF_NODE_WRONG] = "FAIL",
	};
	return words[n->state];
}

static void
nodes_send(const struct tool_run *r, const struct spf_tree *t)
{
	bool last[SPF_TREE_DEPTH_MAX] = { false };
	struct arena *a = r->m->arena;
	bool ascii = term_is_ascii(r->ui->term);
	for (size_t i = 0; i < t->n; i++) {
		const struct spf_node *n = &t->nodes[i];
		last[n->depth] = n->last;
		const char *cells[] = { arena_cstr(a,
					    spf_node_line(a, n, last, ascii)),
			n->number > 0 ? arena_printf(a, "%u", n->number) : "",
			arena_cstr(a, spf_node_note(a, n)) };
		tool_send_node(r, i, (unsigned)n->depth, node_state(n), cells,
		    ARRAY_LEN(cells),
		    n->record.len > 0 ? arena_cstr(a, n->record) : NULL);
	}
}

/* What the record makes of mail, what libspf2 does, and its past. */
static void
rest_send(const struct tool_run *r, const struct spf_view *v)
{
	const char *seen = spf_seen_text(r->m, &v->seen);
	for (size_t i = 0; i < v->n_own; i++)
		tool_send_foot(
		    r, _("mail by"), own_spf_text(r->m->arena, &v->own[i]));
	if (v->tree.record.len > 0) {
		tool_send_foot(r, "", spf_others_text(r->m->arena, v));
		tool_send_foot(r, "", v->second_text);
	}
	if (seen != NULL)
		tool_send_foot(r, "", seen);
}

/* What the record is, with its counts. */
static const char *
head_text(struct arena *a, const struct spf_tree *t)
{
	const char *what = arena_cstr(a, t->problem);
	if (t->state == SPF_TREE_UNTESTED || t->state == SPF_TREE_NONE)
		return what;
	return arena_printf(a, _("%s; lookups %u of %d, void %u of %d"),
	    t->state == SPF_TREE_OK ? _("the record is valid")
				    : arena_printf(a, _("permerror: %s"), what),
	    t->lookups, SPF_LOOKUPS_MAX, t->voids, SPF_VOIDS_MAX);
}

bool
tool_spf_run(struct tool_run *r, struct err *e)
{
	static const char *const heads[] = {
		[SPF_TREE_OK] = "ok",
		[SPF_TREE_NONE] = "????",
		[SPF_TREE_WRONG] = "FAIL",
		[SPF_TREE_UNTESTED] = "????",
	};
	struct arena *a = r->m->arena;
	struct str domain;
	struct spf_view *v = ARENA_NEW(a, struct spf_view);
	const struct spf_tree *t = &v->tree;
	if (!fact_domain_parse(a, r->subject, &domain, e))
		return false;
	spf_view_tree(r->m, r->dns, domain, STR(""), v);
	tool_send_head(r, heads[t->state], head_text(a, t));
	for (size_t i = 0; i < t->n_doubled; i++)
		tool_send_text(r, arena_cstr(a, t->doubled[i]));
	if (t->record.len > 0)
		tool_send_text(r, arena_cstr(a, t->record));
	nodes_send(r, t);
	spf_view_judge(r->m, r->dns, STR(""), v);
	rest_send(r, v);
	if (v->repair != NULL)
		tool_send_cure(r,
		    arena_printf(a, "%s\n%.*s", spf_repair_text(a, v->repair),
			STR_ARG(v->repair->proposal)),
		    arena_printf(
			a, "smemail spf repair %.*s", STR_ARG(t->domain)));
	return true;
}
