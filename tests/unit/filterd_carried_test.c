/* What became of a message for each recipient, as the courier tells it. */
#include "cmd/filterd/courier.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum {
	FEW = 3,
	MANY = 1000,
	LONG = QUEUE_TEXT_SIZE - 1
};

static const struct errand errand = { .asker = { 1, 2, 3 }, .share = 4 };

static bool
crosses(const struct queue_result *r, const struct queue_answer *answers,
    size_t n, struct buf *body, struct carried *c)
{
	buf_init(body, FILTERD_CARRIED_MAX);
	carried_put(body, &errand, r, answers, n);
	assert_false(body->failed);
	struct wire in = { buf_str(body), false };
	return carried_get(&in, c);
}

static void
test_each_has_its_answer(void **state)
{
	(void)state;
	struct queue_result r = { .outcome = QUEUE_DECLINED,
		.text = "450 later" };
	const struct queue_answer answers[FEW] = {
		{ QUEUE_REFUSED, STR("550 gone") },
		{ QUEUE_TAKEN, STR("not told") },
		{ QUEUE_DECLINED, STR("450 later") },
	};
	struct buf body;
	struct carried c;
	assert_true(crosses(&r, answers, FEW, &body, &c));
	assert_int_equal(c.asker.serial, 3);
	assert_int_equal(c.share, 4);
	for (size_t i = 0; i < FEW; i++) {
		struct queue_answer a = carried_next(&c, i, FEW);
		assert_int_equal(a.outcome, answers[i].outcome);
		assert_true(str_eq(a.text, a.outcome == QUEUE_TAKEN
					       ? (struct str)STR_EMPTY
					       : answers[i].text));
	}
	buf_clear(&body);
}

/* One for all: qmail-queue, a dead server, a courier that gave up. */
static void
test_one_answer_for_all(void **state)
{
	(void)state;
	struct queue_result r = { .outcome = QUEUE_REFUSED, .text = "550 no" };
	const struct queue_answer same[FEW] = {
		{ QUEUE_REFUSED, STR("550 no") },
		{ QUEUE_REFUSED, STR("550 no") },
		{ QUEUE_REFUSED, STR("550 no") },
	};
	const struct queue_answer *const both[] = { NULL, same };
	for (size_t i = 0; i < ARRAY_LEN(both); i++) {
		struct buf body;
		struct carried c;
		assert_true(crosses(&r, both[i], FEW, &body, &c));
		assert_int_equal(c.each.len, 0);
		struct queue_answer a = carried_next(&c, 1, FEW);
		assert_int_equal(a.outcome, QUEUE_REFUSED);
		assert_true(str_is(a.text, "550 no"));
		buf_clear(&body);
	}
}

/* Words beyond the room are left out, never an outcome. */
static void
test_many_long_answers(void **state)
{
	(void)state;
	static struct queue_answer answers[MANY];
	static char words[LONG];
	struct queue_result r = { .outcome = QUEUE_REFUSED, .text = "550 x" };
	struct buf body;
	struct carried c;
	memset(words, 'x', sizeof(words));
	for (size_t i = 0; i < MANY; i++)
		answers[i] = (struct queue_answer){ i % 2 == 0 ? QUEUE_REFUSED
							       : QUEUE_TAKEN,
			str_n(words, sizeof(words)) };
	assert_true(crosses(&r, answers, MANY, &body, &c));
	size_t told = 0;
	for (size_t i = 0; i < MANY; i++) {
		struct queue_answer a = carried_next(&c, i, MANY);
		assert_int_equal(a.outcome, answers[i].outcome);
		told += a.text.len == LONG;
	}
	assert_in_range(told, 350, MANY / 2 - 1);
	buf_clear(&body);
}

/*
 * The child that says it talks to foreign servers: what contradicts itself
 * would have a message lost.
 */
static void
test_contradictions_are_none(void **state)
{
	(void)state;
	const struct {
		uint32_t outcome;
		struct str each;
		uint32_t texts;
		bool good;
	} cases[] = {
		{ QUEUE_TAKEN, STR(""), 0, true },
		{ QUEUE_TAKEN, STR("\0\0"), 0, true },
		{ QUEUE_REFUSED, STR("\0\2"), 1, true },
		{ QUEUE_REFUSED, STR("\0\2"), 0, true },
		{ QUEUE_DECLINED, STR("\1\2"), 2, true },
		{ QUEUE_TAKEN, STR("\0\2"), 0, false },
		{ QUEUE_REFUSED, STR("\0\1"), 0, false },
		{ QUEUE_DECLINED, STR("\0\0"), 0, false },
		{ QUEUE_REFUSED, STR("\0\3"), 0, false },
		{ QUEUE_REFUSED, STR("\0\2"), 2, false },
		{ QUEUE_TAKEN, STR(""), 1, false },
		{ QUEUE_REFUSED + 1, STR(""), 0, false },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf body = BUF_INIT(FILTERD_CARRIED_MAX);
		struct carried c;
		asker_put(&body, &errand.asker);
		wire_put_u32(&body, errand.share);
		wire_put_u32(&body, cases[i].outcome);
		wire_put_str(&body, STR("text"));
		wire_put_str(&body, STR("why"));
		wire_put_str(&body, STR("queued as 1"));
		wire_put_str(&body, cases[i].each);
		for (uint32_t k = 0; k < cases[i].texts; k++)
			wire_put_str(&body, STR("550 no"));
		struct wire in = { buf_str(&body), false };
		assert_int_equal(carried_get(&in, &c), cases[i].good);
		/* cut anywhere it is none either, but in front of a text */
		for (size_t n = 0; n < 8 * sizeof(uint32_t); n++) {
			in = (struct wire){ str_sub(buf_str(&body), 0, n),
				false };
			assert_false(carried_get(&in, &c));
		}
		buf_clear(&body);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_has_its_answer),
		cmocka_unit_test(test_one_answer_for_all),
		cmocka_unit_test(test_many_long_answers),
		cmocka_unit_test(test_contradictions_are_none),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name(
	    "filterd_carried", tests, NULL, NULL);
}
