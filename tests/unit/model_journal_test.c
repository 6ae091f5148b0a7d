/* The journal: what was stored, what waits, torn and hostile lines. */
#include "core/model/journal.h"
#include "core/model/journal_int.h"

#include "core/sys/file.h"
#include "core/sys/lock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

struct world {
	char dir[64];
	struct root root;
	struct model_ctx m;
};

static int
setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	snprintf(w->dir, sizeof(w->dir), "/tmp/smemail-journal.XXXXXX");
	if (mkdtemp(w->dir) == NULL || !root_init(&w->root, w->dir, NULL))
		return -1;
	w->m = (struct model_ctx){
		.root = &w->root,
		.clock = &clock_system,
		.arena = arena_new(1 << 24, NULL, NULL),
		.user = "paul",
		.release = "10",
	};
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;
	static const char *const names[] = { "/var/lib/smemail/journal",
		"/var/lib/smemail/journal.lock", "/var/lib/smemail", "/var/lib",
		"/var", "/home/e-smith/db/configuration", "/home/e-smith/db",
		"/home/e-smith", "/home", "" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char path[256];
		snprintf(path, sizeof(path), "%s%s", w->dir, names[i]);
		if (unlink(path) != 0)
			(void)rmdir(path);
	}
	arena_free(w->m.arena);
	free(w);
	return 0;
}

static void
add(struct world *w, const char *setting, const char *target, const char *old,
    const char *new)
{
	struct journal_writer *jw;
	struct journal_entry entry = {
		.setting = setting,
		.target = target,
		.old_stored = old != NULL,
		.old_value = str_of(old),
		.new_stored = new != NULL,
		.new_value = str_of(new),
	};

	assert_true(journal_begin(&w->m, &jw, NULL));
	journal_add(jw, &entry);
	assert_true(journal_write(jw, NULL));
	journal_end(jw, NULL);
	journal_close(jw);
}

static struct journal
get(struct world *w)
{
	struct journal j;

	assert_true(journal_read(&w->m, &j, NULL));
	return j;
}

static long
mark(struct world *w, long upto, enum journal_kind kind, long of)
{
	struct journal_apply a = { .upto = upto, .kind = kind, .of = of };

	assert_true(journal_mark_applied(&w->m, &a, NULL));
	return a.change;
}

static void
test_journal_missing_is_empty(void **state)
{
	struct journal j = get(*state);

	assert_int_equal(j.n_entries, 0);
	assert_null(journal_last_apply(&j));
	assert_false(journal_is_pending(&j, "spam.filter", NULL));
}

static void
test_journal_keeps_what_was_stored(void **state)
{
	struct world *w = *state;
	struct journal j;

	add(w, "spam.reject-level", NULL, "12", "10");
	add(w, "spam.user-sort", "an\tna", NULL, "a\\b\nc\x7f|=");
	j = get(w);
	assert_int_equal(j.n_entries, 2);
	assert_int_equal(j.bad_lines, 0);
	assert_int_equal(j.entries[0].number, 1);
	assert_string_equal(j.entries[0].who, "paul");
	assert_string_equal(j.entries[0].setting, "spam.reject-level");
	assert_string_equal(j.entries[0].target, "");
	assert_true(str_is(j.entries[0].old_value, "12"));
	assert_true(str_is(j.entries[0].new_value, "10"));
	assert_true(j.entries[0].time_s > 0);
	assert_int_equal(j.entries[1].number, 2);
	assert_string_equal(j.entries[1].target, "an\tna");
	assert_false(j.entries[1].old_stored);
	assert_true(str_is(j.entries[1].new_value, "a\\b\nc\x7f|="));
	assert_ptr_equal(
	    journal_last(&j, "spam.reject-level", NULL), &j.entries[0]);
	assert_null(journal_last(&j, "spam.user-sort", "bruno"));
}

