/*
 * Messages of Postfix: what its programs say about one queue id. A verdict of
 * qpsmtpd is joined by the id it was answered with, else by the Message-ID.
 */
#include "core/maillog/story_int.h"
#include "core/maillog/story_time.h"

#include <string.h>

enum {
	/* syslog counts whole seconds: its lines may come before ours */
	EARLY_S = 2,
};

/* FNV-1a: ids are words, messages are kept by numbers. */
static uint64_t
id_key(size_t source, struct str id)
{
	uint64_t h = 14695981039346656037u;
	for (size_t i = 0; i < id.len; i++)
		h = (h ^ (unsigned char)id.ptr[i]) * 1099511628211u;
	return story_key(source, h);
}

static bool
has_mid(struct str mid)
{
	return mid.len > 2;
}

/* Is it in the window of a verdict? */
static bool
in_window(const struct tale *t, const struct message *m)
{
	return m->first_ns >= story_earlier(t->s.verdict_ns, EARLY_S) &&
	       m->first_ns <= story_later(t->s.verdict_ns, STORY_WINDOW_S);
}

/* May the message be that of the verdict, by id or by Message-ID? */
static bool
fits(const struct tale *t, const struct message *m)
{
	if (m->queue_id.len == 0 || t->s.verdict != MAILLOG_QUEUED ||
	    !in_window(t, m))
		return false;
	if (t->s.queue_id.len > 0)
		return str_eq(t->s.queue_id, m->queue_id);
	return m->tale == NULL && has_mid(t->s.mid) && str_eq(t->s.mid, m->mid);
}

void
story_postfix_claim(struct stories *s, struct tale *t)
{
	struct message *joined = t->message;
	if (!s->saw_postfix)
		return;
	if (joined != NULL &&
	    (t->s.queue_id.len == 0 || str_eq(joined->queue_id, t->s.queue_id)))
		return;
	LIST_FOREACH(node, &s->message_list)
	{
		struct message *m = LIST_ITEM(node, struct message, node);
		if (!fits(t, m))
			continue;
		/* the same Message-ID twice: the id knows better */
		if (joined != NULL)
			joined->tale = NULL;
		if (m->tale != NULL)
			m->tale->message = NULL;
		story_queue_attach(t, m, 0);
		return;
	}
}

/* A message whose id or Message-ID is known now: does a verdict wait? */
static void
claim_verdict(struct stories *s, struct message *m)
{
	if (m->tale != NULL)
		return;
	LIST_FOREACH(node, &s->tales)
	{
		struct tale *t = LIST_ITEM(node, struct tale, node);
		if (t->message != NULL || !fits(t, m))
			continue;
		story_queue_attach(t, m, 0);
		return;
	}
}

/* A bounce: of which message? */
static void
claim_bounce(struct stories *s, struct message *m)
{
	LIST_FOREACH(node, &s->bounces)
	{
		struct bounce *b = LIST_ITEM(node, struct bounce, node);
		if (b->key != m->key)
			continue;
		m->bounce_of = b->of;
		return;
	}
}

/* Does a message begin with such a line? */
static bool
is_beginning(const struct maillog_event *ev)
{
	return ev->kind == MAILLOG_POSTFIX_CLIENT ||
	       ev->kind == MAILLOG_POSTFIX_PICKUP;
}

/*
 * The open message of the id. What arrives by SMTP or from inside says so
 * first; what Postfix makes itself begins with its Message-ID.
 */
static struct message *
message_of(struct stories *s, size_t source, const struct logline *line,
    const struct maillog_event *ev)
{
	uint64_t key = id_key(source, ev->postfix.queue_id);
	struct message *m = idmap_get(&s->messages, key);
	if (m != NULL && !is_beginning(ev))
		return m;
	/* said about a message, but none begins with it */
	if (m == NULL && ev->kind == MAILLOG_POSTFIX_TEXT)
		return NULL;
	if (m != NULL) /* short ids are used again */
		story_message_release(s, m);
	m = story_message_new(s, source, key, line->key_ns);
	if (m == NULL)
		return NULL;
	m->queue_id = story_str(m->arena, ev->postfix.queue_id);
	m->new_ns = line->key_ns;
	m->began_earlier = !is_beginning(ev) && ev->kind != MAILLOG_POSTFIX_MID;
	claim_bounce(s, m);
	claim_verdict(s, m);
	return m;
}

/* Over the net, and not to a program or socket here? */
static bool
is_remote(struct str relay)
{
	size_t open = str_find(relay, '[', 0);
	return open < relay.len &&
	       !str_starts(
		   str_sub(relay, open + 1, relay.len), STR("private/"));
}

/* One line tells a whole try. */
static void
delivery(struct message *m, const struct logline *line,
    const struct maillog_event *ev)
{
	struct recipient *r =
	    story_recipient(m, ev->postfix.to, is_remote(ev->postfix.relay));
	struct try_open *t =
	    r != NULL ? ARENA_NEW(m->arena, struct try_open) : NULL;
	if (t == NULL)
		return;
	t->t.start_ns = STORY_NO_TIME;
	t->t.done_ns = line->key_ns;
	t->t.result = (enum maillog_result)ev->result;
	t->t.text = story_str(m->arena, ev->text);
	if (r->last != NULL)
		r->last->next = t;
	else
		r->first = t;
	r->last = t;
	r->n++;
	r->failed =
	    ev->result == MAILLOG_FAILURE || ev->result == MAILLOG_EXPIRED;
	r->done = r->failed || ev->result == MAILLOG_SUCCESS;
}

