/*
 * Canonical bodies (RFC 6376 3.4.3, 3.4.4) in chunks of any size. Line ends in
 * are LF (FL-27), out CRLF; a CR is data, before an LF too.
 */
#include "core/auth/dkim_int.h"

#include "core/base/block.h"

void
dkim_body_begin(struct dkim_body *b, const struct crypto *crypto,
    struct crypto_hash *hash, enum dkim_canon canon)
{
	b->crypto = crypto;
	b->hash = hash;
	b->canon = canon;
	b->has_limit = false;
	b->limit = b->octets = b->empty = 0;
	b->in_line = b->blank = false;
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

bool
dkim_is_reduced(const char *p, size_t n)
{
	if (n < BLOCK_BYTES) {
		for (size_t i = 0; i < n; i++) {
			if (p[i] == '\t' ||
			    (p[i] == ' ' && i + 1 < n && p[i + 1] == ' '))
				return false;
		}
		return true;
	}
	/* each block begins with the last byte of the one before */
	for (size_t i = 0;; i += BLOCK_BYTES - 1) {
		if (i > n - BLOCK_BYTES)
			i = n - BLOCK_BYTES;
		uint64_t spaces = block_equal(p + i, ' ');
		if ((block_equal(p + i, '\t') | (spaces & spaces >> 1)) != 0)
			return false;
		if (i == n - BLOCK_BYTES)
			return true;
	}
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
		if (!dkim_is_blank(p[i]))
			continue;
		if (p[i] == ' ' && (i + 1 == n || !dkim_is_blank(p[i + 1])))
			continue;
		emit(b, p + from, i - from);
		emit(b, " ", 1);
		while (i + 1 < n && dkim_is_blank(p[i + 1]))
			i++;
		from = i + 1;
	}
	emit(b, p + from, n - from);
}

/* Part of a line. */
static void
line_part(struct dkim_body *b, const char *p, size_t n)
{
	bool ends_blank = false;
	if (b->canon == DKIM_RELAXED) {
		for (; n > 0 && dkim_is_blank(p[n - 1]); n--)
			ends_blank = true;
		/* a run that began before goes on */
		for (; b->blank && n > 0 && dkim_is_blank(p[0]); n--)
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
	if (b->canon == DKIM_SIMPLE || dkim_is_reduced(p, n))
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
	END_SIZE = 2 /* of CRLF */
};

/* Where whole lines are written, and how many empty ones are before the next */
struct plain {
	char *to, *stop;
	uint64_t empty;
};

/*
 * Write a line with a CRLF, and the empty ones before it; false without room.
 * Up to a block is read and written behind the line: no call is made for what
 * is short.
 */
static inline bool
plain_line(struct plain *w, const char *p, size_t n)
{
	size_t room = (size_t)(w->stop - w->to);
	if (n == 0) {
		w->empty++;
		return true;
	}
	if (room < n + END_SIZE + BLOCK_BYTES ||
	    w->empty > (room - n - END_SIZE - BLOCK_BYTES) / END_SIZE)
		return false;
	for (; w->empty > 0; w->empty--, w->to += END_SIZE)
		memcpy(w->to, "\r\n", END_SIZE);
	for (size_t i = 0; i < n; i += BLOCK_BYTES)
		memcpy(w->to + i, p + i, BLOCK_BYTES);
	memcpy(w->to + n, "\r\n", END_SIZE);
	w->to += n + END_SIZE;
	return true;
}

/*
 * Most lines are whole, of ordinary length, and have no blanks to take out:
 * they go to the stage at once. 'reduce' has all bits set when the form is
 * relaxed. Returns the first line that needs more care: one with a control
 * character (a CR, a tab), with spaces in a row or at its end, or near the end
 * of the bytes or the stage.
 */
static const char *
plain_copy(struct plain *w, const char *p, const char *end, uint64_t reduce)
{
	const char *line = p;
	uint64_t before = 0; /* 1: the byte before the block is a space */
	for (; end - p >= BLOCK_WIDE + BLOCK_BYTES; p += BLOCK_WIDE) {
		uint64_t controls = block_wide_upto(p, ' ' - 1);
		uint64_t spaces = block_wide_equal(p, ' ');
		uint64_t odd =
		    reduce & (spaces << 1 | before) & (spaces | controls);
		before = spaces >> (BLOCK_WIDE - 1);
		for (; controls != 0; controls &= controls - 1) {
			const char *at = p + block_first(controls);
			if (*at != '\n' ||
			    (odd & (controls ^ (controls - 1))) != 0 ||
			    !plain_line(w, line, (size_t)(at - line)))
				return line;
			line = at + 1;
		}
		if (odd != 0)
			return line;
	}
	return line;
}

static const char *
plain_lines(struct dkim_body *b, const char *p, const char *end)
{
	char *from = b->stage + b->used;
	struct plain w = { from, b->stage + sizeof(b->stage), b->empty };
	p = plain_copy(&w, p, end, b->canon == DKIM_RELAXED ? ~0ULL : 0);
	b->empty = w.empty;
	b->used += (size_t)(w.to - from);
	b->octets += (uint64_t)(w.to - from);
	return p;
}

/* The rest of a line, or what of it is there; returns what follows. */
static const char *
careful_line(struct dkim_body *b, const char *p, const char *end)
{
	const char *lf = memchr(p, '\n', (size_t)(end - p));
	line_part(b, p, (size_t)((lf != NULL ? lf : end) - p));
	if (lf == NULL)
		return end;
	line_end(b);
	return lf + 1;
}

void
dkim_body_add(struct dkim_body *b, struct str bytes)
{
	const char *p = bytes.len > 0 ? bytes.ptr : "", *end = p + bytes.len;
	while (p < end) {
		if (!b->in_line && !b->blank && !b->has_limit)
			p = plain_lines(b, p, end);
		if (p < end)
			p = careful_line(b, p, end);
	}
}

size_t
dkim_body_end(struct dkim_body *b, uint8_t out[CRYPTO_DIGEST_MAX])
{
	if (b->in_line)
		line_end(b);
	/* an empty body is one line end in simple form, nothing in relaxed */
	if (b->octets == 0 && b->canon == DKIM_SIMPLE)
		emit(b, "\r\n", 2);
	stage_flush(b);
	return b->crypto->hash_end(b->hash, out);
}
