/* Builds the proposal: terms mended, dropped, replaced, then judged again. */
#include "core/auth/spf_repair.h"

#include "core/auth/spf.h"
#include "core/auth/spf_repair_int.h"
#include "core/base/buf.h"
#include "core/base/i18n.h"

#include <stdarg.h>

struct repair {
	struct facts *facts;
	struct arena *arena;
	struct spf_repair *out;
	struct str domain;
	struct str terms[SPF_REPAIR_TERMS_MAX];
	size_t n;
	struct str all;      /* the final term, empty: none yet */
	struct str redirect; /* with its name, empty: none */
};

static void PRINTF_LIKE(3, 4)
    note(struct repair *r, struct str term, const char *fmt, ...)
{
	va_list ap;
	if (r->out->n_notes == SPF_REPAIR_NOTES_MAX)
		return;
	va_start(ap, fmt);
	r->out->notes[r->out->n_notes++] = (struct spf_repair_note){
		.term = term,
		.words = str_of(arena_vprintf(r->arena, fmt, ap)),
	};
	va_end(ap);
}

static bool
has_term(const struct repair *r, struct str term)
{
	for (size_t i = 0; i < r->n; i++)
		if (str_eq_nocase(r->terms[i], term))
			return true;
	return false;
}

static void
term_add(struct repair *r, struct str term)
{
	if (r->n < SPF_REPAIR_TERMS_MAX)
		r->terms[r->n++] = term;
}

static void
term_remove(struct repair *r, size_t i)
{
	for (; i + 1 < r->n; i++)
		r->terms[i] = r->terms[i + 1];
	r->n--;
}

/* The closing term: "+all" would let everybody send. */
static void
take_all(struct repair *r, struct str written, char qualifier)
{
	struct str term = qualifier == '+' ? STR("~all") : written;
	if (qualifier == '+')
		note(r, written, _("allows the whole world: replaced by ~all"));
	if (r->all.len == 0)
		r->all = term;
	else if (!str_eq_nocase(r->all, term))
		note(r, written, _("dropped: there was one already"));
}

static void
take_term(struct repair *r, struct str written)
{
	struct spf_term t;
	const char *reason;
	struct str term = written;
	if (!spf_term_parse(written, &t, &reason) ||
	    t.kind == SPF_UNKNOWN_MODIFIER) {
		bool modifier = reason == NULL;
		term = spf_term_mend(r->arena, written);
		if (term.len == 0 && modifier) {
			term_add(r, written); /* unknown ones are ignored */
			return;
		}
		if (term.len == 0) {
			note(r, written, _("dropped: %s"), _(reason));
			return;
		}
		note(r, written, _("mended: %.*s"), STR_ARG(term));
		if (!spf_term_parse(term, &t, &reason))
			return;
	}
	if (t.kind == SPF_ALL) {
		take_all(r, term, t.qualifier);
	} else if (t.kind == SPF_REDIRECT) {
		if (r->redirect.len == 0)
			r->redirect = term;
		else
			note(r, written, _("dropped: there was one already"));
	} else if (t.kind == SPF_PTR) {
		note(r, written,
		    _("dropped: slow, unreliable, and advised against (RFC "
		      "7208, 5.5)"));
	} else if (has_term(r, term)) {
		note(r, written, _("dropped: it stands there twice"));
	} else {
		term_add(r, term);
	}
}

static void
take_record(struct repair *r, struct str record)
{
	struct str rest = record, word;
	while (str_next_word(&rest, &word))
		if (!str_is_nocase(word, "v=spf1"))
			take_term(r, word);
}

static const struct spf_node *
node_of(const struct spf_tree *t, struct str term)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->nodes[i].depth == 0 &&
		    str_eq_nocase(t->nodes[i].text, term))
			return &t->nodes[i];
	return NULL;
}

/* References that lead nowhere; an include of that kind is a permerror. */
static void
drop_dead(struct repair *r, const struct spf_tree *t)
{
	for (size_t i = 0; i < r->n;) {
		const struct spf_node *n = node_of(t, r->terms[i]);
		bool dead = n != NULL &&
			    (n->state == SPF_NODE_VOID ||
				(n->state == SPF_NODE_WRONG &&
				    n->kind != SPF_MX && n->record.len == 0));
		if (!dead) {
			i++;
			continue;
		}
		note(r, r->terms[i], _("dropped: %.*s"), STR_ARG(n->note));
		term_remove(r, i);
	}
}

