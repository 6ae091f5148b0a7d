/* A connection: bytes between its socket and its session. */
#include "cmd/filterd/worker_int.h"
#include "core/smtp/limits.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	LOG_NOTICE_LEVEL = 5,
	LOG_INFO_LEVEL = 6,
	DISCARD_TURNS = 16,
	ADDITIONS_MAX = 16 * 1024
};

void
conn_enlist(struct conn *c, struct list *l)
{
	list_remove(&c->queue);
	list_append(l, &c->queue);
}

/* Facts of the connection for the policy. */
static bool
set_facts(struct conn *c, struct wire *in)
{
	c->running = wire_get_u32(in);
	c->filter.sessions_of_ip = wire_get_u32(in);
	c->filter.max_per_ip = wire_get_u32(in);
	c->filter.local_port = (uint16_t)wire_get_u32(in);
	c->filter.role = (enum smtp_role)wire_get_u32(in);
	if (c->filter.role < SMTP_ROLES)
		c->w->board->counters.sessions[c->filter.role]++;
	str_copy(c->ip, sizeof(c->ip), wire_get_str(in));
	str_copy(c->local_ip, sizeof(c->local_ip), wire_get_str(in));
	c->filter.client_ip = str_of(c->ip);
	c->filter.local_ip = str_of(c->local_ip);
	c->filter.client_name = STR("Unknown");
	c->filter.relay_env = c->w->relay_env;
	c->filter.psl = c->w->psl;
	c->filter.has_dns = true;
	c->filter.has_hops = true;
	c->filter.state = &c->w->state.ask;
	conn_watch(c);
	const char *rblsmtpd = getenv("RBLSMTPD");
	if (rblsmtpd != NULL)
		c->filter.rblsmtpd = str_of(rblsmtpd);
	c->filter.arena = arena_new(FILTERD_POLICY_ARENA, NULL, NULL);
	return wire_end(in) && c->filter.arena != NULL;
}

static bool
watch(struct conn *c, int how)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLRDHUP | EPOLLET,
		.data.u64 = conn_event(c) };
	if (c->for_room)
		ev.events |= EPOLLOUT;
	return epoll_ctl(c->w->epoll_fd, how, c->fd, &ev) == 0;
}

void
conn_await_room(struct conn *c)
{
	if (c->for_room)
		return;
	c->for_room = true;
	(void)watch(c, EPOLL_CTL_MOD);
}

static bool
begin_session(struct conn *c)
{
	struct worker *w = c->w;
	struct smtp_peer peer = { c->filter.client_ip, c->filter.client_name,
		c->filter.role == SMTP_ROLE_SMTPS };
	c->snapshot = w->snapshot;
	c->snapshot->users++;
	c->smtp = smtp_session_new(
	    &c->snapshot->smtp, &peer, &conn_events, c, w->now);
	return c->smtp != NULL && watch(c, EPOLL_CTL_ADD);
}

void
conn_log_begin(struct conn *c)
{
	char text[DNS_NAME_TEXT_SIZE + 128];
	int level = c->snapshot->log_level;
	struct str name = c->filter.client_name;
	if (level >= LOG_INFO_LEVEL) {
		snprintf(text, sizeof(text),
		    "Accepted connection %u/%u from %s / %.*s",
		    (unsigned)c->running, (unsigned)c->w->max_sessions, c->ip,
		    STR_ARG(name));
		conn_log(c, NULL, NULL, str_of(text));
	}
	if (level >= LOG_NOTICE_LEVEL) {
		snprintf(text, sizeof(text), "Connection from %.*s [%s]",
		    STR_ARG(name), c->ip);
		conn_log(c, NULL, NULL, str_of(text));
	}
}

/* The listener counts by slots: one that cannot be used is given back. */
static void
give_back(struct worker *w, uint32_t slot)
{
	board_end(w->board, slot, w->n_slots);
}

