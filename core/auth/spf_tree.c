/* Walk of an SPF record with everything it refers to. */
#include "core/auth/spf_tree.h"

#include "core/auth/spf.h"
#include "core/auth/spf_tree_int.h"
#include "core/base/buf.h"
#include "core/base/i18n.h"

#include <stdarg.h>

static void PRINTF_LIKE(3, 4)
    problem(struct spf_walk *w, enum spf_tree_state state, const char *fmt, ...)
{
	va_list ap;
	if (w->out->state == SPF_TREE_WRONG ||
	    (w->out->state != SPF_TREE_OK && state != SPF_TREE_WRONG))
		return; /* the first one, but wrong beats untested */
	va_start(ap, fmt);
	w->out->state = state;
	w->out->problem = str_of(arena_vprintf(w->arena, fmt, ap));
	va_end(ap);
}

void
spf_node_wrong(struct spf_walk *w, struct spf_node *n, const char *reason)
{
	n->state = SPF_NODE_WRONG;
	n->note = str_of(reason);
	problem(w, SPF_TREE_WRONG, _("'%.*s' of '%.*s': %s"), STR_ARG(n->text),
	    STR_ARG(n->domain), reason);
}

void
spf_node_untested(
    struct spf_walk *w, struct spf_node *n, const struct fact *fact)
{
	n->state = SPF_NODE_UNTESTED;
	n->note = fact->answer->reason;
	problem(w, SPF_TREE_UNTESTED, _("could not ask for '%s': %.*s"),
	    fact->name.ptr, STR_ARG(fact->answer->reason));
}

void
spf_node_void(struct spf_walk *w, struct spf_node *n, const struct fact *fact)
{
	if (n->state == SPF_NODE_UNREACHED)
		return;
	n->state = SPF_NODE_VOID;
	n->note = str_of(dns_status_text(fact->answer->status));
	if (++w->out->voids == SPF_VOIDS_MAX + 1)
		problem(w, SPF_TREE_WRONG,
		    _("more than %d lookups without an answer"), SPF_VOIDS_MAX);
}

/* The name a term asks for; ptr NULL: it depends on the message. */
static struct str
node_name(struct spf_walk *w, const struct spf_term *t, struct str domain)
{
	struct buf name = BUF_INIT(SPF_TREE_NOTE_MAX);
	struct spf_macros macros = { .domain = domain };
	struct str out = STR_EMPTY;
	if (t->spec.len == 0)
		return domain;
	if (!spf_macro_uses(t->spec, "slohipvcrt") &&
	    spf_domain_expand(t->spec, &macros, &name))
		out = arena_str(w->arena, buf_str(&name));
	buf_clear(&name);
	return out;
}

static void walk_record(struct spf_walk *w, struct str domain, struct str text);

static bool
is_loop(const struct spf_walk *w, struct str name)
{
	for (unsigned i = 0; i < w->depth; i++)
		if (str_eq_nocase(w->path[i], name))
			return true;
	return w->depth + 1 >= SPF_TREE_DEPTH_MAX;
}

static void
visit_record(struct spf_walk *w, struct spf_node *n, struct str name)
{
	const struct str *record = NULL;
	const struct fact *txt = facts_ask(w->facts, name, DNS_TXT);
	n->target = name;
	if (txt == NULL) {
		spf_node_wrong(w, n, _("no name that can be asked for"));
		return;
	}
	if (is_loop(w, name)) {
		spf_node_wrong(w, n, _("leads back to itself"));
		return;
	}
	if (txt->answer == NULL) {
		w->waiting = true;
		return;
	}
	if (fact_is_failed(txt)) {
		spf_node_untested(w, n, txt);
		return;
	}
	if (!spf_record_select(txt, &record)) {
		spf_node_wrong(w, n, _("that domain has several SPF records"));
		return;
	}
	if (record == NULL) {
		w->out->voids += fact_is_void(txt);
		spf_node_wrong(w, n, _("that domain has no SPF record"));
		return;
	}
	n->record = *record;
	walk_record(w, name, *record);
}

/* Counts a lookup; the terms beyond the limit are not reached. */
static void
count(struct spf_walk *w, struct spf_node *n)
{
	if (w->behind_all) {
		n->state = SPF_NODE_UNREACHED;
		return;
	}
	if (!spf_term_is_lookup(n->kind))
		return;
	n->number = ++w->out->lookups;
	if (n->number <= SPF_LOOKUPS_MAX)
		return;
	n->state = SPF_NODE_UNREACHED;
	n->note = str_of(_("over the limit, never reached"));
}

static void
visit(struct spf_walk *w, struct spf_node *n, const struct spf_term *t)
{
	bool asks = spf_term_is_lookup(t->kind);
	if (w->behind_all || !asks || w->out->lookups >= SPF_TREE_LOOKUPS_MAX)
		return;
	struct str name = node_name(w, t, n->domain);
	if (name.ptr == NULL || t->kind == SPF_EXISTS || t->kind == SPF_PTR) {
		if (n->state == SPF_NODE_OK) {
			n->state = SPF_NODE_DEPENDS;
			n->note = str_of(_("depends on the client"));
		}
		return;
	}
	struct str said = n->note;
	if (t->kind == SPF_A)
		spf_node_visit_a(w, n, name);
	else if (t->kind == SPF_MX)
		spf_node_visit_mx(w, n, name);
	else
		visit_record(w, n, name);
	spf_node_find_needless(w, n);
	if (n->number > SPF_LOOKUPS_MAX && n->state != SPF_NODE_WRONG)
		n->note = said;
}

