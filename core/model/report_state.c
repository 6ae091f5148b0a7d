/* What qplogsumm keeps in the 'state' of the logs of qpsmtpd (LG-65). */
#include "core/model/report_int.h"

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
		row->total += line->total;
		if (line->since.unix_s < row->since_s)
			row->since_s = line->since.unix_s;
		return;
	}
	struct report_state row = { arena_cstr(m->arena, line->name),
		line->since.unix_s, line->total };
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
