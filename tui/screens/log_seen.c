/* What is shown of a row: the text that filters and searches look at. */
#include "tui/screens/log_int.h"

#include "core/base/i18n.h"

enum {
	SEEN_MAX = 64 * 1024
};

void
log_seen_init(struct log_seen *seen)
{
	buf_init(&seen->line, SEEN_MAX);
}

void
log_seen_clear(struct log_seen *seen)
{
	buf_clear(&seen->line);
}

static void
cell(struct log_seen *seen, enum log_cell i, const char *text)
{
	seen->cells[i].from = seen->line.len;
	buf_add_cstr(&seen->line, text);
	seen->cells[i].to = seen->line.len;
	if (*text != '\0')
		buf_add_char(&seen->line, ' ');
}

struct str
log_seen_make(struct log_seen *seen, const struct log_row *row, bool raw)
{
	/* the translation of nothing is the head of the catalogue */
	const char *verdict = *row->state != '\0' ? _(row->state) : "";
	buf_reset(&seen->line);
	cell(seen, LOG_CELL_TIME, raw ? "" : row->clock);
	cell(seen, LOG_CELL_SERVICE, raw ? "" : row->service);
	cell(seen, LOG_CELL_VERDICT, raw ? "" : verdict);
	cell(seen, LOG_CELL_LINE, raw ? row->raw : row->line);
	/* of a line without a verdict that is the same */
	cell(seen, LOG_CELL_TEXT,
	    raw || row->verdict == LOG_VERDICT_NONE ? "" : row->text);
	return buf_str(&seen->line);
}

struct str
log_seen_cell(const struct log_seen *seen, enum log_cell i)
{
	return str_sub(
	    buf_str(&seen->line), seen->cells[i].from, seen->cells[i].to);
}

bool
log_found(struct log_screen *l, size_t i)
{
	size_t at, len;
	return line_match_find(&l->match,
	    log_seen_make(&l->seen, log_row_shown(l, i), l->raw), 0, &at, &len);
}
