/*
 * Who has a share of a message already (RFC 5321 6.1), and the record of it
 * that outlives the keeper: cut at each byte, changed at each byte, of others,
 * on a disk that is full.
 */
#include "cmd/filterd/keeper_shares.h"

#include "core/base/compiler.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	NOW_S = 1700000000,
	DAY_S = 24 * 3600,
	MANY = 40,
	PATH_SIZE = 256
};

struct fixture {
	struct keeper_shares shares;
	char dir[PATH_SIZE], path[PATH_SIZE];
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	char dir[] = "/tmp/smemail-shares.XXXXXX";
	assert_non_null(mkdtemp(dir));
	snprintf(f->dir, sizeof(f->dir), "%s", dir);
	snprintf(f->path, sizeof(f->path), "%s/queue-shares", dir);
	keeper_shares_init(&f->shares);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	char bad[PATH_SIZE + 8];
	keeper_shares_clear(&f->shares);
	snprintf(bad, sizeof(bad), "%s.bad", f->path);
	unlink(bad);
	unlink(f->path);
	rmdir(f->dir);
	free(f);
	return 0;
}

static struct siphash_sum
sum_of(unsigned n)
{
	static const uint64_t key[2] = { 1, 2 };
	struct siphash h;
	siphash_init(&h, key);
	siphash_add(&h, str_n((const char *)&n, sizeof(n)));
	return siphash_end(&h);
}

static void
keep(struct keeper_shares *s, unsigned n)
{
	struct siphash_sum sum = sum_of(n);
	keeper_shares_keep(s, &sum, NOW_S, true);
}

static bool
has(const struct keeper_shares *s, unsigned n)
{
	struct siphash_sum sum = sum_of(n);
	return keeper_shares_have(s, &sum, NOW_S + 1);
}

static size_t
count(const struct keeper_shares *s)
{
	size_t found = 0;
	for (unsigned n = 0; n < MANY; n++)
		found += has(s, n);
	return found;
}

/* As a keeper that is started after one was killed. */
static void
start_anew(struct fixture *f)
{
	keeper_shares_clear(&f->shares);
	keeper_shares_init(&f->shares);
	keeper_shares_follow(&f->shares, f->path, NOW_S);
}

static off_t
size_of(const struct fixture *f)
{
	struct stat st;
	return stat(f->path, &st) == 0 ? st.st_size : -1;
}

static bool
is_aside(const struct fixture *f)
{
	char bad[PATH_SIZE + 8];
	snprintf(bad, sizeof(bad), "%s.bad", f->path);
	return access(bad, F_OK) == 0 && unlink(bad) == 0;
}

static void
test_next_keeper_knows_them(void **state)
{
	struct fixture *f = *state;
	struct siphash_sum first = sum_of(0), last = sum_of(MANY - 1);
	keeper_shares_follow(&f->shares, f->path, NOW_S);
	assert_int_equal(size_of(f), -1); /* not before there is something */
	for (unsigned n = 0; n < MANY; n++)
		keep(&f->shares, n);
	keeper_shares_settle(&f->shares);
	assert_int_equal(size_of(f), SHARES_RECORD);
	start_anew(f);
	assert_int_equal(count(&f->shares), MANY);
	keeper_shares_forget(&f->shares, &first);
	start_anew(f);
	assert_false(has(&f->shares, 0));
	assert_int_equal(count(&f->shares), MANY - 1);
	/* nobody tries longer than five days */
	assert_true(
	    keeper_shares_have(&f->shares, &last, NOW_S + 5 * DAY_S - 1));
	assert_false(keeper_shares_have(&f->shares, &last, NOW_S + 5 * DAY_S));
	/* nor is it kept longer when the clock was wrong */
	keeper_shares_keep(&f->shares, &first, NOW_S + 400 * DAY_S, false);
	start_anew(f);
	assert_false(keeper_shares_have(&f->shares, &first, NOW_S + 5 * DAY_S));
}

