/* Changes in memory and on disk: ES-3, ES-9, ES-13 to ES-19, ES-22 to ES-30. */
#include "core/db/db_int.h"

#include "core/sys/file.h"
#include "core/sys/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>

/* A root of its own for each test, with a listener on its dev/log. */
static struct root root;
static struct db_env env;
static int listener = -1;
static char path[SYS_PATH_MAX];

static const char *
below(const char *name)
{
	static char paths[4][SYS_PATH_MAX];
	static unsigned next;
	char *p = paths[next++ % 4];
	assert_true(root_path(&root, name, p, NULL));
	return p;
}

static void
put(const char *file, const char *text)
{
	assert_true(file_replace(file, str_of(text),
	    &(struct file_replace){
		.mode = 0644, .uid = (uid_t)-1, .gid = (gid_t)-1 },
	    NULL));
}

/* The records of the file, without its header. */
static const char *
stored(void)
{
	static struct buf text = BUF_INIT(DB_SIZE_MAX);
	buf_reset(&text);
	assert_true(file_read(path, NULL, &text, NULL));
	const char *updated = strstr(buf_cstr(&text), "# updated: ");
	return updated != NULL ? strchr(updated, '\n') + 1 : buf_cstr(&text);
}

/* The datagrams that came, without time and pid, joined by LF. */
static const char *
logged(void)
{
	static struct buf all = BUF_INIT(1 << 20);
	char line[4096];
	ssize_t n;
	buf_reset(&all);
	while ((n = recv(listener, line, sizeof(line) - 1, MSG_DONTWAIT)) > 0) {
		line[n] = '\0';
		assert_memory_equal(line, "<142>", 5);
		const char *text = strstr(line, "]: ");
		assert_non_null(text);
		buf_add_cstr(&all, text + 3);
		buf_add_char(&all, '\n');
	}
	return buf_cstr(&all);
}

static void
listen_here(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	listener = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	snprintf(a.sun_path, sizeof(a.sun_path), "%.*s",
	    (int)sizeof(a.sun_path) - 1, below("/dev/log"));
	assert_int_equal(bind(listener, (struct sockaddr *)&a, sizeof(a)), 0);
}

static struct db_change *
begun(void)
{
	struct err e = ERR_INIT;
	struct db_change *c;
	if (!db_change_begin(&env, path, &c, &e))
		fail_msg("%s", e.text);
	return c;
}

static void
commit(struct db_change *c)
{
	struct err e = ERR_INIT;
	if (!db_change_commit(c, &e))
		fail_msg("%s", e.text);
}

static int
setup(void **state)
{
	(void)state;
	char dir[] = "/tmp/smemail-unit-XXXXXX";
	struct err e = ERR_INIT;
	if (mkdtemp(dir) == NULL || !root_init(&root, dir, &e) ||
	    !file_mkdirs(below("/dev"), 0755, NULL, &e) ||
	    !file_mkdirs(below("/home/e-smith/db"), 0755, NULL, &e) ||
	    !root_path(&root, "/home/e-smith/db/test", path, &e))
		return -1;
	listen_here();
	env = (struct db_env){
		.root = &root,
		.clock = &clock_system,
		.program = "/sbin/e-smith/db",
		.lock_wait_ms = 200,
	};
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	const char *argv[] = { "rm", "-rf", root.prefix, NULL };
	struct spawn s = { .argv = argv };
	int status;
	close(listener);
	return spawn_run(&s, &clock_system, &status, NULL) ? 0 : -1;
}

static void
test_store_as_the_reference_does(void **state)
{
	(void)state;
	static const struct {
		const char *rule, *key, *raw, *want;
	} cases[] = {
		{ "ES-15", " k\t", " t|a|1 \r\n\t", "k=t|a|1 \r\\n\n" },
		{ "ES-15 only blanks go", "k", "t|a|1\xa0\x85",
		    "k=t|a|1\xa0\x85\n" },
		{ "ES-16 LF survives at the end", "k", "t|a|l1\nl2\n",
		    "k=t|a|l1\\nl2\\n\n" },
		{ "ES-17", "k", "t|a|x|y", "k=t|a|x|y\n" },
		{ "ES-18", "k", "t|a|c:\\|b|z", "k=t|a|c:\\|b|z\n" },
		{ "ES-19 blank key", " ", "t", "=t\n" },
		{ "ES-11 empty", "k", "", "k=\n" },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		unlink(path);
		struct db_change *c = begun();
		assert_true(db_change_store(
		    c, str_of(cases[i].key), str_of(cases[i].raw), NULL));
		commit(c);
		if (strcmp(stored(), cases[i].want) != 0)
			print_message("# %s\n", cases[i].rule);
		assert_string_equal(stored(), cases[i].want);
		logged();
	}
}

