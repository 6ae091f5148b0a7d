/* Keys from bytes: terminals, cut sequences, pastes. */
#include "tui/input.h"

#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

/* One read of the terminal at a time. */
static void
feed(struct input *in, const char *bytes, size_t n, int64_t now)
{
	size_t room;
	char *to = input_room(in, &room);
	assert_true(room >= n);
	memcpy(to, bytes, n);
	input_fed(in, n, now);
}

static void
feed_text(struct input *in, const char *text, int64_t now)
{
	feed(in, text, strlen(text), now);
}

static struct input_key
next(struct input *in, int64_t now)
{
	struct input_key k;
	if (!input_next(in, now, &k))
		k.code = INPUT_NONE;
	return k;
}

/* screens.md 3: PuTTY, Linux console, xterm, VT100, whatever TERM says. */
static void
test_input_sequences(void **state)
{
	static const struct {
		const char *bytes;
		enum input_code code;
	} cases[] = {
		{ "\033[A", INPUT_UP },
		{ "\033OA", INPUT_UP },
		{ "\033[11~", INPUT_F1 }, /* PuTTY */
		{ "\033[14~", INPUT_F4 },
		{ "\033[[A", INPUT_F1 }, /* Linux console */
		{ "\033[[E", INPUT_F5 },
		{ "\033OP", INPUT_F1 },
		{ "\033[1~", INPUT_HOME },
		{ "\033[4~", INPUT_END },
		{ "\033[H", INPUT_HOME },
		{ "\033[21~", INPUT_F10 },
		{ "\033[Z", INPUT_BACKTAB },
		{ "\033\t", INPUT_BACKTAB },
		{ "\033[3~", INPUT_DELETE },
		{ "\177", INPUT_BACKSPACE },
		{ "\010", INPUT_BACKSPACE },
		{ "\r", INPUT_ENTER },
		{ "\n", INPUT_ENTER },
		{ "\t", INPUT_TAB },
		{ "\033[1;5C", INPUT_OTHER }, /* Ctrl-Right: never used */
		{ "\033[<0;1;1M", INPUT_OTHER },
	};
	struct input in;
	(void)state;
	input_init(&in, true, true, 50);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		feed_text(&in, cases[i].bytes, 0);
		assert_int_equal(next(&in, 0).code, cases[i].code);
		assert_int_equal(in.len, 0);
	}
	input_clear(&in);
}

static void
test_input_characters(void **state)
{
	struct input in;
	struct input_key k;
	(void)state;
	input_init(&in, true, true, 50);
	feed_text(&in, "x\xc3\xa9\x03", 0);
	k = next(&in, 0);
	assert_true(k.code == INPUT_CHAR && k.cp == 'x');
	k = next(&in, 0);
	assert_true(k.code == INPUT_CHAR && k.cp == 0xe9);
	k = next(&in, 0);
	assert_true(k.code == INPUT_CTRL && k.cp == 'c');
	feed(&in, "\xc3", 1, 0); /* cut in two by the line */
	assert_int_equal(next(&in, 0).code, INPUT_NONE);
	feed(&in, "\xa9", 1, 10);
	assert_int_equal(next(&in, 10).cp, 0xe9);
	feed(&in, "\xff", 1, 20); /* never UTF-8 */
	assert_int_equal(next(&in, 100).code, INPUT_OTHER);
	feed_text(&in, "ab\x03z", 200);
	assert_true(input_interrupted(&in));
	assert_int_equal(next(&in, 200).cp, 'z');
	assert_false(input_interrupted(&in));
	input_clear(&in);
}

