/* Asking perl (ES-90 to ES-99): what fragments may do to the channel. */
#include "core/template/perl.h"

#include "core/sys/file.h"
#include "core/sys/spawn.h"

#include <ftw.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sys/wait.h>
#include <cmocka.h>

#define STOCK  "/etc/e-smith/templates"
#define FILE   "/etc/post/route.cf"
#define CONFIG "/home/e-smith/db/configuration"

enum {
	SHORT_MS = 1500,
	TEXT_MAX = 32 << 20
};

struct fixture {
	struct root root;
	struct arena *arena;
	struct template_env env;
	struct template_perl_how how;
	struct template_perl *perl;
	char share[SYS_PATH_MAX], config[SYS_PATH_MAX];
	struct buf notes;
	struct buf stored;
};

static void
put(struct fixture *f, const char *path, const char *text)
{
	char real[SYS_PATH_MAX];
	const struct file_replace how = {
		.mode = 0644, .uid = (uid_t)-1, .gid = (gid_t)-1
	};
	assert_true(root_path(&f->root, path, real, NULL));
	assert_true(file_mkdirs_for(real, 0755, NULL, NULL));
	assert_true(file_replace(real, str_of(text), &how, NULL));
}

static void
note(void *ctx, const char *text)
{
	struct fixture *f = ctx;
	buf_addf(&f->notes, "%s\n", text);
}

static bool
store(void *ctx, const struct template_store *what, bool *done, struct err *e)
{
	struct fixture *f = ctx;
	(void)e;
	buf_addf(&f->stored, "%s %.*s %.*s>%.*s\n", what->db,
	    STR_ARG(what->key), STR_ARG(what->was), STR_ARG(what->raw));
	*done = true;
	return true;
}

/* share/perl of the tree that this program was built in. */
static void
share_find(char out[SYS_PATH_MAX])
{
	ssize_t n = readlink("/proc/self/exe", out, SYS_PATH_MAX - 64);
	assert_true(n > 0);
	out[n] = '\0';
	*strrchr(out, '/') = '\0';
	memcpy(out + strlen(out), "/../../share/perl",
	    sizeof("/../../share/perl"));
}

static void
perl_renew(struct fixture *f, int64_t limit_ms)
{
	template_perl_free(f->perl);
	f->how.limit_ms = limit_ms;
	f->perl = template_perl_new(&f->how);
	f->env.perl = f->perl;
}

static int
setup(void **state)
{
	char dir[] = "/tmp/smemail-perl-XXXXXX";
	struct fixture *f = calloc(1, sizeof(*f));
	assert_non_null(f);
	assert_non_null(mkdtemp(dir));
	assert_true(root_init(&f->root, dir, NULL));
	f->arena = arena_new(64 << 20, NULL, NULL);
	buf_init(&f->notes, 1 << 20);
	buf_init(&f->stored, 1 << 16);
	share_find(f->share);
	assert_true(root_path(&f->root, CONFIG, f->config, NULL));
	put(f, CONFIG,
	    "DomainName=example.org\n"
	    "smtpd=service|TCPPort|25|status|enabled\n");
	f->env = (struct template_env){
		.root = &f->root,
		.arena = f->arena,
		.release = TEMPLATE_R10,
		.note = note,
		.note_ctx = f,
	};
	f->how = (struct template_perl_how){
		.share = f->share,
		.databases = f->root.prefix,
		.config = f->config,
		.clock = &clock_system,
		.store = store,
		.store_ctx = f,
	};
	perl_renew(f, 0);
	*state = f;
	return 0;
}

