/* Tables, lines and errors as they reach a terminal, a pipe, a program. */
#include "cmd/render.h"

#include "core/base/compiler.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct capture {
	struct app app;
	char *out, *err;
	size_t out_n, err_n;
};

static void
capture_begin(struct capture *c)
{
	memset(c, 0, sizeof(*c));
	app_init(&c->app, "smemail");
	c->app.out = open_memstream(&c->out, &c->out_n);
	c->app.err = open_memstream(&c->err, &c->err_n);
	c->app.color = false;
	c->app.columns = 0;
}

static void
capture_flush(struct capture *c)
{
	fflush(c->app.out);
	fflush(c->app.err);
}

static void
capture_end(struct capture *c)
{
	fclose(c->app.out);
	fclose(c->app.err);
	free(c->out);
	free(c->err);
	app_clear(&c->app);
}

#define CELL(text)                                                             \
	{                                                                      \
		text, sizeof(text) - 1                                         \
	}

static const struct render_column columns[] = {
	{ "STATE", false },
	{ "N", true },
	{ "TEXT", false },
};
static const struct str cells[] = {
	CELL("FAIL"),
	CELL("7"),
	CELL("a long text that ends here"),
	CELL("ok"),
	CELL("1234"),
	CELL(""),
	CELL("h\303\251"),
	CELL("9"),
	CELL("esc\033[2J \377"),
};

static void
test_table_off_a_terminal(void **state)
{
	(void)state;
	struct capture c;
	capture_begin(&c);
	render_table(&c.app, columns, 3, cells, 3);
	capture_flush(&c);
	assert_string_equal(c.out, "STATE     N  TEXT\n"
				   "FAIL      7  a long text that ends here\n"
				   "ok     1234\n"
				   "h\303\251        9  esc\\x1b[2J \\xff\n");
	capture_end(&c);
}

/* 60 columns and more: the last column is cut. */
static void
test_table_is_cut_on_a_terminal(void **state)
{
	(void)state;
	static const struct str wide[] = {
		CELL("FAIL"),
		CELL("7"),
		CELL("a long text that ends here, behind more of it than there "
		     "is "
		     "room for"),
	};
	struct capture c;
	capture_begin(&c);
	c.app.columns = 60;
	render_table(&c.app, columns, 3, wide, 1);
	c.app.ascii = true;
	render_table(&c.app, columns, 3, wide, 1);
	capture_flush(&c);
	assert_string_equal(c.out,
	    "STATE  N  TEXT\n"
	    "FAIL   7  a long text that ends here, behind more of it "
	    "tha\342\200\246\n"
	    "STATE  N  TEXT\n"
	    "FAIL   7  a long text that ends here, behind more of it t...\n");
	capture_end(&c);
}

/* A column in the middle gives way, so that no line is too long. */
static void
test_table_shrinks_its_widest_column(void **state)
{
	(void)state;
	static const struct render_column three[] = { { "NAME", false },
		{ "VALUE", false }, { "DEFAULT", false } };
	static const struct str wide[] = {
		CELL("rbl.uri-zones"),
		CELL("multi.surbl.org:8-16-64-128,black.uribl.com,rhsbl.test"),
		CELL("multi.surbl.org"),
	};
	struct capture c;
	capture_begin(&c);
	c.app.columns = 64;
	render_table(&c.app, three, 3, wide, 1);
	capture_flush(&c);
	assert_string_equal(c.out,
	    "NAME           VALUE                             DEFAULT\n"
	    "rbl.uri-zones  multi.surbl.org:8-16-64-128,bla\342\200\246  "
	    "multi.surbl.org\n");
	capture_end(&c);
}

/* Below, nothing is cut: words go on in lines below, letters of two columns
   and all; columns without room stand below with their heads. */
static void
test_table_folds_in_a_narrow_terminal(void **state)
{
	(void)state;
	static const struct str more[] = {
		CELL("a name that is long"),
		CELL("7"),
		CELL("\346\227\245\346\234\254 \350\252\236\346\226\207 text"),
	};
	struct capture c;
	capture_begin(&c);
	c.app.columns = 24;
	render_table(&c.app, columns, 3, cells, 1);
	render_table(&c.app, columns, 3, more, 1);
	c.app.columns = 12;
	render_table(&c.app, columns, 3, cells, 1);
	capture_flush(&c);
	assert_string_equal(c.out,
	    "STATE  N  TEXT\n"
	    "FAIL   7  a long text\n"
	    "          that ends here\n"
	    "STATE                N\n"
	    "a name that is long  7\n"
	    "  TEXT \346\227\245\346\234\254 \350\252\236\346\226\207 text\n"
	    "STATE  N\n"
	    "FAIL   7\n"
	    "  TEXT a\n"
	    "    long\n"
	    "    text\n"
	    "    that\n"
	    "    ends\n"
	    "    here\n");
	capture_end(&c);
}

