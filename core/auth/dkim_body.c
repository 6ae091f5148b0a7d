/*
 * Canonical bodies (RFC 6376 3.4.3, 3.4.4) in chunks of any size. Line ends in
 * are LF or CRLF, out CRLF; a CR elsewhere is data.
 */
#include "core/auth/dkim_int.h"

enum {
	REGION = 2048 /* bytes looked at together */
};

void
dkim_body_begin(struct dkim_body *b, const struct crypto *crypto,
    struct crypto_hash *hash, enum dkim_canon canon)
{
	b->crypto = crypto;
	b->hash = hash;
	b->canon = canon;
	b->has_limit = false;
	b->limit = b->octets = b->empty = 0;
	b->in_line = b->blank = b->cr = false;
	b->used = 0;
}

static void
stage_flush(struct dkim_body *b)
{
	b->crypto->hash_add(b->hash, b->stage, b->used);
	b->used = 0;
}

/* Count the octets and hash those within l=. */
static void
emit(struct dkim_body *b, const char *bytes, size_t n)
{
	uint64_t before = b->octets;
	b->octets += n;
	if (b->has_limit && b->octets > b->limit)
		n = before < b->limit ? (size_t)(b->limit - before) : 0;
	if (n > sizeof(b->stage) - b->used)
		stage_flush(b);
	if (n > sizeof(b->stage)) {
		b->crypto->hash_add(b->hash, bytes, n);
		return;
	}
	if (n > 0)
		memcpy(b->stage + b->used, bytes, n);
	b->used += n;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Empty lines count only when something follows them. */
static void
emit_empty(struct dkim_body *b)
{
	for (; b->empty > 0; b->empty--)
		emit(b, "\r\n", 2);
}

/* Each run of blanks becomes one space. */
static void
emit_reduced(struct dkim_body *b, const char *p, size_t n)
{
	size_t from = 0;
	for (size_t i = 0; i < n; i++) {
		if (!is_blank(p[i]))
			continue;
		if (p[i] == ' ' && (i + 1 == n || !is_blank(p[i + 1])))
			continue;
		emit(b, p + from, i - from);
		emit(b, " ", 1);
		while (i + 1 < n && is_blank(p[i + 1]))
			i++;
		from = i + 1;
	}
	emit(b, p + from, n - from);
}

/* Part of a line; 'clean': it has no tab and no two blanks in a row. */
static void
line_part(struct dkim_body *b, const char *p, size_t n, bool clean)
{
	bool ends_blank = false;
	if (b->canon == DKIM_RELAXED) {
		for (; n > 0 && is_blank(p[n - 1]); n--)
			ends_blank = true;
		/* a run that began before goes on */
		for (; b->blank && n > 0 && is_blank(p[0]); n--)
			p++;
		if (n == 0) {
			b->blank = b->blank || ends_blank;
			return;
		}
	}
	if (n == 0)
		return;
	emit_empty(b);
	if (b->blank)
		emit(b, " ", 1);
	if (b->canon == DKIM_SIMPLE || clean)
		emit(b, p, n);
	else
		emit_reduced(b, p, n);
	b->blank = ends_blank;
	b->in_line = true;
}

static void
line_end(struct dkim_body *b)
{
	if (b->in_line)
		emit(b, "\r\n", 2);
	else
		b->empty++;
	b->in_line = false;
	b->blank = false;
}

enum {
	LONG_STEP = 512,
	STEP = 64
};

/*
 * One step. Written so that a compiler makes vector instructions of it where
 * 'n' is a constant: most text is clean, and then bytes are only copied. Looks
 * at one byte behind. Two spaces are seen in one comparison, as is a NUL beside
 * a space, which is rare.
 */
static inline bool
step_is_clean(const char *p, size_t n)
{
	unsigned char dirty = 0;
	for (size_t k = 0; k < n; k++)
		dirty |= (p[k] == '\t') | ((p[k] | p[k + 1]) == ' ') ? 0xff : 0;
	return dirty == 0;
}

/* No tab and no two spaces in a row. */
static bool
region_is_clean(const char *p, size_t n)
{
	size_t i = 0;
	for (; i + LONG_STEP < n; i += LONG_STEP) {
		if (!step_is_clean(p + i, LONG_STEP))
			return false;
	}
	for (; i + STEP < n; i += STEP) {
		if (!step_is_clean(p + i, STEP))
			return false;
	}
	/* the rest as a step that begins among what was seen */
	if (n > STEP && i + 1 < n) {
		if (!step_is_clean(p + n - 1 - STEP, STEP))
			return false;
		i = n - 1;
	}
	for (; i < n; i++) {
		if (p[i] == '\t' ||
		    (p[i] == ' ' && i + 1 < n && p[i + 1] == ' '))
			return false;
	}
	return true;
}

/*
 * Most lines are whole, clean and of ordinary length: they go to the stage at
 * once, with the empty lines before them. Returns the first line, or part of
 * one, that needs more care.
 */
static const char *
plain_lines(struct dkim_body *b, const char *p, const char *end)
{
	char *const from = b->stage + b->used;
	char *const stop = b->stage + sizeof(b->stage);
	char *to = from;
	const char *lf;
	bool relaxed = b->canon == DKIM_RELAXED;
	uint64_t empty = b->empty;
	for (; p < end && (lf = memchr(p, '\n', (size_t)(end - p))) != NULL;
	     p = lf + 1) {
		size_t n = (size_t)(lf - p);
		n -= n > 0 && p[n - 1] == '\r';
		if (n == 0) {
			empty++;
			continue;
		}
		if (n + 2 + 2 * empty > (size_t)(stop - to) ||
		    (relaxed && is_blank(p[n - 1])))
			break;
		for (; empty > 0; empty--, to += 2)
			memcpy(to, "\r\n", 2);
		memcpy(to, p, n);
		memcpy(to + n, "\r\n", 2);
		to += n + 2;
	}
	b->empty = empty;
	b->used += (size_t)(to - from);
	b->octets += (uint64_t)(to - from);
	return p;
}

/* The rest of a line, or what of it is there; returns what follows. */
static const char *
careful_line(struct dkim_body *b, const char *p, const char *end, bool clean)
{
	const char *lf = memchr(p, '\n', (size_t)(end - p));
	const char *stop = lf != NULL ? lf : end;
	size_t len = (size_t)(stop - p);
	if (b->cr && len > 0)
		line_part(b, "\r", 1, true);
	if (len > 0)
		b->cr = stop[-1] == '\r';
	line_part(b, p, len - (len > 0 && b->cr), clean);
	if (lf == NULL)
		return end;
	b->cr = false;
	line_end(b);
	return lf + 1;
}

static void
region_add(struct dkim_body *b, const char *p, size_t n)
{
	bool clean = b->canon == DKIM_SIMPLE || region_is_clean(p, n);
	const char *end = p + n;
	while (p < end) {
		if (clean && !b->in_line && !b->blank && !b->cr &&
		    !b->has_limit)
			p = plain_lines(b, p, end);
		if (p < end)
			p = careful_line(b, p, end, clean);
	}
}

void
dkim_body_add(struct dkim_body *b, struct str bytes)
{
	for (size_t at = 0; at < bytes.len; at += REGION) {
		size_t left = bytes.len - at;
		region_add(b, bytes.ptr + at, left < REGION ? left : REGION);
	}
}

size_t
dkim_body_end(struct dkim_body *b, uint8_t out[CRYPTO_DIGEST_MAX])
{
	if (b->cr)
		line_part(b, "\r", 1, true);
	b->cr = false;
	if (b->in_line)
		line_end(b);
	/* an empty body is one line end in simple form, nothing in relaxed */
	if (b->octets == 0 && b->canon == DKIM_SIMPLE)
		emit(b, "\r\n", 2);
	stage_flush(b);
	return b->crypto->hash_end(b->hash, out);
}
