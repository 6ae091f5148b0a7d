/*
 * A resolver in another process (FL-191): both sides in this one, with the
 * messages between them in our hands.
 */
#include "core/dns/remote.h"

#include "core/base/buf.h"
#include "tests/support/dns_fake.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

enum {
	MEMORY = 1 << 20,
	CACHE = 100,
	LONG_TEXT = 255,
	LONG_TEXTS = 300,
	ASKER = 7
};

static int64_t now_ms;

static int64_t
fixed_now(void *ctx)
{
	(void)ctx;
	return now_ms * NS_PER_MS;
}

/* A wire with one message in each direction at most. */
struct wires {
	struct dns *asking, *answering;
	struct dns_service service;
	unsigned changes; /* of the servers' state */
	struct buf to_server, to_client;
	bool cut; /* nothing can be sent */
	size_t crossed;
	struct clock clock;
	struct arena *arena;
	const struct dns_answer *kept;
};

static bool
to_server(void *ctx, struct str message)
{
	struct wires *w = ctx;
	if (w->cut)
		return false;
	w->crossed++;
	buf_clear(&w->to_server);
	buf_init(&w->to_server, DNS_REMOTE_MESSAGE_MAX);
	return buf_add_str(&w->to_server, message);
}

static bool
to_client(void *ctx, uint32_t asker, struct str message)
{
	struct wires *w = ctx;
	assert_int_equal(asker, ASKER);
	buf_clear(&w->to_client);
	buf_init(&w->to_client, DNS_REMOTE_MESSAGE_MAX);
	return buf_add_str(&w->to_client, message);
}

static void
changed(void *ctx, bool down)
{
	struct wires *w = ctx;
	(void)down;
	w->changes++;
}

static int
setup(void **state)
{
	static struct wires w;
	struct err e = ERR_INIT;
	w = (struct wires){ .clock = {
				.wall_ns = fixed_now, .mono_ns = fixed_now } };
	now_ms = 1000000;
	w.arena = arena_new(MEMORY, NULL, NULL);
	w.answering = dns_fake_new(&w.clock);
	w.service = (struct dns_service){ .dns = w.answering,
		.clock = &w.clock,
		.send = to_client,
		.ctx = &w,
		.changed = changed };
	dns_service_init(&w.service);
	w.asking = dns_remote_new(&w.clock, CACHE, to_server, &w, &e);
	buf_init(&w.to_server, DNS_REMOTE_MESSAGE_MAX);
	buf_init(&w.to_client, DNS_REMOTE_MESSAGE_MAX);
	*state = &w;
	return w.answering == NULL || w.asking == NULL || w.arena == NULL;
}

static int
teardown(void **state)
{
	struct wires *w = *state;
	dns_free(w->asking);
	dns_free(w->answering);
	buf_clear(&w->to_server);
	buf_clear(&w->to_client);
	arena_free(w->arena);
	return 0;
}

static void
keep(void *ctx, const struct dns_answer *answer)
{
	struct wires *w = ctx;
	w->kept = dns_answer_dup(w->arena, answer);
}

static const struct dns_answer *
kept(struct wires *w)
{
	const struct dns_answer *answer = w->kept;
	w->kept = NULL;
	return answer;
}

static void
submit(struct wires *w, const char *name, uint16_t type, int64_t deadline_ms)
{
	struct dns_how how = { .deadline_ms = deadline_ms };
	assert_non_null(
	    dns_submit(w->asking, str_of(name), type, &how, keep, w));
}

/* The whole way there and back. */
static const struct dns_answer *
ask(struct wires *w, const char *name, uint16_t type)
{
	submit(w, name, type, 5000);
	if (w->to_server.len > 0) {
		assert_true(dns_service_hear(
		    &w->service, ASKER, buf_str(&w->to_server)));
		dns_step(w->answering);
		buf_clear(&w->to_server);
		assert_true(dns_remote_hear(w->asking, buf_str(&w->to_client)));
	}
	dns_step(w->asking);
	const struct dns_answer *answer = kept(w);
	assert_non_null(answer);
	return answer;
}

