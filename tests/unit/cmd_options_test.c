/* Options and words parsed by a command's record. */
#include "cmd/options.h"

#include "core/base/compiler.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char *const colors[] = { "red", "green", NULL };

static const struct command paint = {
	.words = "paint",
	.args = {
		{ "COLOR", ARG_WORD_OF, ARG_ONE, colors },
		{ "COUNT", ARG_INT, ARG_OPTIONAL, NULL },
		{ "NAME", ARG_TEXT, ARG_ANY, NULL },
	},
	.options = {
		{ .name = "verbose", .letter = 'v', .help = "" },
		{ .name = "quiet", .letter = 'q', .help = "" },
		{ .name = "number", .letter = 'n', .value = "N", .help = "" },
	},
};
static const struct command wrap = {
	.words = "wrap",
	.args = {
		{ "FIRST", ARG_TEXT, ARG_ONE, NULL },
		{ "REST", ARG_REST, ARG_ANY, NULL },
	},
};
static const struct command raw = { .words = "raw", .flags = COMMAND_RAW };

/* Each line is parsed by 'command'; 'error' is the beginning of its text. */
static const struct {
	const struct command *command;
	const char *line;
	const char *args; /* joined by blanks */
	const char *error;
} cases[] = {
	{ &paint, "red", "red", NULL },
	{ &paint, "red 3 a b", "red 3 a b", NULL },
	{ &paint, "red -3", "red -3", NULL }, /* a number is no option */
	{ &paint, "-v red --number 5", "red", NULL },
	{ &paint, "red -- --verbose", NULL,
	    "COUNT '--verbose' is not a whole" },
	{ &paint, "red 1 -- --verbose", "red 1 --verbose", NULL },
	{ &paint, "red 1 -", "red 1 -", NULL },
	{ &paint, "--json red --root /x", "red", NULL },
	{ &paint, "", NULL, "'paint' needs COLOR" },
	{ &paint, "reed", NULL, "unknown COLOR 'reed'; did you mean 'red'" },
	{ &paint, "red x", NULL, "COUNT 'x' is not a whole number" },
	{ &paint, "red --verbos", NULL,
	    "unknown option '--verbos'; did you mean '--verbose'" },
	{ &paint, "red -x", NULL, "unknown option '-x'" },
	{ &paint, "red --number", NULL, "option '--number' needs a value: N" },
	{ &paint, "red --verbose=1", NULL,
	    "option '--verbose' takes no value" },
	{ &wrap, "a --json -x --", "a --json -x --", NULL },
	{ &wrap, "--json a -x", "a -x", NULL },
	{ &raw, "--json a --root b", "a --root b", NULL },
	{ &raw, "--nosuch a", NULL, "unknown option '--nosuch'" },
};

struct line {
	const char *words[16];
	size_t n;
};

static struct line
split(struct arena *a, const char *text)
{
	struct line l = { .n = 0 };
	struct str rest = str_of(text), word;
	while (str_next_word(&rest, &word))
		l.words[l.n++] = arena_cstr(a, word);
	return l;
}

static void
test_call_parse(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct app app;
		struct err e = ERR_INIT;
		app_init(&app, "smemail");
		struct line l = split(app.arena, cases[i].line);
		struct parse p = {
			.words = l.words, .n = l.n, .command = cases[i].command
		};
		bool ok = call_parse(&app, &p, &e);
		const char *joined = "";
		for (size_t k = 0; ok && k < p.call.n_args; k++)
			joined = arena_printf(app.arena, "%s%s%s", joined,
			    k > 0 ? " " : "", p.call.args[k]);
		assert_int_equal(ok, cases[i].error == NULL);
		if (ok) {
			assert_string_equal(joined, cases[i].args);
			assert_null(p.call.args[p.call.n_args]);
		} else {
			assert_int_equal(e.code, ERR_USAGE);
			assert_memory_equal(
			    e.text, cases[i].error, strlen(cases[i].error));
		}
		app_clear(&app);
	}
}

static void
test_call_parse_letters(void **state)
{
	(void)state;
	static const char *const lines[] = { "-vqn5 red", "-vq -n 5 red",
		"--verbose --quiet --number=5 red", "red -vqn 5" };
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		struct app app;
		app_init(&app, "smemail");
		struct line l = split(app.arena, lines[i]);
		struct parse p = {
			.words = l.words, .n = l.n, .command = &paint
		};
		assert_true(call_parse(&app, &p, NULL));
		assert_true(call_has(&p.call, "verbose"));
		assert_true(call_has(&p.call, "quiet"));
		assert_string_equal(call_option(&p.call, "number"), "5");
		app_clear(&app);
	}
}

static void
test_global_options(void **state)
{
	(void)state;
	struct app app;
	app_init(&app, "smemail");
	struct line l = split(app.arena,
	    "red --json --jsonl --root /a --no-color --ascii --accessible "
	    "--lang fr -h --version");
	struct parse p = { .words = l.words, .n = l.n, .command = &paint };
	assert_true(call_parse(&app, &p, NULL));
	assert_true(app.json && app.jsonl && app.ascii && app.accessible);
	assert_true(app.model.french && !app.color && p.help && p.version);
	assert_string_equal(app.root_option, "/a");
	assert_true(app_language_set(&app, "en", NULL));
	app_clear(&app);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_call_parse),
		cmocka_unit_test(test_call_parse_letters),
		cmocka_unit_test(test_global_options),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("cmd_options", tests, NULL, NULL);
}
