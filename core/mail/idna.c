/*
 * Labels with letters beyond ASCII as A-labels: lower case for the scripts
 * where that is a plain shift, then punycode (RFC 3492). Composing of accents
 * is left to who types: a combining mark is refused.
 */
#include "core/mail/idna.h"

#include "core/base/compiler.h"
#include "core/base/utf8.h"

enum {
	LABEL_MAX = 63, /* of the result, RFC 1035 */
	/* RFC 3492, section 5 */
	PUNY_BASE = 36,
	PUNY_T_MIN = 1,
	PUNY_T_MAX = 26,
	PUNY_SKEW = 38,
	PUNY_DAMP = 700,
	PUNY_FIRST_BIAS = 72,
	PUNY_FIRST_CODE = 128,
	TYPED_MAX = 4096 /* what is longer is no domain */
};

/* Upper case to lower case by adding 'by'; 'step' 2 takes every second. */
static const struct fold {
	uint32_t first, last, by, step;
} folds[] = {
	{ 'A', 'Z', 32, 1 },
	{ 0xc0, 0xd6, 32, 1 }, /* Latin-1 */
	{ 0xd8, 0xde, 32, 1 },
	{ 0x100, 0x136, 1, 2 }, /* Latin extended A */
	{ 0x139, 0x147, 1, 2 },
	{ 0x14a, 0x176, 1, 2 },
	{ 0x179, 0x17d, 1, 2 },
	{ 0x391, 0x3a9, 32, 1 }, /* Greek */
	{ 0x400, 0x40f, 80, 1 }, /* Cyrillic */
	{ 0x410, 0x42f, 32, 1 },
};

static uint32_t
fold_case(uint32_t c)
{
	for (size_t i = 0; i < ARRAY_LEN(folds); i++)
		if (c >= folds[i].first && c <= folds[i].last &&
		    (c - folds[i].first) % folds[i].step == 0)
			return c + folds[i].by;
	return c;
}

/* May this code point stand in a label? Letters, as far as widths tell. */
static bool
is_letter(uint32_t c)
{
	if (c < 0x80)
		return ascii_is_alnum((char)c) || c == '-';
	return c >= 0xdf && c != 0xf7 && utf8_width(c) > 0 &&
	       !(c >= 0x2000 && c <= 0x2bff) && /* punctuation, signs, arrows */
	       !(c >= 0x3000 && c <= 0x3004) && !(c >= 0xe000 && c <= 0xf8ff) &&
	       !(c >= 0xff00 && c <= 0xffef) && c < 0xe0000;
}

/* The label as folded code points; 0 when it has others than letters. */
static size_t
read_label(struct str label, uint32_t cps[LABEL_MAX])
{
	size_t n = 0;

	while (label.len > 0) {
		uint32_t c = 0;
		size_t len = utf8_decode(label, &c);
		c = fold_case(c);
		if (len == 0 || n == LABEL_MAX || !is_letter(c))
			return 0;
		cps[n++] = c;
		label = str_sub(label, len, label.len);
	}
	return n;
}

static char
puny_digit(uint32_t d)
{
	return (char)(d < 26 ? 'a' + d : '0' + (d - 26));
}

static uint32_t
puny_adapt(uint32_t delta, uint32_t points, bool first)
{
	uint32_t k = 0;

	delta = first ? delta / PUNY_DAMP : delta / 2;
	delta += delta / points;
	for (; delta > (PUNY_BASE - PUNY_T_MIN) * PUNY_T_MAX / 2;
	     k += PUNY_BASE)
		delta /= PUNY_BASE - PUNY_T_MIN;
	return k + (PUNY_BASE - PUNY_T_MIN + 1) * delta / (delta + PUNY_SKEW);
}

/* One delta as a number of variable length. */
static void
puny_number(struct buf *out, uint32_t q, uint32_t bias)
{
	for (uint32_t k = PUNY_BASE;; k += PUNY_BASE) {
		uint32_t t = k <= bias                ? PUNY_T_MIN
			     : k >= bias + PUNY_T_MAX ? PUNY_T_MAX
						      : k - bias;
		if (q < t)
			break;
		(void)buf_add_char(
		    out, puny_digit(t + (q - t) % (PUNY_BASE - t)));
		q = (q - t) / (PUNY_BASE - t);
	}
	(void)buf_add_char(out, puny_digit(q));
}

