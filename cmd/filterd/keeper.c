/*
 * The keeper: the only part that writes messages. It takes all that wait as
 * one batch, makes them durable together, and then answers each.
 */
#include "cmd/filterd/keeper_int.h"
#include "cmd/filterd/log.h"
#include "cmd/filterd/sandbox.h"
#include "core/sys/memory.h"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	JOB_MEMORY_MAX = 4 << 20,
	REST_MS = 2000, /* without work: memory is given back */
	OTHERS = 3      /* to be polled beside the workers */
};

static bool
hear_worker(void *ctx, uint32_t worker, struct message *m)
{
	struct keeper *k = ctx;
	k->rest_ms = clock_mono_ms(k->clock) + REST_MS;
	if (m->type == MESSAGE_SPOOL)
		keeper_give_spool(k, worker, m);
	else if (m->type == MESSAGE_RCPT)
		keeper_take_rcpt(k, worker, m);
	else
		keeper_take_job(k, worker, m);
	return true;
}

static bool
has_room(const void *ctx)
{
	const struct keeper *k = ctx;
	return k->n_batch < FILTERD_BATCH;
}

static const struct workers_ears ears = { hear_worker, has_room };

static void
take_policy(struct keeper *k, struct message *m)
{
	if (!part_take_policy(k->listener, m, &k->policy))
		return;
	k->generation++;
	keeper_log_follow_policy(k);
	keeper_recall_follow_policy(k);
}

static void
take_worker(struct keeper *k, struct message *m)
{
	int i = workers_take(&k->workers, m);
	if (i >= 0)
		buf_reset(&k->answers[i]); /* of the worker before */
}

/*
 * Another keeper begins: what both would keep on disk is its. The messages of
 * our workers go on without a log, and the end of the channel says so.
 */
static void
retire(struct keeper *k)
{
	keeper_shares_clear(&k->shares);
	keeper_log_close(k);
}

/* The listener is gone or says so: end when the workers have ended. */
static void
hear_listener(struct keeper *k)
{
	struct message m;
	struct err e = ERR_INIT;
	for (;;) {
		enum channel_status s = channel_receive(k->listener, &m, &e);
		if (s == CHANNEL_AGAIN)
			return;
		if (s == CHANNEL_BAD)
			log_error(&e);
		if (s == CHANNEL_OK && m.type == MESSAGE_RETIRE)
			retire(k);
		if (s != CHANNEL_OK || m.type == MESSAGE_DRAIN ||
		    m.type == MESSAGE_RETIRE) {
			k->stopping = true;
			channel_clear(k->listener);
			return;
		}
		if (m.type == MESSAGE_POLICY)
			take_policy(k, &m);
		else if (m.type == MESSAGE_PEER)
			take_worker(k, &m);
	}
}

static bool
prepare(struct keeper *k, const struct part_init *init, struct err *e)
{
	umask(0); /* modes are the policy's */
	if (!keeper_start_courier(k, init, e))
		return false;
	k->arena = arena_new(JOB_MEMORY_MAX, NULL, NULL);
	if (k->arena == NULL)
		return err_set(e, ERR_TEMPORARY, "keeper: out of memory");
	if (init->has_user && geteuid() == 0 &&
	    !sandbox_become(init->uid, init->gid, e))
		return false;
	sandbox_wall(SANDBOX_KEEPER, "keeper");
	return true;
}

static void
clear(struct keeper *k)
{
	keeper_aside_free(k);
	keeper_splits_clear(k);
	keeper_shares_clear(&k->shares);
	for (unsigned i = 0; i < FILTERD_WORKERS_MAX; i++)
		buf_clear(&k->answers[i]);
	keeper_log_close(k);
	keeper_targets_clear(k);
	filter_policy_free(k->policy);
	workers_clear(&k->workers);
	channel_clear(&k->courier.channel);
	arena_free(k->arena);
}

/*
 * How much a batch takes depends on how many came together: what the largest
 * one took is not kept for good. Milliseconds until there is rest, -1: it is
 * there.
 */
static int
rest(struct keeper *k)
{
	int64_t now = clock_mono_ms(k->clock);
	if (k->rest_ms == 0)
		return -1;
	if (now < k->rest_ms)
		return (int)(k->rest_ms - now);
	if (keeper_log_is_busy(k))
		return REST_MS;
	k->rest_ms = 0;
	for (unsigned i = 0; i < FILTERD_WORKERS_MAX; i++)
		buf_clear(&k->answers[i]);
	if (k->log.log != NULL)
		queue_log_rest(k->log.log);
	memory_give_back();
	return -1;
}

static int
sooner(int a, int b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

/* Until something wants us; -1: without end. */
static int
time_to_wait(struct keeper *k)
{
	int log = sooner(keeper_log_tend(k), keeper_tell_waiting(k));
	return sooner(sooner(log, keeper_watch_courier(k)), rest(k));
}

int
keeper_run(struct channel *listener, const struct part_init *init)
{
	struct err e = ERR_INIT;
	struct keeper k = { .clock = &clock_system,
		.host = init->host.ptr,
		.pid = (uint32_t)getpid(),
		.listener = listener,
		.courier = { .part = PART_COURIER, .channel = { .fd = -1 } },
		.told = { .untold = true },
		.targets = VEC_INIT(struct target) };
	list_init(&k.splits);
	keeper_shares_init(&k.shares);
	workers_init(&k.workers, PART_KEEPER);
	for (unsigned i = 0; i < FILTERD_WORKERS_MAX; i++)
		buf_init(&k.answers[i], FILTERD_RESULTS_MAX);
	bool ok = prepare(&k, init, &e);
	if (!ok)
		log_error(&e);
	while (ok && !(k.stopping && workers_are_gone(&k.workers))) {
		int wait = time_to_wait(&k);
		struct pollfd p[OTHERS + FILTERD_WORKERS_MAX] = {
			{ .fd = k.listener->fd, .events = POLLIN },
			{ .fd = k.courier.channel.fd, .events = POLLIN },
			{ .fd = keeper_aside_fd(&k), .events = POLLIN },
		};
		workers_watch(&k.workers, p + OTHERS);
		if (poll(p, ARRAY_LEN(p), wait) < 0)
			continue;
		/* all that waits, up to a batch, made durable together */
		workers_hear(&k.workers, p + OTHERS, &ears, &k);
		keeper_commit(&k);
		if (p[2].revents != 0)
			keeper_hear_aside(&k);
		/* what it had is answered when the workers miss us */
		if (p[1].revents != 0 && !keeper_hear_courier(&k)) {
			log_own("keeper: the courier is gone, ending too");
			e.code = ERR_TEMPORARY;
			break;
		}
		keeper_send_answers(&k);
		if (p[0].revents != 0)
			hear_listener(&k);
	}
	clear(&k);
	return err_exit_status(e.code);
}