void
conn_new(struct worker *w, int fd, struct wire *in)
{
	uint32_t slot = wire_get_u32(in);
	struct conn *c = calloc(1, sizeof(*c));
	if (c == NULL || slot >= w->n_slots || w->slots[slot] != NULL) {
		free(c);
		close(fd);
		give_back(w, slot);
		return;
	}
	c->w = w;
	c->fd = fd;
	c->slot = slot;
	c->number = wire_get_u32(in);
	c->serial = ++w->serial;
	c->begun = w->now;
	c->spool_fd = -1;
	conn_trace_begin(c);
	buf_init(&c->additions, ADDITIONS_MAX);
	buf_init(&c->input, FILTERD_READ_SIZE);
	list_append(&w->conns, &c->all);
	c->queue.prev = c->queue.next = &c->queue;
	w->slots[slot] = c;
	w->running++;
	if (set_facts(c, in) && begin_session(c)) {
		if (w->stopping)
			smtp_session_drain(c->smtp, w->drain_until);
		conn_go(c);
	} else {
		conn_log(c, NULL, NULL, STR("out of memory"));
		conn_close(c);
	}
}

/*
 * Before its peer can know: one that comes again at once is a session more, not
 * one beside this, and goes to the worker that is warm.
 */
static void
leave(struct conn *c)
{
	struct worker *w = c->w;
	conn_trace_end(c);
	w->slots[c->slot] = NULL;
	w->running--;
	give_back(w, c->slot);
}

void
conn_close(struct conn *c)
{
	if (c->over)
		return;
	c->over = true;
	c->wait = CONN_NOTHING; /* what was asked for it settles nothing */
	if (c->smtp != NULL) {
		conn_notify(c, HOOK_DISCONNECT);
		c->filter.age_ms = c->w->now - c->begun;
		conn_notify(c, HOOK_POST_CONNECTION);
		if (c->snapshot->log_level >= LOG_INFO_LEVEL)
			conn_log(c, NULL, NULL, STR("click, disconnecting"));
	}
	worker_write_log(c->w);
	leave(c);
	conn_end_tls(c);
	/* unread bytes would make the system take our last reply back, also
	   those that arrive before close: it has to be sent by then */
	shutdown(c->fd, SHUT_WR);
	for (int i = 0; i < DISCARD_TURNS; i++) {
		if (recv(c->fd, c->w->block, FILTERD_READ_SIZE, 0) <= 0)
			break;
	}
	close(c->fd);
	c->fd = -1;
	conn_enlist(c, &c->w->over);
}

void
conn_free(struct conn *c)
{
	struct worker *w = c->w;
	conn_drop_spool(c);
	list_remove(&c->all);
	list_remove(&c->queue);
	w->freed++;
	smtp_session_free(c->smtp);
	filter_session_clear(&c->filter);
	snapshot_release(c->snapshot);
	arena_free(c->filter.arena);
	buf_clear(&c->input);
	buf_clear(&c->additions);
	free(c);
}

/*
 * Send what can be sent; false when the connection is lost. Who has a reply
 * finds in the log what came of it. The last reply leaves together with the
 * connection's end, as do its lines: the peer and the logger are woken once.
 */
static bool
flush(struct conn *c)
{
	struct buf *out = smtp_session_output(c->smtp);
	int flags = MSG_NOSIGNAL;
	bool last = smtp_session_want(c->smtp) == SMTP_WANT_CLOSE;
	if (out->len > 0 && last) {
		flags |= MSG_MORE;
		conn_tls_will_close(c);
	} else if (out->len > 0) {
		worker_write_log(c->w);
	}
	while (out->len > 0) {
		ssize_t n = c->tls != NULL
				? conn_tls_send(c, buf_str(out))
				: send(c->fd, out->data, out->len, flags);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN) {
			conn_await_room(c);
			return true;
		}
		if (n < 0)
			return false;
		buf_consume(out, (size_t)n);
	}
	buf_clear(out);
	return true;
}

/* Feed the session what was read before. */
static void
feed_kept(struct conn *c)
{
	size_t n = smtp_session_feed(c->smtp, buf_str(&c->input), c->w->now);
	if (smtp_session_took_secret(c->smtp))
		explicit_bzero(c->input.data, n);
	buf_consume(&c->input, n);
	if (c->input.len == 0)
		buf_clear(&c->input);
}

