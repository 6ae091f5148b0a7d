/* Which values carry the risk of their setting, and entries of lists. */
#include "core/setting/setting.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static void
test_setting_value_is_risky(void **state)
{
	static const struct {
		const char *id, *value;
		bool risky;
	} cases[] = {
		/* "*": every value, whatever it is */
		{ "delivery.internal-server", "192.168.1.7", true },
		{ "delivery.internal-server", NULL, false },
		/* every value that is not the default */
		{ "lists.badmailfrom", "Black", true },
		{ "lists.badmailfrom", NULL, false },
		/* one word of several */
		{ "delivery.double-bounce-to", "devnull", true },
		{ "delivery.double-bounce-to", "admin", false },
		/* no risk at all */
		{ "smtp.greeting", "mx.example.com", false },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct setting *s = setting_find(str_of(cases[i].id));
		assert_non_null(s);
		if (setting_value_is_risky(s, cases[i].value) != cases[i].risky)
			fail_msg("%s %s", cases[i].id,
			    cases[i].value != NULL ? cases[i].value : "-");
	}
}

static void
test_setting_list_next(void **state)
{
	static const struct setting commas = { .separator = "," };
	static const struct setting colons = { .separator = ", or :" };
	static const struct {
		const struct setting *s;
		const char *list, *entries;
	} cases[] = {
		{ &commas, " a, b,,c d ,", "a|b|c|d|" },
		{ &commas, "a:b", "a:b|" },
		{ &colons, "a:b, c", "a|b|c|" },
		{ &colons, "or", "or|" },
		{ &colons, " , :", "" },
		{ &colons, "", "" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char found[64] = "";
		struct str rest = str_of(cases[i].list), entry;
		size_t n = 0;
		while (setting_list_next(cases[i].s, &rest, &entry))
			n += (size_t)snprintf(found + n, sizeof(found) - n,
			    "%.*s|", STR_ARG(entry));
		assert_string_equal(found, cases[i].entries);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_setting_value_is_risky),
		cmocka_unit_test(test_setting_list_next),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
