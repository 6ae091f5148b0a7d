/*
 * Fuzzes the parsers of log lines: stamps and the lines of each service. What
 * they find lies within the line. Exercises core/maillog/stamp.c,
 * core/maillog/parse.c and core/maillog/parse_qpsmtpd.c.
 */
#include "core/maillog/parse.h"
#include "core/maillog/stamp.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool holds)
{
	if (!holds)
		abort();
}

static void
within(struct str part, struct str whole)
{
	if (part.len > 0)
		require(part.ptr >= whole.ptr &&
			part.ptr + part.len <= whole.ptr + whole.len);
}

static void
check_line(const char *service, struct str line)
{
	struct stamp s = stamp_parse(line, 1795320000);
	require(s.len <= s.text && s.text <= line.len);
	require(s.time.ns >= 0 && s.time.ns < 1000000000);
	require(s.kind != STAMP_NONE || s.text == 0);
	struct str text = str_sub(line, s.text, line.len), address;
	struct maillog_event ev;
	maillog_parse(service, text, &ev);
	const struct str parts[] = { ev.pid, ev.hook, ev.plugin, ev.text, ev.ip,
		ev.host, ev.helo, ev.sender, ev.recipients, ev.code, ev.reason,
		ev.extra, ev.score };
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		within(parts[i], text);
	struct str rest = ev.recipients;
	while (maillog_recipient_next(&rest, &address))
		within(address, text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = str_n((const char *)data, size), line;
	while (str_next_line(&text, &line)) {
		check_line("qpsmtpd", line);
		check_line("clamd", line);
	}
	return 0;
}
