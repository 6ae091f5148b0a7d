/*
 * Every recorded line with the stamp, kind and fields recorded for it: LG-8,
 * LG-25, LG-27, LG-30, LG-33, LG-38, LG-40, LG-41, LG-42, LG-43.
 */
#include "core/maillog/parse.h"

#include "core/base/buf.h"
#include "core/maillog/stamp.h"
#include "core/sys/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* The log a recorded file is of. */
static const struct {
	const char *file, *service;
	int lines;
} logs[] = {
	{ "clamd.log", "clamd", 26 },
	{ "dovecot.log", "dovecot", 41 },
	{ "fetchmail.log", "fetchmail", 6 },
	{ "qmail-send-syslog.log", "qmail", 7 },
	{ "qmail-send-unixtime.log", "qmail", 15 },
	{ "qmail-send.log", "qmail", 23 },
	{ "qpsmtpd.log", "qpsmtpd", 4 },
	{ "spamd.log", "spamd", 31 },
	{ "tcpsvd.log", "tcpsvd", 17 },
};

/* The value of "key" in a line of expected.ndjson; false when absent. */
static bool
expected(struct str json, const char *key, struct str *out)
{
	char mark[64];
	snprintf(mark, sizeof(mark), "\"%s\": ", key);
	size_t at = str_find_str(json, str_of(mark));
	if (at == json.len)
		return false;
	struct str rest = str_sub(json, at + strlen(mark), json.len);
	size_t from = 0, to;
	if (str_starts(rest, STR("\""))) {
		from = 1;
		for (to = 1; rest.ptr[to] != '"'; to++)
			if (rest.ptr[to] == '\\')
				to++;
	} else if (str_starts(rest, STR("["))) {
		to = str_find(rest, ']', 0);
		from = 1;
	} else {
		for (to = 0; rest.ptr[to] != ',' && rest.ptr[to] != '}'; to++)
			;
	}
	*out = str_sub(rest, from, to);
	return true;
}

static int checked;

static void
check(struct str json, const char *key, struct str got)
{
	struct str want;
	char plain[4096];
	size_t n = 0;
	if (!expected(json, key, &want))
		return;
	/* lists without quotes, strings without escapes */
	for (size_t i = 0; i < want.len && n < sizeof(plain); i++) {
		char c = want.ptr[i];
		if (c == '\\') {
			c = want.ptr[++i];
		} else if (c == '"' ||
			   (c == ' ' && i > 0 && want.ptr[i - 1] == ',' &&
			       str_is(str_of(key), "rules"))) {
			continue;
		}
		plain[n++] = c;
	}
	if (!str_eq(got, str_n(plain, n)))
		fail_msg(
		    "%s: got '%.*s' in %.*s", key, STR_ARG(got), STR_ARG(json));
	checked++;
}

static void
check_number(struct str json, const char *key, uint64_t got)
{
	char text[24];
	snprintf(text, sizeof(text), "%llu", (unsigned long long)got);
	check(json, key, str_of(text));
}

static void
check_qmail(struct str json, const struct maillog_event *ev)
{
	if (ev->kind == MAILLOG_QMAIL_STATUS) {
		check_number(json, "l", ev->status.local);
		check_number(json, "L", ev->status.local_max);
		check_number(json, "r", ev->status.remote);
		check_number(json, "R", ev->status.remote_max);
		return;
	}
	check_number(json, "msg", ev->qmail.msg);
	check_number(json, "delivery", ev->qmail.delivery);
	check_number(json, "bytes", ev->qmail.bytes);
	check_number(json, "qp", ev->qmail.qp);
	check_number(json, "uid", ev->qmail.uid);
	check(json, "sender", ev->qmail.address);
	check(json, "rcpt", ev->qmail.address);
	check(json, "channel", ev->qmail.remote ? STR("remote") : STR("local"));
	check(json, "rest", ev->text);
	check(json, "text", ev->text);
	check(json, "result", str_of(maillog_result_name(ev->result)));
}

static void
check_spamd(struct str json, const struct maillog_event *ev)
{
	check(json, "mid", ev->scan.mid);
	check(json, "user", ev->scan.user);
	check_number(json, "uid", ev->scan.uid);
	check(json, "rules", ev->scan.rules);
	check(json, "score", ev->scan.score);
	check(json, "required", ev->scan.required);
	check(json, "required_score", ev->scan.required);
	check(json, "seconds", ev->scan.seconds);
	check(json, "scantime", ev->scan.seconds);
	check_number(json, "bytes", ev->scan.size);
	check_number(json, "size", ev->scan.size);
	check_number(json, "rport", ev->scan.port);
	check(json, "raddr", ev->scan.address);
	check(json, "autolearn", ev->scan.autolearn);
	check(json, "verdict", ev->scan.spam ? STR("Y") : STR("."));
	if (ev->kind == MAILLOG_SPAMD_START)
		check(json, "what", ev->scan.what);
	if (ev->kind == MAILLOG_SPAMD_DONE)
		check(json, "what",
		    ev->scan.spam ? STR("identified spam")
				  : STR("clean message"));
}

