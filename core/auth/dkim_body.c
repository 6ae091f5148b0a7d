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

/* No tab and no two spaces in a row: most lines are so. */
static bool
is_reduced(const char *p, size_t n)
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
	if (b->canon == DKIM_SIMPLE || is_reduced(p, n))
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

/*
 * Where whole lines are written. What was written ends at 'to'; empty lines
 * stand behind it already, but count only when something follows them.
 */
struct plain {
	char *to, *stop;
	uint64_t empty;
};

enum {
	CRLF_BYTES = 2,
	/* one turn: a block, of line ends alone at worst, and one behind it */
	PLAIN_ROOM = CRLF_BYTES * BLOCK_WIDE + BLOCK_WIDE,
	PLAIN_EMPTY_MAX = 64 /* lines written at the beginning of a call */
};

/*
 * Most lines are whole, of ordinary length, and have no blanks to take out:
 * they go to the stage at once. A block is copied where it is looked at, and
 * again from each line end on, one byte further for its CR: no lengths are
 * counted, no call is made. 'reduce' has all bits set when the form is relaxed.
 * Returns the first line that needs more care: one with a control character (a
 * CR, a tab), with spaces in a row or at its end, or near the end of the bytes
 * or the stage.
 */
static const char *
plain_copy(struct plain *w, const char *p, const char *end, uint64_t reduce)
{
	const char *line = p;
	char *to = w->to + CRLF_BYTES * w->empty;
	uint64_t before = 0; /* 1: the byte before the block is a space */
	for (; end - p >= 2 * BLOCK_WIDE && w->stop - to >= PLAIN_ROOM;
	     p += BLOCK_WIDE, to += BLOCK_WIDE) {
		uint64_t controls = block_wide_upto(p, ' ' - 1);
		uint64_t spaces = block_wide_equal(p, ' ');
		uint64_t odd =
		    reduce & (spaces << 1 | before) & (spaces | controls);
		before = spaces >> (BLOCK_WIDE - 1);
		memcpy(to, p, BLOCK_WIDE);
		for (; controls != 0; controls &= controls - 1) {
			unsigned k = block_first(controls);
			if (p[k] != '\n' ||
			    (odd & (controls ^ (controls - 1))) != 0)
				return line;
			to[k] = '\r';
			to++;
			memcpy(to + k, p + k, BLOCK_WIDE);
			w->empty++;
			if (p + k > line) {
				w->to = to + k + 1;
				w->empty = 0;
			}
			line = p + k + 1;
		}
		if (odd != 0)
			return line;
	}
	return line;
}

static const char *
plain_lines(struct dkim_body *b, const char *p, const char *end)
{
	if (sizeof(b->stage) - b->used <
	    PLAIN_ROOM + CRLF_BYTES * PLAIN_EMPTY_MAX)
		stage_flush(b);
	if (b->empty > PLAIN_EMPTY_MAX)
		return p;
	char *from = b->stage + b->used;
	struct plain w = { from, b->stage + sizeof(b->stage), b->empty };
	for (uint64_t i = 0; i < b->empty; i++)
		memcpy(from + CRLF_BYTES * i, "\r\n", CRLF_BYTES);
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