static int
remove_one(
    const char *path, const struct stat *st, int flag, struct FTW *position)
{
	(void)st;
	(void)flag;
	(void)position;
	return remove(path);
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	template_perl_free(f->perl);
	nftw(f->root.prefix, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	buf_clear(&f->notes);
	buf_clear(&f->stored);
	arena_free(f->arena);
	free(f);
	return 0;
}

static void
expect(struct fixture *f, const char *fragment, const char *want)
{
	struct buf got = BUF_INIT(TEXT_MAX);
	struct err e = ERR_INIT;
	put(f, STOCK FILE "/10a", fragment);
	if (!template_expand(&f->env, FILE, &got, &e))
		fail_msg("%s: %s", fragment, e.text);
	assert_string_equal(buf_cstr(&got), want);
	buf_clear(&got);
}

static void
expect_error(struct fixture *f, const char *fragment, const char *words)
{
	struct buf got = BUF_INIT(TEXT_MAX);
	struct err e = ERR_INIT;
	put(f, STOCK FILE "/10a", fragment);
	assert_false(template_expand(&f->env, FILE, &got, &e));
	if (strstr(e.text, words) == NULL)
		fail_msg("'%s' lacks '%s'", e.text, words);
	assert_non_null(strstr(e.text, FILE));
	buf_clear(&got);
}

/* Perl is started by the first block, not by plain text. */
static void
test_perl_starts_when_needed(void **state)
{
	struct fixture *f = *state;
	expect(f, "plain \\{text\\}\n", "plain {text}\n");
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child */
	expect(f, "{ $DomainName } { $smtpd{TCPPort} }\n", "example.org 25\n");
	assert_int_equal(waitpid(-1, NULL, WNOHANG), 0);
}

/* Each failure is told, and the next template works again. */
static void
test_perl_hostile_fragments(void **state)
{
	static const struct {
		const char *fragment, *words;
	} cases[] = {
		{ "{ 1 while 1 }", "does not answer in time" },
		{ "{ sleep 60 }", "does not answer in time" },
		{ "{ exit 0 }", "ended by itself with status 0" },
		{ "{ exit 7 }", "ended by itself with status 7" },
		{ "{ kill 9, $$; sleep 9 }", "ended by signal 9" },
		{ "{ require POSIX; POSIX::_exit(3) }", "status 3" },
		{ "{ 'x' x (10 << 20) }", "larger than" },
		{ "{ die \"no\\n\" }", "line 1: no" },
		{ "{ if ( }", "syntax error" },
		{ "{ open", "End of data inside program text" },
		{ "}", "closing brace" },
		{ "{ 1 } }", "Unmatched close brace" },
		{ "{ close $_ for 3 .. 9; die }", "Died" },
	};
	struct fixture *f = *state;
	perl_renew(f, SHORT_MS);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		expect_error(f, cases[i].fragment, cases[i].words);
		expect(f, "{ 1 + 1 }", "2");
	}
}

/* What fragments print is no message and no part of the file. */
static void
test_perl_prints_are_notes(void **state)
{
	struct fixture *f = *state;
	expect(f,
	    "a{ print \"to stdout\\n\"; print STDERR \"to stderr\\n\"; '' }b",
	    "ab");
	assert_non_null(strstr(buf_cstr(&f->notes), "to stdout\n"));
	assert_non_null(strstr(buf_cstr(&f->notes), "to stderr\n"));
	expect(
	    f, "{ my $line = <STDIN>; defined $line ? 'x' : 'none' }", "none");
}

/* A lot of output on standard error does not stop the channel. */
static void
test_perl_noise(void **state)
{
	struct fixture *f = *state;
	expect(f, "{ print STDERR 'x' x 100, \"\\n\" for 1 .. 5000; 'done' }",
	    "done");
}

/* NUL, any byte, wide characters, and as much as a fragment may give. */
static void
test_perl_bytes(void **state)
{
	struct fixture *f = *state;
	struct buf got = BUF_INIT(TEXT_MAX);
	put(f, STOCK FILE "/10a", "{ join '', map { chr } 0 .. 255 }");
	put(f, STOCK FILE "/20b", "{ chr 0x263a }");
	assert_true(template_expand(&f->env, FILE, &got, NULL));
	assert_int_equal(got.len, 256 + 3);
	for (int i = 0; i < 256; i++)
		assert_int_equal((unsigned char)got.data[i], i);
	assert_memory_equal(got.data + 256, "\xe2\x98\xba", 3);
	buf_reset(&got);
	put(f, STOCK FILE "/10a", "{ 'x' x (8 << 20) }");
	put(f, STOCK FILE "/20b", "");
	assert_true(template_expand(&f->env, FILE, &got, NULL));
	assert_int_equal(got.len, 8 << 20);
	buf_clear(&got);
}

