/*
 * The start state of tests/data/effects: a root with shipped defaults, two
 * domains, a network, users, a group, a pseudonym and two patterns.
 */
#ifndef TESTS_UNIT_EFFECTS_FIXTURE_H
#define TESTS_UNIT_EFFECTS_FIXTURE_H

#include "core/db/db.h"
#include "core/model/expand.h"
#include "core/model/init_int.h"
#include "core/model/settings.h"
#include "core/sys/file.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

struct place {
	struct root root;
	struct arena *arena;
	struct model_ctx m;
};

static inline int
place_remove_one(
    const char *path, const struct stat *st, int kind, struct FTW *where)
{
	(void)st;
	(void)kind;
	(void)where;
	return remove(path);
}

/* A file below the root; folders are made. */
static inline void
place_put_file(const struct place *p, const char *path, const char *text)
{
	char real[SYS_PATH_MAX];
	const struct file_replace how = {
		.mode = 0640,
		.uid = (uid_t)-1,
		.gid = (gid_t)-1,
	};
	assert_true(root_path(&p->root, path, real, NULL));
	assert_true(file_mkdirs_for(real, 0755, NULL, NULL));
	assert_true(file_replace(real, str_of(text), &how, NULL));
}

static inline void
place_put(const struct place *p, const char *db, const char *text)
{
	char path[SYS_PATH_MAX];
	snprintf(path, sizeof(path), "/home/e-smith/db/%s", db);
	place_put_file(p, path, text);
}

/* One record, raw, beside those that are there. */
static inline void
place_record(
    const struct place *p, const char *db, struct str key, struct str raw)
{
	const struct db_env env = {
		.root = &p->root,
		.clock = &clock_system,
		.program = "/sbin/e-smith/db",
	};
	char path[SYS_PATH_MAX];
	struct db_change *c;
	assert_true(db_path(&p->root, db, path, NULL, NULL));
	assert_true(db_change_begin(&env, path, &c, NULL));
	assert_true(db_change_store(c, key, raw, NULL));
	assert_true(db_change_commit(c, NULL));
}

static inline void
place_open(struct place *p, const char *release)
{
	/* in memory where that can be: hundreds of roots are made */
	char dir[64];
	snprintf(dir, sizeof(dir), "%s/smemail-effects-XXXXXX",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	struct err e = ERR_INIT;
	size_t n = 0;
	assert_non_null(mkdtemp(dir));
	assert_true(root_init(&p->root, dir, &e));
	p->arena = arena_new(64 << 20, NULL, NULL);
	p->m = (struct model_ctx){
		.share = "share/perl",
		.root = &p->root,
		.clock = &clock_system,
		.arena = p->arena,
		.user = "test",
		.release = release,
	};
	const struct init_wish w = {
		.release = release,
		.domain = "example.org",
		.user = "alice",
		.port_base = 2000,
	};
	place_put(p, "configuration",
	    "ExternalIP=203.0.113.10\nGatewayIP=203.0.113.1\n"
	    "ExternalInterface=interface|Name|eth1\n"
	    "InternalInterface=interface|Name|eth0\n");
	assert_true(init_records(&p->m, &w, &n, &e));
	place_record(p, "configuration", STR("SystemName"), STR("sme"));
	place_record(p, "configuration", STR("LocalIP"), STR("192.168.1.1"));
	place_put(p, "networks", "192.168.1.0=network|Mask|255.255.255.0\n");
	place_put(p, "domains", "example.org=domain\nother.example=domain\n");
	place_put(p, "accounts",
	    "admin=system|EmailForward|local|PasswordSet|yes\n"
	    "alice=user|EmailForward|local|PasswordSet|yes\n"
	    "bob=user|EmailForward|local|PasswordSet|yes\n"
	    "alice.smith=pseudonym|Account|alice\n"
	    "sales=group|Members|alice,bob\n");
	place_put(p, "mailpatterns",
	    "ZIPV1=pattern|Body|UEsDBAoAA|Status|disabled\n"
	    "TVpXXX=pattern|Status|enabled\n");
}

static inline void
place_close(struct place *p)
{
	arena_free(p->arena);
	nftw(p->root.prefix, place_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* Store what must not be refused, all risks accepted. */
static inline void
place_set(const struct place *p, const char *id, const char *target,
    const char *value)
{
	struct err e = ERR_INIT;
	struct settings_outcome o;
	const struct settings_wish w = { setting_find(str_of(id)), target,
		value };
	if (w.setting == NULL)
		fail_msg("%s: there is no such setting", id);
	if (!settings_write(&p->m, &w, 1,
		"open-relay,exposes-passwords,may-lose-mail,may-block-legit,"
		"privacy,needs-reboot,changes-certificate",
		&o, &e))
		fail_msg("%s: %s", id, e.text);
}

/* Expand as a server would: no root in paths, every plugin there. */
static inline bool
place_expand(
    const struct place *p, const char *path, struct buf *out, struct err *e)
{
	struct expand *x;
	if (!expand_open(&p->m, &p->root, &x, e))
		return false;
	struct template_env env = *expand_env(x);
	env.embedded = false;
	env.line_built = NULL;
	bool ok = template_expand(&env, path, out, e);
	expand_close(x);
	return ok;
}

#endif