static void
test_answers_cross(void **state)
{
	struct wires *w = *state;
	assert_true(dns_fake_add(
	    w->answering, "a.example", DNS_CNAME, STR("b.example")));
	assert_true(
	    dns_fake_add(w->answering, "b.example", DNS_A, STR("192.0.2.7")));
	const struct dns_answer *a = ask(w, "A.example", DNS_A);
	assert_int_equal(a->status, DNS_OK);
	assert_int_equal(a->n, 1);
	assert_int_equal(a->n_chain, 1);
	assert_true(str_is(a->canonical, "b.example"));
	assert_int_equal(ask(w, "no.example", DNS_A)->status, DNS_NXDOMAIN);
	assert_int_equal(ask(w, "b.example", DNS_MX)->status, DNS_NODATA);
	assert_true(dns_fake_fail(w->answering, "c.example", 0, DNS_SERVFAIL));
	a = ask(w, "c.example", DNS_TXT);
	assert_int_equal(a->status, DNS_SERVFAIL);
	assert_true(a->reason.len > 0);
}

static void
test_kept_for_their_time(void **state)
{
	struct wires *w = *state;
	assert_true(
	    dns_fake_add(w->answering, "b.example", DNS_A, STR("192.0.2.7")));
	ask(w, "b.example", DNS_A);
	assert_int_equal(w->crossed, 1);
	assert_true(ask(w, "B.EXAMPLE.", DNS_A)->cached);
	assert_int_equal(w->crossed, 1);
	now_ms += 301 * 1000;
	assert_false(ask(w, "b.example", DNS_A)->cached);
	assert_int_equal(w->crossed, 2);
}

/* RFC 9520: a failure is not asked for again at once, nor for long. */
static void
test_failures_are_kept_shortly(void **state)
{
	struct wires *w = *state;
	assert_true(dns_fake_fail(w->answering, "c.example", 0, DNS_SERVFAIL));
	assert_int_equal(ask(w, "c.example", DNS_A)->status, DNS_SERVFAIL);
	assert_int_equal(ask(w, "c.example", DNS_A)->status, DNS_SERVFAIL);
	assert_int_equal(ask(w, "no.example", DNS_A)->status, DNS_NXDOMAIN);
	assert_int_equal(ask(w, "no.example", DNS_A)->status, DNS_NXDOMAIN);
	assert_int_equal(w->crossed, 2);
	now_ms += 6000;
	assert_int_equal(ask(w, "c.example", DNS_A)->status, DNS_SERVFAIL);
	assert_int_equal(ask(w, "no.example", DNS_A)->status, DNS_NXDOMAIN);
	assert_int_equal(w->crossed, 4);
}

static void
test_the_other_side_is_gone(void **state)
{
	struct wires *w = *state;
	submit(w, "a.example", DNS_A, 5000);
	dns_remote_lost(w->asking);
	dns_step(w->asking);
	assert_int_equal(kept(w)->status, DNS_NO_SERVER);
	w->cut = true;
	assert_int_equal(ask(w, "b.example", DNS_A)->status, DNS_NO_SERVER);
}

static void
test_silence_ends_with_the_deadline(void **state)
{
	struct wires *w = *state;
	submit(w, "a.example", DNS_A, 5000);
	now_ms += 5400;
	dns_step(w->asking);
	assert_null(w->kept);
	now_ms += 200;
	assert_true(dns_next_ms(w->asking) <= now_ms);
	dns_step(w->asking);
	assert_int_equal(kept(w)->status, DNS_TIMEOUT);
	/* the late reply finds nobody, the place is free for the next */
	assert_true(
	    dns_service_hear(&w->service, ASKER, buf_str(&w->to_server)));
	dns_step(w->answering);
	buf_clear(&w->to_server);
	submit(w, "b.example", DNS_A, 5000);
	assert_true(dns_remote_hear(w->asking, buf_str(&w->to_client)));
	dns_step(w->asking);
	assert_null(w->kept);
}

static void
test_cancelled(void **state)
{
	struct wires *w = *state;
	struct dns_query *q =
	    dns_submit(w->asking, STR("a.example"), DNS_A, NULL, keep, w);
	assert_non_null(q);
	dns_cancel(q);
	assert_true(
	    dns_service_hear(&w->service, ASKER, buf_str(&w->to_server)));
	dns_step(w->answering);
	assert_true(dns_remote_hear(w->asking, buf_str(&w->to_client)));
	dns_step(w->asking);
	assert_null(w->kept);
	assert_int_equal(dns_next_ms(w->asking), -1);
}