static struct spf_node *
node_new(struct spf_walk *w, struct str domain, struct str text)
{
	if (w->n == SPF_TREE_NODES_MAX) {
		problem(w, SPF_TREE_WRONG, _("more than %d terms"),
		    SPF_TREE_NODES_MAX);
		return NULL;
	}
	struct spf_node *n = &w->nodes[w->n++];
	*n = (struct spf_node){
		.depth = w->depth - 1, .domain = domain, .text = text
	};
	return n;
}

static void
walk_term(
    struct spf_walk *w, struct str domain, const struct spf_term *t, bool last)
{
	struct spf_node *n = node_new(w, domain, t->text);
	if (n == NULL)
		return;
	n->last = last;
	n->kind = t->kind;
	n->qualifier = t->qualifier;
	n->block = t->addr;
	n->bits4 = t->bits4;
	n->bits6 = t->bits6;
	count(w, n);
	visit(w, n, t);
}

static void
walk_record(struct spf_walk *w, struct str domain, struct str text)
{
	struct spf_record r;
	struct spf_syntax bad;
	bool before = w->behind_all;
	bool good = spf_record_parse(text, w->arena, &r, &bad);
	w->path[w->depth++] = domain;
	for (size_t i = 0; i < r.n; i++) {
		const struct spf_term *t = &r.terms[i];
		bool idle = t->kind == SPF_REDIRECT && r.has_all;
		bool kept = w->behind_all;
		w->behind_all = kept || idle;
		walk_term(w, domain, t, good && i + 1 == r.n);
		w->behind_all = kept || t->kind == SPF_ALL;
	}
	w->behind_all = before;
	if (!good) {
		struct spf_node *n = node_new(w, domain, bad.term);
		if (n != NULL) {
			n->kind = SPF_UNKNOWN_MODIFIER;
			n->last = true;
			spf_node_wrong(w, n, _(bad.reason));
		}
	}
	w->depth--;
}

static void
keep_doubled(struct spf_walk *w, const struct fact *txt)
{
	struct str *all = ARENA_ARRAY(w->arena, txt->answer->n, struct str);
	for (size_t i = 0; all != NULL && i < txt->answer->n; i++)
		if (spf_record_is(txt->answer->records[i].as.txt.text))
			all[w->out->n_doubled++] =
			    txt->answer->records[i].as.txt.text;
	w->out->doubled = all;
	problem(w, SPF_TREE_WRONG, _("%zu SPF records, one is allowed"),
	    w->out->n_doubled);
}

/* The record published, or none with what that means. */
static bool
find_record(struct spf_walk *w, struct str domain, struct str *out)
{
	const struct str *record;
	const struct fact *txt = facts_ask(w->facts, domain, DNS_TXT);
	if (txt == NULL) {
		problem(w, SPF_TREE_NONE, _("no name that can be asked for"));
	} else if (txt->answer == NULL) {
		w->waiting = true;
	} else if (fact_is_failed(txt)) {
		problem(w, SPF_TREE_UNTESTED, _("could not ask for '%s': %.*s"),
		    txt->name.ptr, STR_ARG(txt->answer->reason));
	} else if (!spf_record_select(txt, &record)) {
		keep_doubled(w, txt);
	} else if (record == NULL) {
		problem(w, SPF_TREE_NONE, _("no SPF record"));
	} else {
		*out = *record;
		return true;
	}
	return false;
}

static void
walk_domain(struct spf_walk *w, struct str domain, struct str record)
{
	if (record.len == 0 && !find_record(w, domain, &record))
		return;
	w->out->record = record;
	walk_record(w, domain, record);
	if (w->out->lookups > SPF_LOOKUPS_MAX)
		problem(w, SPF_TREE_WRONG, _("%u lookups, %d are allowed"),
		    w->out->lookups, SPF_LOOKUPS_MAX);
}

bool
spf_tree(struct str domain, struct str record, struct facts *facts,
    struct arena *a, struct spf_tree *out)
{
	struct spf_walk w = { .facts = facts, .arena = a, .out = out };
	*out = (struct spf_tree){ .domain = domain };
	w.nodes = ARENA_ARRAY(a, SPF_TREE_NODES_MAX, struct spf_node);
	if (w.nodes == NULL) {
		problem(&w, SPF_TREE_UNTESTED, _("out of memory"));
		return true;
	}
	walk_domain(&w, domain, record);
	out->nodes = w.nodes;
	out->n = w.n;
	return !w.waiting;
}

void
spf_tree_wait(struct str domain, struct str record, struct facts *facts,
    struct arena *a, struct dns *d, const struct dns_how *how,
    struct spf_tree *out)
{
	while (!spf_tree(domain, record, facts, a, out)) {
		facts_fetch(facts, d, how);
		if (facts->wanted > 0)
			return; /* out of memory */
	}
}
