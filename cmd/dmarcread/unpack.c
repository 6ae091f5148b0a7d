/* gzip and zip, never more than READ_XML_MAX of it: bombs end there. */
#include "cmd/dmarcread/read.h"

#include <zlib.h>

enum {
	WINDOW_GZIP = 15 + 32, /* gzip or zlib, found out */
	WINDOW_RAW = -15,      /* deflate, as in a zip */
	/* zip, APPNOTE 4.3 */
	END_SIZE = 22,
	ENTRY_SIZE = 46,
	LOCAL_SIZE = 30,
	STORED = 0,
	DEFLATED = 8
};

/* What could be unpacked is kept when the end is broken or missing. */
static bool
inflate_all(struct reading *r, struct str in, int window, struct buf *out)
{
	z_stream z = { .next_in = NULL };
	int status = Z_OK;
	if (inflateInit2(&z, window) != Z_OK)
		return false;
	char *copy = arena_cstr(r->arena, in); /* it wants no const */
	z.next_in = (Bytef *)(void *)copy;
	z.avail_in = copy != NULL ? (uInt)in.len : 0;
	while (status == Z_OK && !out->failed) {
		enum {
			PIECE = 64 * 1024
		};
		char *to = buf_reserve(out, PIECE);
		if (to == NULL) {
			r->problem = "unpacked it is too large";
			break;
		}
		z.next_out = (Bytef *)(void *)to;
		z.avail_out = PIECE;
		status = inflate(&z, Z_NO_FLUSH);
		buf_used(out, PIECE - z.avail_out);
		if (z.avail_in == 0 && z.avail_out == PIECE)
			break; /* cut off */
	}
	inflateEnd(&z);
	return out->len > 0 && !out->failed;
}

static void
unpack(struct reading *r, struct str in, int window, unsigned nesting)
{
	struct buf xml = BUF_INIT(READ_XML_MAX);
	if (inflate_all(r, in, window, &xml))
		read_any(r, buf_str(&xml), nesting + 1);
	else if (r->problem == NULL)
		r->problem = "cannot be unpacked";
	buf_clear(&xml);
}

void
read_gzip(struct reading *r, struct str bytes, unsigned nesting)
{
	unpack(r, bytes, WINDOW_GZIP, nesting);
}

static size_t
little(struct str s, size_t at, size_t n)
{
	size_t value = 0;
	for (size_t i = n; i > 0; i--)
		value = value << 8 | (unsigned char)s.ptr[at + i - 1];
	return value;
}

/* One entry of the central directory at 'at'; its whole size, 0: none. */
static size_t
zip_entry(struct reading *r, struct str zip, size_t at, unsigned nesting)
{
	if (at > zip.len || zip.len - at < ENTRY_SIZE ||
	    memcmp(zip.ptr + at, "PK\1\2", 4) != 0)
		return 0;
	size_t method = little(zip, at + 10, 2);
	size_t packed = little(zip, at + 20, 4);
	size_t local = little(zip, at + 42, 4);
	size_t size = ENTRY_SIZE + little(zip, at + 28, 2) +
		      little(zip, at + 30, 2) + little(zip, at + 32, 2);
	if (local > zip.len || zip.len - local < LOCAL_SIZE)
		return size;
	size_t data = local + LOCAL_SIZE + little(zip, local + 26, 2) +
		      little(zip, local + 28, 2);
	if (data > zip.len || packed > zip.len - data)
		return size;
	struct str bytes = str_sub(zip, data, data + packed);
	if (method == STORED)
		read_any(r, bytes, nesting + 1);
	else if (method == DEFLATED)
		unpack(r, bytes, WINDOW_RAW, nesting);
	else
		r->problem = "an unknown way of packing";
	return size;
}

void
read_zip(struct reading *r, struct str bytes, unsigned nesting)
{
	size_t end = bytes.len;
	r->problem = "the zip archive is broken";
	if (bytes.len < END_SIZE)
		return;
	for (size_t i = bytes.len - END_SIZE + 1; i > 0 && end == bytes.len;
	     i--)
		if (memcmp(bytes.ptr + i - 1, "PK\5\6", 4) == 0)
			end = i - 1;
	if (end == bytes.len)
		return;
	r->problem = NULL;
	size_t at = little(bytes, end + 16, 4);
	size_t n = little(bytes, end + 10, 2);
	for (size_t i = 0; i < n && i < READ_PARTS_MAX; i++) {
		size_t size = zip_entry(r, bytes, at, nesting);
		if (size == 0)
			break;
		at += size;
	}
}
