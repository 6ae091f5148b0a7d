/* Roots, whole files, locks and child processes. */
#include "core/sys/file.h"
#include "core/sys/lock.h"
#include "core/sys/root.h"
#include "core/sys/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static char dir[] = "/tmp/smemail-unit-XXXXXX";

static const char *
in_dir(const char *name)
{
	static char paths[4][256];
	static unsigned next;
	char *p = paths[next++ % 4];
	snprintf(p, sizeof(paths[0]), "%s/%s", dir, name);
	return p;
}

static const struct file_replace plain = {
	.mode = 0640,
	.uid = (uid_t)-1,
	.gid = (gid_t)-1,
};

static void
test_root_paths(void **state)
{
	(void)state;
	struct root r;
	struct err e = ERR_INIT;
	char path[SYS_PATH_MAX];
	assert_true(root_init(&r, dir, &e));
	assert_true(root_path(&r, "/home/x", path, &e));
	assert_string_equal(root_shown(&r, path), "/home/x");
	assert_true(root_pathf(&r, path, &e, "a/%d", 5));
	assert_string_equal(root_shown(&r, path), "/a/5");
	assert_false(root_init(&r, in_dir("missing"), &e));
	assert_int_equal(e.code, ERR_USAGE);
	assert_true(strstr(e.next, "init --root") != NULL);
	assert_true(root_init_new(&r, in_dir("new/deep"), &e));
	assert_string_equal(r.prefix, in_dir("new/deep"));
	/* a missing folder directly below / must never become / itself */
	assert_true(root_init_new(&r, "/smemail-no-such-root", &e));
	assert_string_equal(r.prefix, "/smemail-no-such-root");
	assert_true(root_init(&r, "/", &e));
	assert_true(root_is_system(&r));
	assert_string_equal(root_shown(&r, "/etc/x"), "/etc/x");
}

