/* Keys of texts. */
#include "core/base/find.h"
#include "core/maillog/logindex_int.h"

enum {
	OCTET = 3 /* digits of a number of an address */
};

static uint64_t
add_byte(uint64_t h, char c)
{
	return (h ^ (unsigned char)ascii_lower(c)) * 0x100000001b3u;
}

/* Every bit of the result hangs on every bit of 'h'. */
static uint64_t
mixed(uint64_t h)
{
	h = (h ^ h >> 33) * 0xff51afd7ed558ccdu;
	h = (h ^ h >> 33) * 0xc4ceb9fe1a85ec53u;
	return h ^ h >> 33;
}

/* No address goes on over such a byte: windows with it are not worth a key. */
static bool
is_edge(char c)
{
	static const bool edges[256] = {
		['<'] = true,
		['>'] = true,
		[','] = true,
		[';'] = true,
		['('] = true,
		[')'] = true,
		['"'] = true,
		['\''] = true,
		['`'] = true,
		[':'] = true,
	};
	return (unsigned char)c <= ' ' || edges[(unsigned char)c];
}

/* How many of the 'n' bytes at 'p' stand before an edge. */
static size_t
run_right(const char *p, size_t n)
{
	size_t i = 0;
	while (i < n && i < LOGINDEX_RIGHT && !is_edge(p[i]))
		i++;
	return i;
}

/* Windows: so many bytes before the '@', as a set of bits, and behind it. */
static const struct {
	size_t right;
	uint32_t lefts;
} windows[] = {
	{ 4, 1u << 0 | 1u << 3 | 1u << 6 },
	{ 8, 1u << 0 | 1u << 1 | 1u << 2 | 1u << 3 | 1u << 4 | 1u << 6 |
		 1u << 8 | 1u << 12 | 1u << 16 },
	{ 12, 1u << 0 },
	{ 16, 1u << 0 | 1u << 2 },
};

static void
keys_of_at(struct str text, size_t at, void (*key)(void *ctx, uint64_t hash),
    void *ctx)
{
	const char *p = text.ptr + at;
	size_t right = run_right(p + 1, text.len - at - 1);
	/* a label, which begins every line */
	if (right < 4 || memcmp(p + 1, "4000", 4) == 0)
		return;
	for (size_t w = 0; w < ARRAY_LEN(windows); w++) {
		uint64_t h = windows[w].right;
		if (right < windows[w].right)
			return;
		for (size_t i = 1; i <= windows[w].right; i++)
			h = add_byte(h, p[i]);
		for (size_t left = 0;; left++) {
			if ((windows[w].lefts >> left & 1) != 0)
				key(ctx, mixed(h));
			if ((windows[w].lefts >> left) <= 1 || left == at ||
			    is_edge(p[-1 - (ptrdiff_t)left]))
				break;
			h = add_byte(h, p[-1 - (ptrdiff_t)left]);
		}
	}
}

/* How many digits stand before 'end', OCTET + 1 at most. */
static size_t
digits_before(struct str text, size_t end)
{
	size_t n = 0;
	while (n <= OCTET && n < end && ascii_is_digit(text.ptr[end - n - 1]))
		n++;
	return n;
}

/* Is there a dotted quad whose last dot is at 'dot'? */
static void
keys_of_dot(struct str text, size_t dot, void (*key)(void *ctx, uint64_t hash),
    void *ctx)
{
	size_t end = dot, n = digits_before(text, end);
	for (int i = 0; i < 2; i++) {
		if (n == 0 || n > OCTET || n == end ||
		    text.ptr[end - n - 1] != '.')
			return;
		end -= n + 1;
		n = digits_before(text, end);
	}
	for (size_t left = 1; left <= n && left <= OCTET; left++) {
		uint64_t h = 'i';
		for (size_t i = end - left; i <= dot; i++)
			h = add_byte(h, text.ptr[i]);
		for (size_t i = dot + 1; i < text.len && i <= dot + OCTET &&
					 ascii_is_digit(text.ptr[i]);
		     i++) {
			h = add_byte(h, text.ptr[i]);
			key(ctx, mixed(h));
		}
	}
}

