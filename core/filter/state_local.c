/* Read-only state: files are opened when they are first asked for. */
#include "core/filter/state_local.h"

#include "core/base/i18n.h"
#include "core/base/list.h"

#include <stdio.h>
#include <string.h>

static struct state_store *
find(struct state_local *l, const struct filter_state_op *op, struct err *e)
{
	for (size_t i = 0; i < l->n; i++) {
		if (l->files[i].kind == op->kind &&
		    str_is(op->dir, l->files[i].dir))
			return l->files[i].store;
	}
	struct state_local_file *f = &l->files[l->n];
	if (l->n == STATE_PLACES_MAX || op->dir.len >= sizeof(f->dir)) {
		err_set(e, ERR_TEMPORARY, _("too many places of state"));
		return NULL;
	}
	f->kind = op->kind;
	memcpy(f->dir, op->dir.ptr, op->dir.len);
	f->dir[op->dir.len] = '\0';
	if (!state_store_open(op->kind, f->dir, STATE_ACCESS_READ,
		STATE_BUSY_MS, &f->store, e))
		return NULL;
	l->n++;
	return f->store;
}

static bool
ask(struct filter_state *st, const struct filter_state_op *op,
    filter_state_done *done, void *ctx)
{
	struct state_local *l = LIST_ITEM(st, struct state_local, state);
	struct filter_state_answer a = { .status = STATE_FAILED,
		.stored = true,
		.now = clock_wall_s(l->clock) };
	struct err e = ERR_INIT;
	bool found = false;
	struct state_store *s = find(l, op, &e);
	if (done == NULL)
		return true;
	if (s != NULL && state_store_get(s, op->key, &a.record, &found, &e))
		a.status = found ? STATE_FOUND : STATE_NONE;
	else
		snprintf(
		    a.why, sizeof(a.why), "%.*s", STATE_WHY_SIZE - 1, e.text);
	done(ctx, &a);
	return true;
}

void
state_local_init(struct state_local *l, const struct clock *clock)
{
	*l = (struct state_local){ .state = { ask }, .clock = clock };
}

void
state_local_clear(struct state_local *l)
{
	for (size_t i = 0; i < l->n; i++)
		state_store_close(l->files[i].store);
	l->n = 0;
}