/* An a or mx that gives nothing new costs a lookup for nothing. */
static void
drop_needless(struct repair *r, const struct spf_tree *t)
{
	for (size_t i = 0; i < r->n;) {
		const struct spf_node *n = node_of(t, r->terms[i]);
		if (n == NULL || !n->needless) {
			i++;
			continue;
		}
		note(r, r->terms[i],
		    _("dropped: its addresses are allowed already"));
		term_remove(r, i);
	}
}

static struct str
compose(struct repair *r)
{
	struct buf out = BUF_INIT(SPF_REPAIR_RECORD_MAX);
	buf_add_cstr(&out, "v=spf1");
	for (size_t i = 0; i < r->n; i++)
		buf_addf(&out, " %.*s", STR_ARG(r->terms[i]));
	if (r->redirect.len > 0 && r->all.len == 0)
		buf_addf(&out, " %.*s", STR_ARG(r->redirect));
	else
		buf_addf(&out, " %.*s",
		    STR_ARG(r->all.len > 0 ? r->all : STR("~all")));
	struct str s = arena_str(r->arena, buf_str(&out));
	buf_clear(&out);
	return s;
}

static struct str
ip_term(struct repair *r, const struct net_addr *addr)
{
	char text[NET_ADDR_TEXT_SIZE];
	return str_of(arena_printf(r->arena, "%s:%s",
	    addr->is_ipv6 ? "ip6" : "ip4", net_addr_format(addr, text)));
}

/* Put terms in the place of term i. */
static void
replace(struct repair *r, size_t i, const struct str *by, size_t n)
{
	struct str rest[SPF_REPAIR_TERMS_MAX];
	size_t n_rest = r->n - i - 1;
	memcpy(rest, &r->terms[i + 1], n_rest * sizeof(*rest));
	r->n = i;
	for (size_t k = 0; k < n; k++)
		if (!has_term(r, by[k]))
			term_add(r, by[k]);
	for (size_t k = 0; k < n_rest; k++)
		term_add(r, rest[k]);
}

/* a and mx by their addresses: no lookup, but they must be kept in step. */
static bool
flatten_host(struct repair *r, const struct spf_tree *t)
{
	enum {
		ADDRS_MAX = 8
	};
	struct str by[ADDRS_MAX];
	for (size_t i = r->n; i > 0; i--) {
		const struct spf_node *n = node_of(t, r->terms[i - 1]);
		if (n == NULL || n->n_addrs == 0 || n->n_addrs > ADDRS_MAX ||
		    n->qualifier != '+' || n->bits4 != 32 || n->bits6 != 128)
			continue;
		for (size_t k = 0; k < n->n_addrs; k++)
			by[k] = ip_term(r, &n->addrs[k]);
		note(r, r->terms[i - 1],
		    _("replaced by its addresses, to save a lookup; change "
		      "them when it moves"));
		replace(r, i - 1, by, n->n_addrs);
		return true;
	}
	return false;
}

/* An include of nothing but addresses and includes can be written out. */
static bool
unwrap_include(struct repair *r, const struct spf_tree *t)
{
	enum {
		PARTS_MAX = 20
	};
	struct str by[PARTS_MAX];
	for (size_t i = 0; i < r->n; i++) {
		const struct spf_node *n = node_of(t, r->terms[i]);
		struct spf_record rec;
		struct spf_syntax bad;
		if (n == NULL || n->kind != SPF_INCLUDE ||
		    n->qualifier != '+' || n->record.len == 0 ||
		    !spf_record_parse(n->record, r->arena, &rec, &bad) ||
		    rec.n > PARTS_MAX || rec.redirect != NULL)
			continue;
		size_t parts = 0;
		bool plain = true;
		for (size_t k = 0; k < rec.n && plain; k++) {
			const struct spf_term *p = &rec.terms[k];
			bool simple = p->kind == SPF_IP4 ||
				      p->kind == SPF_IP6 ||
				      p->kind == SPF_INCLUDE;
			plain = p->kind == SPF_ALL ||
				(simple && p->qualifier == '+' &&
				    !spf_macro_uses(p->spec, "sloidhpv"));
			if (plain && simple)
				by[parts++] = p->text;
		}
		if (!plain)
			continue;
		note(r, r->terms[i],
		    _("written out, to save a lookup; look at it again when "
		      "its owner changes it"));
		replace(r, i, by, parts);
		return true;
	}
	return false;
}