/* The table is bounded: the oldest of a set makes room, in the file too. */
static void
test_oldest_makes_room(void **state)
{
	struct fixture *f = *state;
	keeper_shares_follow(&f->shares, f->path, NOW_S);
	for (unsigned n = 0; n < 10; n++) {
		struct siphash_sum sum = { { 7 + n * SHARES_SETS, n } };
		keeper_shares_keep(&f->shares, &sum, NOW_S + (int)n, true);
	}
	for (int turn = 0; turn < 2; turn++) {
		for (unsigned n = 0; n < 10; n++) {
			struct siphash_sum sum = { { 7 + n * SHARES_SETS, n } };
			assert_int_equal(
			    keeper_shares_have(&f->shares, &sum, NOW_S + 100),
			    n >= 10 - SHARES_PER_SET);
		}
		keeper_shares_clear(&f->shares);
		keeper_shares_init(&f->shares);
		keeper_shares_follow(&f->shares, f->path, NOW_S + 50);
	}
	assert_int_equal(size_of(f), SHARES_RECORD);
}

/* Cut anywhere: what is left is known, nothing else, and nothing breaks. */
static void
test_cut_at_each_byte(void **state)
{
	struct fixture *f = *state;
	static char bytes[SHARES_RECORD];
	struct keeper_shares *s = calloc(1, sizeof(*s));
	size_t before = 0, bad;
	for (unsigned n = 0; n < MANY; n++)
		keep(&f->shares, n);
	keeper_shares_format(&f->shares, bytes);
	/* all of the head and of the first sets, then each border and beside */
	for (size_t n = 0; n <= sizeof(bytes); n++) {
		if (n > 4096 && n < sizeof(bytes) - 1024 &&
		    n % SHARES_ENTRY > 1)
			continue;
		/* no byte behind the end is read */
		char *cut = malloc(n > 0 ? n : 1);
		memcpy(cut, bytes, n);
		keeper_shares_init(s);
		bool ours = keeper_shares_read(s, str_n(cut, n), NOW_S, &bad);
		free(cut);
		assert_int_equal(ours, n >= SHARES_HEAD);
		size_t found = count(s);
		assert_true(found >= before && found <= MANY && bad <= 1);
		before = found;
	}
	assert_int_equal(before, MANY);
	free(s);
}

/* A byte changed anywhere loses at most the entry it is in. */
static void
test_changed_at_each_byte(void **state)
{
	struct fixture *f = *state;
	static char bytes[SHARES_RECORD];
	struct keeper_shares *s = calloc(1, sizeof(*s));
	size_t bad, lost = 0;
	for (unsigned n = 0; n < MANY; n++)
		keep(&f->shares, n);
	keeper_shares_format(&f->shares, bytes);
	for (size_t i = 0; i < sizeof(bytes);
	     i += i < 2048 ? 1 : SHARES_ENTRY / 2 - 1) {
		bytes[i] ^= 0x20;
		keeper_shares_init(s);
		bool ours = keeper_shares_read(
		    s, str_n(bytes, sizeof(bytes)), NOW_S, &bad);
		bytes[i] ^= 0x20;
		assert_int_equal(ours, i >= SHARES_HEAD);
		if (!ours)
			continue;
		assert_int_equal(bad, 1);
		assert_true(count(s) >= MANY - 1);
		lost += MANY - count(s);
	}
	assert_true(lost > 0);
	free(s);
}

