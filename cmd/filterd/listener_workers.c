/* What the listener has of its workers beside their processes. */
#include "cmd/filterd/listener_int.h"

bool
listener_prepare_workers(struct listener *l, struct err *e)
{
	for (unsigned i = 0; i < l->n_workers; i++) {
		struct listener_worker *w = &l->workers[i];
		w->board_fd = board_create(&w->board, e);
		if (w->board_fd < 0)
			return false;
	}
	(void)tickets_turn(&l->tickets, clock_mono_ms(l->clock));
	return true;
}

static bool
tell_tickets(struct listener *l, unsigned i)
{
	struct buf body = BUF_INIT(TICKETS_WIRE_SIZE);
	tickets_put(&body, &l->tickets.keys);
	bool told = parts_tell(
	    l, &l->parts[SERVANTS + i], MESSAGE_TICKETS, buf_str(&body), -1);
	buf_wipe(&body);
	return told;
}

bool
listener_equip_worker(struct listener *l, unsigned i)
{
	return parts_tell(l, &l->parts[SERVANTS + i], MESSAGE_BOARD,
		   (struct str)STR_EMPTY, l->workers[i].board_fd) &&
	       tell_tickets(l, i);
}

void
listener_take_ended_of(struct listener *l, unsigned worker)
{
	struct listener_worker *w = &l->workers[worker];
	struct part_process *p = &l->parts[SERVANTS + worker];
	uint32_t slot;
	bool bad = false, ours = true;
	/* not beyond one that is not its own: it may tell of them without end
	 */
	while (ours && board_next_ended(
			   w->board, l->slots.n, &w->ended_seen, &slot, &bad))
		ours = slots_release(&l->slots, slot, worker);
	if (!ours)
		board_skip_ended(w->board, &w->ended_seen);
	if ((bad || !ours) && p->channel.fd >= 0)
		parts_lose(l, p, "it ends sessions that it does not have");
}

void
listener_take_ended(struct listener *l)
{
	for (unsigned i = 0; i < l->n_workers; i++)
		listener_take_ended_of(l, i);
	listener_look_at_retired(l);
}

int
listener_turn_tickets(struct listener *l)
{
	int64_t now = clock_mono_ms(l->clock);
	if (tickets_turn(&l->tickets, now)) {
		for (unsigned i = 0; i < l->n_workers; i++)
			(void)tell_tickets(l, i);
	}
	return tickets_wait(&l->tickets, now);
}
