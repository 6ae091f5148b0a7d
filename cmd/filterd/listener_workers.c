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
	return true;
}