/* Read once and feed; bytes read, 0 when there was nothing. */
static size_t
feed_read(struct conn *c)
{
	struct worker *w = c->w;
	ssize_t n = c->tls != NULL
			? conn_tls_receive(c, w->block, FILTERD_READ_SIZE)
			: recv(c->fd, w->block, FILTERD_READ_SIZE, 0);
	if (n < 0 && errno == EINTR)
		return 0;
	if (n <= 0) {
		c->readable = false;
		if (n == 0 || errno != EAGAIN)
			c->hung_up = true;
		return 0;
	}
	/* a short read emptied the socket; the next event tells of more */
	if (!c->ending)
		c->readable = c->tls != NULL ? conn_tls_has_more(c)
					     : n == FILTERD_READ_SIZE;
	struct str in = str_n(w->block, (size_t)n);
	size_t taken = smtp_session_feed(c->smtp, in, w->now);
	if (taken < in.len &&
	    !buf_add_str(&c->input, str_sub(in, taken, in.len)))
		conn_close(c);
	if (smtp_session_took_secret(c->smtp))
		explicit_bzero(w->block, in.len);
	return (size_t)n;
}

/*
 * The session wants bytes: true when it was given some, or told that no more
 * come; false when it must wait.
 */
static bool
give_input(struct conn *c, size_t *turn)
{
	if (smtp_session_output(c->smtp)->len >= SMTP_OUT_PAUSE) {
		if (!flush(c)) {
			conn_close(c);
			return false;
		}
		/* it reads nothing: so do we, until it does */
		if (smtp_session_output(c->smtp)->len >= SMTP_OUT_PAUSE)
			return false;
	}
	if (c->input.len > 0) {
		feed_kept(c);
		return true;
	}
	if (c->readable && *turn < FILTERD_TURN_MAX) {
		*turn += feed_read(c);
		return true;
	}
	if (c->readable) { /* others first */
		conn_enlist(c, &c->w->ready);
		return false;
	}
	if (c->hung_up) {
		smtp_session_hangup(c->smtp);
		return true;
	}
	return false;
}

/* What is offered depends on the list, which HOOK_CONNECT chooses. */
static void
judge(struct conn *c)
{
	enum filter_hook hook = smtp_session_question(c->smtp)->hook;
	if (hook == HOOK_HELO)
		conn_offer(c);
	conn_judge(c);
	if (hook == HOOK_CONNECT)
		conn_offer(c);
}

/* The last words in clear, then the handshake; false when it must wait. */
static bool
secure(struct conn *c)
{
	if (c->tls == NULL && smtp_session_output(c->smtp)->len > 0) {
		if (!flush(c)) {
			conn_close(c);
			return false;
		}
		if (smtp_session_output(c->smtp)->len > 0)
			return false;
	}
	return conn_secure(c);
}

/* One step of what the session wants; false when it must wait. */
static bool
serve(struct conn *c, size_t *turn)
{
	switch (smtp_session_want(c->smtp)) {
	case SMTP_WANT_INPUT:
		return give_input(c, turn);
	case SMTP_WANT_VERDICT:
		judge(c);
		return c->wait == CONN_NOTHING;
	case SMTP_WANT_SPOOL:
		conn_spool(c);
		return c->wait == CONN_NOTHING;
	case SMTP_WANT_TEXT:
		conn_give_text(c);
		return true;
	case SMTP_WANT_QUEUE:
		conn_queue(c);
		return false;
	case SMTP_WANT_TLS:
		return secure(c);
	case SMTP_WANT_LOGIN:
		if (c->login_serial != 0)
			return false;
		conn_ask_login(c);
		return smtp_session_want(c->smtp) != SMTP_WANT_LOGIN;
	case SMTP_WANT_PAUSE:
	case SMTP_WANT_CLOSE:
		return false;
	}
	return false;
}

void
conn_go(struct conn *c)
{
	size_t turn = 0;
	if (c->over || c->wait != CONN_NOTHING)
		return;
	while (!c->over && serve(c, &turn))
		;
	if (c->over)
		return;
	bool sent = flush(c);
	bool closing = smtp_session_want(c->smtp) == SMTP_WANT_CLOSE;
	if (!sent || (closing && smtp_session_output(c->smtp)->len == 0))
		conn_close(c);
}
