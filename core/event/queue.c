/* The queue of events that were run (ES-131). */
#include "core/event/event.h"

#include "core/base/buf.h"
#include "core/event/event_int.h"
#include "core/sys/file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define QUEUE "/var/spool/eventq"

enum {
	LINE_MAX_BYTES = 64 * 1024
};

void
event_queue_put(
    const struct root *root, const char *event, const char *const *args)
{
	char path[SYS_PATH_MAX];
	struct buf line = BUF_INIT(LINE_MAX_BYTES);
	if (getenv(EVENT_HANDLER_MARK) != NULL ||
	    !root_path(root, QUEUE, path, NULL))
		return;
	/* it may be a pipe that nobody reads */
	int fd = open(path, O_WRONLY | O_APPEND | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return;
	buf_add_cstr(&line, event);
	for (size_t i = 0; args[i] != NULL; i++)
		buf_addf(&line, " %s", args[i]);
	buf_add_char(&line, '\n');
	bool written = !line.failed && file_write_all(fd, buf_str(&line));
	(void)written;
	buf_clear(&line);
	close(fd);
}
