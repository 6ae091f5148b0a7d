/*
 * Fuzzes the messages between the two sides of a remote resolver: two bytes in
 * front of each are its length, a third chooses the question that it answers,
 * or none. What can be read is written as it was.
 * Exercises core/dns/remote.c, remote_wire.c and flat.c.
 */
#include "core/dns/remote.h"
#include "core/dns/remote_int.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	CACHE = 8,
	QUESTIONS = 4,
	WHO = 8, /* index and serial in front of a message */
	LENGTH_STEPS = 4
};

/* What was asked, and how often it was answered. */
struct asked {
	char who[QUESTIONS][WHO];
	size_t sent;
	unsigned answers;
};

static void
require(bool holds)
{
	if (!holds)
		abort();
}

static bool
note(void *ctx, struct str message)
{
	struct asked *a = ctx;
	require(message.len > WHO);
	if (a->sent < QUESTIONS)
		memcpy(a->who[a->sent++], message.ptr, WHO);
	return true;
}

static void
on_done(void *ctx, const struct dns_answer *answer)
{
	struct asked *a = ctx;
	for (size_t i = 0; i < answer->n; i++)
		require(answer->records != NULL);
	a->answers++;
}

static void
check_wire(struct str in)
{
	struct remote_question q;
	struct remote_reply p;
	char text[REMOTE_QUESTION_MAX];
	if (remote_question_get(in, &q))
		require(remote_question_put(&q, text).len == in.len);
	if (remote_reply_get(in, &p)) {
		struct buf out = BUF_INIT(DNS_REMOTE_MESSAGE_MAX);
		require(remote_reply_put(&p, &out) && out.len == in.len);
		buf_clear(&out);
	}
}

/* One message off the front of *in. */
static bool
hear_one(struct dns *d, const struct asked *a, struct str *in)
{
	const unsigned char *b = (const unsigned char *)in->ptr;
	size_t n = (size_t)(b[0] % LENGTH_STEPS) * 256 + b[1];
	struct str text = str_sub(*in, 3, 3 + n);
	struct buf message = BUF_INIT(DNS_REMOTE_MESSAGE_MAX);
	if (b[2] < QUESTIONS)
		buf_add(&message, a->who[b[2]], WHO);
	buf_add_str(&message, text);
	*in = str_sub(*in, 3 + text.len, in->len);
	check_wire(buf_str(&message));
	bool ok = dns_remote_hear(d, buf_str(&message));
	buf_clear(&message);
	dns_step(d);
	return ok;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint16_t types[QUESTIONS] = { DNS_A, DNS_MX, DNS_TXT,
		DNS_PTR };
	struct err e = ERR_INIT;
	struct asked a = { .sent = 0 };
	struct dns *d = dns_remote_new(&clock_system, CACHE, note, &a, &e);
	struct dns_how how = { .deadline_ms = 60000 };
	struct str in = str_n((const char *)data, size);
	require(d != NULL);
	for (size_t i = 0; i < QUESTIONS; i++)
		require(dns_submit(d, STR("a.example"), types[i], &how, on_done,
			    &a) != NULL);
	while (in.len > 3 && hear_one(d, &a, &in))
		;
	dns_remote_lost(d);
	dns_step(d);
	require(a.answers == QUESTIONS);
	dns_free(d);
	return 0;
}
