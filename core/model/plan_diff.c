/* How a plan shows one file. */
#include "core/model/plan_int.h"

#include "core/base/buf.h"
#include "core/base/diff.h"
#include "core/base/i18n.h"
#include "core/template/template.h"

#include <string.h>

enum {
	CONTEXT_LINES = 1,
	DIFF_MAX = 16 << 20
};

static bool
holds_secrets(const struct model_ctx *m, const char *path)
{
	const struct template_file *f =
	    template_find(path, template_release(m->release));
	return f != NULL && (f->flags & TEMPLATE_SECRET) != 0;
}

/*
 * The line without what is a password: behind that word, and behind the host
 * of sasl_passwd ("[smtp.isp.example]:587 user:password").
 */
static void
line_mask(struct str line, struct buf *out)
{
	static const char *const marks[] = { " password \"",
		"HTTPProxyPassword " };
	size_t at = line.len;
	for (size_t i = 0; i < ARRAY_LEN(marks) && at == line.len; i++) {
		at = str_find_str(line, str_of(marks[i]));
		if (at < line.len)
			at += strlen(marks[i]);
	}
	if (at == line.len && line.len > 1 && line.ptr[1] == '[')
		at = str_find(line, ' ', 2) + 1;
	if (at < line.len)
		buf_addf(out, "%.*s(secret)\n", (int)at, line.ptr);
	else
		buf_addf(out, "%.*s\n", STR_ARG(line));
}

static void
secrets_mask(struct buf *diff)
{
	struct buf plain = BUF_INIT(DIFF_MAX);
	struct str rest, line;
	buf_add_str(&plain, buf_str(diff));
	buf_reset(diff);
	rest = buf_str(&plain);
	while (str_next_line(&rest, &line))
		line_mask(line, diff);
	buf_clear(&plain);
}

static void
mode_lines(const struct files_entry *f, struct buf *diff, struct diff_count *n)
{
	if (f->kind != FILES_TEXT || !f->existed || !f->has_mode ||
	    f->mode == f->old_mode)
		return;
	buf_addf(diff, "-mode %04o\n+mode %04o\n", (unsigned)f->old_mode,
	    (unsigned)f->mode);
	n->added++;
	n->removed++;
}

bool
plan_file_diff(const struct model_ctx *m, const struct files_entry *f,
    struct plan_file *out, struct err *e)
{
	struct buf diff = BUF_INIT(DIFF_MAX), hunks = BUF_INIT(DIFF_MAX);
	struct diff_count n;
	if (!diff_hunks(f->before, f->after, &hunks, &n) ||
	    !diff_lines(f->before, f->after, CONTEXT_LINES, &diff, &n)) {
		buf_clear(&diff);
		buf_clear(&hunks);
		return err_set(e, ERR_PERMANENT,
		    _("cannot compare '%s': it is too large"), f->path);
	}
	if (holds_secrets(m, f->path)) {
		secrets_mask(&diff);
		secrets_mask(&hunks);
	}
	mode_lines(f, &diff, &n);
	*out = (struct plan_file){
		.path = f->path,
		.added = n.added,
		.removed = n.removed,
		.hunks = arena_str(m->arena, buf_str(&hunks)),
		.diff = arena_str(m->arena, buf_str(&diff)),
		.is_new = !f->existed,
	};
	buf_clear(&diff);
	buf_clear(&hunks);
	return true;
}
