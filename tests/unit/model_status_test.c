/* What the overview calls wrong, and in which order (screens.md 4.1). */
#include "core/model/status.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

enum {
	NOW = 1774447200,
	DAY_S = 24 * 60 * 60
};

static int64_t
now_ns(void *ctx)
{
	(void)ctx;
	return clock_s_to_ns(NOW);
}

static const struct clock still = { .wall_ns = now_ns, .mono_ns = now_ns };

/* A server on which nothing is wrong. */
static struct status
whole(void)
{
	return (struct status){ .measured = true,
		.queue = { .known = true },
		.waiting = { .known = true },
		.mail = { .known = true },
		.certificate = { .known = true,
		    .name = "mail.example.test",
		    .not_before = NOW - DAY_S,
		    .not_after = NOW + 90 * (int64_t)DAY_S } };
}

static void
no_fault(struct status *st)
{
	(void)st;
}

static void
queue_old(struct status *st)
{
	st->queue.messages = 1;
	st->queue.oldest_s = NOW - DAY_S;
}

static void
queue_new(struct status *st)
{
	st->queue.messages = 1;
	st->queue.oldest_s = NOW - DAY_S + 1;
}

static void
waits_long(struct status *st)
{
	st->waiting.messages = 1;
	st->waiting.oldest_s = 600;
}

static void
waits_not_so_long(struct status *st)
{
	st->waiting.messages = 1;
	st->waiting.oldest_s = 599;
}

static void
keeps_the_old(struct status *st)
{
	st->refused = "config/plugins line 3: unknown plugin 'x'";
}

static void
waiting_unknown(struct status *st)
{
	st->waiting.known = false;
}

static void
queue_unknown(struct status *st)
{
	st->queue.known = false;
}

static void
queue_absent(struct status *st)
{
	st->queue.known = false;
	st->queue.absent = true;
}

static void
expired(struct status *st)
{
	st->certificate.not_after = NOW;
}

static void
expires(struct status *st)
{
	st->certificate.not_after = NOW + 21 * DAY_S - 1;
}

static void
expires_later(struct status *st)
{
	st->certificate.not_after = NOW + 21 * DAY_S;
}

static void
not_yet(struct status *st)
{
	st->certificate.not_before = NOW + 1;
}

static void
no_certificate(struct status *st)
{
	st->certificate.known = false;
	err_set(&st->certificate.why, ERR_NO, "cannot read it");
}

static void
mail_unread(struct status *st)
{
	st->mail.known = false;
	err_set(&st->mail.why, ERR_PERMANENT, "cannot read the log");
}

static void
mail_none(struct status *st)
{
	st->mail.known = false;
	err_set(&st->mail.why, ERR_NO, "no mail logs");
}

static void
not_measured(struct status *st)
{
	no_certificate(st);
	queue_unknown(st);
	mail_unread(st);
	waiting_unknown(st);
	st->measured = false;
}

static void
settings_bad(struct status *st)
{
	st->settings_bad = 2;
}

/* Worst first, in the order found among equals. */
static void
much(struct status *st)
{
	static struct service_row rows[] = {
		{ .name = "clamd", .state = "off", .why = "disabled" },
		{ .name = "qpsmtpd",
		    .state = "FAIL",
		    .why = "ends again and again",
		    .enabled = true },
		{ .name = "spamd", .state = "ok", .why = "", .enabled = true },
	};
	st->services = rows;
	st->n_services = ARRAY_LEN(rows);
	mail_unread(st);
	settings_bad(st);
	queue_old(st);
	expired(st);
}

