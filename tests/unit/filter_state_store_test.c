/* Records in a file, and files that are broken in every way (FL-194). */
#include "core/filter/state_store.h"

#include "core/base/compiler.h"
#include "core/sys/sqlite.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	PATH_SIZE = 256,
	RECORDS = 500,
	BUSY_MS = 10
};

/* A folder of one test. */
struct place {
	char dir[PATH_SIZE];
	char file[2 * PATH_SIZE];
};

static void
begin(struct place *p)
{
	snprintf(p->dir, sizeof(p->dir), "/tmp/state-store.XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	snprintf(p->file, sizeof(p->file), "%s/karma.sqlite", p->dir);
}

static void
end(struct place *p)
{
	static const char *const ends[] = { "", "-wal", "-shm", "-journal",
		".broken", ".broken-wal" };
	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		char name[3 * PATH_SIZE];
		snprintf(name, sizeof(name), "%s%s", p->file, ends[i]);
		(void)unlink(name);
	}
	assert_int_equal(rmdir(p->dir), 0);
}

static struct state_store *
open_as(const struct place *p, enum state_access how, struct err *e)
{
	struct state_store *s = NULL;
	*e = (struct err)ERR_INIT;
	bool ok = state_store_open(STATE_KARMA, p->dir, how, BUSY_MS, &s, e);
	assert_int_equal(ok, s != NULL);
	assert_int_equal(ok, e->text[0] == '\0');
	return s;
}

static struct state_store *
open_own(const struct place *p)
{
	struct err e;
	struct state_store *s = open_as(p, STATE_ACCESS_OWN, &e);
	if (s == NULL)
		fail_msg("%s", e.text);
	return s;
}

static struct str
key_of(int i, char to[16])
{
	snprintf(to, 16, "key%d", i);
	return str_of(to);
}

static bool
put(struct state_store *s, int i, struct err *e)
{
	char key[16];
	struct state_record r = { .n = { 1000 + i, i, 2, 3 } };
	return state_store_put(s, key_of(i, key), &r, 1000 + i, e);
}

static void
fill(struct state_store *s, int n)
{
	struct err e = ERR_INIT;
	assert_true(state_store_begin(s, &e));
	for (int i = 0; i < n; i++)
		assert_true(put(s, i, &e));
	assert_true(state_store_commit(s, &e));
}

/* A file with so many records, closed. */
static void
make(const struct place *p, int n)
{
	struct state_store *s = open_own(p);
	fill(s, n);
	state_store_close(s);
}

static bool
note_last(
    void *ctx, struct str key, const struct state_record *r, int64_t stamp)
{
	int64_t *count = ctx;
	(void)key;
	assert_int_equal(stamp, r->n[0]);
	++*count;
	return true;
}

/* Everything that can be asked of it: gives an answer or an error. */
static void
ask_everything(struct state_store *s)
{
	struct err e = ERR_INIT;
	struct state_record r;
	bool found;
	int64_t n, walked = 0;
	char key[16];
	for (int i = 0; i < RECORDS; i += 50) {
		bool ok = state_store_get(s, key_of(i, key), &r, &found, &e);
		assert_true(ok || e.text[0] != '\0');
		/* what is told as found makes sense */
		for (size_t k = 0; ok && found && k < STATE_NUMBERS; k++)
			assert_in_range(r.n[k], 0, STATE_NUMBER_MAX);
	}
	(void)!state_store_count(s, &n, &e);
	(void)!state_store_walk(s, note_last, &walked, &e);
	if (state_store_begin(s, &e)) {
		bool ok = put(s, RECORDS + 1, &e) &&
			  state_store_forget(s, STR("key1"), &n, &e) &&
			  state_store_expire(s, 1010, 100, &n, &e) &&
			  state_store_commit(s, &e);
		if (!ok)
			state_store_rollback(s);
	}
}

