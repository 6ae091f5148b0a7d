/* The module "zlib": packing by gzip. */
#include "core/sys/gzip.h"
#include "core/sys/module.h"

#include <zlib.h>

/* not declared elsewhere: it is found by its name only */
extern const struct module_export smemail_module_export;

static bool
pack(struct str bytes, struct buf *out)
{
	enum {
		WINDOW_GZIP = 15 + 16,
		MEMORY = 8
	};
	z_stream z = { .next_in = NULL };
	if (deflateInit2(&z, Z_BEST_COMPRESSION, Z_DEFLATED, WINDOW_GZIP,
		MEMORY, Z_DEFAULT_STRATEGY) != Z_OK)
		return false;
	size_t room = deflateBound(&z, (uLong)bytes.len);
	char *to = buf_reserve(out, room);
	bool ok = to != NULL;
	if (ok) {
		/* it does not write to what it reads */
		union {
			const char *from;
			Bytef *to;
		} in = { .from = bytes.ptr };
		z.next_in = in.to;
		z.avail_in = (uInt)bytes.len;
		z.next_out = (Bytef *)(void *)to;
		z.avail_out = (uInt)room;
		ok = deflate(&z, Z_FINISH) == Z_STREAM_END;
		buf_used(out, ok ? room - z.avail_out : 0);
	}
	deflateEnd(&z);
	return ok;
}

static const struct gzip table = {
	.pack = pack,
};

static const struct module_part parts[] = {
	{ "gzip", GZIP_TABLE_VERSION, sizeof(struct gzip), &table },
	{ NULL, 0, 0, NULL },
};

const struct module_export smemail_module_export = {
	.release = SMEMAIL_VERSION,
	.parts = parts,
};
