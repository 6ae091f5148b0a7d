/*
 * What the SPF record of a domain was when it was looked at last: whoever
 * wonders why mail is refused since noon wants to know that it changed.
 */
#ifndef CORE_MODEL_SPF_SEEN_H
#define CORE_MODEL_SPF_SEEN_H

#include "core/base/str.h"
#include "core/model/ctx.h"

#include <stdbool.h>
#include <stdint.h>

#define SPF_SEEN_DIR "/var/lib/smemail/spf" /* a file for each domain */

struct spf_seen {
	bool changed;    /* it is another than at the last look */
	int64_t since_s; /* changed: the last look, else the first that found
			    this record; Unix time, 0: not known */
};

/*
 * Compare with what is remembered, and remember 'record' (empty: there is
 * none). Who may not write there, as ordinary users, learns what was noted and
 * leaves it so.
 */
struct spf_seen spf_seen_note(
    const struct model_ctx *m, struct str domain, struct str record);
/* "changed since TIME", translated; NULL: nothing is known of it. */
const char *spf_seen_text(const struct model_ctx *m, const struct spf_seen *s);

#endif