/* At most 63 points below 0x110000, so 'delta' stays below 2^27. */
static void
puny_encode(const uint32_t *cps, size_t n, struct buf *out)
{
	uint32_t code = PUNY_FIRST_CODE, delta = 0, bias = PUNY_FIRST_BIAS;
	uint32_t done = 0, basic;

	for (size_t i = 0; i < n; i++)
		if (cps[i] < PUNY_FIRST_CODE) {
			(void)buf_add_char(out, (char)cps[i]);
			done++;
		}
	basic = done;
	if (basic > 0)
		(void)buf_add_char(out, '-');
	while (done < n) {
		uint32_t next = UINT32_MAX;
		for (size_t i = 0; i < n; i++)
			if (cps[i] >= code && cps[i] < next)
				next = cps[i];
		delta += (next - code) * (done + 1);
		code = next;
		for (size_t i = 0; i < n; i++) {
			if (cps[i] < code)
				delta++;
			if (cps[i] != code)
				continue;
			puny_number(out, delta, bias);
			bias = puny_adapt(delta, done + 1, done == basic);
			delta = 0;
			done++;
		}
		delta++;
		code++;
	}
}

bool
idna_label(struct str label, struct buf *out)
{
	uint32_t cps[LABEL_MAX];
	size_t n = read_label(label, cps);
	size_t start = out->len;

	if (n == 0 || cps[0] == '-' || cps[n - 1] == '-')
		return false;
	(void)buf_add_cstr(out, "xn--");
	puny_encode(cps, n, out);
	return !out->failed && out->len - start <= LABEL_MAX;
}

static bool
is_ascii(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] >= 0x80)
			return false;
	return true;
}

bool
idna_domain(struct str domain, struct buf *out)
{
	while (domain.len > 0 && domain.ptr[0] == '.')
		domain = str_sub(domain, 1, domain.len);
	while (domain.len > 0 && domain.ptr[domain.len - 1] == '.')
		domain.len--;
	for (bool first = true; domain.ptr != NULL; first = false) {
		struct str label = str_cut(domain, '.', &domain);
		if (!first)
			(void)buf_add_char(out, '.');
		if (!is_ascii(label)) {
			if (!idna_label(label, out))
				return false;
			continue;
		}
		for (size_t i = 0; i < label.len; i++)
			(void)buf_add_char(out, ascii_lower(label.ptr[i]));
	}
	return !out->failed;
}

/* Where the domain begins: behind the last "@". */
static size_t
domain_begins(struct str s)
{
	size_t at = s.len;
	while (at > 0 && s.ptr[at - 1] != '@')
		at--;
	return at;
}

/* Append the text with its domain so; false: it needs no other form. */
static bool
typed(struct str s, struct buf *out)
{
	size_t start = out->len;
	size_t from = domain_begins(s), to = from;
	/* ":PORT", or the ">" of an address from a log */
	while (to < s.len && s.ptr[to] != ':' && s.ptr[to] != '>')
		to++;
	struct str domain = str_sub(s, from, to);
	bool whole = str_find_str(domain, STR("..")) == domain.len;
	if (!is_ascii(domain) && whole &&
	    buf_add_str(out, str_sub(s, 0, from)) && idna_domain(domain, out) &&
	    buf_add_str(out, str_sub(s, to, s.len)))
		return true;
	buf_truncate(out, start);
	return false;
}

const char *
idna_typed(struct arena *a, const char *text)
{
	struct buf out = BUF_INIT(TYPED_MAX);
	const char *ascii = text;
	if (typed(str_of(text), &out))
		ascii = arena_cstr(a, buf_str(&out));
	buf_clear(&out);
	return ascii;
}

bool
idna_text(struct str text, struct buf *out)
{
	return (str_find(text, '.', 0) < text.len ||
		   str_find(text, '@', 0) < text.len) &&
	       typed(text, out);
}
