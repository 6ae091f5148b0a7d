/*
 * Messages of a log that cannot be read when it is their turn: a disk with a
 * bad place, a file that somebody cut short.
 */
#include "core/queue/log_int.h"
#include "tests/unit/queue_log_fixture.h"

enum {
	MESSAGES = 300, /* more than are delivered together ... */
	READABLE = 280, /* ... and some of the rest are cut off */
	LOOK_MS = 300,
	/* that it holds some, one round that failed, and what is due within 15
	   seconds, should the machine be that slow; else some twenty come */
	TOLD_MAX = 6
};

/* Cuts the file when the first message of a round is about to be delivered. */
static struct queue *
open_and_cut(void *ctx, struct str target, struct err *e)
{
	const struct fixture *f = ctx;
	assert_int_equal(
	    truncate(f->path, DATA + (off_t)READABLE * RECORD + 100), 0);
	return fake_open(ctx, target, e);
}

static size_t
count_told(struct fixture *f)
{
	size_t n = 0;
	pthread_mutex_lock(&f->book.lock);
	for (const char *at = f->book.told; *at != '\0'; at++)
		n += *at == '\n';
	pthread_mutex_unlock(&f->book.lock);
	return n;
}

/*
 * They have failed and are tried again when that is due; it is told as often,
 * not all the time, and whoever asks what waits hears why.
 */
static void
test_unread_are_put_off(void **state)
{
	struct fixture *f = *state;
	struct queue_log_waiting w;
	struct err e = ERR_INIT;
	struct queue_log_spec spec = {
		.path = f->path,
		.size = SIZE,
		.clock = &test_clock,
		.open = open_and_cut,
		.report = note_report,
		.ctx = f,
	};
	static const size_t batches[] = { 60, 60, 60, 60, 60 };
	leave(f, batches, ARRAY_LEN(batches));
	f->log = queue_log_open(&spec, &e);
	assert_non_null(f->log);
	assert_true(wait_told(f, "cannot read the queue log"));
	clock_sleep_ms(&clock_system, LOOK_MS);
	assert_true(count_told(f) <= TOLD_MAX);
	assert_delivered_up_to(f, READABLE);
	queue_log_waiting(f->log, &w);
	assert_int_equal(w.messages, MESSAGES - READABLE);
	assert_int_equal(w.failed, MESSAGES - READABLE);
	assert_non_null(strstr(w.why.text, "cannot read the queue log"));
}

/*
 * Of a message that some recipients have already: without its record nobody
 * knows how many there are, and those who have it must not be told of.
 */
static void
test_unread_is_not_handed_over(void **state)
{
	bool has[] = { true, false };
	struct queue_log log = { .spec = { .clock = &test_clock },
		.telling = PTHREAD_MUTEX_INITIALIZER,
		.handed = VEC_INIT(struct log_handed) };
	struct log_span span = { .length = 100,
		.taken_s = clock_wall_s(&clock_system) - 1000,
		.failed = true,
		.has = has };
	struct err why = ERR_INIT;
	(void)state;
	atomic_store(&log.lifetime_s, 10);
	log_expire_hand(&log, &span, 0, &why);
	assert_false(span.handed);
	assert_int_equal(log.handed.len, 0);
	log_expire_hand(&log, &span, 2, &why);
	assert_true(span.handed);
	assert_memory_equal(
	    VEC_AT(&log.handed, struct log_handed, 0)->has, has, sizeof(has));
	log_expire_clear(&log);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_unread_are_put_off, setup, teardown),
		cmocka_unit_test(test_unread_is_not_handed_over),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name(
	    "queue_log_unread", tests, NULL, NULL);
}
