/* Names of databases and the files they mean (ES-40). */
#include "core/db/db.h"

#include "core/sys/file.h"
#include "core/sys/spawn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static char dir[] = "/tmp/smemail-unit-XXXXXX";
static struct root root;

static void
touch(const char *name)
{
	char path[SYS_PATH_MAX];
	assert_true(root_path(&root, name, path, NULL));
	assert_true(file_mkdirs_for(path, 0755, NULL, NULL));
	assert_true(file_replace(path, STR("k=t\n"),
	    &(struct file_replace){
		.mode = 0644, .uid = (uid_t)-1, .gid = (gid_t)-1 },
	    NULL));
}

static void
test_places(void **state)
{
	(void)state;
	static const struct {
		const char *name, *want;
		bool moved;
	} cases[] = {
		{ "accounts", "/home/e-smith/db/accounts", false },
		{ "a/b", "/home/e-smith/db/a/b", false },
		{ "../x", "/home/e-smith/db/../x", false },
		{ "/etc/x", "/etc/x", false },
		{ "/home/e-smith/db/x", "/home/e-smith/db/x", false },
		{ "/home/e-smith/x.y", "/home/e-smith/x.y", false },
		{ "/home/e-smith/", "/home/e-smith/", false },
		/* mapped, with a warning */
		{ "/home/e-smith/Old_1", "/home/e-smith/db/Old_1", true },
		{ "oldone", "/home/e-smith/db/oldone", true },
		{ "both", "/home/e-smith/db/both", false },
	};
	touch("/home/e-smith/oldone");
	touch("/home/e-smith/both");
	touch("/home/e-smith/db/both");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char path[SYS_PATH_MAX];
		bool moved;
		assert_true(db_path(&root, cases[i].name, path, &moved, NULL));
		assert_string_equal(root_shown(&root, path), cases[i].want);
		assert_int_equal(moved, cases[i].moved);
	}
}

static void
test_too_long_a_name(void **state)
{
	(void)state;
	static char name[SYS_PATH_MAX + 1];
	char path[SYS_PATH_MAX];
	struct err e = ERR_INIT;
	memset(name, 'x', sizeof(name) - 1);
	assert_false(db_path(&root, name, path, NULL, &e));
	assert_int_equal(e.code, ERR_USAGE);
	name[0] = '/';
	assert_false(db_path(&root, name, path, NULL, &e));
}

static int
dir_make(void **state)
{
	(void)state;
	return mkdtemp(dir) != NULL && root_init(&root, dir, NULL) ? 0 : -1;
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
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_too_long_a_name),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, dir_make, dir_remove);
}