/* ES-95: one package a template, none of another one's variables. */
static void
test_perl_templates_are_apart(void **state)
{
	struct fixture *f = *state;
	expect(f, "{ $mine = 'here'; '' }{ $mine }", "here");
	expect(f, "[{ $mine }]", "[]");
}

/* ES-97, ES-98: later fragments are run; warnings do not stop the file. */
static void
test_perl_errors_and_warnings(void **state)
{
	struct fixture *f = *state;
	put(f, STOCK FILE "/20b", "{ warn \"careful\\n\"; '' }");
	expect_error(f, "{ die \"broken\\n\" }", "10a', line 1: broken");
	assert_non_null(strstr(buf_cstr(&f->notes), "<<broken>>"));
	assert_non_null(strstr(buf_cstr(&f->notes), "20b: careful"));
	expect(f, "fine", "fine");
}

/* ES-99: a template inside a template; an endless one is stopped. */
static void
test_perl_nested(void **state)
{
	struct fixture *f = *state;
	char text[512];
	put(f, STOCK "/sub/part/10a", "part { $DomainName } { $More }");
	put(f, STOCK "/sub/part/20empty", "{ '' }");
	snprintf(text, sizeof(text),
	    "[{ use esmith::templates; processTemplate({ TEMPLATE_PATH => "
	    "'%s', OUTPUT_TYPE => 'string', MORE_DATA => { More => 'm' } }) }]",
	    "/sub/part");
	expect(f, text, "[part example.org m]");
	snprintf(text, sizeof(text),
	    "{ use esmith::templates; processTemplate({ TEMPLATE_PATH => "
	    "'%s', OUTPUT_TYPE => 'string' }) }",
	    FILE);
	expect_error(f, text, "cannot expand");
	assert_non_null(strstr(buf_cstr(&f->notes), "nested more than"));
	expect(f, "{ 2 * 3 }", "6");
}

/* Changes go through the caller, who may refuse. */
static void
test_perl_store(void **state)
{
	struct fixture *f = *state;
	const char *set =
	    "{ use esmith::ConfigDB; my $c = esmith::ConfigDB->open; "
	    "$c->set_prop('smtpd', 'Note', 'a|b'); '' }";
	expect(f, set, "");
	assert_string_equal(buf_cstr(&f->stored),
	    "configuration smtpd service|TCPPort|25|status|enabled>"
	    "service|Note|ab|TCPPort|25|status|enabled\n");
	f->how.store = NULL;
	perl_renew(f, 0);
	expect_error(f, set, "may not change database");
	expect_error(f, "{ $DB->set_prop('smtpd', 'a', 'b') }",
	    "was opened for reading");
}

/* ES-114 */
static void
test_perl_filter(void **state)
{
	struct fixture *f = *state;
	struct buf out = BUF_INIT(1024);
	struct err e = ERR_INIT;
	assert_true(template_perl_filter(f->perl, &f->env,
	    STR("sub { $_[0] =~ /^b/ ? '' : uc $_[0] }"), STR("a\nb\nc"), &out,
	    &e));
	assert_string_equal(buf_cstr(&out), "A\nC");
	assert_false(template_perl_filter(f->perl, &f->env,
	    STR("sub { die 'no filter' }"), STR("a\n"), &out, &e));
	assert_non_null(strstr(e.text, "no filter"));
	buf_clear(&out);
}

static bool
has_module(void)
{
	const char *argv[] = { "perl", "-MText::Template", "-e", "1", NULL };
	struct buf output = BUF_INIT(4096);
	const struct spawn s = { .argv = argv, .output = &output };
	int status = -1;
	bool ok = spawn_run(&s, &clock_system, &status, NULL) && status == 0;
	buf_clear(&output);
	return ok;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(test_perl_starts_when_needed),
		TEST(test_perl_hostile_fragments),
		TEST(test_perl_prints_are_notes),
		TEST(test_perl_noise),
		TEST(test_perl_bytes),
		TEST(test_perl_templates_are_apart),
		TEST(test_perl_errors_and_warnings),
		TEST(test_perl_nested),
		TEST(test_perl_store),
		TEST(test_perl_filter),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (!has_module()) {
		printf("1..0 # SKIP perl has no Text::Template\n");
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
