/* Several writers and a reader at once: nothing is lost or half seen (ES-24).
 */
#include "core/db/db_int.h"

#include "core/sys/file.h"
#include "core/sys/spawn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

enum {
	WRITERS = 6,
	CHANGES = 20
};

static char dir[] = "/tmp/smemail-unit-XXXXXX";
static char path[64];
static struct root root;

static struct db_env
env(void)
{
	return (struct db_env){
		.root = &root,
		.clock = &clock_system,
		.program = "test",
		.lock_wait_ms = 60000,
	};
}

/* Property wWRITER.N of the one record, one change each. */
static bool
writer_change(unsigned writer, unsigned n)
{
	char name[32];
	struct db_env in = env();
	struct db_change *c;
	snprintf(name, sizeof(name), "w%u.%u", writer, n);
	return db_change_begin(&in, path, &c, NULL) &&
	       db_change_set_prop(c, STR("k"), str_of(name), STR("x")) &&
	       db_change_commit(c, NULL);
}

NORETURN static void
writer_run(unsigned writer)
{
	for (unsigned i = 0; i < CHANGES; i++) {
		if (!writer_change(writer, i))
			_exit(1);
	}
	_exit(0);
}

static size_t
props_now(void)
{
	struct arena *a = arena_new((size_t)1 << 24, NULL, NULL);
	struct db_prop *props;
	struct db *db;
	assert_true(db_load(path, NULL, &db, NULL));
	/* a reader sees whole files only */
	assert_int_equal(db_count(db), 2);
	assert_non_null(db_find(db, STR("zz")));
	size_t n = db_record_props(db_find(db, STR("k")), a, &props);
	db_free(db);
	arena_free(a);
	return n;
}

static size_t
run_writers(unsigned writers)
{
	unsigned left = 0;
	size_t seen = 0;
	bool ok = true;
	assert_true(file_replace(path, STR("k=t\nzz=end\n"),
	    &(struct file_replace){
		.mode = 0644, .uid = (uid_t)-1, .gid = (gid_t)-1 },
	    NULL));
	for (unsigned i = 0; i < writers; i++) {
		pid_t pid = fork();
		assert_true(pid >= 0);
		if (pid == 0)
			writer_run(i);
		left++;
	}
	while (left > 0) {
		int status;
		size_t n = props_now();
		ok = ok && n >= seen; /* never goes back */
		seen = n;
		if (waitpid(-1, &status, WNOHANG) > 0) {
			ok =
			    ok && WIFEXITED(status) && WEXITSTATUS(status) == 0;
			left--;
		}
	}
	assert_true(ok);
	return props_now();
}

static void
test_writers_of_different_properties_lose_nothing(void **state)
{
	(void)state;
	assert_int_equal(run_writers(WRITERS), (size_t)WRITERS * CHANGES);
}

static int
dir_make(void **state)
{
	(void)state;
	if (mkdtemp(dir) == NULL || !root_init(&root, dir, NULL))
		return -1;
	snprintf(path, sizeof(path), "%s/db", dir);
	return 0;
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
		cmocka_unit_test(
		    test_writers_of_different_properties_lose_nothing),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, dir_make, dir_remove);
}