/* The bytes around a dot of a name: "exam" "." "org", or around a colon. */
static void
key_around(struct str text, size_t at, size_t left, size_t right,
    bool (*is_part)(char c), void (*key)(void *ctx, uint64_t hash), void *ctx)
{
	uint64_t h = (unsigned char)text.ptr[at];
	if (at < left || text.len - at <= right)
		return;
	for (size_t i = at - left; i <= at + right; i++) {
		if (!is_part(text.ptr[i]))
			return;
		h = add_byte(h, text.ptr[i]);
	}
	key(ctx, mixed(h));
}

static bool
is_of_name(char c)
{
	return !is_edge(c) && c != '@';
}

/* Of an address of version 6. */
static bool
is_of_six(char c)
{
	c = ascii_lower(c);
	return ascii_is_digit(c) || c == ':' || (c >= 'a' && c <= 'f');
}

static void
keys_of_names(struct str text, size_t from, size_t to,
    void (*key)(void *ctx, uint64_t hash), void *ctx)
{
	const char *end = text.ptr + to, *p = text.ptr + from;
	while ((p = memchr(p, '.', (size_t)(end - p))) != NULL) {
		size_t dot = (size_t)(p++ - text.ptr);
		/* numbers with dots have keys of their own, or none */
		if (dot + 1 < text.len && !ascii_is_digit(text.ptr[dot + 1]))
			key_around(text, dot, 4, 3, is_of_name, key, ctx);
	}
	p = text.ptr + from;
	while ((p = memchr(p, ':', (size_t)(end - p))) != NULL)
		key_around(
		    text, (size_t)(p++ - text.ptr), 3, 3, is_of_six, key, ctx);
}

/* "q-4e21a7": a session of the filter. */
static void
keys_of_sessions(struct str text, size_t from, size_t to,
    void (*key)(void *ctx, uint64_t hash), void *ctx)
{
	const char *p = text.ptr + from;
	const char *last = text.ptr + (to < text.len ? to + 1 : to);
	while (
	    (p = find_bytes(p, (size_t)(last - p), STR("q-"), true)) != NULL) {
		uint64_t h = 'q';
		p += strlen("q-");
		for (size_t i = 0; p + i < text.ptr + text.len && i < 6 &&
				   ascii_is_alnum(p[i]);
		     i++) {
			h = add_byte(h, p[i]);
			if (i == 3 || i == 5)
				key(ctx, mixed(h));
		}
		if (p >= last)
			break;
	}
}

void
logindex_keys(struct str text, size_t from, size_t to,
    void (*key)(void *ctx, uint64_t hash), void *ctx)
{
	const char *end = text.ptr + to, *p = text.ptr + from;
	if (from >= to)
		return;
	while ((p = memchr(p, '@', (size_t)(end - p))) != NULL) {
		keys_of_at(text, (size_t)(p - text.ptr), key, ctx);
		p++;
	}
	p = text.ptr + from;
	while ((p = memchr(p, '.', (size_t)(end - p))) != NULL) {
		size_t dot = (size_t)(p++ - text.ptr);
		if (dot > 0 && ascii_is_digit(text.ptr[dot - 1]) &&
		    dot + 1 < text.len && ascii_is_digit(text.ptr[dot + 1]))
			keys_of_dot(text, dot, key, ctx);
	}
	keys_of_names(text, from, to, key, ctx);
	keys_of_sessions(text, from, to, key, ctx);
}

/* Three: of one alone one stretch in ten seems to have it. */
void
logindex_number_keys(
    struct str number, void (*key)(void *ctx, uint64_t hash), void *ctx)
{
	uint64_t h = 'n';
	if (number.len == 0 || number.len > LOGINDEX_NUMBER)
		return;
	for (size_t i = 0; i < number.len; i++) {
		if (!ascii_is_alnum(number.ptr[i]))
			return;
		h = add_byte(h, number.ptr[i]);
	}
	key(ctx, mixed(h));
	key(ctx, mixed(add_byte(h, 'n')));
	key(ctx, mixed(add_byte(h, 'm')));
}