static void
test_key_with_line_break_is_refused(void **state)
{
	(void)state;
	struct err e = ERR_INIT;
	put(path, "k=t\n");
	struct db_change *c = begun();
	/* ES-16 */
	assert_false(db_change_store(c, STR("k\n"), STR("x"), &e));
	assert_int_equal(e.code, ERR_USAGE);
	assert_false(db_change_set_prop(c, STR("k\n"), STR("a"), STR("1")));
	commit(c);
	assert_string_equal(stored(), "k=t\n");
}

static void
test_properties_are_sorted_by_any_change(void **state)
{
	(void)state;
	put(path, "k=t|b|2|a|1\n");
	struct db_change *c = begun();
	assert_true(db_change_set_prop(c, STR("k"), STR("aa"), STR("x\ny")));
	commit(c);
	assert_string_equal(stored(), "k=t|a|1|aa|x\\ny|b|2\n");
	/* ES-14: the same type, or a property that is not there, still sorts */
	put(path, "k=t|b|2|a|1\n");
	c = begun();
	assert_true(db_change_set_type(c, STR("k"), STR("t")));
	commit(c);
	assert_string_equal(stored(), "k=t|a|1|b|2\n");
	put(path, "k=t|b|2|a|1\n");
	c = begun();
	assert_true(db_change_delete_prop(c, STR("k"), STR("zz")));
	commit(c);
	assert_string_equal(stored(), "k=t|a|1|b|2\n");
	c = begun();
	assert_true(db_change_delete_prop(c, STR("k"), STR("a")));
	assert_true(db_change_delete_prop(c, STR(" k "), STR("b")));
	commit(c);
	assert_string_equal(stored(), "k=t\n"); /* ES-57 */
}

static void
test_odd_and_repeated_fields_are_mended(void **state)
{
	(void)state;
	/* ES-9, ES-10; ES-3: u becomes u=; ES-13: untouched ones stay */
	put(path, "# c\no=t|a|1|b\nr=t|x|1|x|2\nu\nv=t|b|1|a\n");
	struct db_change *c = begun();
	assert_true(db_change_set_prop(c, STR("o"), STR("z"), STR("1")));
	assert_true(db_change_set_prop(c, STR("r"), STR("y"), STR("3")));
	assert_false(db_change_set_prop(c, STR("u"), STR("y"), STR("3")));
	assert_false(db_change_delete(c, STR("u")));
	commit(c);
	assert_string_equal(
	    stored(), "o=t|a|1|b||z|1\nr=t|x|2|y|3\nu=\nv=t|b|1|a\n");
}

static void
test_awkward_keys_read_back_before_the_next_store(void **state)
{
	(void)state;
	struct db_change *c = begun();
	/* ES-19: the reference reads the file again before each store */
	assert_true(db_change_store(c, STR("a=b"), STR("t"), NULL));
	assert_true(db_change_set_prop(c, STR("a=b"), STR("p"), STR("1")));
	assert_true(db_change_store(c, STR("#x"), STR("t"), NULL));
	assert_true(db_change_set_prop(c, STR("#x"), STR("p"), STR("1")));
	commit(c);
	assert_string_equal(stored(), "#x=t|p|1\na=b=t|p|1\n");
	assert_string_equal(logged(),
	    "/home/e-smith/db/test: OLD a=b=(undefined)\n"
	    "/home/e-smith/db/test: NEW a=b=t\n"
	    "/home/e-smith/db/test: OLD a=b=(undefined)\n"
	    "/home/e-smith/db/test: NEW a=b=t|p|1\n"
	    "/home/e-smith/db/test: OLD #x=(undefined)\n"
	    "/home/e-smith/db/test: NEW #x=t\n"
	    "/home/e-smith/db/test: OLD #x=(undefined)\n"
	    "/home/e-smith/db/test: NEW #x=t|p|1\n");
}