static void
test_journal_pending_and_applied(void **state)
{
	struct world *w = *state;
	struct journal_entry *p;
	struct journal j;

	add(w, "a", NULL, "1", "2");
	add(w, "b", NULL, NULL, "x");
	add(w, "a", NULL, "2", "3");
	add(w, "c", "t", "1", "2");
	add(w, "c", "t", "2", "1"); /* came back */
	j = get(w);
	assert_int_equal(journal_pending(&j, &w->m, &p), 2);
	assert_string_equal(p[0].setting, "a");
	assert_true(str_is(p[0].old_value, "1"));
	assert_true(str_is(p[0].new_value, "3"));
	assert_string_equal(p[1].setting, "b");
	assert_true(journal_is_pending(&j, "a", NULL));
	assert_false(journal_is_pending(&j, "a", "t"));
	assert_false(journal_is_pending(&j, "c", "t"));
	/* an apply that has read only the first three leaves the rest */
	assert_int_equal(mark(w, 3, JOURNAL_APPLY, 0), 1);
	add(w, "a", NULL, "3", "4");
	j = get(w);
	assert_int_equal(j.entries[2].applied, 1);
	assert_int_equal(j.entries[3].applied, 0);
	assert_int_equal(journal_pending(&j, &w->m, &p), 1);
	assert_true(str_is(p[0].old_value, "3"));
	assert_int_equal(journal_last_apply(&j)->upto, 3);
	assert_int_equal(mark(w, 6, JOURNAL_UNDO, 1), 2);
	j = get(w);
	assert_int_equal(journal_pending(&j, &w->m, &p), 0);
	assert_int_equal(j.entries[0].applied, 1);
	assert_int_equal(j.entries[5].applied, 2);
	assert_int_equal(journal_last_apply(&j)->kind, JOURNAL_UNDO);
	assert_int_equal(journal_last_apply(&j)->of, 1);
	assert_int_equal(journal_change(&j, 1)->kind, JOURNAL_APPLY);
	assert_null(journal_change(&j, 3));
}

static void
test_journal_hides_secrets(void **state)
{
	struct world *w = *state;
	struct journal_writer *jw;
	struct journal_entry entry = {
		.setting = "fetchmail.password",
		.old_stored = true,
		.old_value = STR("geheim"),
		.new_stored = true,
		.new_value = STR("topsecret"),
		.secret = true,
	};
	struct buf text = BUF_INIT(4096);
	struct journal j;
	char path[SYS_PATH_MAX];

	assert_true(journal_begin(&w->m, &jw, NULL));
	journal_add(jw, &entry);
	assert_true(journal_write(jw, NULL));
	journal_end(jw, NULL);
	journal_close(jw);
	assert_true(root_path(&w->root, JOURNAL_PATH, path, NULL));
	assert_true(file_read(path, NULL, &text, NULL));
	assert_null(strstr(buf_cstr(&text), "geheim"));
	assert_null(strstr(buf_cstr(&text), "topsecret"));
	buf_clear(&text);
	j = get(w);
	assert_true(j.entries[0].secret);
	/* whether it came back nobody knows: it waits */
	assert_true(journal_is_pending(&j, "fetchmail.password", NULL));
}

static void
put(struct world *w, const char *text)
{
	char path[SYS_PATH_MAX];

	assert_true(root_path(&w->root, JOURNAL_PATH, path, NULL));
	assert_true(file_mkdirs_for(path, 0755, NULL, NULL));
	assert_true(file_replace(path, str_of(text),
	    &(struct file_replace){
		.mode = 0600, .uid = (uid_t)-1, .gid = (gid_t)-1 },
	    NULL));
}

