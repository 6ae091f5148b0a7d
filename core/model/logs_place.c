/*
 * Places of followers: a line a log of words parted by tabs. What is not well
 * formed is as good as no place.
 */
#include "core/model/logs_int.h"

#include "core/base/num.h"

#include <string.h>

static const char mark[] = "log-place/1";

void
log_place_add(struct buf *out, const char *path, const struct follow_place *p)
{
	char label[TAI64N_SIZE + 1];
	buf_addf(out, "%s\t%s\t", mark, path);
	buf_addf(out, "%s\t%llu\t%llu\t", p->has_last ? "line" : "-",
	    (unsigned long long)p->last_count, (unsigned long long)p->hash);
	buf_addf(out, "%s\t", tai64n_format(p->last, label));
	buf_addf(out, "%s\t%llu\t%llu\t%llu\t", p->has_file ? "file" : "-",
	    (unsigned long long)p->dev, (unsigned long long)p->ino,
	    (unsigned long long)p->offset);
	for (size_t i = 0; i < p->head_len; i++)
		buf_addf(out, "%02x", (unsigned char)p->head[i]);
	buf_add_char(out, '\n');
}

static bool
number(struct str *rest, uint64_t *out)
{
	return rest->ptr != NULL &&
	       num_parse_u64(str_cut(*rest, '\t', rest), UINT64_MAX, out);
}

static bool
head(struct str hex, struct follow_place *p)
{
	if (hex.len % 2 != 0 || hex.len / 2 > sizeof(p->head))
		return false;
	for (size_t i = 0; i < hex.len; i += 2) {
		int high = num_hex_digit(hex.ptr[i]);
		int low = num_hex_digit(hex.ptr[i + 1]);
		if (high < 0 || low < 0)
			return false;
		p->head[i / 2] = (char)(high * 16 + low);
	}
	p->head_len = hex.len / 2;
	return true;
}

static bool
parse(struct str rest, struct follow_place *p)
{
	memset(p, 0, sizeof(*p));
	p->has_last = str_is(str_cut(rest, '\t', &rest), "line");
	if (!number(&rest, &p->last_count) || !number(&rest, &p->hash) ||
	    !tai64n_parse(str_cut(rest, '\t', &rest), &p->last) ||
	    rest.ptr == NULL)
		return false;
	p->has_file = str_is(str_cut(rest, '\t', &rest), "file");
	return number(&rest, &p->dev) && number(&rest, &p->ino) &&
	       number(&rest, &p->offset) && p->offset < INT64_MAX &&
	       rest.ptr != NULL && head(rest, p);
}

bool
log_place_find(struct str places, const char *path, struct follow_place *place)
{
	struct str line;
	while (str_next_line(&places, &line)) {
		if (!str_is(str_cut(line, '\t', &line), mark) ||
		    !str_is(str_cut(line, '\t', &line), path))
			continue;
		return parse(line, place);
	}
	return false;
}