static void
test_file_replace_is_atomic_and_safe(void **state)
{
	(void)state;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT(100);
	char stale[300];
	/* ES-23: a stale temporary, here a link to somewhere else */
	snprintf(stale, sizeof(stale), "%s.%ld", in_dir("f"), (long)getpid());
	assert_int_equal(symlink(in_dir("victim"), stale), 0);
	umask(077);
	assert_true(file_replace(in_dir("f"), STR("one\n"), &plain, &e));
	umask(022);
	assert_false(file_exists(in_dir("victim")));
	assert_true(file_read(in_dir("f"), NULL, &b, &e));
	assert_string_equal(buf_cstr(&b), "one\n");
	struct stat st;
	assert_int_equal(stat(in_dir("f"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640); /* whatever the umask */
	assert_int_not_equal(lstat(stale, &st), 0);
	assert_false(file_replace(in_dir("no/such/f"), STR("x"), &plain, &e));
	assert_int_equal(e.sys_errno, ENOENT);
	buf_clear(&b);
}

/* The new bytes are in the temporary file by then; 'ctx' is the answer. */
static bool
asked(void *ctx, struct err *e)
{
	char temporary[300];
	struct buf b = BUF_INIT(100);
	const bool *yes = ctx;
	snprintf(temporary, sizeof(temporary), "%s.%ld", in_dir("s"),
	    (long)getpid());
	assert_true(file_read(temporary, NULL, &b, NULL));
	assert_string_equal(buf_cstr(&b), *yes ? "first" : "second");
	buf_clear(&b);
	return *yes || err_set(e, ERR_TEMPORARY, "somebody was quicker");
}

static void
test_file_replace_asks_before_the_rename(void **state)
{
	(void)state;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT(100);
	bool yes = true;
	struct file_replace how = plain;
	how.still = asked;
	how.ctx = &yes;
	assert_true(file_replace(in_dir("s"), STR("first"), &how, &e));
	yes = false;
	assert_false(file_replace(in_dir("s"), STR("second"), &how, &e));
	assert_int_equal(e.code, ERR_TEMPORARY);
	assert_string_equal(e.text, "somebody was quicker");
	assert_true(file_read(in_dir("s"), NULL, &b, &e));
	assert_string_equal(buf_cstr(&b), "first");
	buf_clear(&b);
	char temporary[300];
	snprintf(temporary, sizeof(temporary), "%s.%ld", in_dir("s"),
	    (long)getpid());
	assert_false(file_exists(temporary));
}

static void
test_file_read_is_bounded(void **state)
{
	(void)state;
	struct err e = ERR_INIT;
	assert_true(file_replace(in_dir("g"), STR("12345"), &plain, &e));
	struct buf small = BUF_INIT(4), fits = BUF_INIT(5);
	assert_false(file_read(in_dir("g"), "shown", &small, &e));
	assert_true(strstr(e.text, "'shown'") != NULL);
	assert_true(file_read(in_dir("g"), NULL, &fits, &e));
	assert_int_equal(fits.len, 5);
	buf_reset(&fits);
	assert_false(file_read(dir, NULL, &fits, &e)); /* a folder */
	buf_clear(&small);
	buf_clear(&fits);
}

/* A pipe that nobody writes to holds nobody; one that a person names may. */
static void
test_file_read_waits_for_no_pipe(void **state)
{
	(void)state;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT(100);
	const char *pipe = in_dir("pipe");
	assert_int_equal(mkfifo(pipe, 0600), 0);
	assert_false(file_read(pipe, NULL, &b, &e));
	assert_int_equal(e.code, ERR_PERMANENT);
	assert_non_null(strstr(e.text, "not a regular file"));
	err_clear(&e);
	assert_false(file_read(dir, "/shown", &b, &e));
	assert_int_equal(e.sys_errno, EISDIR);
	assert_non_null(strstr(e.text, "'/shown'"));
	pid_t pid = fork();
	if (pid == 0) {
		int fd = open(pipe, O_WRONLY);
		_exit(write(fd, "said", 4) != 4);
	}
	assert_true(file_read_named(pipe, &b, &e));
	assert_string_equal(buf_cstr(&b), "said");
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	buf_clear(&b);
}

static void
test_file_mkdirs(void **state)
{
	(void)state;
	struct err e = ERR_INIT;
	assert_true(file_mkdirs(in_dir("a/b/c"), 0755, NULL, &e));
	assert_true(file_mkdirs(in_dir("a/b/c"), 0755, NULL, &e));
	assert_true(file_mkdirs_for(in_dir("a/d/file"), 0755, NULL, &e));
	assert_true(file_is_dir(in_dir("a/d")));
	assert_true(file_replace(in_dir("a/x"), STR(""), &plain, &e));
	assert_false(file_mkdirs(in_dir("a/x/y"), 0755, NULL, &e));
}

static void
test_lock_waits_and_names_the_holder(void **state)
{
	(void)state;
	struct err e = ERR_INIT;
	struct lock a = LOCK_INIT, b = LOCK_INIT;
	const char *path = in_dir("db.lock");
	assert_true(lock_take(&a, path, "/db", 100, &clock_system, &e));
	assert_false(lock_take(&b, path, "/db", 60, &clock_system, &e));
	assert_int_equal(e.code, ERR_TEMPORARY);
	char pid[32];
	snprintf(pid, sizeof(pid), "pid %ld", (long)getpid());
	assert_true(strstr(e.text, pid) != NULL ||
		    strstr(e.text, "another program") != NULL);
	lock_release(&a);
	assert_true(lock_take(&b, path, "/db", 100, &clock_system, &e));
	assert_true(file_exists(path)); /* never unlinked (ES-24) */
	lock_release(&b);
	assert_int_equal(symlink(in_dir("elsewhere"), in_dir("link.lock")), 0);
	assert_false(
	    lock_take(&b, in_dir("link.lock"), "/db", 60, &clock_system, &e));
	assert_false(file_exists(in_dir("elsewhere")));
}

/* In a child that waits for the lock: does it hold the file with the name? */
NORETURN static void
waiter_run(const char *path, int ready)
{
	struct lock l = LOCK_INIT;
	struct stat held, named;
	ssize_t told = write(ready, "x", 1);
	bool ok = told == 1 &&
		  lock_take(&l, path, "x", 5000, &clock_system, NULL) &&
		  fstat(l.fd, &held) == 0 && stat(path, &named) == 0 &&
		  held.st_ino == named.st_ino;
	_exit(ok ? 0 : 1);
}

static void
test_lock_survives_unlink_by_the_reference(void **state)
{
	(void)state;
	/* ES-24 (a): the locked file loses its name and a newcomer makes a new
	 * one; who waited on the old inode must not believe it has the lock */
	const char *path = in_dir("ref.lock");
	int ready[2], status = -1;
	char byte;
	assert_int_equal(pipe(ready), 0);
	int old = open(path, O_RDWR | O_CREAT, 0666);
	assert_int_equal(flock(old, LOCK_EX), 0);
	pid_t child = fork();
	if (child == 0) {
		close(old);
		waiter_run(path, ready[1]);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	unlink(path);
	close(old);
	waitpid(child, &status, 0);
	assert_int_equal(status, 0);
	close(ready[0]);
	close(ready[1]);
}

static void
test_spawn_feeds_and_reads(void **state)
{
	(void)state;
	struct err e = ERR_INIT;
	struct buf out = BUF_INIT(10);
	const char *argv[] = { "tr", "a-z", "A-Z", NULL };
	struct spawn s = {
		.argv = argv,
		.input = STR("hello, this is longer"),
		.input_set = true,
		.output = &out,
		.limit_ms = 10000,
	};
	int status = -1;
	assert_true(spawn_run(&s, &clock_system, &status, &e));
	assert_int_equal(status, 0);
	assert_string_equal(buf_cstr(&out), "HELLO, THI"); /* rest dropped */
	buf_clear(&out);
}

static void
test_spawn_limit_and_missing_program(void **state)
{
	(void)state;
	struct err e = ERR_INIT;
	const char *sleeper[] = { "sleep", "30", NULL };
	struct spawn s = { .argv = sleeper, .limit_ms = 50 };
	int status = 0;
	assert_false(spawn_run(&s, &clock_system, &status, &e));
	assert_int_equal(e.code, ERR_TEMPORARY);
	const char *missing[] = { "smemail-no-such-program", NULL };
	s.argv = missing;
	s.limit_ms = 60 * 1000;
	assert_false(spawn_run(&s, &clock_system, &status, &e));
	assert_int_equal(e.sys_errno, ENOENT);
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
		cmocka_unit_test(test_root_paths),
		cmocka_unit_test(test_file_replace_is_atomic_and_safe),
		cmocka_unit_test(test_file_replace_asks_before_the_rename),
		cmocka_unit_test(test_file_read_is_bounded),
		cmocka_unit_test(test_file_read_waits_for_no_pipe),
		cmocka_unit_test(test_file_mkdirs),
		cmocka_unit_test(test_lock_waits_and_names_the_holder),
		cmocka_unit_test(test_lock_survives_unlink_by_the_reference),
		cmocka_unit_test(test_spawn_feeds_and_reads),
		cmocka_unit_test(test_spawn_limit_and_missing_program),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, dir_make, dir_remove);
}
