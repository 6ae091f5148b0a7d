/* What the filter's log tells whoever starts or reloads it. */
#include "core/model/tree.h"

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/filter/filter.h"
#include "core/sys/file.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define CURRENT "/var/log/qpsmtpd/current"

enum {
	TAIL_MAX = 256 * 1024,
	STAMP_LEN = 26, /* "@" and 24 digits of TAI64N, a blank */
	POLL_MS = 20
};

int64_t
tree_filter_mark(const struct model_ctx *m)
{
	char path[SYS_PATH_MAX];
	struct stat st;
	return root_path(m->root, CURRENT, path, NULL) && stat(path, &st) == 0
		   ? (int64_t)st.st_size
		   : 0;
}

/* What was logged behind the mark, at most the last TAIL_MAX bytes. */
static bool
tail_read(const struct model_ctx *m, int64_t mark, struct buf *out)
{
	char path[SYS_PATH_MAX];
	struct stat st;
	if (!root_path(m->root, CURRENT, path, NULL))
		return false;
	int fd = file_open_regular(path, NULL, &st, NULL);
	if (fd < 0)
		return false;
	int64_t size = (int64_t)st.st_size;
	if (size < mark) /* rotated: all of it is new */
		mark = 0;
	if (size - mark > TAIL_MAX)
		mark = size - TAIL_MAX;
	char *to = buf_reserve(out, (size_t)(size - mark) + 1);
	ssize_t n =
	    to != NULL ? pread(fd, to, (size_t)(size - mark), (off_t)mark) : -1;
	if (n > 0)
		buf_used(out, (size_t)n);
	close(fd);
	return n >= 0;
}

/* The text of a line without stamp and process number. */
static struct str
line_text(struct str line)
{
	if (line.len > STAMP_LEN && line.ptr[0] == '@')
		line = str_sub(line, STAMP_LEN, line.len);
	return line;
}

const char *
tree_log_last(const struct model_ctx *m)
{
	struct buf text = BUF_INIT(TAIL_MAX + 1);
	struct str rest, line, last = STR_EMPTY;
	bool ok = tail_read(m, 0, &text);
	rest = buf_str(&text);
	while (ok && str_next_line(&rest, &line))
		last = line_text(line);
	const char *copy = ok ? arena_cstr(m->arena, last) : NULL;
	buf_clear(&text);
	return copy;
}

enum answer {
	ANSWER_NONE,
	ANSWER_DONE,
	ANSWER_REFUSED
};

/* What is waited for: ends of lines, and the words for whoever waits. */
struct question {
	const char *done, *refused;
	const char *why, *silent;
};

static const struct question to_reload = {
	.done = FILTER_LOG_RELOADED,
	.refused = FILTER_LOG_REFUSED,
	.why = N_("the mail filter refused its configuration"),
	.silent = N_("the mail filter did not read its configuration"),
};

static const struct question to_start_anew = {
	.done = FILTER_LOG_ANEW,
	.refused = FILTER_LOG_NOT_ANEW,
	.why = N_("the mail filter did not start anew"),
	.silent = N_("the mail filter did not start anew"),
};

/* The newest answer behind the mark; a refusal has its reason before it. */
static enum answer
answer_read(const struct model_ctx *m, const struct question *q, int64_t mark,
    struct err *e)
{
	struct buf text = BUF_INIT(TAIL_MAX + 1);
	struct str rest, line, before = STR_EMPTY;
	enum answer answer = ANSWER_NONE;
	bool ok = tail_read(m, mark, &text);
	rest = buf_str(&text);
	while (ok && str_next_line(&rest, &line)) {
		if (str_ends(line, str_of(q->done)))
			answer = ANSWER_DONE;
		if (str_ends(line, str_of(q->refused))) {
			answer = ANSWER_REFUSED;
			err_set(e, ERR_PERMANENT, "%s: %.*s", _(q->why),
			    STR_ARG(before));
		}
		before = line_text(line);
	}
	buf_clear(&text);
	return answer;
}

static bool
answered(const struct model_ctx *m, const struct question *q, int64_t mark,
    int64_t limit_ms, struct err *e)
{
	int64_t deadline = clock_mono_ms(m->clock) + limit_ms;
	for (;;) {
		enum answer answer = answer_read(m, q, mark, e);
		if (answer != ANSWER_NONE)
			return answer == ANSWER_DONE;
		if (clock_mono_ms(m->clock) >= deadline)
			break;
		clock_sleep_ms(m->clock, POLL_MS);
	}
	err_set(e, ERR_PERMANENT, _("%s within %lld s"), _(q->silent),
	    (long long)(limit_ms / 1000));
	return err_next(e, "smemail log follow qpsmtpd");
}

bool
tree_filter_reloaded(
    const struct model_ctx *m, int64_t mark, int64_t limit_ms, struct err *e)
{
	return answered(m, &to_reload, mark, limit_ms, e);
}

bool
tree_filter_anew(
    const struct model_ctx *m, int64_t mark, int64_t limit_ms, struct err *e)
{
	return answered(m, &to_start_anew, mark, limit_ms, e);
}
