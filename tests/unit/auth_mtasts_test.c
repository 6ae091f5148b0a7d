/* MTA-STS: what is a record, what a policy, whom a policy names. */
#include "core/auth/mtasts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

/* RFC 8461 3.1 */
static void
test_record_parse(void **state)
{
	static const struct {
		const char *text, *id; /* NULL: no record */
	} cases[] = {
		{ "v=STSv1; id=20160831085700Z;", "20160831085700Z" },
		{ "v=STSv1;id=1", "1" },
		{ " v=STSv1 ; id = a1 ; x=y;", "a1" },
		{ "v=STSv1; id=1; id=2", "1" },
		{ "v=STSv1;", "" },
		{ "v=STSv1; id=;", "" },
		{ "v=STSv1; id=a-b;", "" },
		{ "v=STSv1; id=123456789012345678901234567890123;", "" },
		{ "v=STSv2; id=1", NULL },
		{ "id=1; v=STSv1", NULL },
		{ "", NULL },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct str id;
		bool is = mtasts_record_parse(str_of(cases[i].text), &id);
		assert_int_equal(is, cases[i].id != NULL);
		if (is)
			assert_true(str_is(id, cases[i].id));
	}
}

/* RFC 8461 3.2 */
static void
test_policy_parse(void **state)
{
	static const struct {
		const char *text;
		bool valid;
		enum mtasts_mode mode;
		size_t n_mx;
		uint64_t age;
	} cases[] = {
		{ "version: STSv1\r\nmode: enforce\r\nmx: a.test\r\n"
		  "mx: *.b.test\r\nmax_age: 604800\r\n",
		    true, MTASTS_ENFORCE, 2, 604800 },
		{ "mode:testing\nmx:a\nmax_age:1\nversion:STSv1", true,
		    MTASTS_TESTING, 1, 1 },
		{ "version: STSv1\nmode: none\nmax_age: 0\n", true, MTASTS_NONE,
		    0, 0 },
		/* the first of a field counts */
		{ "version: STSv1\nversion: x\nmode: none\nmode: enforce\n"
		  "max_age: 5\nmax_age: 6\n",
		    true, MTASTS_NONE, 0, 5 },
		{ "version: STSv1\nmode: enforce\nmax_age: 5\n", false, 0, 0,
		    0 },
		{ "version: STSv1\nmode: enforce\nmx: a\n", false, 0, 0, 0 },
		{ "version: STSv1\nmode: enforce\nmx: a\nmax_age: 31557601\n",
		    false, 0, 0, 0 },
		{ "version: STSv1\nmode: Enforce\nmx: a\nmax_age: 5\n", false,
		    0, 0, 0 },
		{ "mode: none\nmax_age: 5\n", false, 0, 0, 0 },
		{ "<html>", false, 0, 0, 0 },
		{ "", false, 0, 0, 0 },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct mtasts_policy p;
		struct err e = ERR_INIT;
		bool is = mtasts_policy_parse(str_of(cases[i].text), &p, &e);
		if (is != cases[i].valid)
			print_error("case %zu: %s\n", i, e.text);
		assert_int_equal(is, cases[i].valid);
		assert_int_equal(e.text[0] != '\0', !is);
		if (!is)
			continue;
		assert_int_equal(p.mode, cases[i].mode);
		assert_int_equal(p.n_mx, cases[i].n_mx);
		assert_int_equal(p.max_age_s, cases[i].age);
	}
}

/* RFC 8461 4.1 */
static void
test_policy_names(void **state)
{
	static const struct {
		const char *host;
		bool named;
	} cases[] = {
		{ "mx.example.test", true },
		{ "MX.Example.Test", true },
		{ "a.wild.test", true },
		{ "a.b.wild.test", false },
		{ "wild.test", false },
		{ "other.test", false },
		{ "", false },
	};
	struct mtasts_policy p = { .n_mx = 2,
		.mx = { STR("mx.example.test"), STR("*.wild.test") } };
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(mtasts_policy_names(&p, str_of(cases[i].host)),
		    cases[i].named);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_record_parse),
		cmocka_unit_test(test_policy_parse),
		cmocka_unit_test(test_policy_names),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("auth_mtasts", tests, NULL, NULL);
}
