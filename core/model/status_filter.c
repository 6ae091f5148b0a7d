/* Does the running filter have the configuration that its folder has? */
#include "core/model/status.h"

#include "core/base/buf.h"
#include "core/model/counters.h"

#include <string.h>

static void
refusal_take(const struct model_ctx *m, struct str text, struct status *st)
{
	struct str line;
	while (st->refused == NULL && str_next_line(&text, &line)) {
		if (str_starts(line, STR(COUNTERS_REFUSED)))
			st->refused = arena_cstr(m->arena,
			    str_sub(line, strlen(COUNTERS_REFUSED), line.len));
	}
}

void
status_refusal_read(const struct model_ctx *m, struct status *st)
{
	struct err e = ERR_INIT;
	struct buf text = BUF_INIT(COUNTERS_TEXT_MAX);
	st->refused = NULL;
	if (counters_read(m->root, &text, &e))
		refusal_take(m, buf_str(&text), st);
	buf_clear(&text);
}
