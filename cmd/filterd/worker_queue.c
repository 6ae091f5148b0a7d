/* What sessions ask the keeper: room for long texts, and the queue. */
#include "cmd/filterd/job.h"
#include "cmd/filterd/worker_int.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

void
conn_drop_spool(struct conn *c)
{
	if (c->map != NULL)
		munmap(c->map, c->map_length);
	c->map = NULL;
	if (c->spool_fd >= 0)
		close(c->spool_fd);
	c->spool_fd = -1;
	c->spool_size = 0;
}

void
conn_asked(struct conn *c, enum channel_status status, enum conn_wait wait)
{
	if (status == CHANNEL_OK) {
		c->wait = wait;
		return;
	}
	/* without a keeper too: the listener starts a new one */
	c->wait = CONN_TO_ASK;
	bool first = list_is_empty(&c->w->asking);
	conn_enlist(c, &c->w->asking);
	if (first)
		worker_await_room(c->w);
}

static void
put_who(struct buf *out, const struct conn *c)
{
	wire_put_u32(out, c->slot);
	wire_put_u32(out, c->serial);
}

/* Whom a message came from, for a server that wants to know (FL-159). */
static void
put_client(struct buf *out, const struct conn *c)
{
	enum {
		SHOWN_MAX = 255
	};
	const struct filter_session *s = &c->filter;
	wire_put_str(out, str_of(c->ip));
	wire_put_str(out, str_sub(s->client_name, 0, SHOWN_MAX));
	wire_put_str(out, str_sub(s->helo, 0, SHOWN_MAX));
	wire_put_u32(out, s->esmtp);
	wire_put_u32(out, s->auth_user.len > 0);
}

void
conn_spool(struct conn *c)
{
	if (c->spool_fd >= 0) {
		struct str chunk = smtp_session_chunk(c->smtp);
		bool ok = job_append(c->spool_fd, chunk, &c->spool_size);
		smtp_session_spooled(c->smtp, ok);
		return;
	}
	struct buf body;
	worker_write_log(c->w);
	buf_init(&body, 256);
	put_who(&body, c);
	wire_put_str(&body, str_of(c->ip));
	wire_put_u32(&body, c->filter.auth_user.len > 0);
	conn_asked(c,
	    channel_send(&c->w->keeper, MESSAGE_SPOOL, buf_str(&body), -1, 0),
	    CONN_ASKED);
	buf_clear(&body);
}

void
conn_give_text(struct conn *c)
{
	struct str text = STR_EMPTY;
	if (c->spool_size > 0) {
		void *map = mmap(NULL, (size_t)c->spool_size, PROT_READ,
		    MAP_SHARED, c->spool_fd, 0);
		if (map != MAP_FAILED) {
			c->map = map;
			c->map_length = (size_t)c->spool_size;
			text = str_n(map, c->map_length);
		}
	}
	smtp_session_give_text(c->smtp, text, clock_wall_s(c->w->clock));
}

/* Envelope in front of a job. */
static void
put_envelope(struct buf *out, const struct smtp_job *job)
{
	wire_put_path(out, &job->sender);
	wire_put_u32(out, (uint32_t)job->n_rcpts);
	for (size_t i = 0; i < job->n_rcpts; i++) {
		wire_put_path(out, &job->rcpts[i]);
	}
}

static struct iovec
piece(struct str s)
{
	return (struct iovec){ (void *)(uintptr_t)s.ptr, s.len };
}

/* All of it in one packet. */
static enum channel_status
send_job(struct conn *c, const struct smtp_job *job, struct buf *envelope)
{
	struct buf head, lengths;
	buf_init(&head, 1024);
	buf_init(&lengths, 64);
	put_who(&head, c);
	wire_put_u64(&head, (uint64_t)job->until_ms);
	put_client(&head, c);
	wire_put_u32(&lengths, (uint32_t)job->head.len);
	wire_put_u32(&lengths, (uint32_t)job->body.len);
	struct iovec parts[] = { piece(buf_str(&head)),
		piece(buf_str(envelope)), piece(buf_str(&lengths)),
		piece(job->head), piece(job->body) };
	enum channel_status s = channel_sendv(
	    &c->w->keeper, MESSAGE_JOB, parts, ARRAY_LEN(parts), -1, 0);
	buf_clear(&head);
	buf_clear(&lengths);
	return s;
}

