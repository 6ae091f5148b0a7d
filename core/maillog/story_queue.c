/* Messages of qmail-send, their deliveries and bounces (LG-33 to LG-36). */
#include "core/maillog/story_int.h"

#include <stdlib.h>
#include <string.h>

struct message *
story_message_new(struct stories *s, size_t source, uint64_t key, int64_t at_ns)
{
	struct arena *a;
	struct message *m = story_record(s, sizeof(*m), &a);
	if (m == NULL)
		return NULL;
	m->arena = a;
	m->source = source;
	m->id = s->next_id++;
	m->key = key;
	m->first_ns = at_ns;
	m->new_ns = m->info_ns = m->end_ns = STORY_NO_TIME;
	if (!idmap_put(&s->messages, m->key, m)) {
		s->out_of_memory = true;
		arena_free(a);
		return NULL;
	}
	list_append(&s->message_list, &m->node);
	s->n_messages++;
	return m;
}

static struct message *
message_new(struct stories *s, size_t source, uint64_t msg, int64_t at_ns)
{
	struct message *m =
	    story_message_new(s, source, story_key(source, msg), at_ns);
	if (m != NULL)
		m->msg = msg;
	return m;
}

static uint64_t
delivery_key(const struct stories *s, size_t source, uint64_t number)
{
	return story_key(source, number ^ s->runs[source].run << 40);
}

void
story_message_free(struct stories *s, struct message *m)
{
	for (struct recipient *r = m->first; r != NULL; r = r->next)
		for (struct try_open *t = r->first; t != NULL; t = t->next) {
			struct delivery_ref *ref =
			    idmap_get(&s->deliveries, t->key);
			if (ref != NULL && ref->message == m)
				idmap_remove(&s->deliveries, t->key);
		}
	if (idmap_get(&s->messages, m->key) == m)
		idmap_remove(&s->messages, m->key);
	list_remove(&m->node);
	story_queue_forget(&m->qp_node);
	s->n_messages--;
	arena_free(m->arena);
}

void
story_message_release(struct stories *s, struct message *m)
{
	if (idmap_get(&s->messages, m->key) == m)
		idmap_remove(&s->messages, m->key);
	m->ended = true;
	if (m->tale != NULL)
		(void)story_tell_if_over(s, m->tale, false);
}

/* The open incarnation, or one whose beginning was not seen (LG-36). */
static struct message *
open_message(struct stories *s, size_t source, uint64_t msg, int64_t at_ns)
{
	struct message *m = idmap_get(&s->messages, story_key(source, msg));
	if (m != NULL)
		return m;
	m = message_new(s, source, msg, at_ns);
	if (m != NULL)
		m->began_earlier = true;
	return m;
}

static struct message *
new_message(struct stories *s, size_t source, uint64_t msg, int64_t at_ns)
{
	struct message *m = idmap_get(&s->messages, story_key(source, msg));
	/* "new" repeats when reading the entry failed */
	if (m != NULL && m->info_ns == STORY_NO_TIME && m->n == 0 &&
	    !m->began_earlier)
		return m;
	if (m != NULL)
		story_message_release(s, m);
	return message_new(s, source, msg, at_ns);
}

/* "info" begins one too where no "new" of the number is open (LG-34). */
static struct message *
informed_message(struct stories *s, size_t source, uint64_t msg, int64_t at_ns)
{
	struct message *m = idmap_get(&s->messages, story_key(source, msg));
	if (m != NULL && m->new_ns != STORY_NO_TIME &&
	    m->info_ns == STORY_NO_TIME)
		return m;
	if (m != NULL)
		story_message_release(s, m);
	return message_new(s, source, msg, at_ns);
}

static void
claim_bounce(struct stories *s, struct message *m)
{
	LIST_FOREACH(node, &s->bounces)
	{
		struct bounce *b = LIST_ITEM(node, struct bounce, node);
		if (b->key != 0 || b->qp != m->qp ||
		    !story_queue_in_window(b->at_ns, m->info_ns))
			continue;
		m->bounce_of = b->of;
		story_bounce_free(s, b);
		return;
	}
}

static void
info(struct stories *s, struct message *m, const struct logline *line,
    const struct maillog_event *ev)
{
	m->info_ns = line->key_ns;
	m->qp = ev->qmail.qp;
	m->uid = ev->qmail.uid;
	m->bytes = ev->qmail.bytes;
	m->sender = story_str(m->arena, ev->qmail.address);
	if (m->tale == NULL)
		story_queue_verdict(s, m);
	if (m->tale == NULL)
		claim_bounce(s, m);
}

struct recipient *
story_recipient(struct message *m, struct str address, bool remote)
{
	for (struct recipient *r = m->first; r != NULL; r = r->next)
		if (!r->done && r->remote == remote &&
		    str_eq(r->address, address) &&
		    (r->last == NULL || r->last->t.done_ns != STORY_NO_TIME))
			return r;
	struct recipient *r = ARENA_NEW(m->arena, struct recipient);
	if (r == NULL)
		return NULL;
	r->address = story_str(m->arena, address);
	r->remote = remote;
	if (m->last != NULL)
		m->last->next = r;
	else
		m->first = r;
	m->last = r;
	m->n++;
	return r;
}

