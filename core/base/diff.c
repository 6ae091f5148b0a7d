/*
 * Line differences by the greedy method of Myers (1986): D rounds, each
 * extending the furthest path on every diagonal; the furthest points of each
 * round are kept to walk back.
 */
#include "core/base/diff.h"

#include <stdlib.h>
#include <string.h>

enum {
	HUNK_CONTEXT = 3,
	ROUNDS_MAX = 1000 /* bounds the kept points to a few megabytes */
};

struct side {
	struct str *lines;
	char *changed; /* one mark a line */
	size_t n;
};

struct diff {
	struct side a, b;
	size_t head;  /* equal lines at the beginning */
	int n, m;     /* lines between the equal beginning and end */
	int **rounds; /* furthest x by diagonal, after each round */
	int n_rounds;
};

static bool
side_split(struct side *s, struct str text)
{
	struct str rest = text, line;
	size_t n = 0;
	while (str_next_line(&rest, &line))
		n++;
	s->lines = calloc(n + 1, sizeof(*s->lines));
	s->changed = calloc(n + 1, 1);
	if (s->lines == NULL || s->changed == NULL)
		return false;
	while (s->n < n && str_next_line(&text, &s->lines[s->n]))
		s->n++;
	return true;
}

static void
side_clear(struct side *s)
{
	free(s->lines);
	free(s->changed);
}

static bool
same(const struct diff *d, int x, int y)
{
	return str_eq(
	    d->a.lines[d->head + (size_t)x], d->b.lines[d->head + (size_t)y]);
}

/* Where diagonal k of round 'r' starts: from above or from the left. */
static int
step(const int *v, int r, int k)
{
	if (k == -r || (k != r && v[k - 1 + r] < v[k + 1 + r]))
		return v[k + 1 + r];
	return v[k - 1 + r] + 1;
}

/*
 * Round r holds diagonals -r .. r, and one more on each side so that the next
 * round need not ask for the borders; index k + r + 1.
 */
static bool
rounds_run(struct diff *d)
{
	d->rounds = calloc(ROUNDS_MAX, sizeof(*d->rounds));
	if (d->rounds == NULL)
		return false;
	for (int r = 0; r < ROUNDS_MAX; r++) {
		int *v = calloc((size_t)(2 * r + 3), sizeof(*v));
		if (v == NULL)
			return false;
		d->rounds[r] = v;
		d->n_rounds = r + 1;
		for (int k = -r; k <= r; k += 2) {
			int x = r == 0 ? 0 : step(d->rounds[r - 1], r, k);
			int y = x - k;
			while (x < d->n && y < d->m && x >= 0 && y >= 0 &&
			       same(d, x, y)) {
				x++;
				y++;
			}
			v[k + r + 1] = x;
			if (k == d->n - d->m && x >= d->n)
				return true;
		}
	}
	return true;
}

/* Walk back from the end, marking the lines that differ. */
static void
rounds_mark(struct diff *d)
{
	int x = d->n, y = d->m;
	for (int r = d->n_rounds - 1; r > 0; r--) {
		int k = x - y;
		const int *v = d->rounds[r - 1];
		bool down = k == -r || (k != r && v[k - 1 + r] < v[k + 1 + r]);
		int from_k = down ? k + 1 : k - 1;
		int from_x = v[from_k + r];
		if (down)
			d->b.changed[d->head + (size_t)(from_x - from_k)] = 1;
		else
			d->a.changed[d->head + (size_t)from_x] = 1;
		x = from_x;
		y = from_x - from_k;
	}
}

static void
all_marked(struct diff *d)
{
	memset(d->a.changed + d->head, 1, (size_t)d->n);
	memset(d->b.changed + d->head, 1, (size_t)d->m);
}

static bool
marks_find(struct diff *d)
{
	size_t tail = 0;
	while (d->head < d->a.n && d->head < d->b.n &&
	       str_eq(d->a.lines[d->head], d->b.lines[d->head]))
		d->head++;
	while (tail < d->a.n - d->head && tail < d->b.n - d->head &&
	       str_eq(d->a.lines[d->a.n - 1 - tail],
		   d->b.lines[d->b.n - 1 - tail]))
		tail++;
	size_t n = d->a.n - d->head - tail, m = d->b.n - d->head - tail;
	if (n > 1 << 24 || m > 1 << 24)
		return false;
	d->n = (int)n;
	d->m = (int)m;
	if (d->n == 0 || d->m == 0) {
		all_marked(d);
		return true;
	}
	if (!rounds_run(d))
		return false;
	const int *last = d->rounds[d->n_rounds - 1];
	int k = d->n - d->m, r = d->n_rounds - 1;
	if (k >= -r && k <= r && last[k + r + 1] >= d->n)
		rounds_mark(d);
	else
		all_marked(d);
	return true;
}