/* The number or id at 'at'; one too long is cut where it has no key. */
static struct str
number_at(struct str text, size_t at, bool (*is_part)(char c))
{
	size_t end = at;
	while (end < text.len && end - at <= LOGINDEX_NUMBER &&
	       is_part(text.ptr[end]))
		end++;
	return str_sub(text, at, end);
}

void
logindex_head_keys(
    struct str text, void (*key)(void *ctx, uint64_t hash), void *ctx)
{
	struct str number = number_at(text, 0, ascii_is_digit);
	if (number.len < text.len && text.ptr[number.len] == ' ')
		logindex_number_keys(number, key, ctx);
}

/* "[N]" of a process, whose ']' is at 'at'; Postfix: "[N]: ID: ". */
static void
keys_of_process(struct str text, size_t at,
    void (*key)(void *ctx, uint64_t hash), void *ctx)
{
	size_t begin = at;
	while (begin > 0 && at - begin <= LOGINDEX_NUMBER &&
	       ascii_is_digit(text.ptr[begin - 1]))
		begin--;
	if (begin == at || begin == 0 || text.ptr[begin - 1] != '[')
		return;
	logindex_number_keys(str_sub(text, begin, at), key, ctx);
	if (!str_starts(str_sub(text, at, text.len), STR("]: ")))
		return;
	at += strlen("]: ");
	struct str id = number_at(text, at, ascii_is_alnum);
	if (at + id.len < text.len && text.ptr[at + id.len] == ':')
		logindex_number_keys(id, key, ctx);
}

/* What dovecot put into a mailbox: few of its lines. */
static void
keys_of_deliveries(struct str text, size_t from, size_t to,
    void (*key)(void *ctx, uint64_t hash), void *ctx)
{
	static const struct str words[] = { { "lda", 3 }, { "lmtp", 4 } };
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		size_t stop = to + words[i].len - 1;
		const char *last =
		    text.ptr + (stop < text.len ? stop : text.len);
		const char *p = text.ptr + from;
		while ((p = find_bytes(
			    p, (size_t)(last - p), words[i], false)) != NULL) {
			logindex_number_keys(LOGINDEX_DELIVERED, key, ctx);
			p++;
		}
	}
}

void
logindex_numbers(struct str text, size_t from, size_t to,
    void (*key)(void *ctx, uint64_t hash), void *ctx)
{
	static const struct str words[] = { { "qp ", 3 }, { "msg ", 4 },
		{ "delivery ", 9 }, { "(for ", 5 }, { "up after ", 9 } };
	const char *end = text.ptr + to, *p;
	if (from >= to)
		return;
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		/* a word that begins before 'to' may end behind it */
		size_t stop = to + words[i].len - 1;
		const char *last =
		    text.ptr + (stop < text.len ? stop : text.len);
		p = text.ptr + from;
		while ((p = find_bytes(
			    p, (size_t)(last - p), words[i], false)) != NULL) {
			p += words[i].len;
			logindex_number_keys(
			    number_at(
				text, (size_t)(p - text.ptr), ascii_is_digit),
			    key, ctx);
			if (p >= last)
				break;
		}
	}
	keys_of_deliveries(text, from, to, key, ctx);
	p = text.ptr + from;
	while ((p = memchr(p, ']', (size_t)(end - p))) != NULL)
		keys_of_process(text, (size_t)(p++ - text.ptr), key, ctx);
}

uint64_t
logindex_hash(uint64_t h, const void *bytes, size_t n)
{
	const char *p = bytes;
	uint64_t word;
	for (; n >= sizeof(word); n -= sizeof(word), p += sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		h = (h ^ word) * 0x9e3779b97f4a7c15u;
		h ^= h >> 29;
	}
	for (; n > 0; n--, p++)
		h = (h ^ (unsigned char)*p) * 0x100000001b3u;
	return mixed(h);
}
