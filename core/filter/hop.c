/*
 * What next servers say about recipients (FL-75): asked by a run that stands
 * still, kept for the session by server and address.
 */
#include "core/filter/plugin_int.h"
#include "core/filter/wait_int.h"

#include <errno.h>
#include <stdio.h>

enum {
	/* they share the session's memory with all its plugins */
	KEPT_MAX = 100,
	TEXT_MAX = 512
};

struct filter_hop_kept {
	struct filter_hop_kept *next;
	struct filter_route route;
	struct mail_path rcpt;
	struct filter_hop_reply reply;
};

static bool
same_server(const struct filter_route *a, const struct filter_route *b)
{
	return a->port == b->port && str_eq_nocase(a->host, b->host);
}

static bool
same_address(const struct mail_path *a, const struct mail_path *b)
{
	return str_eq(a->local, b->local) &&
	       str_eq_nocase(a->domain, b->domain);
}

/* One that could not be asked is left alone for the rest of the session. */
static const struct filter_hop_reply *
find_kept(const struct filter_session *s, const struct filter_hop_question *q)
{
	const struct filter_hop_reply *silence = NULL;
	for (const struct filter_hop_kept *k = s->hops; k != NULL;
	     k = k->next) {
		if (!same_server(&k->route, &q->route))
			continue;
		if (k->reply.code == 0)
			silence = &k->reply;
		else if (same_address(&k->rcpt, &q->rcpt))
			return &k->reply;
	}
	return silence;
}

static void
keep(struct filter_session *s, const struct filter_hop_question *q,
    const struct filter_hop_reply *reply)
{
	struct arena *a = s->arena;
	struct filter_hop_kept *k = NULL;
	if (s->n_hops < KEPT_MAX)
		k = ARENA_NEW(a, struct filter_hop_kept);
	if (k == NULL)
		return;
	*k = (struct filter_hop_kept){
		.next = s->hops,
		.route = { arena_str(a, q->route.host), q->route.port },
		.rcpt = { arena_str(a, q->rcpt.local),
		    arena_str(a, q->rcpt.domain) },
		.reply = { reply->code, arena_str(a, reply->text) },
	};
	if (k->route.host.ptr == NULL || k->rcpt.local.ptr == NULL ||
	    k->rcpt.domain.ptr == NULL || k->reply.text.ptr == NULL)
		return;
	s->hops = k;
	s->n_hops++;
}

bool
plugin_ask_hop(struct plugin_call *c,
    const struct filter_hop_question *question, unsigned *code,
    struct str *text)
{
	static const struct filter_hop_reply nobody = { 0,
		{ "nobody asks it here", 19 } };
	struct filter_session *s = c->session;
	const struct filter_hop_reply *reply = find_kept(s, question);
	if (reply == NULL) {
		struct filter_wait *w = s->has_hops ? filter_wait_of(s) : NULL;
		if (w == NULL) {
			reply = &nobody;
		} else if (w->has_hop) {
			/* there may have been no room to keep it */
			reply = &w->hop_reply;
		} else {
			w->hop = *question;
			w->asks_hop = true;
			c->waits = true;
			return false;
		}
	}
	*code = reply->code;
	*text = reply->text;
	return true;
}

const struct filter_hop_question *
filter_hop_asked(const struct filter_session *s)
{
	const struct filter_wait *w = s->wait;
	return w != NULL && w->asks_hop ? &w->hop : NULL;
}

void
filter_hop_answer(struct filter_session *s, unsigned code, struct str text)
{
	struct filter_wait *w = s->wait;
	if (w == NULL || !w->asks_hop)
		return;
	w->asks_hop = false;
	w->has_hop = true;
	w->hop_reply = (struct filter_hop_reply){ code,
		arena_str(w->arena, str_sub(text, 0, TEXT_MAX)) };
	keep(s, &w->hop, &w->hop_reply);
}
