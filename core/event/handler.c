/* Running the programs of an event. */
#include "core/event/event.h"

#include "core/base/buf.h"
#include "core/base/vec.h"
#include "core/event/event_int.h"
#include "core/sys/spawn.h"

extern char **environ;

enum {
	ARGS_MAX = 64,
	OUTPUT_MAX = 4 << 20,
	LIMIT_MS = 10 * 60 * 1000
};

/* Logs show paths without the root. */
static void
line_log(const struct root *root, struct str line, struct event_log *log)
{
	struct str prefix = str_of(root->prefix);
	struct buf shown = BUF_INIT(OUTPUT_MAX);
	size_t at;
	while (prefix.len > 0 && (at = str_find_str(line, prefix)) < line.len) {
		buf_add_str(&shown, str_sub(line, 0, at));
		line = str_sub(line, at + prefix.len, line.len);
	}
	buf_add_str(&shown, line);
	event_log_line(log, buf_str(&shown));
	buf_clear(&shown);
}

/* The environment, marked. NULL: no memory, the plain one is inherited. */
static const char *const *
environment(struct vec *out)
{
	static const char *const mark = EVENT_HANDLER_MARK "=1";
	static const char *const end = NULL;
	bool ok = true;
	for (size_t i = 0; ok && environ[i] != NULL; i++) {
		const char *one = environ[i];
		ok = vec_push(out, &one);
	}
	ok = ok && vec_push(out, &mark) && vec_push(out, &end);
	return ok ? out->data : NULL;
}

bool
event_handler_run(const struct root *root, const struct event_step *step,
    const char *event, const char *const *args, struct event_log *log,
    int *status, struct err *e)
{
	char real[SYS_PATH_MAX], dir[SYS_PATH_MAX];
	const char *argv[ARGS_MAX + 3];
	size_t n = 0;
	struct buf output = BUF_INIT(OUTPUT_MAX);
	struct str rest, line;
	*status = 127 << 8;
	if (!root_path(root, step->path, real, e))
		return false;
	argv[n++] = root_is_system(root) ? step->path : real;
	/* in a root of its own a handler finds the root from its place */
	if (!root_is_system(root) && !root_path(root, EVENT_DIR, dir, e))
		return false;
	argv[n++] = event;
	for (size_t i = 0; args[i] != NULL && n < ARGS_MAX + 2; i++)
		argv[n++] = args[i];
	argv[n] = NULL;
	struct vec env = VEC_INIT(const char *);
	struct spawn s = {
		.argv = argv,
		.env = environment(&env),
		.path = real,
		.output = &output,
		.dir = root_is_system(root) ? NULL : dir,
		.limit_ms = LIMIT_MS,
		.apart = true,
	};
	bool ok = spawn_run(&s, log->clock, status, e);
	rest = buf_str(&output);
	while (str_next_line(&rest, &line))
		line_log(root, line, log);
	buf_clear(&output);
	vec_clear(&env);
	return ok;
}
