/* Channels between the servants and the workers, which the listener makes. */
#include "cmd/filterd/listener_int.h"

#include "cmd/filterd/log.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * A fresh channel between a servant and a worker. That 'whose' is told of it
 * matters: the other may be ending, which is not that one's fault, and is
 * joined when it has been started anew.
 */
static bool
join_two(struct listener *l, size_t servant, size_t worker, size_t whose,
    struct err *e)
{
	int pair[2];
	int kind = SOCK_SEQPACKET | SOCK_CLOEXEC;
	struct buf to_servant, to_worker;
	if (socketpair(AF_UNIX, kind, 0, pair) != 0)
		return err_set_errno(e, errno, "cannot make a channel");
	buf_init(&to_servant, 2 * sizeof(uint32_t));
	buf_init(&to_worker, 2 * sizeof(uint32_t));
	l->joined[servant][worker - SERVANTS] = clock_mono_ms(l->clock);
	wire_put_u32(&to_servant, PART_WORKER);
	wire_put_u32(&to_servant, (uint32_t)(worker - SERVANTS));
	wire_put_u32(&to_worker, listener_servants[servant].part);
	wire_put_u32(&to_worker, 0);
	bool servant_told = parts_tell(
	    l, &l->parts[servant], MESSAGE_PEER, buf_str(&to_servant), pair[0]);
	bool worker_told = parts_tell(
	    l, &l->parts[worker], MESSAGE_PEER, buf_str(&to_worker), pair[1]);
	bool ok = whose == worker ? worker_told : servant_told;
	buf_clear(&to_servant);
	buf_clear(&to_worker);
	close(pair[0]);
	close(pair[1]);
	return ok || err_set(e, ERR_TEMPORARY, "cannot join worker and %s",
			 part_name(listener_servants[servant].part));
}

bool
parts_join_again(
    struct listener *l, const struct part_process *worker, uint32_t part)
{
	struct err e = ERR_INIT;
	char name[PARTS_NAME_SIZE];
	size_t i = 0;
	while (i < SERVANTS && listener_servants[i].part != part)
		i++;
	if (i == SERVANTS)
		return false;
	int64_t age = clock_mono_ms(l->clock) -
		      l->joined[i][parts_worker_number(l, worker)];
	if (l->stopping || l->parts[i].channel.fd < 0 || age < FILTERD_JOIN_MS)
		return true;
	log_own("%s has lost the %s, joining them anew",
	    parts_name(l, worker, name), part_name(listener_servants[i].part));
	size_t asks = SERVANTS + parts_worker_number(l, worker);
	if (!join_two(l, i, asks, asks, &e))
		log_error(&e);
	return true;
}

bool
parts_join(struct listener *l, size_t i, struct err *e)
{
	bool worker = i >= SERVANTS;
	size_t from = worker ? 0 : SERVANTS;
	size_t to = worker ? SERVANTS : PARTS_MAX;
	for (size_t other = from; other < to; other++) {
		if (l->parts[other].pid == 0)
			continue;
		if (!(worker ? join_two(l, other, i, i, e)
			     : join_two(l, i, other, i, e)))
			return false;
	}
	return true;
}