static void
test_no_change_writes_and_logs_nothing(void **state)
{
	(void)state;
	struct stat before, after;
	put(path, "# kept\nk=t|a|1\n");
	assert_int_equal(stat(path, &before), 0);
	struct db_change *c = begun();
	/* ES-25 */
	assert_true(db_change_store(c, STR("k"), STR("t|a|1"), NULL));
	assert_true(db_change_set_prop(c, STR("k"), STR("a"), STR("1")));
	assert_true(db_change_set_type(c, STR("k"), STR("t")));
	commit(c);
	assert_int_equal(stat(path, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	assert_string_equal(logged(), "");
	/* leaving a change midway neither */
	c = begun();
	assert_true(db_change_delete(c, STR("k")));
	db_change_abort(c);
	assert_string_equal(stored(), "# kept\nk=t|a|1\n");
	assert_string_equal(logged(), "");
}

static void
test_log_lines(void **state)
{
	(void)state;
	put(path, "d=x|y|100%\nu\n");
	struct db_change *c = begun();
	assert_true(
	    db_change_store(c, STR("k"), STR("t|n|\xc3\xa9%s\n"), NULL));
	assert_true(db_change_delete(c, STR(" d ")));
	assert_true(db_change_store(c, STR("u"), STR("t"), NULL));
	commit(c);
	/* ES-28, ES-29, ES-30: the deletion is told when it is done */
	assert_string_equal(logged(),
	    "/home/e-smith/db/test: OLD k=(undefined)\n"
	    "/home/e-smith/db/test: NEW k=t|n|__%s\\n\n"
	    "/home/e-smith/db/test: OLD u=\n"
	    "/home/e-smith/db/test: NEW u=t\n"
	    "/home/e-smith/db/test: DELETE d=x|y|100%\n");
}

static void
test_log_leaves_out_secrets(void **state)
{
	static const char *const secrets[] = { "Passwd", NULL };
	(void)state;
	put(path, "k=service|Passwd|old|Userid|x\no=t|Passwd\n");
	env.secrets = secrets;
	struct db_change *c = begun();
	assert_true(db_change_set_prop(c, STR("k"), STR("Passwd"), STR("new")));
	assert_true(db_change_delete(c, STR("o")));
	commit(c);
	env.secrets = NULL;
	assert_string_equal(logged(),
	    "/home/e-smith/db/test: OLD k=service|Passwd|(secret)|Userid|x\n"
	    "/home/e-smith/db/test: NEW k=service|Passwd|(secret)|Userid|x\n"
	    "/home/e-smith/db/test: DELETE o=t|Passwd\n");
	assert_string_equal(stored(), "k=service|Passwd|new|Userid|x\n");
}

static void
test_log_without_reader_does_not_stop_a_store(void **state)
{
	(void)state;
	/* ES-30: nobody reads: the queue fills, lines are dropped */
	int64_t from = clock_mono_ms(&clock_system);
	struct db_change *c = begun();
	for (char name[] = "a"; name[0] <= 'z'; name[0]++)
		for (unsigned i = 0; i < 100; i++) {
			char value[16];
			snprintf(value, sizeof(value), "%u", i);
			assert_true(db_change_store(
			    c, str_of(name), str_of(value), NULL));
		}
	commit(c);
	assert_true(clock_mono_ms(&clock_system) - from < 5000);
	assert_non_null(strstr(stored(), "z=99\n"));
	/* the socket is there, but nobody listens: ECONNREFUSED */
	close(listener);
	c = begun();
	assert_true(db_change_store(c, STR("a"), STR("1"), NULL));
	commit(c);
	/* no socket at all */
	unlink(below("/dev/log"));
	c = begun();
	assert_true(db_change_store(c, STR("a"), STR("2"), NULL));
	commit(c);
	assert_non_null(strstr(stored(), "a=2\n"));
	listen_here();
}

static void
test_log_below_a_long_root(void **state)
{
	(void)state;
	/* a socket's path has 108 bytes at most */
	struct root short_root = root;
	char long_name[SYS_PATH_MAX];
	assert_true(root_pathf(&root, long_name, NULL, "/%0150d", 7));
	assert_int_equal(mkdir(long_name, 0755), 0);
	assert_true(root_init(&root, long_name, NULL));
	assert_true(file_mkdirs(below("/dev"), 0755, NULL, NULL));
	assert_int_equal(symlink("../../dev/log", below("/dev/log")), 0);
	assert_true(root_path(&root, "/test", path, NULL));
	struct db_change *c = begun();
	assert_true(db_change_store(c, STR("k"), STR("t"), NULL));
	commit(c);
	root = short_root;
	assert_string_equal(
	    logged(), "/test: OLD k=(undefined)\n/test: NEW k=t\n");
}

static void
test_mode_and_owner(void **state)
{
	(void)state;
	struct stat st;
	/* ES-22: 0660 less umask, root, group admin of this root */
	assert_true(file_mkdirs(below("/etc"), 0755, NULL, NULL));
	put(below("/etc/group"), "root:x:0:\nadmin2:x:7:\nadmin:x:101:a,b\n");
	put(path, "k=t\n");
	mode_t mask = umask(027);
	struct db_change *c = begun();
	assert_true(db_change_store(c, STR("k"), STR("u"), NULL));
	commit(c);
	umask(mask);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	if (geteuid() == 0) {
		assert_int_equal(st.st_uid, 0);
		assert_int_equal(st.st_gid, 101);
	}
}

static void
test_temporary_is_our_own(void **state)
{
	(void)state;
	char name[SYS_PATH_MAX];
	const char *victim = below("/victim");
	/* ES-23 (a): a longer one left by a crash does not shine through */
	assert_true(root_pathf(
	    &root, name, NULL, "/home/e-smith/db/test.%ld", (long)getpid()));
	put(name, "a very long left-over\nx=1\ny=2\nz=3\n# and more of it\n");
	struct db_change *c = begun();
	assert_true(db_change_store(c, STR("k"), STR("t"), NULL));
	commit(c);
	assert_string_equal(stored(), "k=t\n");
	assert_false(file_exists(name));
	/* a link in its place is not followed */
	put(victim, "precious\n");
	assert_int_equal(symlink(victim, name), 0);
	c = begun();
	assert_true(db_change_store(c, STR("k"), STR("u"), NULL));
	commit(c);
	assert_string_equal(stored(), "k=u\n");
	struct buf text = BUF_INIT(100);
	assert_true(file_read(victim, NULL, &text, NULL));
	assert_string_equal(buf_cstr(&text), "precious\n");
	buf_clear(&text);
}

static void
test_failed_write_is_an_error(void **state)
{
	(void)state;
	struct err e = ERR_INIT;
	struct db_change *c;
	char want[SYS_PATH_MAX];
	/* ES-27: no such folder, so no lock either */
	assert_true(root_path(&root, "/nodir/test", path, NULL));
	assert_false(db_change_begin(&env, path, &c, &e));
	assert_null(c);
	assert_int_equal(e.sys_errno, ENOENT);
	assert_non_null(strstr(e.text, "'/nodir/test'"));
	snprintf(want, sizeof(want),
	    "Cannot open /nodir/test.%ld: No such file or directory\n"
	    "'/nodir/test' will not be updated\n",
	    (long)getpid());
	assert_string_equal(logged(), want);
	/* the folder goes away meanwhile */
	assert_int_equal(mkdir(below("/nodir"), 0755), 0);
	c = begun();
	assert_true(db_change_store(c, STR("k"), STR("t"), NULL));
	assert_int_equal(rename(below("/nodir"), below("/gone")), 0);
	assert_false(db_change_commit(c, &e));
	assert_false(file_exists(path));
	assert_false(file_exists(below("/gone/test")));
	assert_non_null(
	    strstr(logged(), "'/nodir/test' will not be updated\n"));
}

static void
test_lock_held_by_another(void **state)
{
	(void)state;
	struct err e = ERR_INIT;
	struct db_change *c = begun(), *second;
	put(path, "k=t\n");
	assert_false(db_change_begin(&env, path, &second, &e));
	assert_int_equal(e.code, ERR_TEMPORARY);
	assert_non_null(strstr(e.text, "held by"));
	db_change_abort(c);
	c = begun();
	db_change_abort(c);
	assert_string_equal(stored(), "k=t\n");
}

static void
test_lock_file_removed_by_the_reference(void **state)
{
	(void)state;
	struct err e = ERR_INIT;
	char lock[SYS_PATH_MAX];
	snprintf(lock, sizeof(lock), "%s", below("/home/e-smith/db/test.lock"));
	/* ES-24 (a): removed, but nobody wrote: go on */
	put(path, "k=t\n");
	struct db_change *c = begun();
	assert_true(db_change_set_prop(c, STR("k"), STR("a"), STR("1")));
	assert_int_equal(unlink(lock), 0);
	commit(c);
	assert_string_equal(stored(), "k=t|a|1\n");
	/* removed, and a newcomer wrote: its change is not lost */
	c = begun();
	assert_true(db_change_set_prop(c, STR("k"), STR("b"), STR("2")));
	assert_int_equal(unlink(lock), 0);
	struct db_change *other = begun();
	assert_true(db_change_set_prop(other, STR("k"), STR("c"), STR("3")));
	commit(other);
	logged();
	assert_false(db_change_commit(c, &e));
	assert_int_equal(e.code, ERR_TEMPORARY);
	assert_string_equal(stored(), "k=t|a|1|c|3\n");
	assert_null(strstr(logged(), "NEW")); /* what was not stored */
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_store_as_the_reference_does),
		CASE(test_key_with_line_break_is_refused),
		CASE(test_properties_are_sorted_by_any_change),
		CASE(test_odd_and_repeated_fields_are_mended),
		CASE(test_awkward_keys_read_back_before_the_next_store),
		CASE(test_no_change_writes_and_logs_nothing),
		CASE(test_log_lines),
		CASE(test_log_leaves_out_secrets),
		CASE(test_log_without_reader_does_not_stop_a_store),
		CASE(test_log_below_a_long_root),
		CASE(test_mode_and_owner),
		CASE(test_temporary_is_our_own),
		CASE(test_failed_write_is_an_error),
		CASE(test_lock_held_by_another),
		CASE(test_lock_file_removed_by_the_reference),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