static void
test_journal_entries_of_one_setting(void **state)
{
	struct world *w = *state;
	struct journal j;

	put(w, "began\t\n"
	       "stored\t1\t100\tpaul\ta\tx\t-\t=1\n"
	       "stored\t2\t100\tpaul\ta\ty\t-\t=1\n"
	       "stored\t3\t100\tpaul\ta\tz\t-\t=1\n"
	       "stored\t4\t100\tpaul\tb\tx\t-\t=1\n"
	       "ended\t2,1\n"); /* not in order */
	j = get(w);
	assert_int_equal(j.n_entries, 2);
	assert_string_equal(j.entries[0].target, "z");
	assert_true(journal_any_pending(&j, "a"));
	assert_true(journal_any_pending(&j, "b"));
	assert_false(journal_any_pending(&j, "c"));
	add(w, "a", "z", "1", "2");
	add(w, "b", "x", "1", NULL);
	j = get(w);
	assert_true(journal_any_pending(&j, "a"));
	assert_false(journal_any_pending(&j, "b")); /* came back */
	assert_ptr_equal(journal_last_same(&j, &j.entries[0]), &j.entries[2]);
	assert_ptr_equal(journal_last_same(&j, &j.entries[3]), &j.entries[3]);
	mark(w, 6, JOURNAL_APPLY, 0);
	j = get(w);
	assert_false(journal_any_pending(&j, "a"));
	assert_true(
	    journal_any_pending(&j, "a") == journal_is_pending(&j, "a", "z"));
}

/* A crash tears the last line; hands and later versions add others. */
static void
test_journal_survives_bad_lines(void **state)
{
	struct world *w = *state;
	struct journal j;

	put(w, "stored\t1\t100\tpaul\ta\t\t-\t=1\n"
	       "\n"
	       "stored\t2\t100\tpaul\ta\n"
	       "stored\tx\t100\tpaul\ta\t\t-\t=1\n"
	       "stored\t3\t100\tpaul\ta\t\t1\t=1\n"
	       "\x01\x02\xff\n"
	       "noted\tsomething of a later version\n"
	       "applied\t7\t100\tpaul\n"
	       "stored\t4\t100\tpaul\tb\t\t=1\t=2\textra\n"
	       "stored\t5\t100\tpa");
	j = get(w);
	assert_int_equal(j.n_entries, 1);
	assert_int_equal(j.n_applies, 0);
	assert_int_equal(j.bad_lines, 7);
	/* the next entry begins a line of its own */
	add(w, "b", NULL, "1", "2");
	j = get(w);
	assert_int_equal(j.n_entries, 2);
	assert_int_equal(j.entries[1].number, 2);
	assert_string_equal(j.entries[1].setting, "b");
	/* and what was torn is gone */
	assert_int_equal(j.bad_lines, 6);
	assert_non_null(strstr(j.problem, "6 lines of 11"));
	assert_false(j.unreadable);
}

/* A foreign file is told from an empty journal, and left alone. */
static void
test_journal_refuses_what_is_none(void **state)
{
	static const char *const texts[] = { "\x01\x02\xff", "hello\n",
		"{\"a\": 1}\nb\n", "\xff\n\n\xfe\n", "Q\t\x8f\x01\n", "\tx\n" };
	struct world *w = *state;
	struct journal_writer *jw;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct err e = ERR_INIT;
		put(w, texts[i]);
		struct journal j = get(w);
		assert_int_equal(j.n_entries, 0);
		assert_true(j.unreadable);
		assert_non_null(strstr(j.problem, "is damaged"));
		assert_false(journal_begin(&w->m, &jw, &e));
		assert_int_equal(e.code, ERR_PERMANENT);
		assert_non_null(strstr(e.next, "mv "));
	}
}

/* Killed in the midst of the very first line: nothing was stored. */
static void
test_journal_goes_on_after_half_a_line(void **state)
{
	static const char *const texts[] = { "b", "began", "began\t",
		"began\tconfiguration:1:2:3\nstored\t1\t17",
		"began\tconfiguration:1:2:3\nstored\t1\t7\tp\ta\t\t-\t=hal" };
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		put(w, texts[i]);
		assert_false(get(w).unreadable);
		add(w, "b", NULL, "1", "2");
		struct journal j = get(w);
		assert_null(j.problem);
		assert_string_equal(j.entries[j.n_entries - 1].setting, "b");
	}
}

static void
configure(struct world *w, const char *text)
{
	char path[SYS_PATH_MAX];

	assert_true(
	    root_path(&w->root, "/home/e-smith/db/configuration", path, NULL));
	assert_true(file_mkdirs_for(path, 0755, NULL, NULL));
	assert_true(file_replace(path, str_of(text),
	    &(struct file_replace){
		.mode = 0600, .uid = (uid_t)-1, .gid = (gid_t)-1 },
	    NULL));
}

