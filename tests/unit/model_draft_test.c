/* The draft: kept, undone, never with a secret in its file. */
#include "core/model/draft.h"

#include "core/base/buf.h"
#include "core/sys/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

struct fixture {
	struct root root;
	struct arena *arena;
	struct model_ctx m;
	char dir[64];
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct err e = ERR_INIT;
	assert_non_null(f);
	snprintf(f->dir, sizeof(f->dir), "/tmp/smemail-draft.XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	assert_true(root_init(&f->root, f->dir, &e));
	f->arena = arena_new(1 << 20, NULL, NULL);
	f->m = (struct model_ctx){ .root = &f->root,
		.clock = &clock_system,
		.arena = f->arena,
		.user = "paul",
		.release = "10" };
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	char path[256];
	static const char *const parts[] = { "/var/lib/smemail/draft.paul",
		"/var/lib/smemail/draft.a_b", "/var/lib/smemail", "/var/lib",
		"/var", "" };
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		snprintf(path, sizeof(path), "%s%s", f->dir, parts[i]);
		remove(path);
	}
	arena_free(f->arena);
	free(f);
	return 0;
}

static struct draft *
open_draft(struct fixture *f)
{
	struct err e = ERR_INIT;
	struct draft *d = NULL;
	assert_true(draft_open(&f->m, &d, &e));
	return d;
}

static void
set(struct draft *d, const char *id, const char *value, const char *base)
{
	struct err e = ERR_INIT;
	struct draft_entry wish = { setting_find(str_of(id)), NULL, value,
		base };
	assert_non_null(wish.setting);
	assert_true(draft_set(d, &wish, &e));
}

static const char *
value_of(const struct draft *d, const char *id)
{
	const struct draft_entry *e =
	    draft_find(d, setting_find(str_of(id)), NULL);
	return e != NULL ? e->value : "(absent)";
}

static void
file_path(const struct fixture *f, char path[256])
{
	snprintf(path, 256, "%s/var/lib/smemail/draft.paul", f->dir);
}

/* screens.md 5: a file of mode 0600 that outlives the session. */
static void
test_draft_is_kept(void **state)
{
	struct fixture *f = *state;
	struct draft *d = open_draft(f);
	struct stat st;
	char path[256];
	assert_int_equal(draft_kept_s(d), 0);
	set(d, "spam.tag-level", "5", "4");
	set(d, "spam.reject-level", NULL, NULL);
	set(d, "spam.subject-tag", "a\tb\\n\nc", "");
	draft_close(d);
	file_path(f, path);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	d = open_draft(f);
	assert_int_equal(draft_count(d), 3);
	assert_true(draft_kept_s(d) > 0);
	assert_string_equal(value_of(d, "spam.tag-level"), "5");
	assert_null(value_of(d, "spam.reject-level"));
	assert_string_equal(value_of(d, "spam.subject-tag"), "a\tb\\n\nc");
	const struct draft_entry *e =
	    draft_find(d, setting_find(STR("spam.tag-level")), NULL);
	assert_string_equal(e->base, "4");
	draft_close(d);
}

/* A secret is in memory only; the next session is told that it is lost. */
static void
test_draft_keeps_no_secret(void **state)
{
	struct fixture *f = *state;
	struct draft *d = open_draft(f);
	struct buf text = BUF_INIT(4096);
	struct err e = ERR_INIT;
	char path[256];
	set(d, "delivery.smarthost-password", "hunter2", "hunter1");
	assert_string_equal(
	    value_of(d, "delivery.smarthost-password"), "hunter2");
	file_path(f, path);
	assert_true(file_read(path, NULL, &text, &e));
	assert_null(strstr(buf_cstr(&text), "hunter"));
	assert_non_null(strstr(buf_cstr(&text), "delivery.smarthost-password"));
	buf_clear(&text);
	draft_close(d);
	d = open_draft(f);
	assert_int_equal(draft_count(d), 0);
	assert_int_equal(draft_lost_secrets(d), 1);
	draft_close(d);
}

