/* Running the programs of an event. */
#include "core/event/event.h"

#include "core/base/buf.h"
#include "core/sys/spawn.h"

enum {
	ARGS_MAX = 64,
	OUTPUT_MAX = 4 << 20,
	LIMIT_MS = 10 * 60 * 1000
};

bool
event_handler_run(const struct root *root, const struct event_step *step,
    const char *event, const char *const *args, struct event_log *log,
    int *status, struct err *e)
{
	char real[SYS_PATH_MAX];
	const char *argv[ARGS_MAX + 3];
	size_t n = 0;
	struct buf output = BUF_INIT(OUTPUT_MAX);
	struct str rest, line;
	*status = 127 << 8;
	if (!root_path(root, step->path, real, e))
		return false;
	argv[n++] = root_is_system(root) ? step->path : real;
	argv[n++] = event;
	for (size_t i = 0; args[i] != NULL && n < ARGS_MAX + 2; i++)
		argv[n++] = args[i];
	argv[n] = NULL;
	struct spawn s = {
		.argv = argv,
		.path = real,
		.output = &output,
		.limit_ms = LIMIT_MS,
	};
	bool ok = spawn_run(&s, log->clock, status, e);
	rest = buf_str(&output);
	while (str_next_line(&rest, &line))
		event_log_line(log, line);
	buf_clear(&output);
	return ok;
}
