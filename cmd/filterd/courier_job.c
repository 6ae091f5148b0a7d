/* The courier's jobs: taken from the keeper, answered to it. */
#include "cmd/filterd/courier_int.h"

#include "cmd/filterd/limits.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	WAITING_MAX = 100000 /* no more sessions are there to wait */
};

void
courier_job_free(struct job *j)
{
	if (j == NULL)
		return;
	if (j->fd >= 0)
		close(j->fd);
	free(j);
}

enum message_type
courier_answer_to(enum message_type type)
{
	return type == MESSAGE_CARRY ? MESSAGE_CARRIED : MESSAGE_INQUIRED;
}

void
courier_send_answer(struct courier *c, const struct job *j, struct str body)
{
	if (channel_send(c->keeper, courier_answer_to(j->type), body, -1,
		FILTERD_SEND_MS) != CHANNEL_OK)
		c->over = true;
}

void
courier_answer(struct courier *c, const struct job *j, const char *why)
{
	struct buf body = BUF_INIT(2048);
	if (j->type == MESSAGE_CARRY) {
		struct queue_result r = { .outcome = QUEUE_DECLINED };
		err_set(&r.err, ERR_TEMPORARY,
		    "handing a message to '%.*s': %s", STR_ARG(j->errand.place),
		    why);
		carried_put(&body, &j->errand, &r, NULL, 0);
	} else {
		struct inquired none = { .asker = j->errand.asker,
			.text = str_of(why) };
		inquired_put(&body, &none);
	}
	courier_send_answer(c, j, buf_str(&body));
	buf_clear(&body);
}

void
courier_take_job(struct courier *c, struct message *m)
{
	struct str bytes = m->in.rest;
	struct job *j = calloc(1, sizeof(*j) + bytes.len);
	if (j == NULL || c->n_waiting >= WAITING_MAX) {
		/* unanswered it would wait for ever: end, all are answered */
		c->over = true;
		if (m->fd >= 0)
			close(m->fd);
		free(j);
		return;
	}
	memcpy(j->bytes, bytes.ptr, bytes.len);
	j->length = bytes.len;
	j->fd = m->fd;
	struct wire in = { str_n(j->bytes, j->length), false };
	j->type = m->type;
	errand_get(&in, &j->errand);
	if (in.bad) {
		c->over = true;
		courier_job_free(j);
		return;
	}
	j->deadline = clock_mono_ms(c->clock) +
		      (int64_t)j->errand.limit_s * 1000 + COURIER_GRACE_MS;
	list_append(&c->waiting, &j->node);
	c->n_waiting++;
}
