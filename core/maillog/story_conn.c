/* Connections of qpsmtpd, their transactions and verdicts. */
#include "core/maillog/story_int.h"
#include "core/maillog/story_time.h"

#include <stdlib.h>
#include <string.h>

static struct conn *
conn_new(struct stories *s, size_t source, uint32_t pid, int64_t at_ns)
{
	struct arena *a;
	struct conn *c = story_record(s, sizeof(*c), &a);
	if (c == NULL)
		return NULL;
	c->arena = a;
	c->source = source;
	c->pid = pid;
	c->key = story_key(source, pid);
	c->begun_ns = c->last_ns = at_ns;
	c->closed_ns = c->spooling_ns = STORY_NO_TIME;
	list_init(&c->tales);
	if (!idmap_put(&s->conns, c->key, c)) {
		s->out_of_memory = true;
		arena_free(a);
		return NULL;
	}
	list_append(&s->conn_list, &c->node);
	return c;
}

/* The facts of the connection, for a story of it. */
static void
tale_facts(struct tale *t, const struct conn *c)
{
	struct story *o = &t->s;
	o->source = c->source;
	o->pid = c->pid;
	o->ip = story_str(t->arena, c->ip);
	o->host = story_str(t->arena, c->host);
	o->helo = story_str(t->arena, c->helo);
	o->country = story_str(t->arena, c->country);
	o->begun_ns = c->begun_ns;
	if (c->began_earlier)
		o->doubts |= STORY_BEGAN_EARLIER;
}

static struct tale *
tale_new(struct stories *s, struct conn *c)
{
	struct arena *a;
	struct tale *t = story_record(s, sizeof(*t), &a);
	if (t == NULL)
		return NULL;
	t->arena = a;
	t->conn = c;
	t->s.id = s->next_id++;
	t->s.closed_ns = t->s.verdict_ns = t->s.scan_start_ns =
	    t->s.scan_end_ns = t->s.taken_ns = t->s.new_ns = t->s.end_ns =
		t->s.next_try_ns = t->queue_ns = STORY_NO_TIME;
	tale_facts(t, c);
	story_keep_all(a, &t->lines, &c->head);
	story_keep_all(a, &t->lines, &c->lines);
	list_append(&s->tales, &t->node);
	s->n_tales++;
	list_append(&c->tales, &t->conn_node);
	return t;
}

/* The transaction is over: its stories need no more of the connection. */
static void
end_transaction(struct stories *s, struct conn *c)
{
	struct list_node *node;
	while ((node = list_first(&c->tales)) != NULL) {
		struct tale *t = LIST_ITEM(node, struct tale, conn_node);
		t->s.closed_ns = c->closed_ns;
		t->s.is_timeout = c->is_timeout;
		if (c->pid_reused)
			t->s.doubts |= STORY_PID_REUSED;
		list_remove(node);
		t->conn = NULL;
		(void)story_tell_if_over(s, t, false);
	}
	c->lines = (struct story_lines){ NULL, NULL, 0, false };
	c->spooling_ns = STORY_NO_TIME;
	c->virus = STORY_NONE;
	c->sender = c->recipient = c->virus_name = (struct str)STR_EMPTY;
}

void
story_conn_close(struct stories *s, struct conn *c)
{
	if (!c->told && (c->connected || c->began_earlier)) {
		struct tale *t = tale_new(s, c);
		if (t != NULL) {
			t->s.sender = story_str(t->arena, c->sender);
			t->s.recipients = story_str(t->arena, c->recipient);
		}
	}
	end_transaction(s, c);
	idmap_remove(&s->conns, c->key);
	list_remove(&c->node);
	arena_free(c->arena);
}

/* LG-34, LG-45: a number used again is another connection. */
static struct conn *
conn_begin(struct stories *s, size_t source, const struct logline *line,
    const struct maillog_event *ev)
{
	struct conn *c = idmap_get(&s->conns, story_key(source, ev->pid));
	bool connect = ev->kind == MAILLOG_CONNECT;
	if (c != NULL && (!connect || c->connected || c->began_earlier)) {
		c->pid_reused = !c->closing;
		story_conn_close(s, c);
		c = NULL;
	}
	if (c == NULL)
		c = conn_new(s, source, ev->pid, line->key_ns);
	if (c == NULL)
		return NULL;
	c->connected = c->connected || connect;
	c->ip = story_str(c->arena, ev->peer.ip);
	c->host = story_str(c->arena, ev->peer.host);
	return c;
}

static void
conn_command(struct stories *s, struct conn *c, const struct maillog_event *ev)
{
	struct str verb = ev->command.verb;
	if (str_is_nocase(verb, "HELO") || str_is_nocase(verb, "EHLO")) {
		c->helo = story_str(c->arena, ev->command.rest);
	} else if (str_is_nocase(verb, "MAIL")) {
		if (c->sender.len > 0 || !list_is_empty(&c->tales))
			end_transaction(s, c);
		c->sender = story_str(c->arena, ev->command.address);
	} else if (str_is_nocase(verb, "RCPT")) {
		c->recipient = story_str(c->arena, ev->command.address);
	}
}

