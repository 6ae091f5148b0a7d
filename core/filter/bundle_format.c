/* Writing and reading the records of a bundle; no files here. */
#include "core/filter/bundle_int.h"

#include <stdint.h>
#include <string.h>

enum {
	LENGTHS_SIZE = 8
};

static void
put_u32(unsigned char to[4], size_t v)
{
	for (int i = 0; i < 4; i++)
		to[i] = (unsigned char)((v >> (8 * i)) & UINT8_MAX);
}

static size_t
get_u32(const char *from)
{
	size_t v = 0;
	for (int i = 3; i >= 0; i--)
		v = v << 8 | (unsigned char)from[i];
	return v;
}

bool
bundle_add(struct buf *bundle, const struct bundle_record *r)
{
	unsigned char lengths[LENGTHS_SIZE];
	if (r->name.len > UINT32_MAX || r->content.len > UINT32_MAX)
		return false;
	put_u32(lengths, r->name.len);
	put_u32(lengths + 4, r->content.len);
	buf_add(bundle, lengths, sizeof(lengths));
	buf_add_str(bundle, r->name);
	return buf_add_str(bundle, r->content);
}

enum bundle_step
bundle_next(struct str *bundle, struct bundle_record *r)
{
	if (bundle->len == 0)
		return BUNDLE_END;
	if (bundle->len < LENGTHS_SIZE)
		return BUNDLE_BROKEN;
	size_t name = get_u32(bundle->ptr);
	size_t content = get_u32(bundle->ptr + 4);
	struct str rest = str_sub(*bundle, LENGTHS_SIZE, bundle->len);
	if (name > rest.len || content > rest.len - name)
		return BUNDLE_BROKEN;
	r->name = str_sub(rest, 0, name);
	r->content = str_sub(rest, name, name + content);
	*bundle = str_sub(rest, name + content, rest.len);
	return BUNDLE_RECORD;
}

struct str
bundle_include_name(struct str line)
{
	static const struct str word = { "$include", 8 };
	struct str first, name;
	struct str rest = str_trim(line);
	if (!str_next_word(&rest, &first) || !str_eq(first, word) ||
	    !str_next_word(&rest, &name) ||
	    memchr(name.ptr, '\0', name.len) != NULL)
		return (struct str)STR_EMPTY;
	return name;
}
