/* Telling supervisors whether the daemon is ready. */
#include "cmd/filterd/readiness.h"

#include "cmd/filterd/counters.h"
#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/str.h"
#include "core/sys/local_ask.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	STATE_MAX = 128,
	ANSWER_MAX = 1 << 20,
	ANSWER_MS = 5000
};

/* "/run/x", or "@x" in the abstract space; the length, 0: it is none. */
static socklen_t
address_of(const char *name, struct sockaddr_un *a)
{
	size_t n = name != NULL ? strlen(name) : 0;
	*a = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (n < 2 || n > sizeof(a->sun_path) ||
	    (name[0] != '/' && name[0] != '@'))
		return 0;
	memcpy(a->sun_path, name, n);
	if (name[0] == '@')
		a->sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
}

static const char *
words(enum readiness state, char text[STATE_MAX])
{
	switch (state) {
	case READINESS_READY:
		return "READY=1\nSTATUS=takes mail";
	case READINESS_STARTING:
		snprintf(text, STATE_MAX,
		    "RELOADING=1\nMONOTONIC_USEC=%" PRId64
		    "\nSTATUS=starts anew",
		    clock_mono_ms(&clock_system) * 1000);
		return text;
	case READINESS_STOPPING:
	default:
		return "STOPPING=1\nSTATUS=finishes the messages under way";
	}
}

void
readiness_tell(enum readiness state)
{
	struct sockaddr_un a;
	char text[STATE_MAX];
	socklen_t n = address_of(getenv("NOTIFY_SOCKET"), &a);
	int fd = n > 0 ? socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0) : -1;
	if (fd < 0)
		return;
	const char *say = words(state, text);
	/* who does not listen has no use for it */
	(void)sendto(fd, say, strlen(say), MSG_NOSIGNAL | MSG_DONTWAIT,
	    (const struct sockaddr *)(const void *)&a, n);
	close(fd);
}

int
readiness_ask(const char *control, struct err *e)
{
	struct buf answer = BUF_INIT(ANSWER_MAX);
	struct str rest, line;
	bool ready = false;
	if (!local_ask(control, STR(""), ANSWER_MS, &answer, e)) {
		e->code = ERR_TEMPORARY; /* it may be about to start */
		buf_clear(&answer);
		return err_exit_status(e->code);
	}
	rest = buf_str(&answer);
	while (!ready && str_next_line(&rest, &line))
		ready = str_is(line, COUNTERS_PREFIX "ready 1");
	buf_clear(&answer);
	return ready ? 0 : 1;
}