/* Our own addresses must pass; false while facts are wanted. */
static bool
allow_egress(struct repair *r, const struct spf_egress *egress, size_t n)
{
	bool known = true;
	for (size_t i = 0; i < n; i++) {
		struct spf_outcome o;
		const struct spf_given given = { .record = compose(r) };
		struct spf_request q = { .ip = egress[i].addr,
			.sender = str_of(arena_printf(
			    r->arena, "postmaster@%.*s", STR_ARG(r->domain))),
			.given = &given,
			.n_given = 1,
			.ahead = true };
		if (!spf_check(&q, r->facts, r->arena, &o)) {
			known = false;
			continue;
		}
		if (o.result == SPF_PASS || r->n == SPF_REPAIR_TERMS_MAX)
			continue;
		struct str term =
		    egress[i].host != NULL
			? str_of(arena_printf(r->arena, "a:%s", egress[i].host))
			: ip_term(r, &egress[i].addr);
		if (has_term(r, term))
			continue; /* another address of that host */
		for (size_t k = r->n; k > 0; k--)
			r->terms[k] = r->terms[k - 1];
		r->terms[0] = term;
		r->n++;
		note(r, term, _("added: mail leaves from here"));
	}
	return known;
}

static bool
start(struct repair *r)
{
	const struct spf_tree *t = &r->out->before;
	if (t->n_doubled > 1)
		note(r, (struct str)STR_EMPTY, _("%zu records joined to one"),
		    t->n_doubled);
	for (size_t i = 0; i < t->n_doubled; i++)
		take_record(r, t->doubled[i]);
	if (t->n_doubled == 0)
		take_record(r, t->record);
	if (t->state == SPF_TREE_NONE) {
		note(r, (struct str)STR_EMPTY, _("there was no record"));
		term_add(r, STR("mx"));
	}
	if (r->all.len > 0 && r->redirect.len > 0)
		note(r, r->redirect, _("dropped: all stands before it"));
	else if (r->all.len == 0 && r->redirect.len == 0 &&
		 t->state != SPF_TREE_NONE)
		note(r, STR("~all"), _("added: the record had no end"));
	return true;
}

/* The tree of the proposal so far; false while facts are wanted. */
static bool
judge(struct repair *r)
{
	r->out->proposal = compose(r);
	return spf_tree(
	    r->domain, r->out->proposal, r->facts, r->arena, &r->out->after);
}

static bool
build(struct repair *r, const struct spf_egress *egress, size_t n_egress)
{
	start(r);
	if (!judge(r))
		return false;
	drop_dead(r, &r->out->after);
	drop_needless(r, &r->out->after);
	if (!allow_egress(r, egress, n_egress) || !judge(r))
		return false;
	while (r->out->after.lookups > SPF_LOOKUPS_MAX &&
	       (unwrap_include(r, &r->out->after) ||
		   flatten_host(r, &r->out->after)))
		if (!judge(r))
			return false;
	return true;
}

bool
spf_repair(struct str domain, const struct spf_egress *egress, size_t n_egress,
    struct facts *facts, struct arena *a, struct spf_repair *out)
{
	struct repair *r = ARENA_NEW(a, struct repair);
	*out = (struct spf_repair){ .changed = false };
	out->notes =
	    ARENA_ARRAY(a, SPF_REPAIR_NOTES_MAX, struct spf_repair_note);
	if (r == NULL || out->notes == NULL) {
		out->before.state = SPF_TREE_UNTESTED;
		return true;
	}
	*r = (struct repair){
		.facts = facts, .arena = a, .out = out, .domain = domain
	};
	struct str none = STR_EMPTY;
	if (!spf_tree(domain, none, facts, a, &out->before))
		return false;
	/* a name that could not be asked must not be taken for dead */
	if (out->before.state == SPF_TREE_UNTESTED)
		return true;
	if (!build(r, egress, n_egress))
		return false;
	out->changed = !str_eq_nocase(out->proposal, out->before.record);
	return true;
}