/*
 * Too large for a packet: envelope and header go behind the text in its spool
 * file, or everything into a memory file when the text was short and only its
 * envelope is not.
 */
static enum channel_status
send_job_file(struct conn *c, const struct smtp_job *job, struct buf *envelope)
{
	uint64_t body_at = job->body_offset;
	uint64_t end = c->spool_size;
	if (!job->spooled) {
		conn_drop_spool(
		    c); /* of an attempt the channel had no room for */
		c->spool_fd = memfd_create("job", MFD_CLOEXEC);
		body_at = end = 0;
		if (c->spool_fd < 0 ||
		    !job_append(c->spool_fd, job->body, &end))
			return CHANNEL_BAD;
	}
	uint64_t envelope_at = end;
	if (!job_append(c->spool_fd, buf_str(envelope), &end))
		return CHANNEL_BAD;
	uint64_t head_at = end;
	if (!job_append(c->spool_fd, job->head, &end))
		return CHANNEL_BAD;
	struct buf body;
	buf_init(&body, 2048);
	put_who(&body, c);
	wire_put_u64(&body, (uint64_t)job->until_ms);
	put_client(&body, c);
	wire_put_u64(&body, envelope_at);
	wire_put_u64(&body, envelope->len);
	wire_put_u64(&body, head_at);
	wire_put_u64(&body, job->head.len);
	wire_put_u64(&body, body_at);
	wire_put_u64(&body, job->body.len);
	enum channel_status s = channel_send(
	    &c->w->keeper, MESSAGE_JOB_FILE, buf_str(&body), c->spool_fd, 0);
	buf_clear(&body);
	return s;
}

/* The largest job that still goes in a packet, with room for its head. */
static bool
fits_packet(const struct smtp_job *job, const struct buf *envelope)
{
	return !job->spooled &&
	       job->head.len + job->body.len + envelope->len + 1536 <
		   FILTERD_PACKET_MAX;
}

void
conn_queue(struct conn *c)
{
	const struct smtp_job *job = smtp_session_job(c->smtp);
	struct buf envelope;
	worker_write_log(c->w); /* the keeper's lines come behind */
	buf_init(&envelope, FILTERD_JOB_META_MAX);
	put_envelope(&envelope, job);
	enum channel_status s = CHANNEL_BAD;
	if (!envelope.failed)
		s = fits_packet(job, &envelope)
			? send_job(c, job, &envelope)
			: send_job_file(c, job, &envelope);
	buf_clear(&envelope);
	if (s != CHANNEL_BAD) {
		conn_asked(c, s, CONN_ASKED);
		return;
	}
	conn_log(
	    c, NULL, NULL, STR("no room to hand the message to the queue"));
	smtp_session_queued(
	    c->smtp, SMTP_QUEUE_DECLINED, (struct str)STR_EMPTY);
	conn_enlist(c, &c->w->ready);
}

struct conn *
worker_find_by(
    struct worker *w, uint32_t slot, uint32_t serial, enum conn_wait wait)
{
	struct conn *c = slot < w->n_slots ? w->slots[slot] : NULL;
	return c != NULL && c->serial == serial && !c->over && c->wait == wait
		   ? c
		   : NULL;
}

struct conn *
worker_find(struct worker *w, struct wire *in, enum conn_wait wait)
{
	uint32_t slot = wire_get_u32(in);
	uint32_t serial = wire_get_u32(in);
	return in->bad ? NULL : worker_find_by(w, slot, serial, wait);
}

