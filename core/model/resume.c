/* What an apply that was cut short left to do. */
#include "core/model/plan_int.h"

#include "core/base/buf.h"
#include "core/base/num.h"
#include "core/sys/file.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

enum {
	TEXT_MAX = 256 * 1024,
	FILE_MODE = 0600
};

/*
 *	change NUMBER
 *	filter restart
 *	plugins
 *	event NAME [ARGUMENT]
 */
static void
take_line(struct resume *r, struct str line, struct arena *a)
{
	struct str rest, word = str_cut(line, ' ', &rest);
	int64_t number = 0;
	if (str_is(word, "change") && num_parse_i64(rest, 1, LONG_MAX, &number))
		r->change = (long)number;
	else if (str_is(word, "filter"))
		r->filter = str_is(rest, "restart") ? "restart" : "reload";
	else if (str_is(word, "plugins"))
		r->plugins = true;
	else if (str_is(word, "event") && rest.len > 0) {
		struct str argument, name = str_cut(rest, ' ', &argument);
		r->events[r->n_events++] = (struct plan_event){
			.name = arena_cstr(a, name),
			.argument =
			    argument.len > 0 ? arena_cstr(a, argument) : NULL,
		};
	}
}

bool
resume_read(
    const struct model_ctx *m, const struct journal *j, struct resume *out)
{
	const struct journal_apply *last = journal_last_apply(j);
	char path[SYS_PATH_MAX];
	struct buf text = BUF_INIT(TEXT_MAX);
	size_t lines = 1;
	*out = (struct resume){ .change = 0 };
	if (!root_path(m->root, RESUME_PATH, path, NULL) ||
	    !file_read(path, RESUME_PATH, &text, NULL)) {
		buf_clear(&text);
		return false;
	}
	struct str rest = buf_str(&text), line;
	for (size_t i = 0; i < rest.len; i++)
		lines += rest.ptr[i] == '\n';
	out->events = ARENA_ARRAY(m->arena, lines + 1, struct plan_event);
	while (str_next_line(&rest, &line))
		take_line(out, line, m->arena);
	buf_clear(&text);
	/* it was killed after the journal had it, or it is damaged */
	bool done = last != NULL && last->change >= out->change;
	if (!done && out->change > 0)
		return true;
	*out = (struct resume){ .change = 0 };
	return false;
}

bool
resume_keep(const struct model_ctx *m, const struct resume *r, struct err *e)
{
	char path[SYS_PATH_MAX];
	struct buf text = BUF_INIT(TEXT_MAX);
	const struct file_replace how = {
		.mode = FILE_MODE,
		.uid = (uid_t)-1,
		.gid = (gid_t)-1,
		.shown = RESUME_PATH,
	};
	buf_addf(&text, "change %ld\n", r->change);
	if (r->filter != NULL)
		buf_addf(&text, "filter %s\n", r->filter);
	if (r->plugins)
		buf_add_cstr(&text, "plugins\n");
	for (size_t i = 0; i < r->n_events; i++)
		buf_addf(&text, "event %s%s%s\n", r->events[i].name,
		    r->events[i].argument != NULL ? " " : "",
		    r->events[i].argument != NULL ? r->events[i].argument : "");
	bool ok = root_path(m->root, RESUME_PATH, path, e) &&
		  file_mkdirs_for(path, 0755, JOURNAL_DIR, e) &&
		  file_replace(path, buf_str(&text), &how, e);
	buf_clear(&text);
	return ok;
}

void
resume_drop(const struct model_ctx *m)
{
	char path[SYS_PATH_MAX];
	if (root_path(m->root, RESUME_PATH, path, NULL))
		unlink(path);
}
