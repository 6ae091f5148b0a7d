/*
 * Fuzzes the parsers of log lines: stamps and the lines of each service. What
 * they find lies within the line. Exercises core/maillog/stamp.c,
 * core/maillog/parse*.c.
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
check_line(enum maillog_form form, struct str line)
{
	struct stamp s = stamp_parse(line, 1795320000);
	require(s.len <= s.text && s.text <= line.len);
	require(s.time.ns >= 0 && s.time.ns < 1000000000);
	require(s.kind != STAMP_NONE || s.text == 0);
	struct str text = str_sub(line, s.text, line.len), address;
	struct maillog_event ev;
	maillog_parse_stamped(form, s.kind, text, &ev);
	within(ev.text, text);
	require(maillog_kind_name(ev.kind) != NULL);
	for (int f = 0; f < MAILLOG_N_FIELDS; f++) {
		struct str part = maillog_field(&ev, (enum maillog_field)f);
		if (!str_is(part, "unknown")) /* the rule of a short verdict */
			within(part, text);
	}
	struct str rest = maillog_field(&ev, MAILLOG_F_TO);
	while (maillog_recipient_next(&rest, &address))
		within(address, text);
	(void)maillog_plugin_find(maillog_field(&ev, MAILLOG_F_PLUGIN));
	(void)maillog_qp(&ev);
	(void)maillog_msg(&ev);
	(void)maillog_delivery(&ev);
	(void)maillog_connection(&ev);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = str_n((const char *)data, size), line;
	while (str_next_line(&text, &line))
		for (int f = 0; f <= MAILLOG_FORM_SYSLOG; f++)
			check_line((enum maillog_form)f, line);
	return 0;
}