/* u takes back one edit after the other. */
static void
test_draft_undo(void **state)
{
	struct fixture *f = *state;
	struct draft *d = open_draft(f);
	const struct setting *what;
	struct err e = ERR_INIT;
	set(d, "spam.tag-level", "5", "4");
	set(d, "spam.tag-level", "6", "4");
	set(d, "spam.reject-level", "10", NULL);
	assert_true(
	    draft_drop(d, setting_find(STR("spam.tag-level")), NULL, &e));
	assert_int_equal(draft_count(d), 1);
	static const struct {
		const char *what, *tag, *reject;
	} steps[] = {
		{ "spam.tag-level", "6", "10" },
		{ "spam.reject-level", "6", "(absent)" },
		{ "spam.tag-level", "5", "(absent)" },
		{ "spam.tag-level", "(absent)", "(absent)" },
	};
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		assert_true(draft_undo(d, &what, &e));
		assert_string_equal(what->id, steps[i].what);
		assert_string_equal(
		    value_of(d, "spam.tag-level"), steps[i].tag);
		assert_string_equal(
		    value_of(d, "spam.reject-level"), steps[i].reject);
	}
	assert_true(draft_undo(d, &what, &e));
	assert_null(what);
	draft_close(d);
}

/* Emptied: no file is left, nothing can be taken back. */
static void
test_draft_empty(void **state)
{
	struct fixture *f = *state;
	struct draft *d = open_draft(f);
	const struct setting *what;
	struct err e = ERR_INIT;
	char path[256];
	size_t n;
	set(d, "spam.tag-level", "5", NULL);
	struct settings_wish *w = draft_wishes(d, f->arena, &n);
	assert_int_equal(n, 1);
	assert_string_equal(w[0].value, "5");
	assert_true(draft_empty(d, &e));
	file_path(f, path);
	assert_int_equal(access(path, F_OK), -1);
	assert_true(draft_undo(d, &what, &e));
	assert_null(what);
	draft_close(d);
}

/* Foreign and torn lines are left out, never trusted. */
static void
test_draft_reads_bad_files(void **state)
{
	static const struct {
		const char *text;
		size_t count;
	} cases[] = {
		{ "", 0 },
		{ "smemail draft 2\nspam.tag-level\t-\t-\t=5\n", 0 },
		{ "smemail draft 1\nspam.tag-level\t-\t-\t=5\n", 1 },
		{ "smemail draft 1\nspam.tag-level\t-\t-\t=5", 1 },
		{ "smemail draft 1\nspam.tag-level\t-\t-\n", 0 },
		{ "smemail draft 1\nspam.tag-level\t-\t-\t5\n", 0 },
		{ "smemail draft 1\nno.such\t-\t-\t=5\n\n\t\t\t\n", 0 },
		{ "smemail draft 1\nspam.tag-level\t-\t-\t=5\\", 1 },
	};
	struct fixture *f = *state;
	const struct file_replace how = {
		.mode = 0600,
		.uid = (uid_t)-1,
		.gid = (gid_t)-1,
		.chown_may_fail = true,
	};
	struct err e = ERR_INIT;
	char path[256];
	file_path(f, path);
	assert_true(file_mkdirs_for(path, 0755, NULL, &e));
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_true(
		    file_replace(path, str_of(cases[i].text), &how, &e));
		struct draft *d = open_draft(f);
		assert_int_equal(draft_count(d), cases[i].count);
		draft_close(d);
	}
}

/* A login name cannot lead out of the state folder. */
static void
test_draft_name(void **state)
{
	struct fixture *f = *state;
	char path[256];
	f->m.user = "a/b";
	struct draft *d = open_draft(f);
	set(d, "spam.tag-level", "5", NULL);
	snprintf(path, sizeof(path), "%s/var/lib/smemail/draft.a_b", f->dir);
	assert_int_equal(access(path, F_OK), 0);
	draft_close(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_draft_is_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_draft_keeps_no_secret, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_draft_undo, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_draft_empty, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_draft_reads_bad_files, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_draft_name, setup, teardown),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
