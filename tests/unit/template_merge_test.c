/* Merging fragments (ES-80 to ES-91, EF-7) and text of fragments. */
#include "core/template/template.h"

#include "core/sys/file.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define CUSTOM  "/etc/e-smith/templates-custom"
#define STOCK   "/etc/e-smith/templates"
#define DEFAULT "/etc/e-smith/templates-default/template-begin"
#define FILE    "/etc/post/route.cf"
#define BADHELO "/var/service/qpsmtpd/config/badhelo"
#define PEERS   "/var/service/qpsmtpd/config/peers/0"

struct fixture {
	struct root root;
	struct arena *arena;
	struct template_data data;
	struct template_env env;
	struct buf notes;
};

static bool
no_value(void *ctx, const char *db, struct str key, const char *prop,
    struct str *out)
{
	(void)ctx;
	(void)db;
	(void)key;
	(void)prop;
	(void)out;
	return false;
}

static size_t
no_records(void *ctx, const char *db, const struct template_record **out)
{
	(void)ctx;
	(void)db;
	*out = NULL;
	return 0;
}

static size_t
no_props(
    void *ctx, const char *db, struct str key, const struct template_prop **out)
{
	(void)ctx;
	(void)db;
	(void)key;
	*out = NULL;
	return 0;
}

static void
note(void *ctx, const char *text)
{
	struct fixture *f = ctx;
	buf_addf(&f->notes, "%s\n", text);
}

