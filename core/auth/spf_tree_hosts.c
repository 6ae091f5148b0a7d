/* Terms of an SPF record that give addresses: a and mx. */
#include "core/auth/spf_tree_int.h"

#include "core/auth/spf.h"
#include "core/base/buf.h"
#include "core/base/i18n.h"

enum {
	NOTE_ADDRS = 6 /* shown of one term */
};

/* Both kinds of addresses of a name; false while they are wanted. */
static bool
addresses(struct spf_walk *w, struct str name, const struct fact *out[2])
{
	out[0] = facts_ask(w->facts, name, DNS_A);
	out[1] = facts_ask(w->facts, name, DNS_AAAA);
	for (size_t i = 0; i < 2; i++)
		if (out[i] != NULL && out[i]->answer == NULL)
			w->waiting = true;
	return !w->waiting;
}

struct addr_list {
	struct net_addr *addrs;
	size_t n, max;
};

static void
collect(struct addr_list *list, const struct fact *const facts[2])
{
	for (size_t k = 0; k < 2; k++) {
		if (facts[k] == NULL || facts[k]->answer->status != DNS_OK)
			continue;
		for (size_t i = 0; i < facts[k]->answer->n; i++)
			if (list->n < list->max)
				list->addrs[list->n++] =
				    facts[k]->answer->records[i].as.addr;
	}
}

static void
note_addrs(struct spf_walk *w, struct spf_node *n, const struct addr_list *list)
{
	struct buf note = BUF_INIT(SPF_TREE_NOTE_MAX);
	char text[NET_ADDR_TEXT_SIZE];
	for (size_t i = 0; i < list->n && i < NOTE_ADDRS; i++)
		buf_addf(&note, "%s%s", i > 0 ? ", " : "",
		    net_addr_format(&list->addrs[i], text));
	if (list->n > NOTE_ADDRS)
		buf_addf(&note, _(" and %zu more"), list->n - NOTE_ADDRS);
	n->note = arena_str(w->arena, buf_str(&note));
	buf_clear(&note);
	n->addrs = list->addrs;
	n->n_addrs = list->n;
}

static bool
addr_list_make(struct spf_walk *w, struct addr_list *list)
{
	enum {
		ADDRS_MAX = 200
	};
	*list = (struct addr_list){ .max = ADDRS_MAX };
	list->addrs = ARENA_ARRAY(w->arena, ADDRS_MAX, struct net_addr);
	return list->addrs != NULL;
}

void
spf_node_visit_a(struct spf_walk *w, struct spf_node *n, struct str name)
{
	const struct fact *facts[2];
	struct addr_list list;
	if (!addresses(w, name, facts) || !addr_list_make(w, &list))
		return;
	collect(&list, facts);
	if (list.n > 0)
		note_addrs(w, n, &list);
	else if (facts[0] == NULL)
		n->note = str_of(_("no name that can be asked for"));
	else if (fact_is_failed(facts[0]))
		spf_node_untested(w, n, facts[0]);
	else
		spf_node_void(w, n, facts[0]);
}

void
spf_node_visit_mx(struct spf_walk *w, struct spf_node *n, struct str name)
{
	const struct fact *facts[2];
	struct addr_list list;
	const struct fact *mx = facts_ask(w->facts, name, DNS_MX);
	w->waiting = w->waiting || (mx != NULL && mx->answer == NULL);
	if (mx == NULL || mx->answer == NULL || !addr_list_make(w, &list))
		return;
	if (fact_is_failed(mx)) {
		spf_node_untested(w, n, mx);
		return;
	}
	for (size_t i = 0; i < mx->answer->n && i < SPF_MX_MAX; i++)
		addresses(w, mx->answer->records[i].as.mx.host, facts);
	for (size_t i = 0; !w->waiting && i < mx->answer->n; i++)
		if (i < SPF_MX_MAX &&
		    addresses(w, mx->answer->records[i].as.mx.host, facts))
			collect(&list, facts);
	if (w->waiting)
		return;
	if (mx->answer->n > SPF_MX_MAX)
		spf_node_wrong(w, n,
		    arena_printf(w->arena,
			_("%zu mail exchangers, %d are allowed"), mx->answer->n,
			SPF_MX_MAX));
	else if (list.n == 0)
		spf_node_void(w, n, mx);
	else
		note_addrs(w, n, &list);
}

/* Does the term allow all that 'n' allows around the address? */
static bool
term_gives(const struct spf_node *by, const struct spf_node *n,
    const struct net_addr *addr)
{
	struct net_block block = { .bits =
				       addr->is_ipv6 ? by->bits6 : by->bits4 };
	if (block.bits > (addr->is_ipv6 ? n->bits6 : n->bits4))
		return false;
	if (by->kind == SPF_IP4 || by->kind == SPF_IP6) {
		block.addr = by->block;
		return net_block_has(&block, addr);
	}
	for (size_t i = 0; i < by->n_addrs; i++) {
		block.addr = by->addrs[i];
		if (net_block_has(&block, addr))
			return true;
	}
	return false;
}

/* The first term of the same record before it that gives the address. */
static const struct spf_node *
giver(const struct spf_walk *w, const struct spf_node *n,
    const struct net_addr *addr)
{
	for (const struct spf_node *by = w->nodes; by < n; by++)
		if (by->depth == n->depth && by->qualifier == '+' &&
		    str_eq_nocase(by->domain, n->domain) &&
		    term_gives(by, n, addr))
			return by;
	return NULL;
}

void
spf_node_find_needless(struct spf_walk *w, struct spf_node *n)
{
	const struct spf_node *first = NULL;
	bool one = true;
	for (size_t i = 0; i < n->n_addrs && n->qualifier == '+'; i++) {
		const struct spf_node *by = giver(w, n, &n->addrs[i]);
		if (by == NULL)
			return;
		first = first != NULL ? first : by;
		one = one && by == first;
	}
	n->needless = first != NULL;
	if (first == NULL || n->state != SPF_NODE_OK)
		return;
	n->note = str_of(
	    one ? arena_printf(w->arena, _("%.*s, given by %.*s: needless"),
		      STR_ARG(n->note), STR_ARG(first->text))
		: arena_printf(w->arena,
		      _("%.*s, given by terms before it: needless"),
		      STR_ARG(n->note)));
}