static void
test_records(void **state)
{
	struct place p;
	struct err e = ERR_INIT;
	struct state_record r;
	struct stat st;
	bool found;
	int64_t n, walked = 0;
	(void)state;
	begin(&p);
	assert_null(open_as(&p, STATE_ACCESS_CHANGE, &e));
	assert_int_equal(e.code, ERR_NO);
	struct state_store *s = open_as(&p, STATE_ACCESS_READ, &e);
	assert_true(state_store_get(s, STR("x"), &r, &found, &e) && !found);
	assert_true(state_store_count(s, &n, &e) && n == 0);
	state_store_close(s);
	assert_int_equal(access(p.file, F_OK), -1); /* it only looked */
	make(&p, RECORDS);
	assert_int_equal(stat(p.file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600); /* addresses of people */
	s = open_own(&p);
	assert_true(state_store_get(s, STR("key7"), &r, &found, &e) && found);
	assert_int_equal(r.n[1], 7);
	assert_true(state_store_expire(s, 1100, 40, &n, &e) && n == 40);
	assert_true(state_store_expire(s, 1100, 400, &n, &e) && n == 60);
	assert_true(state_store_forget(s, STR("key7"), &n, &e) && n == 0);
	assert_true(state_store_forget(s, STR("key200"), &n, &e) && n == 1);
	assert_true(state_store_begin(s, &e) && put(s, 7, &e));
	state_store_rollback(s);
	assert_true(state_store_count(s, &n, &e) && n == RECORDS - 101);
	assert_true(state_store_walk(s, note_last, &walked, &e));
	assert_int_equal(walked, n);
	state_store_close(s);
	end(&p);
}

/* Cut at any page and within one, as a full disk or a bad one leaves it. */
static void
test_torn_file(void **state)
{
	struct place p;
	struct stat st;
	struct err e;
	(void)state;
	begin(&p);
	make(&p, RECORDS);
	assert_int_equal(stat(p.file, &st), 0);
	assert_true(st.st_size > 4 * 4096);
	for (off_t at = st.st_size - 1; at > 0; at -= 1500) {
		assert_int_equal(truncate(p.file, at), 0);
		struct state_store *s = open_as(&p, STATE_ACCESS_OWN, &e);
		if (s == NULL) {
			assert_int_equal(e.code, ERR_PERMANENT);
			assert_true(
			    state_store_set_aside(STATE_KARMA, p.dir, &e));
			make(&p, RECORDS);
			continue;
		}
		ask_everything(s);
		state_store_close(s);
	}
	end(&p);
}

/* A small generator of numbers: the same ones each time. */
static uint32_t
next_number(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

/* Bytes that are wrong here and there, all of them, and nothing but them. */
static void
test_random_bytes(void **state)
{
	struct place p;
	uint32_t seed = 1;
	(void)state;
	for (int round = 0; round < 40; round++) {
		struct err e;
		struct stat st;
		begin(&p);
		make(&p, RECORDS);
		int fd = open(p.file, O_WRONLY);
		assert_true(fd >= 0 && fstat(fd, &st) == 0);
		size_t wrong = round == 0 ? (size_t)st.st_size
					  : (size_t)round * (size_t)round;
		for (size_t i = 0; i < wrong; i++) {
			char c = (char)next_number(&seed);
			off_t at = round == 0 ? (off_t)i
					      : next_number(&seed) % st.st_size;
			assert_int_equal(pwrite(fd, &c, 1, at), 1);
		}
		close(fd);
		struct state_store *s = open_as(&p, STATE_ACCESS_OWN, &e);
		if (s != NULL)
			ask_everything(s);
		else
			assert_int_equal(e.code, ERR_PERMANENT);
		state_store_close(s);
		s = open_as(&p, STATE_ACCESS_READ, &e);
		if (s != NULL)
			ask_everything(s);
		state_store_close(s);
		/* and there is always a way on */
		assert_true(state_store_set_aside(STATE_KARMA, p.dir, &e));
		make(&p, 1);
		end(&p);
	}
}

/* No byte more may be written, as on a disk that is full. */
static void
test_full_disk(void **state)
{
	struct place p;
	struct rlimit before, full;
	struct err e = ERR_INIT;
	struct state_record r;
	bool found, ok = true;
	int64_t n;
	(void)state;
	begin(&p);
	make(&p, RECORDS);
	struct state_store *s = open_own(&p);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	full = (struct rlimit){ 1024, before.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &full), 0);
	ok = state_store_begin(s, &e);
	for (int i = 0; ok && i < 5000; i++)
		ok = put(s, RECORDS + i, &e);
	ok = ok && state_store_commit(s, &e);
	assert_false(ok);
	assert_int_equal(e.code, ERR_TEMPORARY);
	state_store_rollback(s);
	/* what was there is there, and can be told */
	assert_true(state_store_get(s, STR("key7"), &r, &found, &e) && found);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_true(state_store_count(s, &n, &e));
	assert_int_equal(n, RECORDS);
	/* and the disk has room again */
	fill(s, RECORDS + 1);
	state_store_close(s);
	s = open_own(&p);
	assert_true(state_store_count(s, &n, &e) && n == RECORDS + 1);
	state_store_close(s);
	end(&p);
}

/* A file of another program, or of another version of ours. */
static void
make_other(const struct place *p, const char *statements)
{
	sqlite3 *db;
	struct err e = ERR_INIT;
	const struct sqlite *sql = sqlite_load(&e);
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
	assert_non_null(sql);
	assert_int_equal(sql->open_v2(p->file, &db, flags, NULL), SQLITE_OK);
	assert_int_equal(
	    sql->exec(db, statements, NULL, NULL, NULL), SQLITE_OK);
	sql->close_v2(db);
}

static void
test_other_versions(void **state)
{
	static const struct {
		const char *statements;
		bool opens;
	} cases[] = {
		/* nothing of ours in it: our table is added */
		{ "CREATE TABLE other (a, b); INSERT INTO other VALUES (1, 2)",
		    true },
		/* a table of our name with other columns */
		{ "CREATE TABLE state (key TEXT, value TEXT)", false },
		{ "CREATE TABLE state (a, b, c)", false },
		/* our name is that of something else */
		{ "CREATE TABLE x (key, value, stamp); CREATE VIEW state AS "
		  "SELECT * FROM x",
		    false },
		/* without the order that an older version had not */
		{ "CREATE TABLE state (key TEXT PRIMARY KEY, value TEXT NOT "
		  "NULL, stamp INTEGER NOT NULL); INSERT INTO state VALUES "
		  "('key7', '1007:7:2:3', 1007)",
		    true },
		/* values that are none, of wrong kinds */
		{ "CREATE TABLE state (key TEXT PRIMARY KEY, value, stamp); "
		  "INSERT INTO state VALUES ('key0', 'x', 5), ('key50', 17, "
		  "'y'), ('key100', NULL, NULL), ('key150', x'00ff', 1), "
		  "(NULL, '1:2:3:4', 1), ('key200', '-1:0:0:0', -1)",
		    true },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct place p;
		struct err e;
		begin(&p);
		make_other(&p, cases[i].statements);
		struct state_store *s = open_as(&p, STATE_ACCESS_OWN, &e);
		if ((s != NULL) != cases[i].opens)
			fail_msg("%zu: %s", i, e.text);
		if (s != NULL) {
			struct state_record r;
			bool found;
			assert_true(
			    state_store_get(s, STR("key100"), &r, &found, &e));
			assert_false(found);
			ask_everything(s);
			assert_true(put(s, 100, &e));
		} else {
			assert_int_equal(e.code, ERR_PERMANENT);
		}
		state_store_close(s);
		end(&p);
	}
}

/* Another process writes: no longer waited for than told. */
static void
test_locked(void **state)
{
	struct place p;
	struct err e = ERR_INIT;
	struct state_record r;
	bool found;
	(void)state;
	begin(&p);
	make(&p, 10);
	struct state_store *one = open_own(&p), *other = open_own(&p);
	assert_true(state_store_begin(one, &e) && put(one, 11, &e));
	assert_false(state_store_begin(other, &e));
	assert_int_equal(e.code, ERR_TEMPORARY);
	/* reading goes on */
	assert_true(
	    state_store_get(other, STR("key7"), &r, &found, &e) && found);
	assert_true(state_store_commit(one, &e));
	assert_true(state_store_begin(other, &e));
	state_store_rollback(other);
	state_store_close(one);
	state_store_close(other);
	end(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_torn_file),
		cmocka_unit_test(test_random_bytes),
		cmocka_unit_test(test_full_disk),
		cmocka_unit_test(test_other_versions),
		cmocka_unit_test(test_locked),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
