/* Conversations in the comments of the daemon's counters. */
#include "core/model/transcripts.h"

#include "core/base/num.h"
#include "core/model/counters.h"

#include <string.h>

static bool
head_read(struct str line, struct transcript_session *out)
{
	struct str number, took;
	line = str_sub(line, strlen(COUNTERS_SESSION), line.len);
	return str_next_word(&line, &number) &&
	       num_parse_u64(number, UINT32_MAX, &out->number) &&
	       str_next_word(&line, &out->ip) &&
	       str_next_word(&line, &out->began) &&
	       str_next_word(&line, &took) &&
	       num_parse_u64(took, UINT64_MAX, &out->took_ms);
}

bool
transcript_next(struct str *at, struct transcript_session *out)
{
	struct str line;
	while (str_next_line(at, &line)) {
		if (!str_starts(line, STR(COUNTERS_SESSION)) ||
		    !head_read(line, out))
			continue;
		struct str rest = *at;
		out->lines = *at;
		while (str_next_line(&rest, &line) &&
		       str_starts(line, STR(COUNTERS_SESSION_LINE)))
			*at = rest;
		out->lines.len -= at->len;
		return true;
	}
	return false;
}

bool
transcript_line(struct str *lines, uint64_t *ms, struct str *text)
{
	struct str line;
	while (str_next_line(lines, &line)) {
		if (!str_starts(line, STR(COUNTERS_SESSION_LINE)))
			continue;
		line = str_sub(line, strlen(COUNTERS_SESSION_LINE), line.len);
		struct str when = str_cut(line, ' ', text);
		if (num_parse_u64(when, UINT64_MAX, ms))
			return true;
	}
	return false;
}