/* Is the address in the list "<a>,<b>"? */
static bool
in_list(struct str list, struct str address)
{
	struct str one;
	while (maillog_recipient_next(&list, &one))
		if (str_eq_nocase(one, address))
			return true;
	return false;
}

/* What tells the story, beside what joins it. */
static void
verdict_words(struct tale *t, const struct maillog_event *ev)
{
	struct story *o = &t->s;
	struct arena *a = t->arena;
	if (ev->terse.ip.len > 0)
		o->ip = story_str(a, ev->terse.ip);
	if (ev->terse.host.len > 0)
		o->host = story_str(a, ev->terse.host);
	if (ev->terse.helo.len > 0)
		o->helo = story_str(a, ev->terse.helo);
	o->hook = story_str(a, ev->terse.hook);
	o->rule = story_str(a, ev->terse.rule);
	o->code = story_str(a, ev->terse.code_text);
	o->reason = story_str(a, ev->terse.reason);
	o->extra = story_str(a, ev->terse.extra);
	o->recipients = story_str(a, ev->terse.recipients);
}

static void
verdict(struct stories *s, struct conn *c, const struct logline *line,
    const struct maillog_event *ev)
{
	struct tale *t = tale_new(s, c);
	if (t == NULL)
		return;
	struct story *o = &t->s;
	struct arena *a = t->arena;
	c->told = true;
	o->verdict_ns = line->key_ns;
	o->verdict = (enum maillog_verdict)ev->verdict;
	o->score = story_str(a, ev->terse.score);
	o->sender = story_str(a, ev->terse.sender);
	if (o->verdict == MAILLOG_QUEUED)
		o->mid = story_str(a, ev->terse.reason);
	if (story_is_wanted(s, c->pid))
		verdict_words(t, ev);
	if (o->verdict != MAILLOG_QUEUED && c->recipient.len > 0 &&
	    !in_list(o->recipients, c->recipient))
		o->refused = story_str(a, c->recipient);
	o->virus = c->virus;
	o->virus_name = story_str(a, c->virus_name);
	story_scan_claim(s, t, c->spooling_ns);
	story_postfix_claim(s, t);
}

/* The newest story of the connection that was queued. */
static struct tale *
queued_tale(struct conn *c)
{
	struct tale *found = NULL;
	LIST_FOREACH(node, &c->tales)
	{
		struct tale *t = LIST_ITEM(node, struct tale, conn_node);
		if (t->s.verdict == MAILLOG_QUEUED)
			found = t;
	}
	return found;
}

/* A queue line: the number under which qmail knows it (LG-28). */
static void
queue_line(
    struct stories *s, struct conn *c, uint32_t qp, int64_t at_ns, bool taken)
{
	struct tale *t = queued_tale(c);
	if (t == NULL || qp == 0)
		return;
	if (taken)
		t->s.taken_ns = at_ns;
	if (t->s.qp != qp) {
		story_queue_number(s, t, qp);
		t->queue_ns = at_ns;
	}
	story_queue_claim(s, t);
}

/* Taken by Postfix, under that id. */
static void
queue_id(struct stories *s, struct conn *c, struct str id, int64_t at_ns)
{
	struct tale *t = queued_tale(c);
	if (t == NULL)
		return;
	t->s.taken_ns = at_ns;
	t->s.queue_id = story_str(t->arena, id);
	story_postfix_claim(s, t);
}

/* The bundled filter says where it put a message: nothing else logs that. */
static void
delivered(struct conn *c, const struct maillog_event *ev)
{
	static const char to[] = "delivered to ";
	struct tale *t = queued_tale(c);
	if (t == NULL || !str_starts(ev->text, str_of(to)))
		return;
	t->s.delivered_to = story_str(
	    t->arena, str_sub(ev->text, sizeof(to) - 1, ev->text.len));
}

static void
conn_event(struct stories *s, struct conn *c, const struct logline *line,
    const struct maillog_event *ev)
{
	static const char geo[] = "GeoIP Country: ";
	switch (ev->kind) {
	case MAILLOG_COMMAND:
		conn_command(s, c, ev);
		break;
	case MAILLOG_SPOOLING:
		c->spooling_ns = line->key_ns;
		break;
	case MAILLOG_TIMEOUT:
		c->is_timeout = true;
		break;
	case MAILLOG_PLUGIN:
		if (str_is(ev->plugin.hook, "queue"))
			delivered(c, ev);
		else if (str_is(ev->plugin.name, "check_badcountries") &&
			 str_starts(ev->text, str_of(geo)))
			c->country = story_str(c->arena,
			    str_sub(ev->text, sizeof(geo) - 1, ev->text.len));
		break;
	case MAILLOG_QUEUEING:
		queue_line(s, c, ev->pid, line->key_ns, false);
		break;
	case MAILLOG_TAKEN:
		if (ev->taken.queue_id.len > 0)
			queue_id(s, c, ev->taken.queue_id, line->key_ns);
		else
			queue_line(s, c, ev->taken.qp, line->key_ns, true);
		break;
	case MAILLOG_REPLY: {
		struct tale *t = queued_tale(c);
		if (t != NULL && t->s.taken_ns == STORY_NO_TIME &&
		    t->reply == 0)
			t->reply = ev->reply.code;
		break;
	}
	case MAILLOG_DISCONNECT:
	case MAILLOG_CLEANUP:
		if (!c->closing)
			c->closed_ns = line->key_ns;
		c->closing = true;
		break;
	default:
		break;
	}
}

