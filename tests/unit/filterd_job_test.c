/* The envelope of a job, as it crosses from a worker to the keeper. */
#include "cmd/filterd/job.h"

#include "core/base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

enum {
	ROOM = 4096,
	ADDRESSES = 3, /* sender and two recipients */
	PARTS = 2 * ADDRESSES
};

static const char *const good[PARTS] = { "a", "out.example", "b",
	"local.example", "c d", "local.example" };

static void
put(struct buf *out, const struct str parts[PARTS], uint32_t n_rcpts)
{
	wire_put_str(out, parts[0]);
	wire_put_str(out, parts[1]);
	wire_put_u32(out, n_rcpts);
	for (size_t i = 2; i < PARTS; i++)
		wire_put_str(out, parts[i]);
}

static bool
reads(const struct str parts[PARTS], uint32_t n_rcpts, size_t length,
    struct queue_message *m, struct arena *a)
{
	struct buf text = BUF_INIT(ROOM);
	put(&text, parts, n_rcpts);
	assert_false(text.failed);
	struct wire in = { str_sub(buf_str(&text), 0, length), false };
	arena_reset(a);
	bool ok = job_read_envelope(a, &in, m) && wire_end(&in);
	if (ok)
		assert_true(str_is(m->rcpts[1].local, "c d"));
	buf_clear(&text);
	return ok;
}

static void
fill(struct str parts[PARTS])
{
	for (size_t i = 0; i < PARTS; i++)
		parts[i] = str_of(good[i]);
}

/* A worker that peers got hold of could send any byte in any part. */
static void
test_control_characters(void **state)
{
	struct arena *a = arena_new(ROOM, NULL, NULL);
	struct queue_message m = { .body_fd = -1 };
	struct str parts[PARTS];
	(void)state;
	fill(parts);
	assert_true(reads(parts, 2, ROOM, &m, a));
	assert_int_equal(m.n_rcpts, 2);
	for (size_t i = 0; i < PARTS; i++) {
		for (int c = 0; c < 256; c++) {
			char text[] = { 'x', (char)c, 'y' };
			bool control = c < ' ' || c == 0x7f;
			fill(parts);
			if (i == PARTS - 2 && !control)
				continue; /* what is compared above */
			parts[i] = str_n(text, sizeof(text));
			assert_int_equal(
			    reads(parts, 2, ROOM, &m, a), !control);
		}
	}
	arena_free(a);
}

/* Cut anywhere, or with a number of recipients that is not true. */
static void
test_nonsense(void **state)
{
	struct arena *a = arena_new(ROOM, NULL, NULL);
	struct queue_message m = { .body_fd = -1 };
	struct str parts[PARTS];
	struct buf whole = BUF_INIT(ROOM);
	static const uint32_t wrong[] = { 0, 1, 3, 1000, UINT32_MAX };
	(void)state;
	fill(parts);
	put(&whole, parts, 2);
	for (size_t n = 0; n < whole.len; n++)
		assert_false(reads(parts, 2, n, &m, a));
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		struct buf text = BUF_INIT(ROOM);
		put(&text, parts, wrong[i]);
		struct wire in = { buf_str(&text), false };
		arena_reset(a);
		assert_false(job_read_envelope(a, &in, &m) && wire_end(&in));
		buf_clear(&text);
	}
	buf_clear(&whole);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_control_characters),
		cmocka_unit_test(test_nonsense),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("filterd_job", tests, NULL, NULL);
}
