/*
 * Private to the parsers: each fills an event from the text of a line. Inline
 * helpers, because they run millions of times a second.
 */
#ifndef CORE_MAILLOG_PARSE_INT_H
#define CORE_MAILLOG_PARSE_INT_H

#include "core/maillog/parse.h"

#include <string.h>

/*
 * '*out' has kind MAILLOG_OTHER, the whole text, pid 0 and severity
 * MAILLOG_INFO.
 */
typedef void maillog_parser(struct str text, struct maillog_event *out);

maillog_parser parse_qpsmtpd;
maillog_parser parse_qmail;
maillog_parser parse_spamd;
maillog_parser parse_clamd;
maillog_parser parse_dovecot;
maillog_parser parse_tcpsvd;
maillog_parser parse_fetchmail;
maillog_parser parse_postfix;

/* The part of LG-30 behind the mark. */
void parse_logterse(struct str text, struct str hook, struct str name,
    struct maillog_event *out);

/* A reading position: bytes [p, end) are still to be read. */
struct scan {
	const char *p, *end;
};

static inline struct scan
scan_of(struct str s)
{
	static const char nothing[1] = "";
	const char *p = s.ptr != NULL ? s.ptr : nothing;
	return (struct scan){ p, p + s.len };
}

static inline size_t
scan_left(const struct scan *s)
{
	return (size_t)(s->end - s->p);
}

static inline struct str
scan_rest(const struct scan *s)
{
	return str_n(s->p, scan_left(s));
}

static inline bool
scan_at(const struct scan *s, const char *literal, size_t n)
{
	return scan_left(s) >= n && memcmp(s->p, literal, n) == 0;
}

static inline bool
scan_take(struct scan *s, const char *literal, size_t n)
{
	if (!scan_at(s, literal, n))
		return false;
	s->p += n;
	return true;
}
/* Go past a string literal. */
#define TAKE(s, literal) scan_take((s), "" literal, sizeof(literal) - 1)
#define AT(s, literal)   scan_at((s), "" literal, sizeof(literal) - 1)
/* str_is, but compared in place: for words of many lines */
#define IS(str, literal)                                                       \
	((str).len == sizeof("" literal) - 1 &&                                \
	    memcmp((str).ptr, literal, sizeof(literal) - 1) == 0)

/* Digits as a number; false without any or with more than 18. */
static inline bool
scan_u64(struct scan *s, uint64_t *out)
{
	const char *from = s->p;
	uint64_t v = 0;
	while (s->p < s->end && (unsigned char)(*s->p - '0') < 10)
		v = v * 10 + (unsigned char)(*s->p++ - '0');
	*out = v;
	return s->p > from && s->p - from <= 18;
}

/* What a text begins with as a number; 0 where it is none. */
static inline uint64_t
scan_number(struct str text)
{
	struct scan s = scan_of(text);
	uint64_t n;
	return text.len > 0 && scan_u64(&s, &n) ? n : 0;
}

static inline bool
scan_u32(struct scan *s, uint32_t *out)
{
	uint64_t v;
	bool ok = scan_u64(s, &v) && v <= UINT32_MAX;
	*out = ok ? (uint32_t)v : 0;
	return ok;
}

/* What stands before 'c', which is passed; all with *found false without. */
static inline struct str
scan_until(struct scan *s, char c, bool *found)
{
	const char *at = s->p < s->end ? memchr(s->p, c, scan_left(s)) : NULL;
	struct str part = scan_rest(s);
	*found = at != NULL;
	if (at != NULL) {
		part.len = (size_t)(at - s->p);
		s->p = at + 1;
	} else {
		s->p = s->end;
	}
	return part;
}

/* The first place of 'needle' at or after the position; NULL if none. */
static inline const char *
scan_find(const struct scan *s, const char *needle)
{
	size_t n = strlen(needle);
	const char *p = s->p;
	/* needles begin with rare characters: memchr alone is the fastest */
	while (s->end - p >= (ptrdiff_t)n) {
		p = memchr(p, needle[0], (size_t)(s->end - p) - n + 1);
		if (p == NULL || memcmp(p, needle, n) == 0)
			return p;
		p++;
	}
	return NULL;
}

/* What follows 'key' up to 'stop' (or the end); empty if it is not there. */
static inline struct str
scan_value(const struct scan *s, const char *key, char stop)
{
	const char *at = scan_find(s, key);
	struct str none = STR_EMPTY;
	bool found;
	if (at == NULL)
		return none;
	struct scan v = { at + strlen(key), s->end };
	return scan_until(&v, stop, &found);
}

#endif
