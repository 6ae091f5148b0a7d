/* The hosts a text links to, disguises undone (FL-107). */
#include "core/mail/links.h"

#include "core/base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

enum {
	ROOM = 1 << 20
};

/* "host ", bare ones in parentheses, addresses as "written=address ". */
static bool
tell(void *ctx, const struct link *l)
{
	struct buf *out = ctx;
	char text[NET_ADDR_TEXT_SIZE];
	if (l->kind == LINK_ADDRESS)
		buf_addf(out, "%.*s=%s ", STR_ARG(l->host),
		    net_addr_format(&l->addr, text));
	else
		buf_addf(out, l->kind == LINK_BARE ? "(%.*s) " : "%.*s ",
		    STR_ARG(l->host));
	return true;
}

/* In pieces of 'piece' bytes. */
static void
find(struct str text, bool is_decoded, size_t piece, struct buf *out)
{
	static struct link_finder f;
	links_init(&f, tell, out);
	links_begin(&f, is_decoded);
	for (size_t at = 0; at < text.len; at += piece)
		assert_true(links_add(&f, str_sub(text, at, at + piece)));
	links_end(&f);
}

struct link_case {
	const char *text, *wanted;
};

static void
check(const struct link_case *cases, size_t n, bool is_decoded)
{
	for (size_t i = 0; i < n; i++) {
		struct buf out = BUF_INIT(ROOM);
		find(str_of(cases[i].text), is_decoded, 7, &out);
		assert_string_equal(buf_cstr(&out), cases[i].wanted);
		buf_clear(&out);
	}
}

static void
test_places(void **state)
{
	static const struct link_case cases[] = {
		{ "see http://Evil.Example/x?y", "evil.example " },
		{ "https://evil.example:8080", "evil.example " },
		{ "ftp://u:p@evil.example#x", "evil.example " },
		{ "http://good.example@evil.example/", "evil.example " },
		{ "http://a.example/?u=http://b.example/",
		    "a.example b.example " },
		{ "<a href=\"//evil.example/\">", "evil.example " },
		{ "url(//evil.example/a.png)", "evil.example " },
		{ "http:\\\\evil.example\\x", "evil.example " },
		{ "http:///evil.example", "evil.example " },
		{ "go to www.evil.example.", "(www.evil.example) " },
		{ "WWW2.Evil.Com,www.b.com", "(www2.evil.com) (www.b.com) " },
		{ "a@www.evil.com xwww.evil.com www.", "" },
		{ "http://localhost/ http:// http://.. ://a.b", "" },
		{ "http://a_b.example/", "a_b.example " },
		{ "http://evil.example.", "evil.example " },
		{ "<a href='ht\ntp'> \"http://ev\nil.exam\tple/\"",
		    "evil.example " },
		{ "http://a.example\nb.example", "a.example " },
		{ "(http://a.example)[http://b.example]<http://c.example>",
		    "a.example b.example c.example " },
	};
	(void)state;
	check(cases, ARRAY_LEN(cases), false);
	check(cases, ARRAY_LEN(cases), true);
}

static void
test_disguises(void **state)
{
	static const struct link_case cases[] = {
		{ "http://ev=\nil.exam=\nple/", "evil.example " },
		{ "href=3D\"http://evil=2Eexample\"", "evil.example " },
		{ "http://evil%2eexample/", "evil.example " },
		{ "?u=http%3A%2F%2Fevil.example%2Fx", "evil.example " },
		{ "&#104;ttp&#58;//evil&#46;example/", "evil.example " },
		{ "http&colon;&sol;&sol;evil&period;example&quot;",
		    "evil.example " },
		{ "http://evil&#x2E;example", "evil.example " },
		{ "http://evil&#46example/", "evil.example " },
		{ "http://evil&#37;2eexample/", "evil.example " },
		{ "http://ev;il.example/", "evil.example " },
		{ "http://evil.example;jsessionid/",
		    "evil.example evil.examplejsessionid " },
		{ "http://a.example/?x&amp;y", "a.example " },
		{ "http://b\xc3\xbc"
		  "cher.example/",
		    "xn--bcher-kva.example " },
		{ "http://ev\xc2\xadil.exam\xe2\x80\x8bple/", "evil.example " },
		{ "http://evil\xe3\x80\x82"
		  "example/",
		    "evil.example " },
		{ "http://\xef\xbd\x85vil.example/", "evil.example " },
		/* other writing right behind it */
		{ "http://evil.example\xe3\x81\xa7\xe3\x81\x99",
		    "evil.example evil.xn--example-883fne " },
		{ "=41 &#; &#0; &nothing; % %zz =zz &", "" },
	};
	(void)state;
	check(cases, ARRAY_LEN(cases), false);
}