/*
 * Of a connection of no interest: what may claim a scan or a message (see
 * story_scan_claim).
 */
static bool
begins_unwanted(const struct maillog_event *ev)
{
	if (ev->kind == MAILLOG_SPOOLING)
		return true;
	return (ev->kind == MAILLOG_LOGTERSE ||
		   ev->kind == MAILLOG_LOGTERSE_SHORT) &&
	       (ev->verdict == MAILLOG_QUEUED || ev->terse.score.len > 0);
}

/*
 * The connection that a line is of, begun by it where need be; NULL: nothing
 * is kept of it.
 */
static struct conn *
conn_of_line(struct stories *s, size_t source, const struct logline *line,
    const struct maillog_event *ev, bool wanted)
{
	uint32_t pid = maillog_connection(ev);
	struct conn *c = idmap_get(&s->conns, story_key(source, pid));
	if (ev->kind == MAILLOG_ACCEPTED || ev->kind == MAILLOG_CONNECT) {
		if (wanted)
			return conn_begin(s, source, line, ev);
		if (c != NULL)
			story_conn_close(s, c);
		return NULL;
	}
	/* the parent itself also speaks: only real signs count */
	if (c != NULL || ev->kind == MAILLOG_CLEANUP ||
	    ev->kind == MAILLOG_CORE || (!wanted && !begins_unwanted(ev)))
		return c;
	c = conn_new(s, source, pid, line->key_ns);
	if (c != NULL)
		c->began_earlier = true;
	return c;
}

void
story_conn_line(struct stories *s, size_t source, const struct logline *line,
    const struct maillog_event *ev)
{
	uint32_t pid = maillog_connection(ev);
	bool wanted = story_is_wanted(s, pid);
	s->is_qpsmtpd[source] = true;
	if (pid == 0 || ev->kind == MAILLOG_BUSY)
		return;
	struct conn *c = conn_of_line(s, source, line, ev, wanted);
	if (c == NULL)
		return;
	c->last_ns = line->key_ns;
	list_remove(&c->node);
	list_append(&s->conn_list, &c->node);
	/* a command may begin a transaction, a verdict a story */
	conn_event(s, c, line, ev);
	bool in_head = c->sender.len == 0 && list_is_empty(&c->tales);
	if (wanted)
		story_keep(s, c->arena, in_head ? &c->head : &c->lines, source,
		    line, ev);
	if (ev->kind == MAILLOG_LOGTERSE ||
	    ev->kind == MAILLOG_LOGTERSE_SHORT) {
		verdict(s, c, line, ev);
		return;
	}
	LIST_FOREACH(node, &c->tales)
	{
		struct tale *t = LIST_ITEM(node, struct tale, conn_node);
		if (wanted)
			story_keep(s, t->arena, &t->lines, source, line, ev);
	}
	if (ev->kind == MAILLOG_CLEANUP)
		story_conn_close(s, c);
}

/* The path that clamd read names the connection. */
void
story_virus_line(struct stories *s, size_t source, const struct logline *line,
    const struct maillog_event *ev)
{
	struct conn *c = NULL;
	for (size_t i = 0; i < STORY_SOURCES_MAX && c == NULL; i++)
		if (s->is_qpsmtpd[i])
			c = idmap_get(&s->conns, story_key(i, ev->virus.pid));
	if (c == NULL || ev->virus.pid == 0)
		return;
	c->virus = STORY_SURE;
	if (ev->kind == MAILLOG_CLAMD_FOUND)
		c->virus_name = story_str(c->arena, ev->virus.name);
	story_keep(s, c->arena, &c->lines, source, line, ev);
	LIST_FOREACH(node, &c->tales)
	{
		struct tale *t = LIST_ITEM(node, struct tale, conn_node);
		t->s.virus = STORY_SURE;
		if (c->virus_name.len > 0 && t->s.virus_name.len == 0)
			t->s.virus_name = story_str(t->arena, c->virus_name);
		story_keep(s, t->arena, &t->lines, source, line, ev);
	}
}

/* It is closed, and nothing has come of it for a while. */
static bool
is_silent(const struct stories *s, const struct conn *c)
{
	return c->closing &&
	       s->now_ns > story_later(c->last_ns, STORY_SILENT_S);
}

bool
story_waits(const struct stories *s, const struct tale *t)
{
	return (t->conn != NULL && !is_silent(s, t->conn)) ||
	       !story_is_complete(s, t);
}

bool
stories_has_wanted(const struct stories *s)
{
	LIST_FOREACH(node, &s->conn_list)
	{
		const struct conn *c = LIST_ITEM(node, struct conn, node);
		if (story_is_wanted(s, c->pid) && !is_silent(s, c))
			return true;
	}
	return false;
}
