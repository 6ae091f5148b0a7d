/* Reading a configuration directory: FL-36. */
#include "core/filter/bundle_int.h"
#include "core/filter/filter.h"
#include "core/sys/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	PATH_SIZE = 512
};

struct place {
	char top[64];
	char config[PATH_SIZE];
	char qmail[PATH_SIZE];
	struct buf bundle;
	struct err err;
};

static void
put_bytes(const char *dir, const char *name, struct str bytes)
{
	char path[2 * PATH_SIZE];
	struct file_replace how = {
		.mode = 0644, .uid = (uid_t)-1, .gid = (gid_t)-1
	};
	struct err e = ERR_INIT;
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_true(file_mkdirs_for(path, 0755, NULL, &e));
	if (!file_replace(path, bytes, &how, &e))
		fail_msg("%s", e.text);
}

static void
put(const char *dir, const char *name, const char *text)
{
	put_bytes(dir, name, str_of(text));
}

static int
setup(void **state)
{
	struct place *p = calloc(1, sizeof(*p));
	snprintf(p->top, sizeof(p->top), "/tmp/filter_bundle.XXXXXX");
	assert_non_null(mkdtemp(p->top));
	snprintf(p->config, sizeof(p->config), "%s/config", p->top);
	snprintf(p->qmail, sizeof(p->qmail), "%s/control", p->top);
	assert_int_equal(mkdir(p->config, 0755), 0);
	assert_int_equal(mkdir(p->qmail, 0755), 0);
	buf_init(&p->bundle, 16 << 20);
	put(p->config, "plugins", "badmailfrom\nqueue/maildir /m\n");
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
	buf_clear(&p->bundle);
	nftw(p->top, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
	free(p);
	return 0;
}

static bool
read_bundle(struct place *p)
{
	buf_reset(&p->bundle);
	err_clear(&p->err);
	return filter_bundle_read(p->config, p->qmail, &p->bundle, &p->err);
}

/* The content under a name; ptr NULL when it is not there. */
static struct str
content_of(const struct place *p, const char *name)
{
	struct str rest = buf_str(&p->bundle);
	struct bundle_record r;
	struct str found = STR_EMPTY;
	while (bundle_next(&rest, &r) == BUNDLE_RECORD) {
		if (str_is(r.name, name))
			found = r.content;
	}
	return found;
}

static void
test_bundle_read_settings(void **state)
{
	struct place *p = *state;
	put(p->config, "me", "mail.test.example\n");
	put(p->config, "badmailfrom", "a@b.example\n");
	put(p->config, "peers/0", "rcpt_ok\n");
	put(p->config, "peers/local", "relay\n");
	put(p->config, "unheard_of", "x\n");
	put(p->qmail, "rcpthosts", "from.qmail.example\n");
	put(p->qmail, "badmailfrom", "not@used.example\n");
	assert_true(read_bundle(p));
	assert_true(str_is(content_of(p, "me"), "mail.test.example\n"));
	assert_true(str_is(content_of(p, "peers/0"), "rcpt_ok\n"));
	assert_true(str_is(content_of(p, "peers/local"), "relay\n"));
	/* a file that is not there is looked for in qmail's directory */
	assert_true(str_is(content_of(p, "rcpthosts"), "from.qmail.example\n"));
	assert_true(str_is(content_of(p, "badmailfrom"), "a@b.example\n"));
	assert_null(content_of(p, "unheard_of").ptr);
	/* without that directory it is absent */
	buf_reset(&p->bundle);
	assert_true(filter_bundle_read(p->config, NULL, &p->bundle, &p->err));
	assert_null(content_of(p, "rcpthosts").ptr);
}

/* secrets are for the keeper alone */
static void
test_bundle_leaves_secrets(void **state)
{
	struct place *p = *state;
	put(p->config, "flat_auth_pw", "user@test.example:secret\n");
	put(p->config, "dkim/test.example/private", "secret key\n");
	assert_true(read_bundle(p));
	struct str all = buf_str(&p->bundle);
	assert_int_equal(str_find_str(all, STR("secret")), all.len);
}

/* FL-37: without 'me' it is the host's name */
static void
test_bundle_host_name(void **state)
{
	struct place *p = *state;
	char host[256] = "";
	assert_int_equal(gethostname(host, sizeof(host) - 1), 0);
	assert_true(read_bundle(p));
	struct str me = str_trim(content_of(p, "me"));
	assert_true(str_is(me, host));
	put(p->qmail, "me", "qmail.example\n");
	assert_true(read_bundle(p));
	assert_true(str_is(content_of(p, "me"), "qmail.example\n"));
	/* one that says nothing is none; a file that it includes says it */
	put(p->config, "me", "\n# later\n  \n");
	assert_true(read_bundle(p));
	assert_true(str_is(str_trim(content_of(p, "me")), host));
	put(p->config, "me", "# here\n$include /etc/mailname\n");
	assert_true(read_bundle(p));
	assert_true(str_starts(content_of(p, "me"), STR("# here\n")));
}

static void
test_bundle_includes(void **state)
{
	struct place *p = *state;
	char line[PATH_SIZE + 32];
	put(p->config, "badmailfrom",
	    "a@b.example\n  $include more_bad  \n$include box\n"
	    "$include missing\n");
	put(p->config, "more_bad", "$include deeper\n$include badmailfrom\n");
	put(p->qmail, "deeper", "c@b.example\n");
	put(p->config, "box/b", "d@b.example\n");
	put(p->config, "box/a", "e@b.example\n");
	put(p->config, "box/.hidden", "f@b.example\n");
	put(p->config, "box/sub/g", "g@b.example\n");
	put(p->top, "outside", "h@b.example\n");
	snprintf(line, sizeof(line), "$include %s/outside\n", p->top);
	put(p->config, "badrcptto", line);
	assert_true(read_bundle(p));
	assert_true(str_is(content_of(p, "deeper"), "c@b.example\n"));
	assert_true(str_is(content_of(p, "box/a"), "e@b.example\n"));
	assert_true(str_is(content_of(p, "box/b"), "d@b.example\n"));
	assert_null(content_of(p, "box/.hidden").ptr);
	assert_null(content_of(p, "box/sub/g").ptr);
	snprintf(line, sizeof(line), "%s/outside", p->top);
	assert_true(str_is(content_of(p, line), "h@b.example\n"));
	/* sorted */
	struct str all = buf_str(&p->bundle);
	assert_true(
	    str_find_str(all, STR("box/a")) < str_find_str(all, STR("box/b")));
	struct filter_policy *policy;
	assert_true(filter_policy_new(all, &policy, &p->err));
	filter_policy_free(policy);
}

static void
test_bundle_peers_folder(void **state)
{
	struct place *p = *state;
	char target[PATH_SIZE + 32], path[PATH_SIZE + 32];
	put(p->config, "peers/0/90queue", "queue/maildir /m\n");
	put(p->config, "peers/0/40rcpt_ok", "rcpt_ok\n");
	put(p->config, "peers/local", "queue/maildir /l\n");
	/* links, as for each local network; one leads nowhere */
	snprintf(path, sizeof(path), "%s/peers/192.168.1", p->config);
	assert_int_equal(symlink("local", path), 0);
	snprintf(path, sizeof(path), "%s/peers/10", p->config);
	snprintf(target, sizeof(target), "%s/gone", p->top);
	assert_int_equal(symlink(target, path), 0);
	put(p->config, "plugins", "peers\n");
	assert_true(read_bundle(p));
	assert_true(str_is(content_of(p, "peers/0/40rcpt_ok"), "rcpt_ok\n"));
	assert_true(
	    str_is(content_of(p, "peers/192.168.1"), "queue/maildir /l\n"));
	assert_null(content_of(p, "peers/10").ptr);
	struct filter_policy *policy;
	assert_true(filter_policy_new(buf_str(&p->bundle), &policy, &p->err));
	filter_policy_free(policy);
}

static void
test_bundle_binary_file(void **state)
{
	struct place *p = *state;
	char bytes[4096];
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(i * 7);
	put_bytes(p->config, "badmailfrom", str_n(bytes, sizeof(bytes)));
	put_bytes(p->config, "morercpthosts.cdb", str_n(bytes, sizeof(bytes)));
	assert_true(read_bundle(p));
	assert_int_equal(content_of(p, "badmailfrom").len, sizeof(bytes));
	struct filter_policy *policy;
	assert_true(filter_policy_new(buf_str(&p->bundle), &policy, &p->err));
	filter_policy_free(policy);
}

static void
test_bundle_huge_file(void **state)
{
	struct place *p = *state;
	struct buf big = BUF_INIT(8 << 20);
	for (size_t i = 0; i <= BUNDLE_FILE_MAX / 16; i++)
		buf_add_cstr(&big, "user@x.example\n\n");
	put_bytes(p->config, "badmailfrom", buf_str(&big));
	assert_false(read_bundle(p));
	assert_non_null(strstr(p->err.text, "badmailfrom': larger than"));
	/* each of a fair size, but too much together */
	put_bytes(p->config, "badmailfrom", str_sub(buf_str(&big), 0, 1 << 20));
	buf_clear(&big);
	buf_clear(&p->bundle);
	p->bundle.max = 1 << 20;
	assert_false(read_bundle(p));
	assert_non_null(strstr(p->err.text, "larger than 1048576 bytes"));
}

static void
test_bundle_many_files(void **state)
{
	struct place *p = *state;
	char name[64];
	for (int i = 0; i <= BUNDLE_RECORDS_MAX; i++) {
		char path[2 * PATH_SIZE];
		snprintf(name, sizeof(name), "peers/%d", i);
		if (i == 0)
			put(p->config, name, "x\n");
		snprintf(path, sizeof(path), "%s/%s", p->config, name);
		FILE *f = fopen(path, "w");
		assert_non_null(f);
		fclose(f);
	}
	assert_false(read_bundle(p));
	assert_non_null(strstr(p->err.text, "more than 4000 files"));
}

static void
test_bundle_not_plain(void **state)
{
	struct place *p = *state;
	char path[PATH_SIZE + 32];
	snprintf(path, sizeof(path), "%s/badmailfrom", p->config);
	/* a pipe nobody writes to must not hold up the start */
	assert_int_equal(mkfifo(path, 0644), 0);
	assert_false(read_bundle(p));
	assert_non_null(strstr(p->err.text, "badmailfrom': not a plain file"));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("badmailfrom", path), 0);
	assert_false(read_bundle(p));
	assert_int_equal(p->err.sys_errno, ELOOP);
}

