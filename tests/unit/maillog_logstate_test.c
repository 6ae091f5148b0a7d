/* What qplogsumm has counted: its lines, and those that are none (LG-65). */
#include "core/maillog/logstate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void
test_state_lines(void **state)
{
	static const char text[] =
	    "\n"
	    "queued @400000005a1b51000000000a 12\n"
	    "two words\t@400000005a1b51000000000a  3 \n"
	    "@400000005a1b51000000000a 3\n"
	    "x @400000005a1b51000000000A 3\n"
	    "x @400000005a1b51000000000a -3\n"
	    "x @400000005a1b51000000000a 99999999999999999999\n"
	    "last @400000005a1b51000000000a 1";
	struct str rest = str_of(text);
	struct logstate_line line;
	(void)state;
	assert_true(logstate_next(&rest, &line));
	assert_true(str_is(line.name, "queued"));
	assert_int_equal(line.total, 12);
	assert_int_equal(line.since.unix_s, 0x5a1b5100 - 10);
	assert_true(logstate_next(&rest, &line));
	assert_true(str_is(line.name, "two words"));
	assert_int_equal(line.total, 3);
	assert_true(logstate_next(&rest, &line));
	assert_true(str_is(line.name, "last"));
	assert_false(logstate_next(&rest, &line));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_state_lines),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