static void
test_a_reply_too_large(void **state)
{
	struct wires *w = *state;
	char text[LONG_TEXT + 1];
	memset(text, 'x', LONG_TEXT);
	text[LONG_TEXT] = '\0';
	for (int i = 0; i < 2 * LONG_TEXTS; i++)
		assert_true(dns_fake_add(
		    w->answering, "big.example", DNS_TXT, str_of(text)));
	const struct dns_answer *a = ask(w, "big.example", DNS_TXT);
	assert_true(a->status == DNS_BAD || a->n > 0);
}

/* A question is under way for so long, then the servers are looked at. */
static void
wait_with_a_question(struct wires *w, int64_t ms)
{
	struct dns_how how = { .deadline_ms = 30000, .fresh = true };
	assert_non_null(
	    dns_submit(w->asking, STR("silent.example"), DNS_A, &how, keep, w));
	assert_true(
	    dns_service_hear(&w->service, ASKER, buf_str(&w->to_server)));
	buf_clear(&w->to_server);
	now_ms += ms;
	dns_service_step(&w->service);
	dns_step(w->answering);
	assert_true(dns_remote_hear(w->asking, buf_str(&w->to_client)));
	dns_step(w->asking);
	assert_int_equal(kept(w)->status, DNS_TIMEOUT);
}

/* Servers that are silent are not waited for again and again. */
static void
test_silent_servers_are_left_alone(void **state)
{
	struct wires *w = *state;
	dns_fake_default(w->answering, DNS_TIMEOUT);
	wait_with_a_question(w, 4000);
	assert_false(w->service.down);
	wait_with_a_question(w, 6000);
	assert_true(w->service.down);
	assert_int_equal(w->changes, 1);
	size_t asked = dns_asked(w->answering);
	assert_int_equal(ask(w, "other.example", DNS_A)->status, DNS_TIMEOUT);
	assert_int_equal(dns_asked(w->answering), asked);
	/* they are back: the next probe finds out */
	dns_fake_default(w->answering, DNS_NXDOMAIN);
	now_ms += 6000;
	dns_service_step(&w->service);
	dns_step(w->answering);
	assert_false(w->service.down);
	assert_int_equal(w->changes, 2);
	assert_int_equal(ask(w, "other.example", DNS_A)->status, DNS_NXDOMAIN);
}

/* A dead domain behind servers that work is no reason to stop asking. */
static void
test_dead_domains_stop_nothing(void **state)
{
	struct wires *w = *state;
	assert_true(
	    dns_fake_fail(w->answering, "silent.example", 0, DNS_TIMEOUT));
	for (int i = 0; i < 5; i++)
		wait_with_a_question(w, 6000);
	assert_false(w->service.down);
	assert_int_equal(w->changes, 0);
}

/* Whatever bytes come: refused or an answer, never a crash. */
static void
test_nonsense(void **state)
{
	struct wires *w = *state;
	assert_true(
	    dns_fake_add(w->answering, "b.example", DNS_A, STR("192.0.2.7")));
	submit(w, "b.example", DNS_A, 5000);
	for (size_t n = 0; n < w->to_server.len; n++)
		assert_false(dns_service_hear(
		    &w->service, ASKER, str_sub(buf_str(&w->to_server), 0, n)));
	assert_true(
	    dns_service_hear(&w->service, ASKER, buf_str(&w->to_server)));
	dns_step(w->answering);
	struct str whole = buf_str(&w->to_client);
	for (size_t n = 0; n < DNS_REMOTE_MESSAGE_MIN; n++)
		assert_false(dns_remote_hear(w->asking, str_sub(whole, 0, n)));
	/* a reply that is cut within its records is no answer */
	assert_true(
	    dns_remote_hear(w->asking, str_sub(whole, 0, whole.len - 3)));
	dns_step(w->asking);
	assert_int_equal(kept(w)->status, DNS_BAD);
	assert_false(dns_remote_hear(w->asking, STR("\377\377\377\377\0\0\0\1"
						    "\0\0\0\0\0\0\0\0")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_answers_cross, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_kept_for_their_time, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_failures_are_kept_shortly, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_the_other_side_is_gone, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_silence_ends_with_the_deadline, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_cancelled, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_a_reply_too_large, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_silent_servers_are_left_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_dead_domains_stop_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nonsense, setup, teardown),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