static void
line_add(struct buf *out, char mark, struct str line)
{
	buf_add_char(out, mark);
	buf_add_str(out, line);
	buf_add_char(out, '\n');
}

/* Is an unchanged line i of 'a' within 'context' of a change? */
static bool
near_change(const struct diff *d, const char *at_gap, size_t i, size_t context)
{
	size_t from = i > context ? i - context : 0;
	for (size_t k = from; k <= i + context && k < d->a.n; k++)
		if (d->a.changed[k])
			return true;
	/* gap g stands before line g */
	for (size_t g = i + 1 > context ? i + 1 - context : 0;
	     g <= i + context && g <= d->a.n; g++)
		if (at_gap[g])
			return true;
	return false;
}

/* Takes the lines of the script one after the other, mark ' ', '-' or '+'. */
struct sink {
	struct buf *out;
	bool hunks;
	struct buf hunk;      /* under way */
	size_t from[2], n[2]; /* its lines in both texts */
};

static void
hunk_end(struct sink *s)
{
	if (s->hunk.len == 0)
		return;
	/* a side without lines is named by the line before */
	for (size_t i = 0; i < 2; i++)
		if (s->n[i] == 0 && s->from[i] > 0)
			s->from[i]--;
	buf_addf(s->out, "@@ -%zu,%zu +%zu,%zu @@\n", s->from[0], s->n[0],
	    s->from[1], s->n[1]);
	buf_add_str(s->out, buf_str(&s->hunk));
	if (s->hunk.failed)
		s->out->failed = true;
	buf_reset(&s->hunk);
}

/* 'i' and 'j' are the lines of both texts that come next, from 0. */
static void
sink_add(struct sink *s, size_t i, size_t j, char mark, struct str line)
{
	if (!s->hunks) {
		line_add(s->out, mark, line);
		return;
	}
	if (s->hunk.len == 0) {
		s->from[0] = i + 1;
		s->from[1] = j + 1;
		s->n[0] = s->n[1] = 0;
	}
	s->n[0] += mark != '+';
	s->n[1] += mark != '-';
	line_add(&s->hunk, mark, line);
}

static bool
script_write(struct diff *d, size_t context, bool hunks, struct buf *out)
{
	struct sink s = { .out = out, .hunks = hunks };
	char *at_gap = calloc(d->a.n + 1, 1);
	if (at_gap == NULL)
		return false;
	buf_init(&s.hunk, out->max);
	for (size_t i = 0, j = 0; j < d->b.n; j++) {
		while (i < d->a.n && d->a.changed[i])
			i++;
		if (d->b.changed[j])
			at_gap[i] = 1;
		else
			i++;
	}
	for (size_t i = 0, j = 0; i < d->a.n || j < d->b.n;) {
		if (i < d->a.n && d->a.changed[i]) {
			sink_add(&s, i, j, '-', d->a.lines[i]);
			i++;
		} else if (j < d->b.n && d->b.changed[j]) {
			sink_add(&s, i, j, '+', d->b.lines[j]);
			j++;
		} else {
			if (context > 0 && near_change(d, at_gap, i, context))
				sink_add(&s, i, j, ' ', d->a.lines[i]);
			else
				hunk_end(&s);
			i++;
			j++;
		}
	}
	hunk_end(&s);
	buf_clear(&s.hunk);
	free(at_gap);
	return !out->failed;
}

static bool
diff_write(struct str before, struct str after, size_t context, bool hunks,
    struct buf *out, struct diff_count *count)
{
	struct diff d = { .n_rounds = 0 };
	bool ok = side_split(&d.a, before) && side_split(&d.b, after) &&
		  marks_find(&d) && script_write(&d, context, hunks, out);
	*count = (struct diff_count){ 0, 0 };
	for (size_t i = 0; ok && i < d.a.n; i++)
		count->removed += (size_t)d.a.changed[i];
	for (size_t i = 0; ok && i < d.b.n; i++)
		count->added += (size_t)d.b.changed[i];
	for (int r = 0; d.rounds != NULL && r < d.n_rounds; r++)
		free(d.rounds[r]);
	free(d.rounds);
	side_clear(&d.a);
	side_clear(&d.b);
	return ok;
}

bool
diff_lines(struct str before, struct str after, size_t context, struct buf *out,
    struct diff_count *count)
{
	return diff_write(before, after, context, false, out, count);
}

bool
diff_hunks(struct str before, struct str after, struct buf *out,
    struct diff_count *count)
{
	return diff_write(before, after, HUNK_CONTEXT, true, out, count);
}