/* What has no room behind its neighbours begins a line of its own. */
static void
test_streams_fold_in_a_narrow_terminal(void **state)
{
	(void)state;
	static const struct str row[] = { CELL("2026-03-17 14:02:11"),
		CELL("qpsmtpd"), CELL("refused"),
		CELL("a@b.test -> c@example.test  helo") };
	static const size_t widths[] = { 19, 8, 8, 0 };
	struct capture c;
	capture_begin(&c);
	render_stream_row(&c.app, row, widths, 4, 0);
	c.app.columns = 40;
	render_stream_row(&c.app, row, widths, 4, 0);
	c.app.columns = 24;
	render_stream_row(&c.app, row, widths, 4, 0);
	c.app.columns = 20;
	render_prose(&c.app, 2, "%s", "some prose that is too long");
	capture_flush(&c);
	assert_string_equal(c.out, "2026-03-17 14:02:11  qpsmtpd   refused   "
				   "a@b.test -> c@example.test  helo\n"
				   "2026-03-17 14:02:11  qpsmtpd   refused\n"
				   "  a@b.test -> c@example.test  helo\n"
				   "2026-03-17 14:02:11\n"
				   "  qpsmtpd   refused\n"
				   "  a@b.test ->\n"
				   "  c@example.test  helo\n"
				   "some prose that is\n"
				   "  too long\n");
	capture_end(&c);
}

static void
test_table_without_heads(void **state)
{
	(void)state;
	static const struct render_column bare[] = { { NULL, false },
		{ NULL, false } };
	struct capture c;
	capture_begin(&c);
	render_table(&c.app, bare, 2, cells, 1);
	capture_flush(&c);
	assert_string_equal(c.out, "FAIL  7\n");
	capture_end(&c);
}

static void
test_states_are_coloured_words(void **state)
{
	(void)state;
	static const struct render_column bare[] = { { NULL, false } };
	static const struct str states[] = { CELL("FAIL"), CELL("failed") };
	struct capture c;
	capture_begin(&c);
	c.app.color = true;
	render_table(&c.app, bare, 1, states, 2);
	capture_flush(&c);
	assert_string_equal(c.out, "\033[31mFAIL\033[0m\nfailed\n");
	capture_end(&c);
}

static void
test_lines_are_escaped(void **state)
{
	(void)state;
	struct capture c;
	capture_begin(&c);
	render_line(&c.app, "%s", "a\033b\nc");
	render_note(&c.app, "%s", "x\ty");
	render_next(&c.app, "smemail plan");
	capture_flush(&c);
	assert_string_equal(c.out, "a\\x1bb\\x0ac\n");
	assert_string_equal(c.err, "x\\x09y\nnext: smemail plan\n");
	capture_end(&c);
}

static void
test_ascii_forms(void **state)
{
	(void)state;
	struct capture c;
	capture_begin(&c);
	c.app.ascii = true;
	render_line(&c.app, "\303\251t\303\251 \305\223uf \302\253\302\240l"
			    "\342\200\231a\302\240\302\273 \342\202\254");
	capture_flush(&c);
	assert_string_equal(c.out, "ete oeuf \" l'a \" ?\n");
	capture_end(&c);
}

static void
test_error_as_text_and_json(void **state)
{
	(void)state;
	struct capture c;
	struct err e = ERR_INIT;
	err_set(&e, ERR_USAGE, "unknown \"%s\"", "x");
	err_next(&e, "smemail --help");
	capture_begin(&c);
	render_error(&c.app, &e);
	capture_flush(&c);
	assert_string_equal(
	    c.err, "smemail: unknown \"x\"\nnext: smemail --help\n");
	c.app.json = true;
	render_error(&c.app, &e);
	capture_flush(&c);
	assert_non_null(strstr(c.err, "{\"schema\":\"smemail.error/1\","));
	assert_non_null(strstr(c.err,
	    "\"code\":\"usage\",\"exit\":2,\"text\":\"unknown \\\"x\\\"\","
	    "\"next\":\"smemail --help\"}\n"));
	capture_end(&c);
}

static void
test_json_document(void **state)
{
	(void)state;
	struct capture c;
	struct json j;
	struct buf buf;
	capture_begin(&c);
	render_json_begin(&c.app, &j, &buf, "smemail.test/1");
	json_key(&j, "rows");
	json_array_begin(&j);
	json_array_end(&j);
	render_json_end(&c.app, &j, &buf);
	capture_flush(&c);
	assert_memory_equal(c.out, "{\"schema\":\"smemail.test/1\",\"time\":\"",
	    strlen("{\"schema\":\"smemail.test/1\",\"time\":\""));
	assert_non_null(strstr(c.out, ",\"host\":\""));
	assert_non_null(strstr(c.out, ",\"rows\":[]}\n"));
	capture_end(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table_off_a_terminal),
		cmocka_unit_test(test_table_is_cut_on_a_terminal),
		cmocka_unit_test(test_table_shrinks_its_widest_column),
		cmocka_unit_test(test_table_folds_in_a_narrow_terminal),
		cmocka_unit_test(test_streams_fold_in_a_narrow_terminal),
		cmocka_unit_test(test_table_without_heads),
		cmocka_unit_test(test_states_are_coloured_words),
		cmocka_unit_test(test_lines_are_escaped),
		cmocka_unit_test(test_ascii_forms),
		cmocka_unit_test(test_error_as_text_and_json),
		cmocka_unit_test(test_json_document),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("cmd_render", tests, NULL, NULL);
}