static void
from(struct message *m, const struct maillog_event *ev)
{
	m->sender = story_str(m->arena, ev->postfix.from);
	m->info_ns = m->first_ns;
	if (ev->postfix.size > 0)
		m->bytes = ev->postfix.size;
	if (ev->result != MAILLOG_EXPIRED)
		return;
	for (struct recipient *r = m->first; r != NULL; r = r->next)
		r->failed = r->failed || !r->done;
}

/* "sender non-delivery notification: ID"; others tell of delay or success. */
static void
bounce(struct stories *s, struct message *m, const struct logline *line,
    const struct maillog_event *ev)
{
	static const char word[] = "non-delivery";
	uint64_t key = id_key(m->source, ev->postfix.other);
	struct message *other = idmap_get(&s->messages, key);
	struct str text = ev->text;
	size_t at = str_find(text, 'n', 0);
	while (at < text.len &&
	       !str_starts(str_sub(text, at, text.len), str_of(word)))
		at = str_find(text, 'n', at + 1);
	if (at >= text.len)
		return;
	m->bounce_id = story_str(m->arena, ev->postfix.other);
	if (other != NULL)
		other->bounce_of = m->tale != NULL ? m->tale->s.id : m->id;
	else
		story_bounce_expect(s, m, 0, key, line->key_ns);
}

static void
message_event(struct stories *s, struct message *m, const struct logline *line,
    const struct maillog_event *ev)
{
	switch (ev->kind) {
	case MAILLOG_POSTFIX_CLIENT:
		m->ip = story_str(m->arena, ev->postfix.ip);
		m->host = story_str(m->arena, ev->postfix.host);
		break;
	case MAILLOG_POSTFIX_PICKUP:
		m->uid = ev->postfix.uid;
		break;
	case MAILLOG_POSTFIX_MID:
		m->mid = story_str(m->arena, ev->postfix.mid);
		claim_verdict(s, m);
		break;
	case MAILLOG_POSTFIX_FROM:
		from(m, ev);
		break;
	case MAILLOG_POSTFIX_DELIVERY:
		delivery(m, line, ev);
		break;
	case MAILLOG_POSTFIX_BOUNCE:
		bounce(s, m, line, ev);
		break;
	case MAILLOG_POSTFIX_REMOVED:
		m->end_ns = line->key_ns;
		break;
	default:
		break;
	}
}

/* What of a message was read until it was refused (header checks, milters). */
static void
drop_refused(
    struct stories *s, size_t source, struct tale *t, struct str queue_id)
{
	struct message *m = idmap_get(&s->messages, id_key(source, queue_id));
	if (queue_id.len == 0 || m == NULL || m->tale != NULL)
		return;
	t->s.mid = story_str(t->arena, m->mid);
	story_keep_all(t->arena, &t->lines, &m->lines);
	story_message_free(s, m);
}

/* Refused by Postfix itself, as a story of its own. */
static void
refused(struct stories *s, size_t source, const struct logline *line,
    const struct maillog_event *ev)
{
	struct arena *a;
	struct tale *t = story_record(s, sizeof(*t), &a);
	if (t == NULL)
		return;
	t->arena = a;
	t->s = (struct story){ .id = s->next_id++,
		.source = source,
		.pid = ev->pid,
		.ip = story_str(a, ev->postfix.ip),
		.host = story_str(a, ev->postfix.host),
		.helo = story_str(a, ev->postfix.helo),
		.begun_ns = line->key_ns,
		.closed_ns = line->key_ns,
		.verdict_ns = line->key_ns,
		.verdict = (enum maillog_verdict)ev->verdict,
		.rule = STR("postfix"),
		.reason = story_str(a, ev->text),
		.sender = story_str(a, ev->postfix.from),
		.refused = story_str(a, ev->postfix.to),
		.scan_start_ns = STORY_NO_TIME,
		.scan_end_ns = STORY_NO_TIME,
		.taken_ns = STORY_NO_TIME,
		.new_ns = STORY_NO_TIME,
		.end_ns = STORY_NO_TIME,
		.next_try_ns = STORY_NO_TIME,
		.queue_id = story_str(a, ev->postfix.queue_id) };
	t->queue_ns = STORY_NO_TIME;
	drop_refused(s, source, t, ev->postfix.queue_id);
	story_keep(s, a, &t->lines, source, line, ev);
	list_append(&s->tales, &t->node);
	s->n_tales++;
	(void)story_tell_if_over(s, t, true);
}

void
story_postfix_line(struct stories *s, size_t source, const struct logline *line,
    const struct maillog_event *ev)
{
	s->saw_queue = s->saw_postfix = true;
	if (ev->kind == MAILLOG_POSTFIX_REJECT)
		refused(s, source, line, ev);
	if (ev->kind == MAILLOG_POSTFIX_REJECT || ev->postfix.queue_id.len == 0)
		return;
	struct message *m = message_of(s, source, line, ev);
	if (m == NULL)
		return;
	story_keep(s, m->arena, &m->lines, source, line, ev);
	message_event(s, m, line, ev);
	if (ev->kind == MAILLOG_POSTFIX_REMOVED)
		story_message_release(s, m);
}
