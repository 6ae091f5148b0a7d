/* What came from the process of a rehearsal, and problems in it. */
#include "tui/screens/rehearse_int.h"

#include "core/base/num.h"

#include <string.h>

enum {
	STEPS_MAX = 512,
	STEP_FIELDS = 8,
	END_FIELDS = 6
};

const struct rehearse_step *
rehearse_of(const struct rehearse_pair *p)
{
	return p->now != NULL ? p->now : p->with;
}

/* A denial, or a step that the draft changes. */
static bool
is_problem(const struct rehearse_screen *r, size_t i)
{
	const struct rehearse_pair *p = &r->pairs[i];
	return rehearse_is_denial(p->now) || rehearse_is_denial(p->with) ||
	       (r->done[REHEARSE_WITH] && rehearse_pair_differs(p));
}

bool
rehearse_find_problem(struct rehearse_screen *r, bool back)
{
	size_t n = r->n_pairs;
	for (size_t k = 1; k <= n; k++) {
		size_t i = (r->list.cur + (back ? n - k : k)) % n;
		if (is_problem(r, i)) {
			list_go(&r->list, i);
			return true;
		}
	}
	return false;
}

static const char *
keep(struct rehearse_screen *r, const char *text)
{
	return arena_cstr(r->arena, str_of(text));
}

static int64_t
number_of(const char *text)
{
	uint64_t n = 0;
	return num_parse_u64(str_of(text), INT64_MAX, &n) ? (int64_t)n : 0;
}

/* The side that a row is about. */
static bool
side_of(const char *text, size_t *side)
{
	uint64_t n;
	if (!num_parse_u64(str_of(text), REHEARSE_SIDES - 1, &n))
		return false;
	*side = (size_t)n;
	return true;
}

void
rehearse_pair_again(struct rehearse_screen *r)
{
	bool with = r->sides[REHEARSE_WITH].steps.len > 0;
	r->n_pairs = rehearse_pairs(r->arena, &r->sides[REHEARSE_NOW],
	    with ? &r->sides[REHEARSE_WITH] : NULL, &r->pairs);
	list_resize(&r->list, r->n_pairs);
}

static void
take_step(struct rehearse_screen *r, const char *const *f)
{
	size_t side;
	if (!side_of(f[1], &side) || r->sides[side].steps.len >= STEPS_MAX)
		return;
	const struct rehearse_step step = {
		.phase = keep(r, f[2]),
		.plugin = str_of(keep(r, f[3])),
		.result = keep(r, f[4]),
		.text = str_of(keep(r, f[5])),
		.us = number_of(f[6]),
		.is_silent = number_of(f[7]) != 0,
	};
	if (vec_push(&r->sides[side].steps, &step))
		rehearse_pair_again(r);
}

static void
take_end(struct rehearse_screen *r, const char *const *f)
{
	size_t side;
	uint64_t verdict;
	if (!side_of(f[1], &side) ||
	    !num_parse_u64(str_of(f[2]), REHEARSE_DEFERRED, &verdict))
		return;
	struct rehearsal *one = &r->sides[side];
	one->verdict = (enum rehearse_verdict)verdict;
	one->reply = str_of(keep(r, f[3]));
	one->setting = f[4][0] != '\0' ? keep(r, f[4]) : NULL;
	one->us = number_of(f[5]);
	r->done[side] = true;
	/* to what decides, where nobody went elsewhere */
	if (r->list.cur == 0 && r->n_pairs > 0 && !is_problem(r, 0))
		(void)rehearse_find_problem(r, false);
}

void
rehearse_take(void *ctx, const char *const *f, size_t n)
{
	struct rehearse_screen *r = ctx;
	if (n == STEP_FIELDS && strcmp(f[0], REHEARSE_ROW_STEP) == 0)
		take_step(r, f);
	else if (n == END_FIELDS && strcmp(f[0], REHEARSE_ROW_END) == 0)
		take_end(r, f);
	else if (n == 2 && strcmp(f[0], REHEARSE_ROW_BECAUSE) == 0)
		r->because = keep(r, f[1]);
	else if (n == 2 && strcmp(f[0], REHEARSE_ROW_SIZE) == 0)
		r->bytes = (uint64_t)number_of(f[1]);
}