static void
starting(struct stories *s, struct message *m, const struct logline *line,
    const struct maillog_event *ev)
{
	struct qmail_run *run = &s->runs[m->source];
	/* LG-35: numbers begin again with each run */
	if (ev->qmail.delivery <= run->last)
		run->run++;
	run->last = ev->qmail.delivery;
	struct recipient *r =
	    story_recipient(m, ev->qmail.address, ev->qmail.remote);
	struct try_open *t =
	    r != NULL ? ARENA_NEW(m->arena, struct try_open) : NULL;
	struct delivery_ref *ref =
	    t != NULL ? ARENA_NEW(m->arena, struct delivery_ref) : NULL;
	if (ref == NULL)
		return;
	t->t.number = ev->qmail.delivery;
	t->t.start_ns = line->key_ns;
	t->t.done_ns = STORY_NO_TIME;
	t->key = delivery_key(s, m->source, t->t.number);
	if (r->last != NULL)
		r->last->next = t;
	else
		r->first = t;
	r->last = t;
	r->n++;
	*ref = (struct delivery_ref){ m, r, t };
	if (!idmap_put(
		&s->deliveries, delivery_key(s, m->source, t->t.number), ref))
		s->out_of_memory = true;
}

static void
delivery(struct stories *s, size_t source, const struct logline *line,
    const struct maillog_event *ev)
{
	uint64_t key = delivery_key(s, source, ev->qmail.delivery);
	struct delivery_ref *ref = idmap_get(&s->deliveries, key);
	if (ref == NULL)
		return; /* its beginning is not there (LG-36) */
	struct message *m = ref->message;
	idmap_remove(&s->deliveries, key);
	ref->try->t.done_ns = line->key_ns;
	ref->try->t.result = (enum maillog_result)ev->result;
	ref->try->t.text = story_str(m->arena, ev->text);
	ref->recipient->done =
	    ev->result == MAILLOG_SUCCESS || ev->result == MAILLOG_FAILURE;
	ref->recipient->failed = ev->result == MAILLOG_FAILURE;
	story_keep(s, m->arena, &m->lines, source, line, ev);
}

void
story_bounce_expect(struct stories *s, const struct message *m, uint32_t qp,
    uint64_t key, int64_t at_ns)
{
	struct bounce *b = calloc(1, sizeof(*b));
	if (b == NULL) {
		s->out_of_memory = true;
		return;
	}
	b->qp = qp;
	b->key = key;
	b->of = m->tale != NULL ? m->tale->s.id : m->id;
	b->at_ns = at_ns;
	list_append(&s->bounces, &b->node);
	s->n_bounces++;
}

void
story_bounce_free(struct stories *s, struct bounce *b)
{
	list_remove(&b->node);
	s->n_bounces--;
	free(b);
}

static void
message_event(struct stories *s, struct message *m, const struct logline *line,
    const struct maillog_event *ev)
{
	switch (ev->kind) {
	case MAILLOG_QMAIL_NEW:
		m->new_ns = line->key_ns;
		break;
	case MAILLOG_QMAIL_INFO:
		info(s, m, line, ev);
		break;
	case MAILLOG_QMAIL_START:
	case MAILLOG_QMAIL_START_ODD:
		starting(s, m, line, ev);
		break;
	case MAILLOG_QMAIL_BOUNCE:
		m->bounce_qp = ev->qmail.qp;
		story_bounce_expect(s, m, m->bounce_qp, 0, line->key_ns);
		break;
	case MAILLOG_QMAIL_TRIPLE:
		m->discarded = true;
		break;
	case MAILLOG_QMAIL_END:
		m->end_ns = line->key_ns;
		break;
	default:
		break;
	}
}

void
story_queue_line(struct stories *s, size_t source, const struct logline *line,
    const struct maillog_event *ev)
{
	struct message *m;
	s->saw_queue = true;
	if (ev->kind == MAILLOG_QMAIL_EXITING) {
		s->runs[source].run++;
		s->runs[source].last = 0;
		return;
	}
	if (ev->kind == MAILLOG_QMAIL_DELIVERY) {
		delivery(s, source, line, ev);
		return;
	}
	if (ev->kind == MAILLOG_QMAIL_STATUS)
		return;
	if (ev->kind == MAILLOG_QMAIL_NEW)
		m = new_message(s, source, ev->qmail.msg, line->key_ns);
	else if (ev->kind == MAILLOG_QMAIL_INFO)
		m = informed_message(s, source, ev->qmail.msg, line->key_ns);
	else
		m = open_message(s, source, ev->qmail.msg, line->key_ns);
	if (m == NULL)
		return;
	story_keep(s, m->arena, &m->lines, source, line, ev);
	message_event(s, m, line, ev);
	if (ev->kind == MAILLOG_QMAIL_END)
		story_message_release(s, m);
}

/* "msgid=<M>: saved mail to": of a message whose delivery runs. */
void
story_mailbox_line(struct stories *s, size_t source, const struct logline *line,
    const struct maillog_event *ev)
{
	LIST_FOREACH(node, &s->tales)
	{
		struct tale *t = LIST_ITEM(node, struct tale, node);
		if (t->message != NULL && t->s.mid.len > 0 &&
		    str_eq(t->s.mid, ev->mailbox.mid))
			story_keep(s, t->arena, &t->lines, source, line, ev);
	}
}
