/* Lists of findings. */
#include "core/model/finding.h"

#include <stdarg.h>

void
findings_init(struct findings *f, struct arena *a)
{
	f->arena = a;
	f->n = 0;
}

static void
tell(const struct findings *f, size_t i)
{
	if (f->watch != NULL)
		f->watch(f->watch_ctx, f, i);
}

void
findings_add(struct findings *f, enum finding_state state, const char *id,
    const char *label, const char *fmt, ...)
{
	va_list ap;
	if (f->n == FINDINGS_MAX)
		return;
	va_start(ap, fmt);
	f->list[f->n++] = (struct finding){ state, id, label,
		arena_vprintf(f->arena, fmt, ap), NULL };
	va_end(ap);
	tell(f, f->n - 1);
}

void
findings_next(struct findings *f, const char *fmt, ...)
{
	va_list ap;
	if (f->n == 0)
		return;
	va_start(ap, fmt);
	f->list[f->n - 1].next = arena_vprintf(f->arena, fmt, ap);
	va_end(ap);
	tell(f, f->n - 1);
}

enum finding_state
finding_worse(enum finding_state a, enum finding_state b)
{
	static const int weight[] = { [FINDING_OK] = 0,
		[FINDING_INFO] = 0,
		[FINDING_WARN] = 1,
		[FINDING_UNKNOWN] = 2,
		[FINDING_FAIL] = 3 };
	return weight[b] > weight[a] ? b : a;
}

enum finding_state
findings_worst(const struct findings *f)
{
	enum finding_state worst = FINDING_OK;
	for (size_t i = 0; i < f->n; i++)
		worst = finding_worse(worst, f->list[i].state);
	return worst;
}

const char *
finding_word(enum finding_state s)
{
	static const char *const words[] = { "ok", "info", "warn", "fail",
		"unknown" };
	return words[s];
}

const char *
finding_shown(enum finding_state s)
{
	static const char *const words[] = { "ok", "info", "WARN", "FAIL",
		"????" };
	return words[s];
}