static const struct {
	const char *what;
	void (*fault)(struct status *st);
	const char *found, *counts;
} cases[] = {
	{ "nothing", no_fault, "", "nothing is wrong" },
	{ "waits for a day", queue_old, "warn queue ", "1 warning" },
	{ "not so long", queue_new, "", "nothing is wrong" },
	{ "taken, and not delivered", waits_long, "warn queue-log ",
	    "1 warning" },
	{ "as long as it may", waits_not_so_long, "", "nothing is wrong" },
	{ "its log unreadable", waiting_unknown, "unknown queue-log ",
	    "1 not tested" },
	{ "the filter keeps the old one", keeps_the_old, "warn configuration ",
	    "1 warning" },
	{ "unreadable", queue_unknown, "unknown queue ", "1 not tested" },
	{ "none of qmail", queue_absent, "", "nothing is wrong" },
	{ "expired", expired, "fail certificate ", "1 failure" },
	{ "not valid yet", not_yet, "fail certificate ", "1 failure" },
	{ "expires soon", expires, "warn certificate ", "1 warning" },
	{ "not so soon", expires_later, "", "nothing is wrong" },
	{ "none", no_certificate, "unknown certificate ", "1 not tested" },
	{ "unread", mail_unread, "unknown mail ", "1 not tested" },
	{ "no logs yet", mail_none, "", "nothing is wrong" },
	{ "not measured", not_measured, "", "nothing is wrong" },
	{ "not valid", settings_bad, "warn settings ", "1 warning" },
	{ "much", much,
	    "fail service fail certificate warn queue warn settings unknown "
	    "mail ",
	    "2 failures, 2 warnings, 1 not tested" },
};

static void
test_status_findings(void **state)
{
	struct arena *arena = arena_new(1 << 20, NULL, NULL);
	struct model_ctx m = { .arena = arena, .clock = &still };
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct status st = whole();
		struct findings f = { .n = 0 };
		struct buf got = BUF_INIT(1 << 12);
		cases[i].fault(&st);
		findings_init(&f, arena);
		status_findings(&m, &st, &f);
		for (size_t k = 0; k < f.n; k++)
			buf_addf(&got, "%s %s ", finding_word(f.list[k].state),
			    f.list[k].id);
		if (strcmp(buf_cstr(&got), cases[i].found) != 0)
			fail_msg("%s: %s", cases[i].what, buf_cstr(&got));
		if (strcmp(status_counts_words(&m, &f), cases[i].counts) != 0)
			fail_msg("%s: %s", cases[i].what,
			    status_counts_words(&m, &f));
		buf_clear(&got);
	}
	arena_free(arena);
}

/* A finding says how long, why, and what to do next. */
static void
test_what_waits_in_words(void **state)
{
	static const struct {
		struct waiting w;
		const char *text, *next;
	} rows[] = {
		{ { .known = true,
		      .messages = 2,
		      .bytes = 1025,
		      .oldest_s = 780,
		      .why = "disk quota exceeded" },
		    "2 messages taken and not delivered, the oldest for "
		    "13 min: disk quota exceeded",
		    "smemail log show qpsmtpd" },
		{ { .known = true,
		      .from_disk = true,
		      .messages = 1,
		      .oldest_s = 3660 },
		    "1 message taken and not delivered, for 1 h 1 min: the "
		    "filter does not run",
		    "smemail service start qpsmtpd" },
		{ { .known = true, .messages = 1, .oldest_s = 601 },
		    "delivery is behind", "smemail log show" },
	};
	struct arena *arena = arena_new(1 << 20, NULL, NULL);
	struct model_ctx m = { .arena = arena, .clock = &still };
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct status st = whole();
		struct findings f = { .n = 0 };
		st.waiting = rows[i].w;
		findings_init(&f, arena);
		status_findings(&m, &st, &f);
		assert_int_equal(f.n, 1);
		assert_non_null(strstr(f.list[0].text, rows[i].text));
		assert_non_null(strstr(f.list[0].next, rows[i].next));
	}
	struct status st = whole();
	st.waiting = rows[0].w;
	assert_non_null(strstr(status_queue_words(&m, &st),
	    "; 2 in the filter's log (2 KB), oldest 13 min"));
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_status_findings),
		cmocka_unit_test(test_what_waits_in_words),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
