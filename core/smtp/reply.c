/* Replies and the table from verdicts to replies. */
#include "core/smtp/reply.h"

#include "core/base/compiler.h"
#include "core/smtp/limits.h"

#include <stdio.h>

enum {
	OUTCOME_COLUMNS = 4 /* DENY ... DENYSOFT_DISCONNECT */
};

#define NOTHING SMTP_AFTER_NOTHING
#define RESET   SMTP_AFTER_RESET
#define CLOSE   SMTP_AFTER_CLOSE
#define IGNORED                                                                \
	{                                                                      \
		0, SMTP_AFTER_NOTHING                                          \
	}
/*
 * FL-2. A close with a 4xx code is announced by 421 everywhere, since a peer
 * may otherwise go on talking (NEW in that rule).
 */
/* clang-format off */
static const struct smtp_outcome
    outcomes[HOOK_COUNT][OUTCOME_COLUMNS] = {
/*                     DENY            DENYSOFT        DENY_DISCONNECT
                       DENYSOFT_DISCONNECT */
[HOOK_PRE_CONNECTION]={{ 550, CLOSE }, { 421, CLOSE }, { 550, CLOSE },
                       { 421, CLOSE }},
[HOOK_CONNECT] =      {{ 550, CLOSE }, { 421, CLOSE }, { 550, CLOSE },
                       { 421, CLOSE }},
[HOOK_HELO] =         {{ 550, NOTHING }, { 450, NOTHING }, { 550, CLOSE },
                       { 421, CLOSE }},
[HOOK_MAIL] =         {{ 550, NOTHING }, { 450, NOTHING }, { 550, CLOSE },
                       { 421, CLOSE }},
[HOOK_RCPT] =         {{ 550, NOTHING }, { 450, NOTHING }, { 550, CLOSE },
                       { 421, CLOSE }},
[HOOK_DATA] =         {{ 554, RESET }, { 451, RESET }, { 554, CLOSE },
                       { 421, CLOSE }},
[HOOK_DATA_HEADERS_END] = {IGNORED, IGNORED, { 554, CLOSE },
                       { 421, CLOSE }},
[HOOK_DATA_POST_HEADERS] = {{ 552, RESET }, { 452, RESET }, { 552, CLOSE },
                       { 421, CLOSE }},
[HOOK_DATA_POST] =    {{ 552, RESET }, { 452, RESET }, { 552, CLOSE },
                       { 421, CLOSE }},
[HOOK_QUEUE_PRE] =    {{ 552, RESET }, { 452, RESET }, { 451, RESET },
                       { 451, RESET }},
[HOOK_QUEUE] =        {{ 552, RESET }, { 452, RESET }, { 451, RESET },
                       { 451, RESET }},
[HOOK_NOOP] =         {{ 500, NOTHING }, IGNORED, { 500, CLOSE }, IGNORED},
[HOOK_VRFY] =         {{ 554, RESET }, IGNORED, IGNORED, IGNORED},
[HOOK_HELP] =         {{ 500, NOTHING }, IGNORED, IGNORED, IGNORED},
[HOOK_UNRECOGNIZED] = {{ 500, NOTHING }, { 500, NOTHING }, { 521, CLOSE },
                       { 500, NOTHING }},
};
/* clang-format on */

struct smtp_outcome
smtp_outcome_of(enum filter_hook hook, enum filter_result result)
{
	static const struct smtp_outcome ignored = IGNORED;
	if (hook >= HOOK_COUNT || result < FILTER_DENY ||
	    result > FILTER_DENYSOFT_DISCONNECT)
		return ignored;
	return outcomes[hook][result - FILTER_DENY];
}

/* "5.7.1" at the start of 's', followed by a blank or the end; its length. */
static size_t
status_length(struct str s)
{
	size_t at = 0;
	for (int part = 0; part < 3; part++) {
		size_t from = at;
		while (at < s.len && ascii_is_digit(s.ptr[at]))
			at++;
		if (at == from || at - from > 3)
			return 0;
		if (part < 2 && (at == s.len || s.ptr[at++] != '.'))
			return 0;
	}
	return at;
}

static bool
begins_with_status(struct str s)
{
	size_t n = status_length(s);
	return n > 0 && (n == s.len || s.ptr[n] == ' ');
}

const char *
smtp_status_of(int code, struct str text, const char *otherwise,
    char out[SMTP_STATUS_SIZE])
{
	char class = (char)('0' + code / 100);
	size_t mark = str_find_str(text, STR("(#"));
	struct str told = str_sub(text, mark + 2, text.len);
	size_t n = status_length(told);
	if (n > 0 && n < SMTP_STATUS_SIZE && told.ptr[0] == class &&
	    n < told.len && told.ptr[n] == ')') {
		memcpy(out, told.ptr, n);
		out[n] = '\0';
	} else {
		snprintf(out, SMTP_STATUS_SIZE, "%c%s", class, otherwise + 1);
	}
	return out;
}

bool
smtp_reply_may_hold(char c)
{
	return (c >= ' ' && c <= '~') || c == '\t';
}

static void
add_printable(struct buf *out, struct str line)
{
	line = str_sub(line, 0, SMTP_REPLY_LINE_MAX);
	char *to = buf_reserve(out, line.len);
	if (to == NULL)
		return;
	for (size_t i = 0; i < line.len; i++) {
		char c = line.ptr[i];
		to[i] = smtp_reply_may_hold(c) ? c : '?';
	}
	buf_used(out, line.len);
}

bool
smtp_reply(struct buf *out, int code, const char *status, struct str text)
{
	size_t before = out->len;
	if (status != NULL && begins_with_status(text))
		status = NULL;
	struct str line;
	bool more = str_next_line(&text, &line);
	if (!more)
		line = (struct str)STR_EMPTY;
	do {
		more = text.len > 0;
		buf_addf(out, "%d%c", code, more ? '-' : ' ');
		if (status != NULL)
			buf_addf(out, "%s ", status);
		add_printable(out, line);
		buf_add_cstr(out, "\r\n");
	} while (more && str_next_line(&text, &line));
	if (!out->failed)
		return true;
	out->failed = false;
	buf_truncate(out, before);
	return false;
}