static void
test_bundle_unreadable(void **state)
{
	struct place *p = *state;
	char path[PATH_SIZE + 32];
	put(p->config, "badmailfrom", "a@b.example\n");
	snprintf(path, sizeof(path), "%s/badmailfrom", p->config);
	assert_int_equal(chmod(path, 0), 0);
	/* root reads everything: be somebody else for a moment */
	bool is_root = geteuid() == 0;
	assert_int_equal(chmod(p->top, 0755), 0);
	assert_true(!is_root || seteuid(65534) == 0);
	bool ok = read_bundle(p);
	assert_true(!is_root || seteuid(0) == 0);
	assert_false(ok);
	assert_int_equal(p->err.sys_errno, EACCES);
	assert_non_null(strstr(p->err.text, "badmailfrom'"));
}

static void
test_bundle_no_directory(void **state)
{
	struct place *p = *state;
	char path[PATH_SIZE + 32];
	snprintf(path, sizeof(path), "%s/missing", p->top);
	assert_false(filter_bundle_read(path, NULL, &p->bundle, &p->err));
	assert_int_equal(p->err.sys_errno, ENOENT);
	snprintf(path, sizeof(path), "%s/plugins", p->config);
	assert_false(filter_bundle_read(path, NULL, &p->bundle, &p->err));
	assert_non_null(strstr(p->err.text, "not a directory"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		CASE(test_bundle_read_settings),
		CASE(test_bundle_leaves_secrets),
		CASE(test_bundle_host_name),
		CASE(test_bundle_includes),
		CASE(test_bundle_peers_folder),
		CASE(test_bundle_binary_file),
		CASE(test_bundle_huge_file),
		CASE(test_bundle_many_files),
		CASE(test_bundle_not_plain),
		CASE(test_bundle_unreadable),
		CASE(test_bundle_no_directory),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("filter_bundle", tests, NULL, NULL);
}
