/* A damaged index, or one of others, counts for nothing and is replaced. */
#include "tests/unit/maillog_index_fixture.h"

/* Whatever stands in the file: never a wrong answer, and it is made anew. */
static void
damage_is_seen(void **state)
{
	(void)state;
	struct buf good = BUF_INIT(TEXT_MAX), bad = BUF_INIT(TEXT_MAX);
	empty_dir();
	make_plain_log();
	update();
	assert_true(file_read(index_path, NULL, &good, NULL));
	for (int i = 0; i < 150; i++) {
		buf_reset(&bad);
		buf_add_str(&bad, buf_str(&good));
		if (i % 3 == 0)
			buf_truncate(&bad, dice((unsigned)good.len));
		for (unsigned n = i % 3 > 0 ? 1 + dice(6) : 0; n-- > 0;)
			bad.data[dice(i % 2 == 0 ? 900 : (unsigned)bad.len)] =
			    (char)dice(256);
		write_file(index_path, buf_str(&bad), O_TRUNC);
		if (i % 3 != 0 && memcmp(bad.data, good.data, good.len) == 0)
			continue;
		left_out("u177@host3.example");
	}
	update();
	assert_true(left_out("u177@host3.example") > 0);

	/* a version to come, sizes beyond all bounds */
	struct logindex_header h;
	memcpy(&h, good.data, sizeof(h));
	h.version++;
	write_file(index_path, str_n((const char *)&h, sizeof(h)), O_TRUNC);
	assert_null(logindex_open(index_path));
	h.version--;
	h.n_files = h.n_chunks = UINT32_MAX;
	write_file(index_path, str_n((const char *)&h, sizeof(h)), O_TRUNC);
	assert_null(logindex_open(index_path));
	update();
	assert_true(left_out("u177@host3.example") > 0);
	buf_clear(&good);
	buf_clear(&bad);
}

/* Of others, a link, a folder, a pipe: not looked at, replaced. */
static void
only_our_file_counts(void **state)
{
	(void)state;
	char other[256];
	struct buf kept = BUF_INIT(TEXT_MAX);
	empty_dir();
	make_plain_log();
	update();
	assert_int_equal(chmod(index_path, 0622), 0);
	assert_null(logindex_open(index_path));
	update();
	struct logindex *x = logindex_open(index_path);
	assert_non_null(x);
	logindex_close(x);

	path_of("elsewhere", other);
	assert_int_equal(rename(index_path, other), 0);
	assert_true(file_read(other, NULL, &kept, NULL));
	assert_int_equal(symlink(other, index_path), 0);
	assert_null(logindex_open(index_path));
	update(); /* the link is replaced, what it leads to is not touched */
	struct buf now = BUF_INIT(TEXT_MAX);
	assert_true(file_read(other, NULL, &now, NULL));
	assert_true(str_eq(buf_str(&now), buf_str(&kept)));
	x = logindex_open(index_path);
	assert_non_null(x);
	logindex_close(x);

	unlink(index_path);
	assert_int_equal(mkfifo(index_path, 0600), 0);
	assert_null(logindex_open(index_path)); /* does not wait */
	buf_clear(&kept);
	buf_clear(&now);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(damage_is_seen),
		cmocka_unit_test(only_our_file_counts),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, teardown);
}
