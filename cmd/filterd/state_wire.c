/* State in messages between the parts. */
#include "cmd/filterd/state_wire.h"

#include <stdio.h>

void
state_ask_put(
    struct buf *out, uint32_t serial, const struct filter_state_op *op)
{
	wire_put_u32(out, serial);
	wire_put_u32(out, op->kind);
	wire_put_u32(out, op->verb);
	for (size_t i = 0; i < STATE_ARGUMENTS; i++)
		wire_put_u64(out, (uint64_t)op->arguments[i]);
	wire_put_str(out, op->dir);
	wire_put_str(out, op->key);
}

bool
state_ask_get(struct wire *in, uint32_t *serial, struct filter_state_op *op)
{
	*serial = wire_get_u32(in);
	uint32_t kind = wire_get_u32(in);
	uint32_t verb = wire_get_u32(in);
	*op = (struct filter_state_op){ .kind = STATE_KARMA };
	for (size_t i = 0; i < STATE_ARGUMENTS; i++)
		op->arguments[i] = (int64_t)wire_get_u64(in);
	op->dir = wire_get_str(in);
	op->key = wire_get_str(in);
	if (!wire_end(in) || kind >= STATE_KINDS || verb >= STATE_VERBS ||
	    op->key.len == 0 || op->key.len > STATE_KEY_MAX ||
	    op->dir.len == 0 || op->dir.len >= STATE_DIR_MAX)
		return false;
	/* so large that no sum of them overflows */
	for (size_t i = 0; i < STATE_ARGUMENTS; i++) {
		if (op->arguments[i] > INT32_MAX ||
		    op->arguments[i] < INT32_MIN)
			return false;
	}
	op->kind = (enum filter_state_kind)kind;
	op->verb = (enum filter_state_verb)verb;
	return true;
}

void
state_told_put(
    struct buf *out, uint32_t serial, const struct filter_state_answer *answer)
{
	wire_put_u32(out, serial);
	wire_put_u32(out, answer->status);
	wire_put_u32(out, answer->stored);
	wire_put_u64(out, (uint64_t)answer->now);
	for (size_t i = 0; i < STATE_NUMBERS; i++)
		wire_put_u64(out, (uint64_t)answer->record.n[i]);
	wire_put_str(out, str_of(answer->why));
}

bool
state_told_get(
    struct wire *in, uint32_t *serial, struct filter_state_answer *answer)
{
	*serial = wire_get_u32(in);
	uint32_t status = wire_get_u32(in);
	*answer = (struct filter_state_answer){ .status = STATE_FAILED };
	answer->stored = wire_get_u32(in) != 0;
	answer->now = (int64_t)wire_get_u64(in);
	for (size_t i = 0; i < STATE_NUMBERS; i++)
		answer->record.n[i] = (int64_t)wire_get_u64(in);
	struct str why = wire_get_str(in);
	if (!wire_end(in) || status >= STATE_STATUSES ||
	    why.len >= sizeof(answer->why))
		return false;
	/* the numbers as state_record_parse lets them pass */
	for (size_t i = 0; i < STATE_NUMBERS; i++) {
		if (answer->record.n[i] < 0 ||
		    answer->record.n[i] > STATE_NUMBER_MAX)
			return false;
	}
	if (answer->now < 0 || answer->now > STATE_NUMBER_MAX)
		return false;
	answer->status = (enum filter_state_status)status;
	snprintf(answer->why, sizeof(answer->why), "%.*s", STR_ARG(why));
	return true;
}
