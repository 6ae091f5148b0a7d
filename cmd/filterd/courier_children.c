/* The courier's children: found, started. */
#include "cmd/filterd/courier_int.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* In the new process: nothing of the courier's but its own channel. */
NORETURN static void
be_child(struct courier *c, int fd)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	channel_clear(c->keeper);
	for (size_t i = 0; i < COURIER_CHILDREN; i++) {
		if (c->children[i].pid > 0)
			channel_clear(&c->children[i].channel);
	}
	LIST_FOREACH(node, &c->waiting)
	{
		const struct job *j = LIST_ITEM(node, struct job, node);
		if (j->fd >= 0)
			close(j->fd);
	}
	carrier_run(fd);
}

static bool
start_child(struct courier *c, struct child *child, uint32_t kind)
{
	int pair[2];
	struct err e = ERR_INIT;
	int how = SOCK_SEQPACKET | SOCK_CLOEXEC;
	if (socketpair(AF_UNIX, how, 0, pair) != 0)
		return false;
	pid_t pid = fork();
	if (pid == 0) {
		close(pair[0]);
		be_child(c, pair[1]);
	}
	close(pair[1]);
	if (pid < 0) {
		close(pair[0]);
		return false;
	}
	*child = (struct child){ .pid = pid, .kind = kind };
	if (!channel_init(
		&child->channel, pair[0], PART_COURIER, PART_CARRIER, &e)) {
		kill(pid, SIGKILL);
		return true; /* its end is noticed as any other's */
	}
	child->channel.phase = CHANNEL_RUN;
	return true;
}

struct child *
courier_child(struct courier *c, uint32_t kind)
{
	struct child *none = NULL, *other = NULL;
	for (size_t i = 0; i < COURIER_CHILDREN; i++) {
		struct child *child = &c->children[i];
		if (child->pid == 0)
			none = child;
		else if (child->job == NULL && child->channel.fd >= 0) {
			if (child->kind == kind)
				return child;
			other = child;
		}
	}
	if (none != NULL)
		return start_child(c, none, kind) ? none : NULL;
	if (other != NULL)
		channel_clear(&other->channel); /* it ends by itself */
	return NULL;
}
