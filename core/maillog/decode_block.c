/*
 * The inner loop of the decoder. Most lines of a log carry the second of the
 * line before, so its date is kept as text; the rest is eight hexadecimal
 * digits to nine decimal ones, and a copy that finds the newline on its way.
 */
#include "core/maillog/decode_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum {
	KEY_SIZE = 16, /* digits of the second */
	NS_AT = 1 + KEY_SIZE,
};

#ifdef __SSE2__

static bool
same_key(const char *a, const char *b)
{
	__m128i x = _mm_loadu_si128((const __m128i *)(const void *)a);
	__m128i y = _mm_loadu_si128((const __m128i *)(const void *)b);
	return _mm_movemask_epi8(_mm_cmpeq_epi8(x, y)) == 0xffff;
}

/*
 * Copy up to and with the first newline, or to 'end'. Reads and writes up to
 * DECODE_PAD bytes too many. Returns the end of what was copied in 'p'.
 */
static const char *
copy_line(const char *p, const char *end, char *out)
{
	const __m128i newline = _mm_set1_epi8('\n');
	while (p < end) {
		__m128i a = _mm_loadu_si128((const __m128i *)(const void *)p);
		__m128i b =
		    _mm_loadu_si128((const __m128i *)(const void *)(p + 16));
		_mm_storeu_si128((__m128i *)(void *)out, a);
		_mm_storeu_si128((__m128i *)(void *)(out + 16), b);
		uint32_t found =
		    (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(a, newline)) |
		    (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(b, newline))
			<< 16;
		if (found != 0) {
			p += __builtin_ctz(found) + 1;
			return p < end ? p : end;
		}
		p += 32;
		out += 32;
	}
	return end;
}

#else

static bool
same_key(const char *a, const char *b)
{
	return memcmp(a, b, KEY_SIZE) == 0;
}

static const char *
copy_line(const char *p, const char *end, char *out)
{
	const char *found = memchr(p, '\n', (size_t)(end - p));
	const char *stop = found != NULL ? found + 1 : end;
	memcpy(out, p, (size_t)(stop - p));
	return stop;
}

#endif

/* Make 'head' show the second of the label at 'p'. */
static bool
new_second(struct decoder *d, const char *p)
{
	uint64_t s;
	int64_t unix_s;
	d->head_len = 0;
	if (!tai64n_hex16(p + 1, &s) || !tai64n_label_second(s, &unix_s) ||
	    !tai64n_zone_second(&d->zone, unix_s))
		return false;
	memcpy(d->head, d->zone.text, d->zone.len);
	d->head[d->zone.len] = '.';
	if (d->options.style == DECODE_ISO)
		d->head[d->zone.len - 9] = 'T';
	d->head_len = d->zone.len + 1;
	memcpy(d->key, p + 1, KEY_SIZE);
	return true;
}

/* "+12.345678901": distance from the first label of the stream. */
static char *
put_relative(struct decoder *d, const char *p, char *out)
{
	struct tai64n t;
	if (!tai64n_parse_digits(str_n(p, TAI64N_SIZE), &t))
		return NULL;
	if (!d->has_first) {
		d->has_first = true;
		d->first = t;
	}
	bool back = tai64n_cmp(t, d->first) < 0;
	struct tai64n late = back ? d->first : t, early = back ? t : d->first;
	uint64_t s = (uint64_t)late.unix_s - (uint64_t)early.unix_s;
	int32_t ns = late.ns - early.ns;
	if (ns < 0) {
		s--;
		ns += 1000000000;
	}
	int n = snprintf(out, TAI64N_TEXT_SIZE, "%c%llu.%09ld",
	    back ? '-' : '+', (unsigned long long)s, (long)ns);
	return out + n;
}

/* Write the time of the label at 'p', 25 bytes; NULL when it is none. */
static char *
put_label(struct decoder *d, const char *p, char *out)
{
	uint32_t ns;
	if (d->options.style == DECODE_RELATIVE)
		return put_relative(d, p, out);
	if ((d->head_len == 0 || !same_key(p + 1, d->key)) && !new_second(d, p))
		return NULL;
	if (!tai64n_hex8(p + NS_AT, &ns) || ns >= TAI64N_NS_END)
		return NULL;
	memcpy(out, d->head, 32);
	out += d->head_len;
	tai64n_ns_text(ns, out);
	out += 9;
	if (d->options.style == DECODE_ISO) {
		memcpy(out, d->zone.suffix, 6);
		out += 6;
	}
	return out;
}

/* A label can stand at 'p': LG-1 but for the digits. */
static bool
label_fits(const char *p, const char *limit, bool final)
{
	size_t known = (size_t)(limit - p);
	if (*p != '@' || known < TAI64N_SIZE)
		return false;
	if (known == TAI64N_SIZE)
		return final;
	return p[TAI64N_SIZE] == ' ' || p[TAI64N_SIZE] == '\n';
}

char *
decode_range(struct decoder *d, const char *p, const char *end,
    const char *limit, bool final, const char **stop, char *out)
{
	uint64_t labelled = 0, lines = 0;
	bool in_line = d->in_line;
	while (p < end) {
		if (!in_line) {
			char *after = NULL;
			lines++;
			if (label_fits(p, limit, final))
				after = put_label(d, p, out);
			if (after != NULL) {
				labelled++;
				out = after;
				p += TAI64N_SIZE;
				if (p >= end) {
					in_line = true;
					break;
				}
			}
		}
		const char *next = copy_line(p, end, out);
		out += next - p;
		p = next;
		in_line = p[-1] != '\n';
	}
	d->in_line = in_line;
	d->count.labelled += labelled;
	d->count.unlabelled += lines - labelled;
	*stop = p;
	return out;
}

const char *
decode_skip_crossing(
    const char *begin, bool line_start, const char *at, const char *limit)
{
	struct decoder probe = { .options = { .style = DECODE_LOCAL } };
	char text[TAI64N_TEXT_SIZE + DECODE_PAD];
	const char *p = at;
	/* back to the start of the line, if that is near enough */
	while (p > begin && at - p < TAI64N_SIZE && p[-1] != '\n')
		p--;
	bool starts = p > begin ? p[-1] == '\n' : line_start;
	if (p == at || !starts || at - p >= TAI64N_SIZE ||
	    !label_fits(p, limit, true) || put_label(&probe, p, text) == NULL)
		return at;
	return p + TAI64N_SIZE;
}

/* What 'n' bytes at the end of a block lack to decide about their label. */
static bool
may_grow_to_label(const char *p, size_t n)
{
	if (n > TAI64N_SIZE || p[0] != '@')
		return false;
	for (size_t i = 1; i < n; i++)
		if (memchr("0123456789abcdef", p[i], 16) == NULL)
			return false;
	return true;
}

size_t
decoder_block(struct decoder *d, const char *in, size_t n, bool final,
    size_t *used, char *out)
{
	size_t take = n;
	if (!final && n > 0) {
		const char *newline = memrchr(in, '\n', n);
		size_t tail = newline != NULL ? (size_t)(newline - in) + 1 : 0;
		bool starts = newline != NULL || !d->in_line;
		if (tail < n && starts &&
		    may_grow_to_label(in + tail, n - tail))
			take = tail;
	}
	const char *stop;
	char *end =
	    decode_range(d, in, in + take, in + take, final, &stop, out);
	*used = take;
	return (size_t)(end - out);
}
