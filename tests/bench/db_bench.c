/*
 * The store: reading a database, one property of 2,000 users in one locked
 * change (goal: 20 ms at most), and 2,000 properties of one record as one
 * store against one store each (goal: 20 times as fast). Best of several
 * rounds.
 */
#include "core/db/db.h"

#include "core/base/buf.h"
#include "core/sys/file.h"
#include "core/sys/spawn.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	USERS = 2000,
	ROUNDS = 15,
	GOAL_MS = 20,
	PROPS = 2000,
	GOAL_RATIO = 20
};

static struct root root;
static char path[SYS_PATH_MAX];

static void
accounts_write(void)
{
	struct buf text = BUF_INIT(1 << 24);
	for (unsigned i = 0; i < USERS; i++)
		buf_addf(&text,
		    "user%04u=user|EmailForward|local|FirstName|First%u|"
		    "ForwardAddress||Gid|%u|LastName|Last%u|Lock|no|"
		    "PasswordSet|yes|Shell|/usr/bin/rssh|Uid|%u|VPN|no\n",
		    i, i, 5000 + i, i, 5000 + i);
	if (!file_replace(path, buf_str(&text),
		&(struct file_replace){
		    .mode = 0600, .uid = (uid_t)-1, .gid = (gid_t)-1 },
		NULL))
		abort();
	buf_clear(&text);
}

static void
change_all(const char *value)
{
	struct db_env env = {
		.root = &root,
		.clock = &clock_system,
		.program = "bench",
	};
	struct db_change *c;
	struct err e = ERR_INIT;
	char key[32];
	if (!db_change_begin(&env, path, &c, &e))
		abort();
	for (unsigned i = 0; i < USERS; i++) {
		snprintf(key, sizeof(key), "user%04u", i);
		if (!db_change_set_prop(
			c, str_of(key), STR("SortSpam"), str_of(value)))
			abort();
	}
	if (!db_change_commit(c, &e))
		abort();
}

static void
read_one(void)
{
	struct arena *a = arena_new(1 << 20, NULL, NULL);
	struct str value;
	struct db *db;
	if (!db_load(path, NULL, &db, NULL) ||
	    !db_prop(db, "user1000", "Uid", a, &value))
		abort();
	db_free(db);
	arena_free(a);
}

/* Many properties of one record. */
static void
fill_record(bool merge)
{
	struct db_env env = {
		.root = &root,
		.clock = &clock_system,
		.program = "bench",
		.merge = merge,
	};
	struct db_change *c;
	char name[32];
	if (!db_change_begin(&env, path, &c, NULL) ||
	    !db_change_store(c, STR("list"), STR("t"), NULL))
		abort();
	for (unsigned i = 0; i < PROPS; i++) {
		snprintf(name, sizeof(name), "u%04u@host.test", i);
		if (!db_change_set_prop(
			c, STR("list"), str_of(name), STR("Black")))
			abort();
	}
	if (!db_change_commit(c, NULL))
		abort();
}

static double
ms_since(int64_t from)
{
	return (double)(clock_mono_ns(&clock_system) - from) / NS_PER_MS;
}

int
main(void)
{
	char dir[] = "/tmp/smemail-bench-XXXXXX";
	double change = 1e9, reading = 1e9, each = 1e9, merged = 1e9;
	if (mkdtemp(dir) == NULL || !root_init(&root, dir, NULL) ||
	    !root_path(&root, "/accounts", path, NULL))
		return 1;
	for (unsigned i = 0; i < ROUNDS; i++) {
		accounts_write();
		int64_t from = clock_mono_ns(&clock_system);
		change_all(i % 2 == 0 ? "enabled" : "disabled");
		double ms = ms_since(from);
		change = ms < change ? ms : change;
		from = clock_mono_ns(&clock_system);
		read_one();
		ms = ms_since(from);
		reading = ms < reading ? ms : reading;
		accounts_write();
		from = clock_mono_ns(&clock_system);
		fill_record(i % 2 == 0);
		ms = ms_since(from);
		if (i % 2 == 0)
			merged = ms < merged ? ms : merged;
		else
			each = ms < each ? ms : each;
	}
	printf("store: one property of %d users in one change %.1f ms "
	       "(goal %d), read and look up %.2f ms\n",
	    USERS, change, GOAL_MS, reading);
	printf("store: %d properties of one record as one store %.1f ms, one "
	       "store each %.1f ms: %.0f times (goal %d)\n",
	    PROPS, merged, each, each / merged, GOAL_RATIO);
	const char *argv[] = { "rm", "-rf", dir, NULL };
	struct spawn s = { .argv = argv };
	int status;
	if (!spawn_run(&s, &clock_system, &status, NULL))
		return 1;
	return change <= GOAL_MS && each / merged >= GOAL_RATIO ? 0 : 1;
}