struct result {
	uint32_t outcome; /* enum smtp_queued */
	struct str text;  /* for the peer */
	struct str why;   /* for the log: not taken, or not for all */
};

/* A message that no queue took is a denial to who reads the log (FL-175). */
static void
log_not_taken(struct conn *c, const struct result *r)
{
	struct filter_verdict v = {
		.result = r->outcome == SMTP_QUEUE_REFUSED ? FILTER_DENY
							   : FILTER_DENYSOFT,
		.plugin =
		    filter_policy_queue_label(c->snapshot->policy, &c->filter),
	};
	struct str text = r->text.len > 0 ? r->text : r->why;
	snprintf(v.text, sizeof(v.text), "%.*s", STR_ARG(text));
	conn_log_foreign(c, r->why);
	conn_log_terse(c, &v, false, (struct str)STR_EMPTY);
}

static void
hear_result(struct conn *c, const struct result *r)
{
	const struct smtp_job *job = smtp_session_job(c->smtp);
	if (smtp_session_want(c->smtp) != SMTP_WANT_QUEUE)
		return;
	if (r->outcome == SMTP_QUEUED) {
		struct filter_verdict v = { .result = FILTER_OK };
		struct str id =
		    job->message_id.len > 0 ? job->message_id : STR("<>");
		conn_log_terse(c, &v, true, id);
		conn_log_where(c, job, r->why);
	} else {
		log_not_taken(c, r);
	}
	smtp_session_queued(c->smtp, (enum smtp_queued)r->outcome, r->text);
}

/* What the queue did with one message after the other. */
static bool
hear_results(struct worker *w, struct wire *in)
{
	while (in->rest.len > 0 && w->keeper.fd >= 0) {
		struct conn *c = worker_find(w, in, CONN_ASKED);
		struct result r = { .outcome = wire_get_u32(in) };
		r.text = wire_get_str(in);
		r.why = wire_get_str(in);
		if (in->bad || r.outcome > SMTP_QUEUE_REFUSED)
			return false;
		if (c == NULL)
			continue;
		c->wait = CONN_NOTHING;
		hear_result(c, &r);
		conn_go(c);
	}
	return true;
}

bool
worker_hear_keeper(struct worker *w, struct message *m)
{
	if (m->type == MESSAGE_RESULT)
		return hear_results(w, &m->in);
	if (m->type == MESSAGE_INQUIRED)
		return worker_hear_hop(w, &m->in);
	struct conn *c = worker_find(w, &m->in, CONN_ASKED);
	bool wanted = c != NULL && m->type == MESSAGE_SPOOLED &&
		      c->spool_fd < 0 &&
		      smtp_session_want(c->smtp) == SMTP_WANT_SPOOL;
	if (m->fd >= 0 && !wanted)
		close(m->fd);
	if (!wire_end(&m->in))
		return false;
	if (c == NULL)
		return true;
	c->wait = CONN_NOTHING;
	if (wanted)
		c->spool_fd = m->fd;
	else if (m->type == MESSAGE_NO_SPOOL)
		smtp_session_spooled(c->smtp, false);
	conn_go(c);
	return true;
}

void
worker_lose_keeper(struct worker *w)
{
	channel_clear(&w->keeper);
	LIST_FOREACH(node, &w->conns)
	{
		struct conn *c = LIST_ITEM(node, struct conn, all);
		if (!c->over && c->wait == CONN_HOP)
			conn_lose_hop(c, "the part that asks it is gone");
		if (c->over || c->wait != CONN_ASKED)
			continue;
		c->wait = CONN_NOTHING;
		if (smtp_session_want(c->smtp) == SMTP_WANT_SPOOL)
			smtp_session_spooled(c->smtp, false);
		else
			smtp_session_queued(c->smtp, SMTP_QUEUE_DECLINED,
			    (struct str)STR_EMPTY);
		conn_enlist(c, &w->ready);
	}
}
