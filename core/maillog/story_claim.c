/* Verdicts and messages of qmail find each other by qp (LG-34). */
#include "core/maillog/story_int.h"
#include "core/maillog/story_time.h"

bool
story_queue_in_window(int64_t queue_ns, int64_t info_ns)
{
	return queue_ns != STORY_NO_TIME &&
	       info_ns >= story_earlier(queue_ns, 1) &&
	       info_ns <= story_later(queue_ns, STORY_WINDOW_S);
}

/* qmail writes some bytes of a sender as "_". */
static bool
same_sender(struct str verdict, struct str queue)
{
	if (str_is(verdict, "<>"))
		verdict = (struct str)STR_EMPTY;
	if (verdict.len != queue.len)
		return false;
	for (size_t i = 0; i < queue.len; i++)
		if (verdict.ptr[i] != queue.ptr[i] && queue.ptr[i] != '_')
			return false;
	return true;
}

/* It was in no list at first, or is in one. */
static void
wait_in(struct list *lists, struct list_node *n, uint32_t qp)
{
	story_queue_forget(n);
	if (qp != 0)
		list_append(&lists[qp % STORY_QPS], n);
}

void
story_queue_forget(struct list_node *qp_node)
{
	if (qp_node->next != NULL)
		list_remove(qp_node);
}

void
story_queue_number(struct stories *s, struct tale *t, uint32_t qp)
{
	t->s.qp = qp;
	if (t->message == NULL)
		wait_in(s->qp_tales, &t->qp_node, qp);
}

void
story_queue_attach(struct tale *t, struct message *m, unsigned doubts)
{
	t->message = m;
	m->tale = t;
	story_queue_forget(&t->qp_node);
	story_queue_forget(&m->qp_node);
	t->s.queue =
	    doubts & STORY_SENDER_DIFFERS ? STORY_PROBABLE : STORY_SURE;
	t->s.doubts |= doubts;
}

void
story_queue_claim(struct stories *s, struct tale *t)
{
	const struct list *l = &s->qp_messages[t->s.qp % STORY_QPS];
	struct message *found = NULL;
	bool same = false;
	unsigned n = 0, looks = 0;
	if (t->message != NULL)
		return;
	for (struct list_node *node = l->head.prev;
	     node != &l->head && looks < STORY_QP_LOOKS;
	     node = node->prev, looks++) {
		struct message *m = LIST_ITEM(node, struct message, qp_node);
		if (m->qp != t->s.qp ||
		    !story_queue_in_window(t->queue_ns, m->info_ns))
			continue;
		n++;
		/* the newest one with that sender, else the oldest */
		if (same)
			continue;
		found = m;
		same = same_sender(t->s.sender, m->sender);
	}
	if (found == NULL)
		return;
	unsigned doubts = n > 1 ? STORY_QP_REUSED : 0;
	if (!same_sender(t->s.sender, found->sender))
		doubts |= STORY_SENDER_DIFFERS;
	story_queue_attach(t, found, doubts);
}

void
story_queue_verdict(struct stories *s, struct message *m)
{
	const struct list *l = &s->qp_tales[m->qp % STORY_QPS];
	struct tale *found = NULL;
	bool same = false;
	unsigned n = 0, looks = 0;
	wait_in(s->qp_messages, &m->qp_node, m->qp);
	for (struct list_node *node = l->head.prev;
	     node != &l->head && looks < STORY_QP_LOOKS;
	     node = node->prev, looks++) {
		struct tale *t = LIST_ITEM(node, struct tale, qp_node);
		if (t->s.qp != m->qp ||
		    !story_queue_in_window(t->queue_ns, m->info_ns))
			continue;
		n++;
		/* of several the one with that sender, then the nearest */
		if (same ||
		    (found != NULL && !same_sender(t->s.sender, m->sender)))
			continue;
		found = t;
		same = same_sender(t->s.sender, m->sender);
	}
	if (found == NULL)
		return;
	unsigned doubts = n > 1 ? STORY_QP_REUSED : 0;
	if (!same_sender(found->s.sender, m->sender))
		doubts |= STORY_SENDER_DIFFERS;
	story_queue_attach(found, m, doubts);
}
