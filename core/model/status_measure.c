/* What of the overview takes time, step by step. */
#include "core/model/status.h"

#include "core/base/buf.h"
#include "core/model/counters.h"

#include <string.h>

/* Why the filter keeps the configuration before; NULL: it does not. */
static const char *
refusal_of(const struct model_ctx *m, struct str told)
{
	struct str line;
	while (str_next_line(&told, &line))
		if (str_starts(line, STR(COUNTERS_REFUSED)))
			return arena_cstr(m->arena,
			    str_sub(line, strlen(COUNTERS_REFUSED), line.len));
	return NULL;
}

/* The filter is asked once for all that it tells. */
static void
measure_queue(const struct model_ctx *m, struct status *st)
{
	struct err e = ERR_INIT;
	struct buf text = BUF_INIT(COUNTERS_TEXT_MAX);
	struct str told = STR_EMPTY;
	top_queue_count(m->root, &st->queue);
	if (counters_read(m->root, &text, &e))
		told = buf_str(&text);
	waiting_read(m, told, &st->waiting);
	st->refused = refusal_of(m, told);
	buf_clear(&text);
}

static void
measure_certificate(const struct model_ctx *m, struct status *st)
{
	status_certificate_read(m, &st->certificate);
}

static void
measure_mail(const struct model_ctx *m, struct status *st)
{
	status_mail_read(m, &st->mail);
}

void
status_measure(const struct model_ctx *m, struct status *st,
    void (*after)(void *ctx, enum status_step step), void *ctx)
{
	static const struct {
		enum status_step step;
		void (*measure)(const struct model_ctx *m, struct status *st);
	} steps[] = {
		{ STATUS_QUEUE, measure_queue },
		{ STATUS_CERTIFICATE, measure_certificate },
		{ STATUS_MAIL, measure_mail },
	};
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		steps[i].measure(m, st);
		if (after != NULL)
			after(ctx, steps[i].step);
	}
	st->measured = true;
}
