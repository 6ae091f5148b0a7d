/* Lines of logs that no service wrote (LG-6, LG-25). */
#include "core/maillog/stats.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static const struct stats_config config = { .domain = "acme.test" };

/* LG-6, LG-25: lines no service wrote are counted by reason, not guessed at. */
static void
test_junk_is_counted(void **state)
{
	struct stats_part *p = stats_part_new(&config, "spamd");
	static char longest[6000];
	struct stats s;
	(void)state;
	memset(longest, 'x', sizeof(longest));
	const struct {
		struct str raw, text;
		bool stamped;
		const char *why;
	} cases[] = {
		{ STR(""), STR(""), false, "empty" },
		{ STR("no label"), STR("no label"), false, "no label" },
		{ STR("@4000 x"), STR("@4000 x"), false, "short label" },
		{ STR("@400000005A1D7D9F19C9381C x"), STR(""), false,
		    "upper case label" },
		{ STR("@l"), STR(""), true, "label only" },
		{ STR("@l b"), STR("\xff\x1b[31m"), true, "binary" },
		{ STR("@l x"), { longest, sizeof(longest) }, true, "long" },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct logline line = { .raw = cases[i].raw,
			.text = cases[i].text };
		line.stamp.kind = cases[i].stamped ? STAMP_TAI64N : STAMP_NONE;
		stats_part_line(p, &line);
	}
	stats_init(&s);
	stats_part_merge(&s, p);
	stats_end(&s);
	assert_int_equal(s.junk.len, ARRAY_LEN(cases));
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct tally_row *row =
		    tally_row(&s.junk, str_of(cases[i].why));
		if (row == NULL || row->n[0] != 1)
			fail_msg("'%s' is not counted", cases[i].why);
	}
	assert_true(s.first_ns > s.last_ns); /* nor do they tell a time */
	stats_clear(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_junk_is_counted),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
