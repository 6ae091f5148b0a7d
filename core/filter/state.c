/* Records of the state: their text, their keys, and what changes them. */
#include "core/filter/state_int.h"

#include "core/base/num.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct state_kind *const kinds[STATE_KINDS] = {
	[STATE_KARMA] = &state_karma,
	[STATE_GREYLIST] = &state_greylist,
};

const char *
state_kind_name(enum filter_state_kind kind)
{
	return kinds[kind]->name;
}

bool
state_apply(const struct filter_state_op *op, bool found,
    struct state_record *r, int64_t now)
{
	return op->verb != STATE_READ &&
	       kinds[op->kind]->apply(op, found, r, now);
}

int64_t
state_stamp(
    enum filter_state_kind kind, const struct state_record *r, int64_t now)
{
	return kinds[kind]->stamp(r, now);
}

char *
state_record_format(const struct state_record *r, char out[STATE_VALUE_SIZE])
{
	snprintf(out, STATE_VALUE_SIZE,
	    "%" PRId64 ":%" PRId64 ":%" PRId64 ":%" PRId64, r->n[0], r->n[1],
	    r->n[2], r->n[3]);
	return out;
}

bool
state_record_parse(struct str text, struct state_record *r)
{
	struct str rest = text;
	for (size_t i = 0; i < STATE_NUMBERS; i++) {
		struct str word = str_cut(rest, ':', &rest);
		if (!num_parse_i64(word, 0, STATE_NUMBER_MAX, &r->n[i]))
			return false;
		if ((rest.ptr == NULL) != (i + 1 == STATE_NUMBERS))
			return false;
	}
	return true;
}

bool
state_key_address(struct buf *key, struct str address)
{
	struct net_addr a;
	char text[NET_ADDR_TEXT_SIZE];
	if (!net_addr_parse(address, &a))
		return false;
	if (a.is_ipv6)
		return buf_add_cstr(key, net_addr_format(&a, text));
	uint32_t n = 0;
	for (size_t i = 0; i < 4; i++)
		n = n << 8 | a.bytes[i];
	buf_addf(key, "%" PRIu32, n);
	return !key->failed;
}

struct str
state_key_show(struct str key, char out[NET_ADDR_TEXT_SIZE])
{
	struct net_addr a = { .is_ipv6 = false };
	uint64_t n;
	if (!num_parse_u64(key, UINT32_MAX, &n))
		return key;
	for (size_t i = 0; i < 4; i++)
		a.bytes[i] = (uint8_t)(n >> (24 - 8 * i));
	return str_of(net_addr_format(&a, out));
}
