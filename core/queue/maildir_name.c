/* Names of delivered files: made from a stamp, and understood again. */
#include "core/queue/maildir_int.h"

#include "core/base/num.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct maildir_name
maildir_name_of(const struct queue_stamp *stamp, size_t nth)
{
	return (struct maildir_name){
		.s = stamp->wall_ns / NS_PER_S,
		.serial = (uint64_t)stamp->serial + nth,
		.pid = stamp->pid,
		.usec = (uint32_t)(stamp->wall_ns % NS_PER_S / 1000),
	};
}

void
maildir_name_format(
    const struct maildir *m, const struct maildir_name *n, char out[NAME_SIZE])
{
	snprintf(out, NAME_SIZE,
	    "%" PRId64 ".P%" PRIu32 "M%" PRIu32 "Q%" PRIu64 ".%s", n->s, n->pid,
	    n->usec, n->serial, m->host);
}

/* "LETTER NUMBER END" in front of the rest. */
static bool
get_number(struct str *rest, char letter, char end, uint64_t max, uint64_t *out)
{
	if (letter != '\0') {
		if (rest->len == 0 || rest->ptr[0] != letter)
			return false;
		*rest = str_sub(*rest, 1, rest->len);
	}
	return num_parse_u64(str_cut(*rest, end, rest), max, out);
}

bool
maildir_name_parse(
    const struct maildir *m, const char *file, struct maildir_name *out)
{
	uint64_t s, pid, usec, serial;
	char again[NAME_SIZE];
	struct str rest, base = str_cut(str_of(file), ':', &rest);
	rest = base;
	if (!get_number(&rest, '\0', '.', INT64_MAX, &s) ||
	    !get_number(&rest, 'P', 'M', UINT32_MAX, &pid) ||
	    !get_number(&rest, '\0', 'Q', UINT32_MAX, &usec) ||
	    !get_number(&rest, '\0', '.', UINT64_MAX, &serial))
		return false;
	*out = (struct maildir_name){ (int64_t)s, serial, (uint32_t)pid,
		(uint32_t)usec };
	/* a zero in front, or another host: not of ours */
	maildir_name_format(m, out, again);
	return str_is(base, again);
}

int
maildir_name_cmp(const void *a, const void *b)
{
	const struct maildir_name *x = a, *y = b;
	if (x->s != y->s)
		return x->s < y->s ? -1 : 1;
	if (x->serial != y->serial)
		return x->serial < y->serial ? -1 : 1;
	if (x->usec != y->usec)
		return x->usec < y->usec ? -1 : 1;
	return (x->pid > y->pid) - (x->pid < y->pid);
}