/* What add() does, up to the moment the writer is killed. */
static void
add_killed(struct world *w, const char *old, const char *new, bool secret)
{
	struct journal_writer *jw;
	char path[SYS_PATH_MAX];
	struct journal_entry entry = {
		.setting = secret ? "smarthost.password" : "spam.reject-level",
		.old_stored = old != NULL,
		.old_value = str_of(old),
		.new_stored = new != NULL,
		.new_value = str_of(new),
		.secret = secret,
	};

	assert_true(
	    root_path(&w->root, "/home/e-smith/db/configuration", path, NULL));
	assert_true(journal_begin(&w->m, &jw, NULL));
	journal_add(jw, &entry);
	journal_guard(jw, "configuration", path);
	assert_true(journal_write(jw, NULL));
	journal_close(jw);
}

/* The databases tell whether the last write of a killed writer took place. */
static void
test_journal_agrees_with_the_databases(void **state)
{
	struct world *w = *state;
	struct journal j;
	const char *ten = "spamassassin=service|RejectLevel|10\n";

	configure(w, "spamassassin=service|RejectLevel|12\n");
	add_killed(w, "12", "10", false);
	assert_int_equal(get(w).n_entries, 0); /* before the database was */
	add(w, "a", NULL, NULL, "1");
	j = get(w);
	assert_int_equal(j.n_entries, 1);
	assert_int_equal(j.entries[0].number, 2);
	add_killed(w, "12", "10", false);
	configure(w, ten);
	j = get(w);
	assert_int_equal(j.n_entries, 2); /* and after it was */
	add(w, "b", NULL, NULL, "1");
	j = get(w);
	assert_int_equal(j.n_entries, 3);
	assert_string_equal(j.entries[1].setting, "spam.reject-level");
	/* another program wrote meanwhile, and ours never came to it */
	add_killed(w, "10", "8", false);
	configure(w, "spamassassin=service|RejectLevel|10|TagLevel|3\n");
	assert_int_equal(get(w).n_entries, 3);
}

static void
test_journal_that_cannot_be_written(void **state)
{
	struct world *w = *state;
	struct journal_writer *jw;
	struct err e = ERR_INIT;
	char path[SYS_PATH_MAX];

	/* a file stands where the state folder should be */
	assert_true(root_path(&w->root, "/var", path, NULL));
	assert_true(file_replace(path, STR("x"),
	    &(struct file_replace){
		.mode = 0600, .uid = (uid_t)-1, .gid = (gid_t)-1 },
	    NULL));
	assert_false(journal_begin(&w->m, &jw, &e));
	assert_null(jw);
	assert_non_null(strstr(e.text, "/var/lib/smemail"));
	unlink(path);
}

static void
test_journal_many_entries_at_once(void **state)
{
	struct world *w = *state;
	struct journal_writer *jw;
	struct journal j;

	assert_true(journal_begin(&w->m, &jw, NULL));
	for (int i = 0; i < 2000; i++)
		journal_add(
		    jw, &(struct journal_entry){ .setting = "user.visible",
			    .target = i % 2 ? "odd" : "even",
			    .new_stored = true,
			    .new_value = STR("internal") });
	assert_true(journal_write(jw, NULL));
	journal_end(jw, NULL);
	journal_close(jw);
	j = get(w);
	assert_int_equal(j.n_entries, 2000);
	assert_int_equal(j.entries[1999].number, 2000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_journal_missing_is_empty, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_journal_keeps_what_was_stored, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_journal_pending_and_applied, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_journal_entries_of_one_setting, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_journal_hides_secrets, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_journal_survives_bad_lines, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_journal_refuses_what_is_none, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_journal_goes_on_after_half_a_line, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_journal_agrees_with_the_databases, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_journal_that_cannot_be_written, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_journal_many_entries_at_once, setup, teardown),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
