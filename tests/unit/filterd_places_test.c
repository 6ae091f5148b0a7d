/* Places as they cross between worker and resolver. */
#include "cmd/filterd/places.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

enum {
	ROOM = 1 << 16
};

static void
put_folders(struct buf *out, const char *folder)
{
	wire_put_u32(out, 1);
	wire_put_str(out, str_of(folder));
}

/* A question and its answer, by the database of the tests. */
static void
test_round_trip(void **state)
{
	struct places p = { .geo = NULL };
	struct buf folders = BUF_INIT(ROOM), question = BUF_INIT(ROOM),
		   answer = BUF_INIT(ROOM);
	struct places_question q = { 7, 9, STR("192.0.2.9"),
		STR("198.51.100.1") };
	struct filter_place place;
	(void)state;
	put_folders(&folders, "tests/data/geo");
	struct wire in = { .rest = buf_str(&folders) };
	assert_true(places_renew(&p, &in));
	places_put_question(&question, &q);
	in = (struct wire){ .rest = buf_str(&question) };
	assert_true(places_answer(&p, &in, &answer));
	in = (struct wire){ .rest = buf_str(&answer) };
	assert_int_equal(wire_get_u32(&in), 7);
	assert_int_equal(wire_get_u32(&in), 9);
	assert_true(places_get(&in, &place));
	assert_int_equal(place.state, FILTER_PLACE_KNOWN);
	assert_string_equal(place.is.country, "US");
	assert_string_equal(place.is.city, "Seattle");
	assert_true(place.has_distance);
	assert_in_range(place.distance_km, 8000, 9000);
	/* every beginning of an answer is refused */
	for (size_t n = 8; n < answer.len; n++) {
		in = (struct wire){ .rest = str_sub(buf_str(&answer), 8, n) };
		assert_false(places_get(&in, &place));
	}
	places_clear(&p);
	buf_clear(&folders);
	buf_clear(&question);
	buf_clear(&answer);
}

static void
test_no_database(void **state)
{
	struct places p = { .geo = NULL };
	struct buf folders = BUF_INIT(ROOM), question = BUF_INIT(ROOM),
		   answer = BUF_INIT(ROOM);
	struct places_question q = { 1, 2, STR("192.0.2.9"), STR_EMPTY };
	struct filter_place place;
	(void)state;
	wire_put_u32(&folders, 0);
	struct wire in = { .rest = buf_str(&folders) };
	assert_true(places_renew(&p, &in));
	places_put_question(&question, &q);
	in = (struct wire){ .rest = buf_str(&question) };
	assert_true(places_answer(&p, &in, &answer));
	in = (struct wire){ .rest = str_sub(buf_str(&answer), 8, answer.len) };
	assert_true(places_get(&in, &place));
	assert_int_equal(place.state, FILTER_PLACE_NO_DATABASE);
	buf_clear(&folders);
	buf_clear(&question);
	buf_clear(&answer);
}

/* What no part of the daemon would send. */
static void
test_nonsense(void **state)
{
	static char long_path[8192];
	struct places p = { .geo = NULL };
	struct buf b = BUF_INIT(ROOM), answer = BUF_INIT(ROOM);
	struct places_question q = { 1, 2, STR("no address"), STR_EMPTY };
	(void)state;
	wire_put_u32(&b, GEO_FOLDERS_MAX + 1);
	struct wire in = { .rest = buf_str(&b) };
	assert_false(places_renew(&p, &in));
	buf_reset(&b);
	memset(long_path, 'x', sizeof(long_path) - 1);
	put_folders(&b, long_path);
	in = (struct wire){ .rest = buf_str(&b) };
	assert_false(places_renew(&p, &in));
	in = (struct wire){ .rest = STR("ab") };
	assert_false(places_renew(&p, &in));
	buf_reset(&b);
	places_put_question(&b, &q);
	in = (struct wire){ .rest = buf_str(&b) };
	assert_false(places_answer(&p, &in, &answer));
	buf_clear(&b);
	buf_clear(&answer);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_no_database),
		cmocka_unit_test(test_nonsense),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("filterd_places", tests, NULL, NULL);
}
