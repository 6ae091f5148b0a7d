/*
 * Values in the text of files: what is read, put in and taken out for each
 * form; lines of others stay; put and get agree for each setting with a form.
 */
#include "core/setting/form.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct arena *arena;

static const struct setting *
setting(const char *id)
{
	const struct setting *s = setting_find(str_of(id));

	assert_non_null(s);
	assert_non_null(s->form);
	return s;
}

/* The text after a put; NULL when the file goes. */
static const char *
put(const char *id, const char *target, const char *text, const char *value)
{
	struct buf out = BUF_INIT(1 << 16);
	struct str v = str_of(value);
	bool stays = setting_form_put(
	    setting(id), target, str_of(text), value != NULL ? &v : NULL, &out);
	const char *got = stays ? arena_cstr(arena, buf_str(&out)) : NULL;

	buf_clear(&out);
	return got;
}

static const char *
get(const char *id, const char *target, const char *text)
{
	struct str value;

	if (!setting_form_get(setting(id), target, str_of(text), arena, &value))
		return "(none)";
	return arena_cstr(arena, value);
}

#define SCORES "spam.rule-scores"
#define MARKED "# smemail: spam.rule-scores\n"

static void
test_entries(void **state)
{
	(void)state;
	assert_string_equal(put(SCORES, "A", "", "1"), MARKED "score A 1\n");
	assert_string_equal(
	    put(SCORES, "A", MARKED "score B 2\nscore A 3\nscore A 4\n", "1"),
	    MARKED "score B 2\nscore A 1\n");
	/* what is no score, and comments, stay */
	assert_string_equal(put(SCORES, "A", "# own\nfoo bar\n", "(-1)"),
	    MARKED "# own\nfoo bar\nscore A (-1)\n");
	assert_string_equal(
	    put(SCORES, "A", MARKED "score A 1\nfoo\n", NULL), MARKED "foo\n");
	assert_null(put(SCORES, "A", MARKED "score A 1\n", NULL));
	/* the last line counts, as it does for the program */
	assert_string_equal(get(SCORES, "A", "score A 1\nscore\tA  2 \n"), "2");
	assert_string_equal(
	    get(SCORES, "A", "scores A 1\nscore A\n"), "(none)");
	assert_string_equal(
	    get("spam.spf-fail-score", NULL, "score SPF_FAIL 14.000\n"),
	    "14.000");
	/* the three share one file and its mark */
	assert_true(
	    setting_form_is_own(setting("spam.spf-fail-score"), STR(MARKED)));
}

static void
test_pairs(void **state)
{
	const char *const *names;

	(void)state;
	assert_string_equal(put("lists.from-to", "a@x\tb@y", "", "refuse"),
	    "# smemail: lists.from-to\na@x\tb@y\n");
	/* blanks instead of the tab, and letter case, name the same pair */
	assert_string_equal(
	    get("lists.from-to", "a@x\tb@y", "A@x  b@Y\n"), "refuse");
	/* back to the byte: the next apply takes the generated file away */
	assert_null(put("lists.from-to", "a@x\tb@y",
	    "# smemail: lists.from-to\na@x\tb@y\n", NULL));
	assert_int_equal(
	    setting_form_targets(setting("lists.from-to"),
		STR("# c\na@x\tb@y\n\na@x b@y\nc@x\td@y"), arena, &names),
	    2);
	assert_string_equal(names[1], "c@x\td@y");
}

static void
test_switch_line_lines_option(void **state)
{
	const char *headers = "filter.check-headers-local";

	(void)state;
	assert_string_equal(get(headers, NULL, "# nothing\n\n"), "disabled");
	assert_string_equal(
	    get(headers, NULL, "check_basicheaders 5\n"), "(none)");
	assert_null(put(headers, NULL, "# x\n", "enabled"));
	assert_string_equal(get("lists.from-to-plugin-remote-old", NULL,
				"check_badmailfromto\n"),
	    "present");
	assert_string_equal(put("delivery.queue-lifetime", NULL, "", "172800"),
	    "172800\n# smemail: delivery.queue-lifetime\n");
	assert_string_equal(
	    get("delivery.queue-lifetime", NULL, "86400\n"), "86400");
	assert_string_equal(put("relay.custom-clients", NULL, "", "10.0.,::1"),
	    "# smemail: relay.custom-clients\n10.0.\n::1\n");
	assert_string_equal(
	    get("relay.custom-clients", NULL, "# a\n10.0.\n\n::1"),
	    "10.0.,::1");
	assert_string_equal(put("dkim.old-selector", NULL,
				"dkim_sign keys dkim selector a\n", "b"),
	    "# smemail: dkim.old-keys\ndkim_sign keys dkim selector b\n");
	assert_string_equal(
	    get("dkim.old-keys", NULL, "dkim_sign keys dkim\n"), "dkim");
	assert_string_equal(
	    get("dkim.old-keys", NULL, "other keys dkim\n"), "(none)");
	assert_null(put("dkim.old-keys", NULL, "dkim_sign keys dkim\n", NULL));
	assert_string_equal(
	    put("delivery.disclaimer-text", NULL, "", "one\ntwo"),
	    "one\ntwo\n");
}

/* What each form writes it reads again, and knows as its own. */
static void
test_every_form(void **state)
{
	size_t count, tried = 0;
	const struct setting *const *all = setting_all(&count);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		const struct setting *s = all[i];
		const char *value = "7", *target = NULL, *text;
		if (s->form == NULL || s->form->kind == SETTING_FORM_STRAY)
			continue;
		if (s->form->kind == SETTING_FORM_SWITCH)
			value = s->form->on;
		if (s->form->kind == SETTING_FORM_TEXT)
			value = "7\n"; /* files end in LF */
		if (s->form->value != NULL)
			value = s->form->value;
		if (s->target != SETTING_TARGET_NONE)
			target = s->form->value != NULL ? "a@x\tb@y" : "RULE";
		text = put(s->id, target, "", value);
		assert_non_null(text);
		assert_true(setting_form_is_own(s, str_of(text)));
		assert_string_equal(get(s->id, target, text), value);
		tried++;
	}
	assert_true(tried >= 24);
	assert_null(put("smtp.stray-databytes", NULL, "0\n", "absent"));
	assert_string_equal(get("smtp.stray-databytes", NULL, ""), "present");
	/* notes of others stay in a plain file */
	assert_string_equal(
	    put("filter.hosts-allow", NULL, "# own\n::1 OK\n", "::2 DENY"),
	    "# own\n::2 DENY\n");
}

static int
setup(void **state)
{
	(void)state;
	arena = arena_new(1 << 20, NULL, NULL);
	return arena == NULL;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_entries),
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_switch_line_lines_option),
		cmocka_unit_test(test_every_form),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, teardown);
}
