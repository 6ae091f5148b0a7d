/*
 * Changing a domain's key without a message that cannot be verified: a new key
 * with a new selector waits beside the old one until every authoritative
 * server has its record; then the folders change places in one step; the old
 * record stays until no mail signed with it can be under way.
 */
#ifndef CORE_MODEL_DKIM_ROTATE_H
#define CORE_MODEL_DKIM_ROTATE_H

#include "core/base/compiler.h"
#include "core/model/dkim.h"
#include "core/model/finding.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	DKIM_RETIRE_DAYS = 7 /* queues give up well before */
};

enum dkim_rotation {
	DKIM_ROTATION_MADE,     /* publish the record of 'own' */
	DKIM_ROTATION_WAITING,  /* not every server has it */
	DKIM_ROTATION_SWITCHED, /* 'own' signs now */
	DKIM_ROTATION_KEPT,     /* the old record is needed until 'until_s' */
	DKIM_ROTATION_RETIRED   /* the record of 'old_selector' may go */
};

struct dkim_rotate {
	enum dkim_rotation state;
	struct dkim_own own; /* the new key; to be cleared */
	const char *old_selector;
	int64_t until_s;
};

/*
 * Do the next step that can be done now. 'wish' is for the new key; without a
 * selector one is made of the month ("202611", "202611e" of Ed25519). Findings
 * tell what servers said.
 */
MUST_USE bool dkim_rotate(const struct model_ctx *m, const struct crypto *c,
    struct dns *dns, const struct dkim_wish *wish, struct findings *f,
    struct dkim_rotate *out, struct err *e);
/* Remove the old key of wish's domain and kind; 'now': before its time. */
MUST_USE bool dkim_retire(const struct model_ctx *m, const struct crypto *c,
    const struct dkim_wish *wish, bool now, struct dkim_rotate *out,
    struct err *e);

#endif