static void
check_qpsmtpd(struct str json, const struct maillog_event *ev)
{
	check_number(json, "pid", ev->pid);
	check(json, "hook", maillog_field(ev, MAILLOG_F_HOOK));
	check(json, "plugin", maillog_field(ev, MAILLOG_F_PLUGIN));
	if (ev->kind != MAILLOG_LOGTERSE) {
		check(json, "text", ev->text);
		return;
	}
	struct str sender;
	check_number(json, "nfields", ev->terse.n_fields);
	check(json, "ip", ev->terse.ip);
	check(json, "host", ev->terse.host);
	check(json, "helo", ev->terse.helo);
	check(json, "rcpts", ev->terse.recipients);
	check(json, "code", ev->terse.code_text);
	check(json, "text", ev->terse.reason);
	check(json, "extra", ev->terse.extra);
	assert_true(expected(json, "sender", &sender));
	assert_true(
	    str_eq(str_sub(sender, 1, sender.len - 1), ev->terse.sender));
	checked++;
}

static void
check_rest(struct str json, const struct maillog_event *ev)
{
	if (ev->kind >= MAILLOG_CLAMD_OK && ev->kind <= MAILLOG_CLAMD_ERROR) {
		check(json, "path", ev->virus.path);
		check(json, "name", ev->virus.name);
	} else if (ev->kind >= MAILLOG_DOVECOT_LOGIN &&
		   ev->kind <= MAILLOG_DOVECOT_TEXT) {
		check(json, "proto", ev->mailbox.proto);
		check(json, "service", ev->mailbox.proto);
		check(json, "user", ev->mailbox.user);
		check(json, "rip", ev->mailbox.ip);
		check(json, "method", ev->mailbox.method);
		check_number(json, "limit", ev->mailbox.limit);
		check_number(json, "attempts", ev->mailbox.attempts);
	} else if (ev->kind >= MAILLOG_TCPSVD_STATUS &&
		   ev->kind <= MAILLOG_TCPSVD_TEXT) {
		check_number(json, "pid", ev->pid);
		check_number(json, "n", ev->supervisor.running);
		check_number(json, "max", ev->supervisor.max);
		check(json, "ip", ev->supervisor.ip);
		check(json, "local", ev->supervisor.local);
		check(json, "remote", ev->supervisor.remote);
		check(json, "rule", ev->supervisor.rule);
		check_number(json, "exit", ev->supervisor.code);
	}
}

static void
check_stamp(struct str json, struct str line, const struct stamp *stamp)
{
	static const char *const words[] = { [STAMP_NONE] = "",
		[STAMP_TAI64N] = "tai64n",
		[STAMP_UNIX] = "unix",
		[STAMP_LOCAL] = "iso",
		[STAMP_UTC] = "iso",
		[STAMP_SYSLOG] = "syslog" };
	/* lines without one carry no "stamp" */
	check(json, "stamp", str_of(words[stamp->kind]));
	check(json, "stamp_text", str_sub(line, 0, stamp->len));
	if (stamp->kind != STAMP_TAI64N)
		return;
	check_number(json, "seconds", (uint64_t)stamp->time.unix_s);
	check_number(json, "nanoseconds", (uint64_t)stamp->time.ns);
}

static void
check_line(struct str json, const char *service, struct str line)
{
	struct maillog_event ev;
	struct stamp stamp = stamp_parse(line, 1795320000);
	struct str text = str_sub(line, stamp.text, line.len), kind;
	/* the fields of the line stand before those of all lines */
	size_t end = str_find_str(json, STR("}, \"file\""));
	struct str fields = str_sub(json, 0, end + 1);
	check_stamp(
	    str_sub(json, end < json.len ? end : 0, json.len), line, &stamp);
	maillog_parse_stamped(
	    maillog_form_of(str_of(service)), stamp.kind, text, &ev);
	assert_true(expected(json, "kind", &kind));
	/* "other": no form of the specification need fit */
	if (str_is(kind, "other"))
		return;
	check(json, "kind", str_of(maillog_kind_name(ev.kind)));
	if (strcmp(service, "qmail") == 0)
		check_qmail(fields, &ev);
	else if (strcmp(service, "spamd") == 0)
		check_spamd(fields, &ev);
	else if (strcmp(service, "qpsmtpd") == 0)
		check_qpsmtpd(fields, &ev);
	else
		check_rest(fields, &ev);
}

static void
test_recorded_lines(void **state)
{
	(void)state;
	struct buf want = BUF_INIT(1 << 20);
	assert_true(
	    file_read("tests/data/logs/expected.ndjson", NULL, &want, NULL));
	struct str all = buf_str(&want), json = STR_EMPTY;
	int total = 0;
	(void)str_next_line(&all, &json);
	for (size_t i = 0; i < ARRAY_LEN(logs); i++) {
		char path[128];
		struct buf bytes = BUF_INIT(65536);
		struct str name, line;
		int n = 0;
		snprintf(
		    path, sizeof(path), "tests/data/logs/%s", logs[i].file);
		assert_true(file_read(path, NULL, &bytes, NULL));
		struct str text = buf_str(&bytes);
		while (str_next_line(&text, &line)) {
			assert_true(expected(json, "file", &name));
			assert_true(str_is(name, logs[i].file));
			check_line(json, logs[i].service, line);
			(void)str_next_line(&all, &json);
			n++;
		}
		assert_int_equal(n, logs[i].lines);
		total += n;
		buf_clear(&bytes);
	}
	assert_int_equal(total, 170);
	assert_int_equal(all.len, 0);
	assert_true(checked > 600);
	buf_clear(&want);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_recorded_lines),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
