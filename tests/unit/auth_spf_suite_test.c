/* The published SPF suites, RFC 7208 and 4408: tests/data/spf. */
#include "core/auth/spf.h"
#include "core/base/buf.h"
#include "core/sys/file.h"
#include "tests/support/dns_fake.h"
#include "tests/unit/auth_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

enum {
	FIELDS = 7,
	FILE_MAX = 1 << 20,
	MEMORY = 16 << 20
};

struct suite {
	struct buf text;
	struct arena *arena; /* of one scenario */
	struct dns *dns;
	bool ahead;
	size_t passed, failed;
};

static void
begin(struct suite *s)
{
	dns_free(s->dns);
	arena_free(s->arena);
	s->arena = arena_new(MEMORY, NULL, NULL);
	s->dns = dns_fake_new(&clock_system);
	assert_non_null(s->arena);
	assert_non_null(s->dns);
}

static void
run_case(struct suite *s, const struct str *f)
{
	struct facts facts;
	struct spf_outcome out;
	struct spf_request request = {
		.sender = f[4], .helo = f[3], .explain = true, .ahead = s->ahead
	};
	struct str wanted = str_is(f[6], "DEFAULT") ? STR("") : f[6];
	assert_true(net_addr_parse(f[2], &request.ip));
	facts_init(&facts, s->arena);
	spf_check_wait(&request, &facts, s->arena, s->dns, NULL, &out);
	bool ok = table_is_among(spf_result_word(out.result), f[5]) &&
		  (f[6].len == 0 || str_eq(out.explanation, wanted));
	if (!ok)
		print_error("%.*s: %s '%.*s', wanted %.*s '%.*s' (%.*s)\n",
		    STR_ARG(f[1]), spf_result_word(out.result),
		    STR_ARG(out.explanation), STR_ARG(f[5]), STR_ARG(wanted),
		    STR_ARG(out.reason));
	s->passed += ok;
	s->failed += !ok;
	facts_clear(&facts);
}

static void
line_run(struct suite *s, struct str line)
{
	struct str f[FIELDS] = { STR_EMPTY };
	if (str_starts(line, STR("scenario")))
		begin(s);
	for (size_t i = 0; i < FIELDS && line.ptr != NULL; i++)
		f[i] = table_field(s->arena, str_cut(line, '\t', &line));
	if (str_is(f[0], "rr"))
		assert_true(
		    dns_fake_add(s->dns, f[1].ptr, dns_fake_type(f[2]), f[3]));
	else if (str_is(f[0], "fail"))
		assert_true(dns_fake_fail(
		    s->dns, f[1].ptr, dns_fake_type(f[2]), DNS_TIMEOUT));
	else if (str_is(f[0], "test"))
		run_case(s, f);
}

static void
suite_run(const char *file, bool ahead, size_t wanted)
{
	struct suite s = { .text = BUF_INIT(FILE_MAX), .ahead = ahead };
	struct str rest, line;
	assert_true(file_read(file, NULL, &s.text, NULL));
	rest = buf_str(&s.text);
	while (str_next_line(&rest, &line))
		line_run(&s, line);
	print_message(
	    "# %s: %zu passed, %zu failed\n", file, s.passed, s.failed);
	assert_int_equal(s.failed, 0);
	assert_int_equal(s.passed, wanted);
	dns_free(s.dns);
	arena_free(s.arena);
	buf_clear(&s.text);
}

static void
test_spf_rfc7208(void **state)
{
	(void)state;
	suite_run("tests/data/spf/rfc7208.tsv", false, 127);
}

/* Asking ahead changes when a question is asked, never the result. */
static void
test_spf_rfc7208_ahead(void **state)
{
	(void)state;
	suite_run("tests/data/spf/rfc7208.tsv", true, 127);
}

static void
test_spf_rfc4408(void **state)
{
	(void)state;
	suite_run("tests/data/spf/rfc4408.tsv", false, 123);
}

static void
test_spf_own(void **state)
{
	(void)state;
	suite_run("tests/data/spf/own.tsv", false, 489);
	suite_run("tests/data/spf/own.tsv", true, 489);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spf_rfc7208),
		cmocka_unit_test(test_spf_rfc7208_ahead),
		cmocka_unit_test(test_spf_rfc4408),
		cmocka_unit_test(test_spf_own),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("spf_suite", tests, NULL, NULL);
}