/* Of UTF-16 the NULs go. */
static void
test_wide_text(void **state)
{
	static const char text[] = "h\0t\0t\0p\0:\0/\0/\0a\0.\0b\0 \0";
	struct buf out = BUF_INIT(ROOM);
	(void)state;
	find(str_n(text, sizeof(text) - 1), true, 5, &out);
	assert_string_equal(buf_cstr(&out), "a.b ");
	buf_clear(&out);
}

static void
test_addresses(void **state)
{
	static const struct link_case cases[] = {
		{ "http://192.0.2.1/", "192.0.2.1=192.0.2.1 " },
		{ "http://0xc0000201/", "0xc0000201=192.0.2.1 " },
		{ "http://3221225985", "3221225985=192.0.2.1 " },
		{ "http://0300.0.02.01/", "0300.0.02.01=192.0.2.1 " },
		{ "http://192.513", "192.513=192.0.2.1 " },
		{ "http://0xC0.0.0x201", "0xc0.0.0x201=192.0.2.1 " },
		{ "http://[2001:db8::1]/", "2001:db8::1=2001:db8::1 " },
		{ "http://u@192.0.2.1:80/", "192.0.2.1=192.0.2.1 " },
		{ "http://192.0.2.256/ http://4294967296/ http://[x]/",
		    "192.0.2.256 " },
		{ "http://1.2.3.4.5/", "1.2.3.4.5 " },
		{ "www.192.0.2.1", "(www.192.0.2.1) " },
	};
	(void)state;
	check(cases, ARRAY_LEN(cases), false);
}

/* What lies across the edge of a window is found all the same. */
static void
test_windows(void **state)
{
	(void)state;
	for (size_t before = LINKS_WINDOW - 40; before < LINKS_WINDOW + 10;
	     before++) {
		struct buf text = BUF_INIT(ROOM), out = BUF_INIT(ROOM);
		for (size_t i = 0; i < before; i++)
			buf_add_char(&text, i % 70 == 69 ? '\n' : ' ');
		buf_add_cstr(&text, "http://evil.exam=\nple/");
		for (size_t i = 0; i < LINKS_WINDOW; i++)
			buf_add_char(&text, 'x');
		find(buf_str(&text), false, 1000, &out);
		assert_string_equal(buf_cstr(&out), "evil.example ");
		buf_clear(&text);
		buf_clear(&out);
	}
	/* and in one line without an end */
	for (size_t before = LINKS_WINDOW - 40; before < LINKS_WINDOW + 10;
	     before++) {
		struct buf text = BUF_INIT(ROOM), out = BUF_INIT(ROOM);
		for (size_t i = 0; i < before; i++)
			buf_add_char(&text, ' ');
		buf_add_cstr(&text, "http://evil.example/");
		for (size_t i = 0; i < LINKS_WINDOW; i++)
			buf_add_char(&text, 'x');
		find(buf_str(&text), false, ROOM, &out);
		assert_true(str_starts(buf_str(&out), STR("evil.example ")));
		buf_clear(&text);
		buf_clear(&out);
	}
}

static bool
stop(void *ctx, const struct link *l)
{
	unsigned *n = ctx;
	(void)l;
	++*n;
	return false;
}

static void
test_enough(void **state)
{
	static struct link_finder f;
	unsigned n = 0;
	(void)state;
	links_init(&f, stop, &n);
	(void)links_add(&f, STR("http://a.example http://b.example\n"));
	links_end(&f);
	assert_int_equal(n, 1);
	assert_false(links_add(&f, STR("http://c.example\n")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_disguises),
		cmocka_unit_test(test_wide_text),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_windows),
		cmocka_unit_test(test_enough),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("mail_links", tests, NULL, NULL);
}
