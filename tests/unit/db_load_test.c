/* Reading a database: lines, keys, lookup, odd files (ES-1 to ES-5, ES-12). */
#include "core/db/db_int.h"

#include "core/sys/spawn.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

static char dir[] = "/tmp/smemail-unit-XXXXXX";

static struct db *
parsed(struct str text)
{
	struct db *db = db_new();
	assert_non_null(db);
	assert_true(db_parse(db, text));
	return db;
}

/* All records as "key=raw;", "key;" for an undefined one. */
static const char *
listing(const struct db *db)
{
	static struct buf out = BUF_INIT(64 * 1024);
	buf_reset(&out);
	for (size_t i = 0; i < db_count(db); i++) {
		buf_add_str(&out, db_at(db, i)->key);
		buf_add_cstr(&out, db_at(db, i)->defined ? "=" : "");
		buf_add_str(&out, db_at(db, i)->raw);
		buf_add_char(&out, ';');
	}
	return buf_cstr(&out);
}

static void
test_parse_lines(void **state)
{
	(void)state;
	static const struct {
		const char *rule, *text, *want;
	} cases[] = {
		{ "ES-1 comments and blank lines",
		    "# a=b\n\n \t\n  # c=d\nk=v\n", "k=v;" },
		{ "ES-1 no trailing comment", "k=v # c\n;x=1\n//y=2\n",
		    "//y=2;;x=1;k=v # c;" },
		{ "ES-1 a byte-order mark is data", "\xef\xbb\xbf# x\n",
		    "\xef\xbb\xbf# x;" },
		{ "ES-2 first = cuts", "k=a=b=c\n", "k=a=b=c;" },
		{ "ES-2 empty key", "=v\n", "=v;" },
		{ "ES-3 no =", "lonely\nk=\n", "k=;lonely;" },
		{ "ES-4 last duplicate wins", "k=1\na=0\nk=2\nk=3\na=4\n",
		    "a=4;k=3;" },
		{ "ES-5 blanks stay", " k = v \n", " k = v ;" },
		{ "ES-12 last line without LF", "a=1\nb=2", "a=1;b=2;" },
		{ "ES-12 CR is data", "a=b|c|d\r\n", "a=b|c|d\r;" },
		{ "byte order", "b=1\nB=2\na=3\n_=4\n\xc3\xa9=5\n",
		    "B=2;_=4;a=3;b=1;\xc3\xa9=5;" },
		{ "a prefix sorts first", "ab=1\na=2\nabc=3\n",
		    "a=2;ab=1;abc=3;" },
		{ "empty file", "", "" },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct db *db = parsed(str_of(cases[i].text));
		if (strcmp(listing(db), cases[i].want) != 0)
			print_message("# %s\n", cases[i].rule);
		assert_string_equal(listing(db), cases[i].want);
		db_free(db);
	}
}

static void
test_nul_bytes_are_data(void **state)
{
	(void)state;
	struct db *db = parsed(STR("a\0b=c\0d\nx=\0\n"));
	assert_int_equal(db_count(db), 2);
	const struct db_record *r = db_find(db, STR("a\0b"));
	assert_non_null(r);
	assert_true(str_eq(r->raw, STR("c\0d")));
	db_free(db);
}

static void
test_find_trims_the_name_only(void **state)
{
	(void)state;
	struct db *db = parsed(STR("k=1\n b =2\nu\n=3\n"));
	assert_non_null(db_find(db, STR(" \tk\n ")));
	assert_null(db_find(db, STR("b")));     /* ES-5: stored with blanks */
	assert_null(db_find(db, STR(" b ")));   /* trimmed before the search */
	assert_null(db_find(db, STR("u")));     /* ES-3 */
	assert_non_null(db_find(db, STR(" "))); /* the empty key */
	assert_null(db_find(db, STR("K")));
	db_free(db);
}

static void
test_large_unsorted_database(void **state)
{
	(void)state;
	enum {
		N = 20000
	};
	struct buf text = BUF_INIT(DB_SIZE_MAX);
	for (unsigned i = 0; i < N; i++)
		buf_addf(&text, "key%u=v%u\n", (i * 7919u) % N, i);
	struct db *db = parsed(buf_str(&text));
	assert_int_equal(db_count(db), N);
	for (size_t i = 1; i < db_count(db); i++)
		assert_true(
		    str_cmp(db_at(db, i - 1)->key, db_at(db, i)->key) < 0);
	assert_non_null(db_find(db, STR("key19999")));
	db_free(db);
	buf_clear(&text);
}

static void
test_written_text(void **state)
{
	(void)state;
	struct buf out = BUF_INIT(4096);
	struct db *db = parsed(STR("# gone\nb=2\na=x|y|z\nlone\nb=3\n"));
	setenv("TZ", "UTC", 1);
	assert_true(db_write(db, 1793852858, &out));
	/* ES-13: header with its blank, time as asctime; ES-3: lone= */
	assert_string_equal(buf_cstr(&out),
	    "# DO NOT MODIFY THIS FILE.\n"
	    "# This file is automatically maintained by the Mitel Networks SME "
	    "Server\n"
	    "# configuration software.  Manually editing this file may put "
	    "your \n"
	    "# system in an unknown state.\n"
	    "#\n"
	    "# updated: Thu Nov  5 04:27:38 2026\n"
	    "a=x|y|z\nb=3\nlone=\n");
	buf_clear(&out);
	db_free(db);
}

static const char *
in_dir(const char *name)
{
	static char path[256];
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static void
test_odd_files(void **state)
{
	(void)state;
	struct err e = ERR_INIT;
	struct db *db;
	/* ES-26 */
	assert_true(db_load(in_dir("missing"), NULL, &db, &e));
	assert_int_equal(db_count(db), 0);
	db_free(db);
	assert_false(db_load(dir, "/shown", &db, &e));
	assert_null(db);
	assert_int_equal(e.sys_errno, EISDIR);
	assert_non_null(strstr(e.text, "'/shown'"));
	/* must not wait for a writer */
	assert_int_equal(mkfifo(in_dir("fifo"), 0600), 0);
	assert_false(db_load(in_dir("fifo"), NULL, &db, &e));
	assert_non_null(strstr(e.text, "not a regular file"));
	assert_false(db_load("/dev/zero", NULL, &db, &e));
}

static void
test_file_larger_than_the_limit(void **state)
{
	(void)state;
	struct err e = ERR_INIT;
	struct db *db;
	const char *path = in_dir("huge");
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fclose(f);
	assert_int_equal(truncate(path, (off_t)DB_SIZE_MAX + 1), 0);
	assert_false(db_load(path, "/huge", &db, &e));
	assert_int_equal(e.code, ERR_PERMANENT);
	assert_non_null(strstr(e.text, "larger than"));
}

static int
dir_make(void **state)
{
	(void)state;
	return mkdtemp(dir) != NULL ? 0 : -1;
}

static int
dir_remove(void **state)
{
	(void)state;
	const char *argv[] = { "rm", "-rf", dir, NULL };
	struct spawn s = { .argv = argv };
	int status;
	return spawn_run(&s, &clock_system, &status, NULL) ? 0 : -1;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse_lines),
		cmocka_unit_test(test_nul_bytes_are_data),
		cmocka_unit_test(test_find_trims_the_name_only),
		cmocka_unit_test(test_large_unsorted_database),
		cmocka_unit_test(test_written_text),
		cmocka_unit_test(test_odd_files),
		cmocka_unit_test(test_file_larger_than_the_limit),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, dir_make, dir_remove);
}
