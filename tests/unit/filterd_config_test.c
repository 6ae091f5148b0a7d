/*
 * FL-36: a change of the configuration is in force for the next session, and
 * who comes without one has it not read again.
 */
#include "cmd/filterd/config.h"
#include "cmd/filterd/limits.h"
#include "core/sys/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <ftw.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	PATH_SIZE = 256,
	SKIPPED = 77
};

struct place {
	char top[64];
	char dir[PATH_SIZE];   /* the configuration */
	char qmail[PATH_SIZE]; /* not there at first */
	int64_t now_ns;
	struct clock clock;
	struct config config;
};

static int64_t
now_ns(void *ctx)
{
	return ((struct place *)ctx)->now_ns;
}

static void
wait_ms(struct place *p, int64_t ms)
{
	p->now_ns += ms * NS_PER_MS;
}

/* A path below the place; one of several at a time. */
static const char *
at(const struct place *p, const char *name)
{
	static char paths[4][PATH_SIZE];
	static unsigned n;
	char *path = paths[n++ % ARRAY_LEN(paths)];
	snprintf(path, PATH_SIZE, "%s/%s", p->top, name);
	return path;
}

/* Into the file that is there. */
static void
put(const struct place *p, const char *name, const char *text)
{
	struct err e = ERR_INIT;
	const char *path = at(p, name);
	assert_true(file_mkdirs_for(path, 0755, NULL, &e));
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

/* As most programs do it. */
static void
put_anew(const struct place *p, const char *name, const char *text)
{
	put(p, "fresh", text);
	assert_int_equal(rename(at(p, "fresh"), at(p, name)), 0);
}

static void
put_link(const struct place *p, const char *name, const char *to)
{
	(void)unlink(at(p, name));
	assert_int_equal(symlink(to, at(p, name)), 0);
}

static int
setup(void **state)
{
	struct place *p = calloc(1, sizeof(*p));
	assert_non_null(p);
	/* one that tells of changes, also where the disk is an overlay */
	snprintf(p->top, sizeof(p->top), "%s/filterd_config.XXXXXX",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/var/tmp");
	assert_non_null(mkdtemp(p->top));
	snprintf(p->dir, sizeof(p->dir), "%s/config", p->top);
	snprintf(p->qmail, sizeof(p->qmail), "%s/control", p->top);
	p->clock = (struct clock){ .mono_ns = now_ns, .ctx = p };
	p->config.watch_fd = -1;
	put(p, "config/me", "mx.local.example\n");
	put(p, "config/plugins",
	    "tls cert.pem /nowhere/key.pem /nowhere/ca.pem\nbadmailfrom\n"
	    "queue/maildir /m\n");
	put(p, "config/badmailfrom", "$include listed\n");
	put(p, "config/listed", "a@bad.example\n");
	*state = p;
	return 0;
}

static int
remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int
teardown(void **state)
{
	struct place *p = *state;
	config_close(&p->config);
	nftw(p->top, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
	free(p);
	return 0;
}

static enum config_change
look(struct place *p)
{
	struct err e = ERR_INIT;
	return config_refresh(&p->config, false, &p->clock, &e);
}

static void
begin(struct place *p)
{
	struct err e = ERR_INIT;
	if (!config_open(&p->config, p->dir, p->qmail, &p->clock, &e))
		fail_msg("%s", e.text);
	assert_int_equal(look(p), CONFIG_SAME);
}

/* Files of the folder opened since this was asked last. */
static size_t
opened(int fd)
{
	char events[4096];
	size_t n = 0;
	ssize_t got;
	while ((got = read(fd, events, sizeof(events))) > 0)
		n += (size_t)got / sizeof(struct inotify_event);
	return n;
}

static void
test_without_a_change_nothing_is_opened(void **state)
{
	struct place *p = *state;
	int fd = inotify_init1(IN_NONBLOCK);
	assert_true(fd >= 0);
	assert_true(inotify_add_watch(fd, p->dir, IN_OPEN) >= 0);
	put_link(p, "config/databytes", "../elsewhere");
	put(p, "elsewhere", "1000000\n");
	begin(p);
	assert_true(opened(fd) > 0);
	for (int i = 0; i < 5; i++) {
		wait_ms(p, 10 * (int64_t)FILTERD_REREAD_MS);
		assert_int_equal(look(p), CONFIG_SAME);
	}
	/* what nobody reads is no change */
	put(p, "config/.badmailfrom.swp", "x");
	put(p, "config/badmailfrom~", "x");
	wait_ms(p, 10 * (int64_t)FILTERD_REREAD_MS);
	(void)opened(fd);
	assert_int_equal(look(p), CONFIG_SAME);
	assert_int_equal(opened(fd), 0);
	/* and a list that came to be is read, though it is none of a session */
	put(p, "config/peers/0", "badmailfrom\n");
	assert_int_equal(look(p), CONFIG_SAME);
	assert_true(opened(fd) > 0);
	close(fd);
}

/* ---- what is told ---- */

static void
write_setting(struct place *p)
{
	put(p, "config/me", "other.local.example\n");
}

static void
replace_setting(struct place *p)
{
	put_anew(p, "config/me", "other.local.example\n");
}

static void
remove_setting(struct place *p)
{
	assert_int_equal(unlink(at(p, "config/listed")), 0);
}

static void
make_setting(struct place *p)
{
	put(p, "config/databytes", "1000000\n");
}

static void
write_included(struct place *p)
{
	put(p, "config/listed", "b@bad.example\n");
}

/* A name that is not the one it is read by. */
static void
prepare_second_name(struct place *p)
{
	assert_int_equal(link(at(p, "config/listed"), at(p, "second")), 0);
}

static void
write_second_name(struct place *p)
{
	put(p, "second", "b@bad.example\n");
}

static void
prepare_link(struct place *p)
{
	put(p, "lists/one", "a@bad.example\n");
	put(p, "lists/two", "b@bad.example\n");
	put_link(p, "config/listed", "../lists/one");
}

static void
turn_link(struct place *p)
{
	put_link(p, "config/listed", "../lists/two");
}

static void
write_linked(struct place *p)
{
	put(p, "lists/one", "b@bad.example\n");
}

static void
replace_linked(struct place *p)
{
	put_anew(p, "lists/one", "b@bad.example\n");
}

static void
make_certificate(struct place *p)
{
	put(p, "config/cert.pem", "x");
}

/* A certificate as certbot keeps it. */
static void
prepare_certificate(struct place *p)
{
	put(p, "archive/1.pem", "one");
	put(p, "live/cert.pem", "");
	put_link(p, "live/cert.pem", "../archive/1.pem");
	put_link(p, "config/cert.pem", "../live/cert.pem");
}

static void
write_certificate(struct place *p)
{
	put(p, "archive/1.pem", "two");
}

static void
move_certificate(struct place *p)
{
	put(p, "cert.pem", "beside the folder");
}

static void
prepare_qmail(struct place *p)
{
	put(p, "control/rcpthosts", "local.example\n");
}

static void
write_qmail(struct place *p)
{
	put(p, "control/rcpthosts", "other.example\n");
}

static void
make_qmail_setting(struct place *p)
{
	put(p, "control/locals", "other.example\n");
}

static void
replace_folder(struct place *p)
{
	put(p, "other/plugins", "queue/maildir /m\n");
	assert_int_equal(rename(at(p, "config"), at(p, "old")), 0);
	assert_int_equal(rename(at(p, "other"), at(p, "config")), 0);
}

/* ---- what is asked for ---- */

static void
prepare_nowhere(struct place *p)
{
	put_link(p, "config/listed", "../lists/later");
}

static void
make_linked(struct place *p)
{
	put(p, "lists/later", "b@bad.example\n");
}

static void
prepare_release(struct place *p)
{
	put(p, "one/listed", "a@bad.example\n");
	put(p, "two/listed", "b@bad.example\n");
	put_link(p, "current", "one");
	put_link(p, "config/listed", "../current/listed");
}

static void
turn_release(struct place *p)
{
	put_link(p, "current", "two");
}

/* certbot's renewal: a link behind the link. */
static void
turn_certificate(struct place *p)
{
	put(p, "archive/2.pem", "two");
	put_link(p, "live/cert.pem", "../archive/2.pem");
}

static void
prepare_include(struct place *p)
{
	char line[PATH_SIZE + 16];
	snprintf(line, sizeof(line), "$include %s\n", at(p, "far/away"));
	put(p, "config/badmailfrom", line);
}

static void
make_included(struct place *p)
{
	put(p, "far/away", "b@bad.example\n");
}

/* Time goes by there, and nobody tells of it. */
static void
prepare_proc(struct place *p)
{
	put(p, "config/badmailfrom", "$include /proc/uptime\n");
}

static void
let_time_pass(struct place *p)
{
	(void)p;
	usleep(20 * 1000);
}

static const struct seen {
	const char *what;
	void (*prepare)(struct place *p); /* may be NULL */
	void (*change)(struct place *p);
	bool asked; /* not told: seen when it is looked for */
} cases[] = {
	{ "a setting is written", NULL, write_setting, false },
	{ "a setting is replaced", NULL, replace_setting, false },
	{ "a setting is removed", NULL, remove_setting, false },
	{ "a setting appears", NULL, make_setting, false },
	{ "an included file is written", NULL, write_included, false },
	{ "a file is written by another name of it", prepare_second_name,
	    write_second_name, false },
	{ "a link leads elsewhere", prepare_link, turn_link, false },
	{ "what a link leads to is written", prepare_link, write_linked,
	    false },
	{ "what a link leads to is replaced", prepare_link, replace_linked,
	    false },
	{ "a missing certificate appears", NULL, make_certificate, false },
	{ "a missing certificate appears in the other place", NULL,
	    move_certificate, false },
	{ "a certificate elsewhere is written", prepare_certificate,
	    write_certificate, false },
	{ "a setting of qmail is written", prepare_qmail, write_qmail, false },
	{ "a setting of qmail appears", prepare_qmail, make_qmail_setting,
	    false },
	{ "the folder is replaced", NULL, replace_folder, true },
	{ "what a link leads to appears", prepare_nowhere, make_linked, true },
	{ "a link on the way of a link leads elsewhere", prepare_release,
	    turn_release, true },
	{ "a certificate is renewed behind a link", prepare_certificate,
	    turn_certificate, true },
	{ "the folder of an included file appears", prepare_include,
	    make_included, true },
	{ "qmail's folder appears", NULL, write_qmail, true },
	{ "a file is of a file system that tells nothing", prepare_proc,
	    let_time_pass, true },
};

/* The ways in which a change comes, each in a place of its own. */
static void
test_each_change_is_seen(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct seen *s = &cases[i];
		void *own;
		setup(&own);
		struct place *p = own;
		if (s->prepare != NULL)
			s->prepare(p);
		begin(p);
		if (s->asked)
			wait_ms(p, FILTERD_REREAD_MS + 1);
		s->change(p);
		if (look(p) != CONFIG_NEW)
			fail_msg("not seen: %s", s->what);
		/* as often as it comes */
		wait_ms(p, FILTERD_REREAD_MS + 1);
		if (s->prepare != prepare_proc && look(p) != CONFIG_SAME)
			fail_msg("seen twice: %s", s->what);
		teardown(&own);
	}
}

/* Not before its time, but then at once. */
static void
test_what_is_not_told_is_asked_for_in_time(void **state)
{
	struct place *p = *state;
	prepare_release(p);
	begin(p);
	turn_release(p);
	assert_int_equal(look(p), CONFIG_SAME);
	wait_ms(p, FILTERD_REREAD_MS);
	assert_int_equal(look(p), CONFIG_SAME);
	wait_ms(p, 1);
	assert_int_equal(look(p), CONFIG_NEW);
}

/* What was read in part is watched in part. */
static void
test_after_a_refusal_it_is_looked_at_each_time(void **state)
{
	struct place *p = *state;
	struct err e = ERR_INIT;
	begin(p);
	assert_int_equal(unlink(at(p, "config/listed")), 0);
	assert_int_equal(mkfifo(at(p, "config/listed"), 0644), 0);
	assert_int_equal(look(p), CONFIG_BAD);
	wait_ms(p, FILTERD_REREAD_MS + 1);
	assert_true(config_watch_may_differ(p->config.watch));
	put_anew(p, "config/listed", "b@bad.example\n");
	assert_int_equal(
	    config_refresh(&p->config, false, &p->clock, &e), CONFIG_NEW);
	assert_false(config_watch_may_differ(p->config.watch));
}

static void
test_without_inotify_it_may_differ_at_any_time(void **state)
{
	(void)state;
	struct config_watch *w = config_watch_new();
	assert_non_null(w);
	struct filter_onlooker o = config_watch_begin(w, -1);
	o.file(o.ctx, "/etc/passwd");
	config_watch_end(w, true);
	assert_false(config_watch_was_told(w));
	assert_true(config_watch_may_differ(w));
	config_watch_free(w);
}

/* Watches of files that are gone from the configuration are given up. */
static void
test_no_more_is_watched_than_is_read(void **state)
{
	struct place *p = *state;
	char path[64], line[256];
	begin(p);
	for (int i = 0; i < 20; i++) {
		char text[64];
		snprintf(text, sizeof(text), "$include list-%d\n", i);
		put(p, "config/badmailfrom", text);
		snprintf(text, sizeof(text), "config/list-%d", i);
		put(p, text, "a@bad.example\n");
		assert_int_equal(look(p), CONFIG_NEW);
	}
	snprintf(
	    path, sizeof(path), "/proc/self/fdinfo/%d", p->config.watch_fd);
	FILE *f = fopen(path, "r");
	assert_non_null(f);
	size_t n = 0;
	while (fgets(line, sizeof(line), f) != NULL)
		n += strncmp(line, "inotify wd:", 11) == 0;
	fclose(f);
	/* me, plugins, badmailfrom, list-19; their folder and the one above */
	assert_int_equal(n, 6);
}

/* In a name space of its own; the exit status. */
static int
change_the_system(struct place *p)
{
	const char *none = NULL;
	if (unshare(CLONE_NEWNS | CLONE_NEWUTS) != 0 ||
	    mount(none, "/", none, MS_REC | MS_PRIVATE, none) != 0)
		return SKIPPED;
	put(p, "config/databytes", "1000\n");
	put(p, "over", "2000\n");
	begin(p);
	wait_ms(p, FILTERD_REREAD_MS + 1);
	if (mount(at(p, "over"), at(p, "config/databytes"), none, MS_BIND,
		none) != 0)
		return SKIPPED;
	if (look(p) != CONFIG_NEW)
		return 1;
	assert_int_equal(umount(at(p, "config/databytes")), 0);
	assert_int_equal(unlink(at(p, "config/me")), 0);
	if (look(p) != CONFIG_NEW)
		return 2;
	wait_ms(p, FILTERD_REREAD_MS + 1);
	static const char name[] = "renamed.example";
	if (sethostname(name, sizeof(name) - 1) != 0)
		return SKIPPED;
	return look(p) == CONFIG_NEW ? 0 : 3;
}

/* FL-37: without 'me' it is the host's name. */
static void
test_mounts_and_the_host_name_are_asked_for(void **state)
{
	struct place *p = *state;
	int status = 0;
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(change_the_system(p));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == SKIPPED)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_without_a_change_nothing_is_opened, setup, teardown),
		cmocka_unit_test(test_each_change_is_seen),
		cmocka_unit_test_setup_teardown(
		    test_what_is_not_told_is_asked_for_in_time, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    test_after_a_refusal_it_is_looked_at_each_time, setup,
		    teardown),
		cmocka_unit_test(
		    test_without_inotify_it_may_differ_at_any_time),
		cmocka_unit_test_setup_teardown(
		    test_no_more_is_watched_than_is_read, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_mounts_and_the_host_name_are_asked_for, setup,
		    teardown),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
