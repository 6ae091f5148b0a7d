/* Parts that are there and do nothing: stopped, or caught in a loop. */
#include "cmd/filterd/limits.h"
#include "cmd/filterd/part.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The letter behind the name, which may hold anything, in parentheses. */
static bool
waits_for_disk(pid_t pid)
{
	char path[64], text[512];
	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, text, sizeof(text) - 1) : 0;
	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	const char *end = strrchr(text, ')');
	return end != NULL && strncmp(end, ") D", 3) == 0;
}

/* Once in a while; milliseconds until it is time. */
static int
ask(struct part_process *p, int64_t now)
{
	struct part_pulse *pulse = &p->pulse;
	pulse->silent_ms = 0;
	if (now < pulse->next_ms)
		return (int)(pulse->next_ms - now);
	pulse->next_ms = now + FILTERD_PING_MS;
	pulse->looked_ms = now;
	pulse->full = !channel_ping(&p->channel);
	return FILTERD_LOOK_MS;
}

int
part_watch(struct part_process *p, const struct clock *clock,
    int64_t patience_ms, bool *stuck)
{
	struct part_pulse *pulse = &p->pulse;
	int64_t now = clock_mono_ms(clock);
	*stuck = false;
	if (p->channel.fd < 0)
		return -1;
	if (!p->channel.pinged && !pulse->full)
		return ask(p, now);
	if (now - pulse->looked_ms < FILTERD_LOOK_MS)
		return (int)(pulse->looked_ms + FILTERD_LOOK_MS - now);
	pulse->looked_ms = now;
	if (pulse->full)
		pulse->full = !channel_ping(&p->channel);
	if (!waits_for_disk(p->pid))
		pulse->silent_ms += FILTERD_LOOK_MS;
	*stuck = pulse->silent_ms >= patience_ms;
	return FILTERD_LOOK_MS;
}