static void
overwrite(const struct fixture *f, const void *bytes, size_t n)
{
	int fd = open(f->path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_int_equal(write(fd, bytes, n), n);
	close(fd);
}

/* What is none of ours is set aside, and a new one is made when needed. */
static void
test_others_are_set_aside(void **state)
{
	static const char zeros[SHARES_RECORD];
	static const struct {
		const char *text;
		size_t n;
		bool aside;
	} files[] = {
		{ "", 0, false },
		{ zeros, 1, false },
		{ zeros, sizeof(zeros), false }, /* never made whole */
		{ "S", 1, true },
		{ "SMEMSHAR", 8, true },
		{ "some text of somebody, which is longer than a head is, "
		  "that is, than 64 bytes",
		    75, true },
	};
	struct fixture *f = *state;
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		overwrite(f, files[i].text, files[i].n);
		start_anew(f);
		assert_int_equal(is_aside(f), files[i].aside);
		assert_int_equal(count(&f->shares), 0);
		keep(&f->shares, 3);
		keeper_shares_settle(&f->shares);
		start_anew(f);
		assert_int_equal(count(&f->shares), 1);
		unlink(f->path);
	}
	/* a folder there, or no folder for it: memory goes on without */
	assert_int_equal(mkdir(f->path, 0700), 0);
	start_anew(f);
	keep(&f->shares, 3);
	keeper_shares_settle(&f->shares);
	assert_int_equal(count(&f->shares), 1);
	assert_int_equal(rmdir(f->path), 0);
	keeper_shares_follow(&f->shares, "/nowhere/at/all", NOW_S);
	keep(&f->shares, 4);
	keeper_shares_settle(&f->shares);
	assert_int_equal(count(&f->shares), 2);
	keeper_shares_follow(&f->shares, NULL, NOW_S);
	keep(&f->shares, 5);
	assert_int_equal(count(&f->shares), 3);
}

/* Removed under the keeper: what it knows goes into another. */
static void
test_removed_is_made_anew(void **state)
{
	struct fixture *f = *state;
	keeper_shares_follow(&f->shares, f->path, NOW_S);
	keep(&f->shares, 1);
	keeper_shares_settle(&f->shares);
	assert_int_equal(unlink(f->path), 0);
	keep(&f->shares, 2);
	keeper_shares_settle(&f->shares);
	start_anew(f);
	assert_int_equal(count(&f->shares), 2);
}

/* Two keepers cannot have one record: the second one goes without. */
static void
test_one_at_a_time(void **state)
{
	struct fixture *f = *state;
	struct keeper_shares *second = calloc(1, sizeof(*second));
	keeper_shares_follow(&f->shares, f->path, NOW_S);
	keep(&f->shares, 1);
	keeper_shares_init(second);
	keeper_shares_follow(second, f->path, NOW_S);
	keep(second, 2);
	keeper_shares_settle(second);
	keeper_shares_clear(second);
	free(second);
	start_anew(f);
	assert_true(has(&f->shares, 1) && !has(&f->shares, 2));
}

/* Nothing is lost but that it outlives us, and it does again with room. */
static void
test_full_disk(void **state)
{
	struct fixture *f = *state;
	if (access("/dev/full", W_OK) != 0)
		skip();
	keeper_shares_follow(&f->shares, f->path, NOW_S);
	keep(&f->shares, 1);
	keeper_shares_settle(&f->shares);
	int own = dup(f->shares.record.fd), full = open("/dev/full", O_RDWR);
	assert_true(dup2(full, f->shares.record.fd) >= 0);
	keep(&f->shares, 2);
	keeper_shares_settle(&f->shares);
	assert_int_equal(count(&f->shares), 2);
	assert_true(dup2(own, f->shares.record.fd) >= 0);
	close(own);
	close(full);
	keep(&f->shares, 3);
	keeper_shares_settle(&f->shares);
	start_anew(f);
	assert_true(has(&f->shares, 1) && has(&f->shares, 3));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_next_keeper_knows_them),
		TEST(test_oldest_makes_room),
		TEST(test_cut_at_each_byte),
		TEST(test_changed_at_each_byte),
		TEST(test_others_are_set_aside),
		TEST(test_removed_is_made_anew),
		TEST(test_one_at_a_time),
		TEST(test_full_disk),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