static int
setup(void **state)
{
	char dir[] = "/tmp/smemail-template-XXXXXX";
	struct fixture *f = calloc(1, sizeof(*f));
	assert_non_null(f);
	assert_non_null(mkdtemp(dir));
	assert_true(root_init(&f->root, dir, NULL));
	f->arena = arena_new(1 << 20, NULL, NULL);
	f->data = (struct template_data){
		.value = no_value,
		.records = no_records,
		.props = no_props,
	};
	f->env = (struct template_env){
		.root = &f->root,
		.arena = f->arena,
		.data = &f->data,
		.release = TEMPLATE_R10,
		.note = note,
		.note_ctx = f,
	};
	buf_init(&f->notes, 4096);
	*state = f;
	return 0;
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	(void)st;
	(void)kind;
	(void)where;
	return remove(path);
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	nftw(f->root.prefix, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	arena_free(f->arena);
	buf_clear(&f->notes);
	free(f);
	return 0;
}

static const char *
real(const struct fixture *f, const char *path)
{
	char out[SYS_PATH_MAX];
	assert_true(root_path(&f->root, path, out, NULL));
	return arena_cstr(f->arena, str_of(out));
}

static void
put_n(const struct fixture *f, const char *path, struct str text)
{
	const struct file_replace how = {
		.mode = 0644,
		.uid = (uid_t)-1,
		.gid = (gid_t)-1,
	};
	assert_true(file_mkdirs_for(real(f, path), 0755, NULL, NULL));
	assert_true(file_replace(real(f, path), text, &how, NULL));
}

static void
put(const struct fixture *f, const char *path, const char *text)
{
	put_n(f, path, str_of(text));
}

static void
expect_n(const struct fixture *f, const char *path, struct str want)
{
	struct buf got = BUF_INIT(1 << 20);
	struct err e = ERR_INIT;
	if (!template_expand(&f->env, path, &got, &e))
		fail_msg("%s", e.text);
	if (!str_eq(buf_str(&got), want))
		fail_msg("got '%s', not '%s'", buf_cstr(&got), want.ptr);
	buf_clear(&got);
}

static void
expect(const struct fixture *f, const char *path, const char *want)
{
	expect_n(f, path, str_of(want));
}

static void
expect_error(const struct fixture *f, const char *path, enum err_code code,
    const char *text)
{
	struct buf got = BUF_INIT(1 << 20);
	struct err e = ERR_INIT;
	assert_false(template_expand(&f->env, path, &got, &e));
	assert_int_equal(e.code, code);
	if (strstr(e.text, text) == NULL)
		fail_msg("'%s' is not in '%s'", text, e.text);
	buf_clear(&got);
}

/* ES-81, ES-83: by name, custom first, byte order, begin and end outside. */
static void
test_merge_by_name_in_byte_order(void **state)
{
	struct fixture *f = *state;
	put(f, STOCK FILE "/template-end", "end\n");
	put(f, STOCK FILE "/template-begin", "begin\n");
	put(f, STOCK FILE "/100", "100\n");
	put(f, STOCK FILE "/10-a", "10-a\n");
	put(f, STOCK FILE "/10.b", "10.b\n");
	put(f, STOCK FILE "/9x", "9x\n");
	put(f, STOCK FILE "/Zed", "stock\n");
	put(f, CUSTOM FILE "/Zed", "Zed\n");
	put(f, STOCK FILE "/abc", "abc\n");
	put(f, STOCK FILE "/_u", "_u\n");
	expect(f, FILE, "begin\n10-a\n10.b\n100\n9x\nZed\n_u\nabc\nend\n");
}

/* ES-83: nothing is put between texts, bytes are kept. */
static void
test_merge_keeps_bytes(void **state)
{
	struct fixture *f = *state;
	put(f, STOCK FILE "/10a", "no end");
	put_n(f, STOCK FILE "/20b", STR("crlf\r\nnul\0\xff"));
	expect_n(f, FILE, STR("no endcrlf\r\nnul\0\xff"));
}

/* ES-81, ES-85: an empty custom fragment removes the stock one. */
static void
test_merge_empty_custom_removes(void **state)
{
	struct fixture *f = *state;
	put(f, STOCK FILE "/10a", "a\n");
	put(f, STOCK FILE "/20b", "b\n");
	put(f, CUSTOM FILE "/10a", "");
	expect(f, FILE, "b\n");
	put(f, CUSTOM FILE "/20b", "");
	expect(f, FILE, "");
}

/* ES-82 */
static void
test_merge_ignores_left_overs(void **state)
{
	static const char *const names[] = { "10a~", "10a.swp", "10a.orig",
		"10a.rpmsave", "10a.rpmnew", "10a.rpmorig" };
	struct fixture *f = *state;
	put(f, STOCK FILE "/10a", "a\n");
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		put(f, arena_printf(f->arena, STOCK FILE "/%s", names[i]),
		    "x\n");
	put(f, STOCK FILE "/.hidden", "hidden\n");
	put(f, STOCK FILE "/10a.bak", "bak\n");
	put(f, STOCK FILE "/sub/10x", "never\n");
	assert_int_equal(
	    symlink("nowhere", real(f, STOCK FILE "/30dangling")), 0);
	assert_int_equal(symlink("10a", real(f, STOCK FILE "/40link")), 0);
	expect(f, FILE, "hidden\na\nbak\na\n");
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		assert_non_null(strstr(buf_cstr(&f->notes), names[i]));
	assert_null(strstr(buf_cstr(&f->notes), "dangling"));
}

/* ES-84, ES-85 */
static void
test_merge_default_beginning(void **state)
{
	struct fixture *f = *state;
	put(f, DEFAULT, "## generated\n");
	put(f, STOCK FILE "/10a", "a\n");
	expect(f, FILE, "## generated\na\n");
	put(f, CUSTOM FILE "/template-begin", "");
	expect(f, FILE, "a\n");
	put(f, CUSTOM FILE "/template-begin", "own\n");
	expect(f, FILE, "own\na\n");
}

/* ES-86: plain files as templates. */
static void
test_merge_flat_templates(void **state)
{
	struct fixture *f = *state;
	put(f, DEFAULT, "## generated\n");
	put(f, STOCK FILE, "flat\n");
	expect(f, FILE, "flat\n");
	put(f, CUSTOM FILE "/10x", "folder\n");
	expect(f, FILE, "## generated\nfolder\n");
	put(f, STOCK "/etc/b/10a", "a\n");
	put(f, CUSTOM "/etc/b", "flat custom\n");
	expect(f, "/etc/b", "## generated\nflat custom\n");
}

/* ES-87 */
static void
test_merge_without_fragments(void **state)
{
	struct fixture *f = *state;
	expect_error(f, FILE, ERR_NO, "there is no template");
	assert_int_equal(mkdir(real(f, "/etc"), 0755), 0);
	assert_true(file_mkdirs(real(f, CUSTOM FILE), 0755, NULL, NULL));
	put(f, DEFAULT, "## generated\n");
	expect_error(f, FILE, ERR_NO, "there is no template");
	assert_false(template_exists(&f->env, FILE));
}

/* ES-88: one root instead of the two. */
static void
test_merge_queue(void **state)
{
	struct fixture *f = *state;
	put(f, STOCK FILE "/10a", "a\n");
	put(f, "/srv/q" FILE "/10q", "q\n");
	static const char *const queue[] = { "/srv/q", NULL };
	f->env.queue = queue;
	expect(f, FILE, "q\n");
}

/* Native fragments stand for the server's own (EF-7). */
static void
test_merge_with_native_fragments(void **state)
{
	struct fixture *f = *state;
	expect(f, BADHELO, "# ExternalIP not defined\naol.com\nyahoo.com\n");
	put(f, STOCK BADHELO "/20aol.com", "stock file, not asked\n");
	put(f, STOCK BADHELO "/30more", "more\n");
	put(f, CUSTOM BADHELO "/20yahoo.com", "");
	put(f, CUSTOM BADHELO "/15own", "own\n");
	expect(f, BADHELO, "# ExternalIP not defined\nown\naol.com\nmore\n");
	put(f, CUSTOM BADHELO "/20aol.com", "custom\n");
	expect(f, BADHELO, "# ExternalIP not defined\nown\ncustom\nmore\n");
}

static void
test_merge_names_of_other_releases(void **state)
{
	struct fixture *f = *state;
	struct buf got = BUF_INIT(1 << 16);
	put(f, CUSTOM PEERS "/17check_basicheaders", "# off by hand\n");
	put(f, CUSTOM PEERS "/15check_norelay", "# no relay\n");
	assert_true(template_expand(&f->env, PEERS, &got, NULL));
	assert_null(strstr(buf_cstr(&got), "headers require"));
	assert_non_null(strstr(buf_cstr(&got), "# off by hand\n"));
	assert_null(strstr(buf_cstr(&got), "\nrelay\n"));
	assert_non_null(strstr(buf_cstr(&f->notes), "17headers"));
	buf_clear(&got);
}

static bool
only_relay(struct str line)
{
	return str_is(line, "relay") || str_starts(line, STR("helo "));
}

/* What the daemon cannot load becomes a comment that says so. */
static void
test_merge_plugins_not_built(void **state)
{
	struct fixture *f = *state;
	struct buf got = BUF_INIT(1 << 16);
	f->env.embedded = true;
	f->env.line_built = only_relay;
	put(f, CUSTOM PEERS "/99own", "own/plugin\n");
	put(f, CUSTOM PEERS "/98ours", "# smemail: some.id\nnot/built x\n");
	assert_true(template_expand(&f->env, PEERS, &got, NULL));
	assert_non_null(strstr(buf_cstr(&got), "\nrelay\n"));
	assert_non_null(strstr(buf_cstr(&got),
	    "# earlytalker not built yet in smemail-filterd\n"));
	assert_non_null(strstr(buf_cstr(&got), "\n# bcc disabled\n"));
	/* a mark that nobody acts on would let everybody pass */
	assert_non_null(
	    strstr(buf_cstr(&got), "helo policy lenient reject 1\n"));
	/* an administrator's own line is left for the daemon to judge */
	assert_non_null(strstr(buf_cstr(&got), "\nown/plugin\n"));
	/* what a setting put there is ours */
	assert_non_null(strstr(buf_cstr(&got),
	    "# smemail: some.id\n# not/built not built yet in "
	    "smemail-filterd\n"));
	buf_clear(&got);
}

/* ES-90, ES-91, and code without a perl. */
static void
test_text_braces_and_backslashes(void **state)
{
	static const struct {
		const char *text, *want;
		enum template_text result;
	} cases[] = {
		{ "plain\n", "plain\n", TEMPLATE_TEXT_OK },
		{ "\\{a\\}", "{a}", TEMPLATE_TEXT_OK },
		{ "a\\b\\\\c", "a\\b\\\\c", TEMPLATE_TEXT_OK },
		{ "\\\\\\{x", "\\{x", TEMPLATE_TEXT_OK },
		{ "end\\", "end\\", TEMPLATE_TEXT_OK },
		{ "{ $x }", "", TEMPLATE_TEXT_CODE },
		{ "a\\\\{ $x }", "a\\", TEMPLATE_TEXT_CODE },
		{ "}", "", TEMPLATE_TEXT_UNMATCHED },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf out = BUF_INIT(256);
		assert_int_equal(
		    template_text_copy(str_of(cases[i].text), &out),
		    cases[i].result);
		assert_string_equal(buf_cstr(&out), cases[i].want);
		buf_clear(&out);
	}
}

static void
test_merge_refuses_code(void **state)
{
	struct fixture *f = *state;
	put(f, CUSTOM BADHELO "/15own", "{ $DomainName }\n");
	expect_error(f, BADHELO, ERR_PERMANENT, "is not evaluated here");
	put(f, CUSTOM BADHELO "/15own", "oops }\n");
	expect_error(f, BADHELO, ERR_PERMANENT, "closing brace");
}

static void
test_releases(void **state)
{
	(void)state;
	assert_int_equal(template_release("9.1"), TEMPLATE_R9_1);
	assert_int_equal(template_release("9.2"), TEMPLATE_R9_2);
	assert_int_equal(template_release("10"), TEMPLATE_R10);
	assert_int_equal(template_release("10.1"), 1001);
	assert_int_equal(template_release("11"), TEMPLATE_R11);
	assert_int_equal(template_release(""), TEMPLATE_R10);
	assert_true(template_on_release(0, TEMPLATE_R10, 1001));
	assert_false(template_on_release(0, TEMPLATE_R9_1, TEMPLATE_R9_2));
	assert_false(template_on_release(TEMPLATE_R11, 0, TEMPLATE_R10));
	assert_null(template_find(
	    "/var/service/qpsmtpd/config/badrcptto_patterns", TEMPLATE_R10));
}

int
main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(test_merge_by_name_in_byte_order),
		CASE(test_merge_keeps_bytes),
		CASE(test_merge_empty_custom_removes),
		CASE(test_merge_ignores_left_overs),
		CASE(test_merge_default_beginning),
		CASE(test_merge_flat_templates),
		CASE(test_merge_without_fragments),
		CASE(test_merge_queue),
		CASE(test_merge_with_native_fragments),
		CASE(test_merge_names_of_other_releases),
		CASE(test_merge_plugins_not_built),
		CASE(test_text_braces_and_backslashes),
		CASE(test_merge_refuses_code),
		CASE(test_releases),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("template_merge", tests, NULL, NULL);
}
