/* Puts together what there is to tell of an SPF record. */
#include "core/model/spf_view.h"

#include "core/base/i18n.h"

/* libspf2 asked about each of the checks that were made. */
static void
compare(const struct model_ctx *m, bool tried, struct spf_view *v)
{
	char addr[NET_ADDR_TEXT_SIZE];
	v->second = SPF_AGREES;
	v->second_text = _("libspf2 agrees");
	for (size_t i = 0; i <= v->n_own; i++) {
		const struct own_spf *s =
		    i < v->n_own ? &v->own[i] : &v->others;
		if (!s->second_done) {
			v->second = SPF_NOT_COMPARED;
			v->second_text =
			    tried ? _("libspf2 knows only what is published")
				  : arena_printf(m->arena,
					_("libspf2 could not be asked: %s"),
					s->second_why);
			return;
		}
		if (s->second == s->out.result || v->second == SPF_DIFFERS)
			continue;
		v->second = SPF_DIFFERS;
		v->second_text = arena_printf(m->arena,
		    _("libspf2 differs: %s for %s, not %s"),
		    spf_result_word(s->second),
		    net_addr_format(&s->from.addr, addr),
		    spf_result_word(s->out.result));
	}
}

void
spf_view_tree(const struct model_ctx *m, struct dns *dns, struct str domain,
    struct str record, struct spf_view *out)
{
	struct facts facts;
	*out = (struct spf_view){ .second = SPF_NOT_COMPARED };
	facts_init(&facts, m->arena);
	spf_tree_wait(domain, record, &facts, m->arena, dns, NULL, &out->tree);
	facts_clear(&facts);
}

/* Is it wrong, wasteful, or does it refuse the mail of its own domain? */
static bool
calls_for_repair(const struct spf_view *v, size_t n_egress)
{
	const struct spf_tree *t = &v->tree;
	bool refused = false;
	for (size_t i = 0; i < v->n_own; i++)
		refused = refused || v->own[i].out.result != SPF_PASS;
	return t->state == SPF_TREE_WRONG ||
	       (t->state == SPF_TREE_OK && (t->voids > 0 || refused)) ||
	       (t->state == SPF_TREE_NONE && n_egress > 0);
}

static void
propose(const struct model_ctx *m, struct dns *dns, struct spf_view *v)
{
	struct spf_egress egress[OWN_ADDRESSES_MAX];
	struct spf_repair *r = ARENA_NEW(m->arena, struct spf_repair);
	const char *source;
	size_t n = own_spf_egress(m, dns, v->tree.domain, egress, &source);
	if (!calls_for_repair(v, n))
		return;
	own_spf_repair(m, dns, v->tree.domain, egress, n, r);
	if (r->changed)
		v->repair = r;
}

void
spf_view_judge(const struct model_ctx *m, struct dns *dns, struct str record,
    struct spf_view *v)
{
	const struct spf_tree *t = &v->tree;
	if (record.len == 0 && t->n_doubled == 0 &&
	    (t->record.len > 0 || t->state == SPF_TREE_NONE))
		v->seen = spf_seen_note(m, t->domain, t->record);
	if (t->record.len > 0) {
		v->n_own = own_spf_judge(m, dns, t->domain, record, v->own);
		own_spf_judge_others(m, dns, t->domain, record, &v->others);
		compare(m, record.len > 0, v);
	}
	/* of what is published, not of a trial */
	if (record.len == 0)
		propose(m, dns, v);
}

const char *
spf_repair_text(struct arena *arena, const struct spf_repair *r)
{
	if (r->after.state != SPF_TREE_OK)
		return arena_printf(arena,
		    _("a better record, but this cannot be repaired alone "
		      "(%.*s):"),
		    STR_ARG(r->after.problem));
	if (r->before.state == SPF_TREE_NONE)
		return arena_printf(arena,
		    _("a record to publish, %u of %d lookups:"),
		    r->after.lookups, SPF_LOOKUPS_MAX);
	return arena_printf(arena,
	    _("a record with the same meaning, %u of %d lookups:"),
	    r->after.lookups, SPF_LOOKUPS_MAX);
}

const char *
spf_agreement_word(enum spf_agreement a)
{
	static const char *const words[] = { "agrees", "differs", "untested" };
	return words[a];
}

const char *
spf_others_text(struct arena *arena, const struct spf_view *v)
{
	unsigned n = v->others.out.lookups;
	return arena_printf(arena,
	    P_("mail from elsewhere: %s after %u lookup",
		"mail from elsewhere: %s after %u lookups", n),
	    spf_result_word(v->others.out.result), n);
}