/* Esc: 50 ms for the rest of a key; a late rest is swallowed for 1 s. */
static void
test_input_escape(void **state)
{
	struct input in;
	(void)state;
	input_init(&in, true, true, 50);
	feed(&in, "\033", 1, 0);
	assert_int_equal(next(&in, 10).code, INPUT_NONE);
	assert_int_equal(input_wait_ms(&in, 10), 40);
	assert_int_equal(next(&in, 50).code, INPUT_ESC);
	feed_text(&in, "[A", 700); /* the rest, late: no key, no letters */
	assert_int_equal(next(&in, 700).code, INPUT_NONE);
	assert_int_equal(in.len, 0);
	feed_text(&in, "A", 710);
	assert_int_equal(next(&in, 710).cp, 'A');
	feed(&in, "\033[", 2, 1000); /* cut after the bracket */
	assert_int_equal(next(&in, 1000).code, INPUT_NONE);
	assert_int_equal(next(&in, 1060).code, INPUT_ESC);
	feed_text(&in, "6~q", 1200);
	assert_int_equal(next(&in, 1200).cp, 'q');
	feed(&in, "\033", 1, 3000);
	assert_int_equal(next(&in, 3060).code, INPUT_ESC);
	feed_text(&in, "[", 4200); /* a second later it is a key again */
	assert_int_equal(next(&in, 4200).cp, '[');
	feed_text(&in, "\033q", 5000); /* Esc, then another key */
	assert_int_equal(next(&in, 5000).code, INPUT_ESC);
	assert_int_equal(next(&in, 5000).cp, 'q');
	input_clear(&in);
}

static void
expect_paste(struct input *in, int64_t now, const char *text)
{
	struct input_key k = next(in, now);
	assert_int_equal(k.code, INPUT_PASTE);
	struct str s = input_paste(in);
	assert_int_equal(s.len, strlen(text));
	assert_memory_equal(s.ptr, text, s.len);
}

/* Pasted text is never taken as keys. */
static void
test_input_paste(void **state)
{
	struct input in;
	(void)state;
	input_init(&in, true, true, 50);
	feed_text(&in, "\033[200~q\rZ\033[A\033[201~k", 0);
	expect_paste(&in, 0, "q\nZ\033[A");
	assert_int_equal(next(&in, 0).cp, 'k');
	feed_text(&in, "\033[200~one ", 10); /* in three reads */
	assert_int_equal(next(&in, 10).code, INPUT_NONE);
	feed_text(&in, "two\033[20", 20);
	assert_int_equal(next(&in, 20).code, INPUT_NONE);
	feed_text(&in, "1~", 30);
	expect_paste(&in, 30, "one two");
	feed_text(&in, "abcdef\r", 40); /* typed ahead: it marks pastes */
	assert_int_equal(next(&in, 40).cp, 'a');
	input_clear(&in);
}

/* A terminal that marks none: characters and a newline in one read. */
static void
test_input_unmarked_paste(void **state)
{
	struct input in;
	(void)state;
	input_init(&in, true, false, 50);
	feed_text(&in, "a.example\rb.example\r", 0);
	expect_paste(&in, 0, "a.example\nb.example\n");
	feed_text(&in, "10\r", 10); /* few enough to be typed */
	assert_int_equal(next(&in, 10).cp, '1');
	assert_int_equal(next(&in, 10).cp, '0');
	assert_int_equal(next(&in, 10).code, INPUT_ENTER);
	feed_text(&in, "\033[A\033[A\r", 20); /* keys, no text */
	assert_int_equal(next(&in, 20).code, INPUT_UP);
	input_clear(&in);
}

/* Any bytes in reads of any size: keys or nothing, always an end. */
static void
test_input_noise(void **state)
{
	struct input in;
	uint32_t seed = 1;
	int64_t now = 0;
	(void)state;
	input_init(&in, true, true, 50);
	for (int round = 0; round < 20000; round++) {
		char bytes[16];
		size_t n = 1 + (seed >> 8) % sizeof(bytes), keys = 0;
		for (size_t i = 0; i < n; i++) {
			static const char likely[] = "\033[O20~1;A";
			seed = seed * 1103515245u + 12345u;
			bytes[i] = (seed >> 16) % 3 == 0
				       ? (char)(seed >> 20)
				       : likely[(seed >> 20) % 9];
		}
		size_t room;
		input_room(&in, &room);
		if (room >= n)
			feed(&in, bytes, n, now);
		while (next(&in, now).code != INPUT_NONE)
			assert_true(keys++ < INPUT_BYTES_MAX);
		now += (int64_t)((seed >> 10) % 120);
	}
	input_clear(&in);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_input_sequences),
		cmocka_unit_test(test_input_characters),
		cmocka_unit_test(test_input_escape),
		cmocka_unit_test(test_input_paste),
		cmocka_unit_test(test_input_unmarked_paste),
		cmocka_unit_test(test_input_noise),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
