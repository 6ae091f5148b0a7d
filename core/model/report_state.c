/* What qplogsumm keeps in the 'state' of the logs of qpsmtpd (LG-65). */
#include "core/model/report_int.h"

#include "core/base/i18n.h"
#include "core/base/num.h"
#include "core/base/vec.h"
#include "core/maillog/logstate.h"
#include "core/sys/file.h"

#include <string.h>

enum {
	STATE_MAX = 1 << 20,
	ROWS_MAX = 4096,
	DAY_S = 24 * 3600,
};

static void
add_line(const struct model_ctx *m, struct vec *rows,
    const struct logstate_line *line)
{
	for (size_t i = 0; i < rows->len; i++) {
		struct report_state *row = VEC_AT(rows, struct report_state, i);
		if (!str_is(line->name, row->name))
			continue;
		row->total = num_sum_u64(row->total, line->total);
		if (line->since.unix_s < row->since_s)
			row->since_s = line->since.unix_s;
		return;
	}
	struct report_state row = { arena_cstr(m->arena, line->name),
		line->since.unix_s, num_sum_u64(0, line->total) };
	if (rows->len < ROWS_MAX && !vec_push(rows, &row))
		rows->len = 0;
}

static int
by_total(const void *va, const void *vb)
{
	const struct report_state *a = va, *b = vb;
	if (a->total != b->total)
		return a->total < b->total ? 1 : -1;
	return strcmp(a->name, b->name);
}

void
report_read_state(const struct model_ctx *m,
    const struct report_request *request, struct report *r)
{
	static const char *const files[] = { "qpsmtpd/state", "sqpsmtpd/state",
		"uqpsmtpd/state" };
	struct vec rows = VEC_INIT(struct report_state);
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		char path[SYS_PATH_MAX];
		struct buf text = BUF_INIT(STATE_MAX);
		struct logstate_line line;
		if (report_log_path(m, request, files[i], path, NULL) &&
		    file_read(path, NULL, &text, NULL))
			for (struct str rest = buf_str(&text);
			     logstate_next(&rest, &line);)
				add_line(m, &rows, &line);
		buf_clear(&text);
	}
	vec_sort(&rows, by_total);
	r->n_states = rows.len;
	r->states = ARENA_ARRAY(m->arena, rows.len + 1, struct report_state);
	if (rows.len > 0)
		memcpy(r->states, rows.data, rows.len * sizeof(*r->states));
	vec_clear(&rows);
}

double
report_a_day(uint64_t n, int64_t seconds)
{
	return seconds > 0 ? (double)n * DAY_S / (double)seconds : 0;
}

const char *
report_a_day_text(struct arena *a, uint64_t n, int64_t seconds)
{
	return arena_printf(a, "%.1f", report_a_day(n, seconds));
}

/* LG-65: what qplogsumm has counted, beyond the period too. */
void
report_state_table(struct report_maker *m)
{
	enum {
		WIDTH = 4
	};
	static const struct report_column columns[WIDTH] = {
		{ "QPLOGSUMM", false },
		{ N_("COUNT"), true },
		{ N_("A DAY"), true },
		{ N_("SINCE"), false },
	};
	const struct report *r = m->r;
	struct str *cells = ARENA_ARRAY(m->a, r->n_states * WIDTH, struct str);
	if (r->n_states == 0)
		return;
	for (size_t i = 0; i < r->n_states; i++) {
		const struct report_state *row = &r->states[i];
		struct str *c = &cells[i * WIDTH];
		c[0] = str_of(row->name);
		c[1] = str_of(report_count_text(m->a, row->total));
		c[2] = str_of(report_a_day_text(
		    m->a, row->total, r->to_s - row->since_s));
		c[3] = str_of(report_moment(m->a, row->since_s));
	}
	report_table_add(
	    m, REPORT_STATE, columns, WIDTH, cells, r->n_states, 0);
}
