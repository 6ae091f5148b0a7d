/* Questions to the part that remembers, and its answers, as messages. */
#ifndef CMD_FILTERD_STATE_WIRE_H
#define CMD_FILTERD_STATE_WIRE_H

#include "cmd/filterd/wire.h"
#include "core/base/compiler.h"
#include "core/filter/state.h"

enum {
	STATE_ASK_MIN = 11 * 4,
	STATE_ASK_MAX = STATE_ASK_MIN + STATE_DIR_MAX + STATE_KEY_MAX,
	STATE_TOLD_MIN = 14 * 4,
	STATE_TOLD_MAX = STATE_TOLD_MIN + STATE_WHY_SIZE
};

/* 'serial' 0: nobody waits for an answer. */
void state_ask_put(
    struct buf *out, uint32_t serial, const struct filter_state_op *op);
/* Views of the message; false: it makes no sense. */
MUST_USE bool state_ask_get(
    struct wire *in, uint32_t *serial, struct filter_state_op *op);

void state_told_put(
    struct buf *out, uint32_t serial, const struct filter_state_answer *answer);
MUST_USE bool state_told_get(
    struct wire *in, uint32_t *serial, struct filter_state_answer *answer);

#endif
