/* The other parts: which there are, what they are told and what they say. */
#include "cmd/filterd/listener_int.h"

#include "cmd/filterd/log.h"
#include "cmd/filterd/places.h"

#include <signal.h>
#include <unistd.h>

const struct listener_servant listener_servants[SERVANTS] = {
	/* these write, and a sync may take its time */
	[LISTENER_KEEPER] = { PART_KEEPER, true, false, 30 },
	[LISTENER_STATE] = { PART_STATE, true, true, 20 },
	/* these never wait */
	[LISTENER_AUTH] = { PART_AUTH, true, false, 15 },
	[LISTENER_RESOLVER] = { PART_RESOLVER, false, false, 10 },
};

unsigned
parts_worker_number(const struct listener *l, const struct part_process *p)
{
	return (unsigned)(p - &l->parts[SERVANTS]);
}

const char *
parts_name(const struct listener *l, const struct part_process *p,
    char name[PARTS_NAME_SIZE])
{
	if (p >= &l->parts[SERVANTS] && l->n_workers > 1)
		snprintf(name, PARTS_NAME_SIZE, "worker %u of %u",
		    parts_worker_number(l, p) + 1, l->n_workers);
	else
		snprintf(name, PARTS_NAME_SIZE, "the %s", part_name(p->part));
	return name;
}

void
parts_lose(const struct listener *l, struct part_process *p, const char *why)
{
	char name[PARTS_NAME_SIZE];
	log_own("%s is stopped for a reason: %s", parts_name(l, p, name), why);
	/* it ends by itself when its channel closes, this makes sure */
	if (p->pid > 0)
		kill(p->pid, SIGKILL);
	channel_clear(&p->channel);
}

bool
parts_tell(const struct listener *l, struct part_process *p,
    enum message_type type, struct str body, int fd)
{
	if (p->channel.fd < 0)
		return false;
	enum channel_status s =
	    channel_send(&p->channel, type, body, fd, FILTERD_SEND_MS);
	if (s == CHANNEL_AGAIN)
		parts_lose(l, p, "it takes no messages any more");
	return s == CHANNEL_OK;
}

static bool
has_policy(size_t i)
{
	return i >= SERVANTS || listener_servants[i].has_policy;
}

void
parts_init(struct listener *l)
{
	for (size_t i = 0; i < PARTS_MAX; i++)
		l->parts[i] = (struct part_process){
			.part = i < SERVANTS ? listener_servants[i].part
					     : PART_WORKER,
			.channel = { .fd = -1 },
		};
}

static void
renew(struct listener *l, struct part_process *p)
{
	struct buf folders;
	buf_init(&folders, FILTERD_PACKET_MAX);
	places_put_folders(&folders, l->config.policy);
	parts_tell(l, p, MESSAGE_RENEW, buf_str(&folders), -1);
	buf_clear(&folders);
}

/* The configuration in force as descriptors; -1: it cannot be passed on. */
struct publication {
	int fd;
	int fd_with_secrets; /* workers alone need certificate and key */
};

static struct publication
publication_open(const struct listener *l)
{
	struct err e = ERR_INIT;
	struct str bundle = buf_str(&l->config.bundle);
	struct publication p;
	p.fd = part_bundle_fd(bundle, (struct str)STR_EMPTY, &e);
	p.fd_with_secrets =
	    part_bundle_fd(bundle, buf_str(&l->config.secrets), &e);
	if (e.text[0] != '\0')
		log_error(&e);
	return p;
}

static void
publication_close(struct publication *p)
{
	if (p->fd >= 0)
		close(p->fd);
	if (p->fd_with_secrets >= 0)
		close(p->fd_with_secrets);
}

static void
publish_to(struct listener *l, size_t i, const struct publication *pub)
{
	struct part_process *p = &l->parts[i];
	int fd = i >= SERVANTS ? pub->fd_with_secrets : pub->fd;
	if (!has_policy(i)) {
		renew(l, p);
		return;
	}
	if (fd < 0)
		return;
	struct buf body;
	buf_init(&body, 64);
	wire_put_u32(&body, l->config.generation);
	parts_tell(l, p, MESSAGE_POLICY, buf_str(&body), fd);
	buf_clear(&body);
}

void
parts_publish_to(struct listener *l, size_t i)
{
	struct publication pub = publication_open(l);
	publish_to(l, i, &pub);
	publication_close(&pub);
}

void
parts_publish(struct listener *l)
{
	struct publication pub = publication_open(l);
	/* workers last: the keeper must know where a message may go */
	for (size_t i = 0; i < SERVANTS + l->n_workers; i++)
		publish_to(l, i, &pub);
	publication_close(&pub);
}

bool
parts_start_one(struct listener *l, size_t i, struct err *e)
{
	struct part_process *p = &l->parts[i];
	bool worker = i >= SERVANTS;
	l->init.number = worker ? (uint32_t)(i - SERVANTS) : 0;
	return part_start(p, PART_LISTENER, l->exe_fd, &l->init, e) &&
	       (!worker || listener_equip_worker(l, l->init.number) ||
		   err_set(e, ERR_TEMPORARY, "cannot reach the new worker")) &&
	       parts_join(l, i, e);
}

bool
parts_start(struct listener *l, struct err *e)
{
	for (size_t i = 0; i < SERVANTS + l->n_workers; i++) {
		if (!parts_start_one(l, i, e))
			return false;
	}
	return true;
}

static bool
is_ready(const struct listener *l, size_t i)
{
	return l->parts[i].channel.fd >= 0 &&
	       (!has_policy(i) || l->parts[i].generation != 0);
}

/* At the start all are waited for, but not for one that will not stay. */
static bool
is_waited_for(const struct listener *l, size_t i)
{
	bool spared = i >= SERVANTS || listener_servants[i].spared;
	return !spared ||
	       (!l->announced && l->parts[i].restarts <= FILTERD_RESTARTS);
}

uint32_t
parts_ready(const struct listener *l)
{
	uint32_t workers = 0;
	for (size_t i = 0; i < SERVANTS + l->n_workers; i++) {
		bool ready = is_ready(l, i);
		if (!ready && is_waited_for(l, i))
			return 0;
		if (ready && i >= SERVANTS)
			workers |= 1u << (i - SERVANTS);
	}
	return workers;
}

/* What the keeper says of its log; its words are foreign ones. */
static bool
hear_waiting(struct listener *l, struct wire *in)
{
	struct counters_waiting *w = &l->waiting;
	w->messages = wire_get_u64(in);
	w->bytes = wire_get_u64(in);
	w->failed = wire_get_u64(in);
	uint64_t oldest_s = wire_get_u64(in);
	w->oldest_s = oldest_s < INT64_MAX ? (int64_t)oldest_s : 0;
	struct str why = wire_get_str(in);
	snprintf(l->waiting_why, sizeof(l->waiting_why), "%.*s", STR_ARG(why));
	return wire_end(in);
}

static bool
hear_one(struct listener *l, struct part_process *p, struct message *m)
{
	if (m->type == MESSAGE_WAITING)
		return hear_waiting(l, &m->in);
	if (m->type == MESSAGE_JOIN)
		return parts_join_again(l, p, wire_get_u32(&m->in));
	char name[PARTS_NAME_SIZE];
	uint32_t generation = p->answered = wire_get_u32(&m->in);
	if (m->type == MESSAGE_READY) {
		p->generation = generation;
	} else {
		struct str why = wire_get_str(&m->in);
		log_own("%s could not take configuration %u, it keeps the one "
			"before: %.*s",
		    parts_name(l, p, name), (unsigned)generation, STR_ARG(why));
		/* there is none before: nobody would be served, untold */
		l->failed = l->failed || (p->generation == 0 && !l->announced);
	}
	return wire_end(&m->in);
}

void
parts_tell_reloads(struct listener *l)
{
	for (size_t i = 0; i < PARTS_MAX; i++) {
		const struct part_process *p = &l->parts[i];
		if (p->pid != 0 && has_policy(i) &&
		    p->answered != l->config.generation)
			return;
	}
	for (; l->reloads > 0; l->reloads--)
		log_own("%s", FILTER_LOG_RELOADED);
}

void
parts_hear(struct listener *l, struct part_process *p)
{
	struct message m;
	struct err e = ERR_INIT;
	for (;;) {
		switch (channel_receive(&p->channel, &m, &e)) {
		case CHANNEL_AGAIN:
			return;
		case CHANNEL_OK:
			if (hear_one(l, p, &m))
				break;
			parts_lose(l, p, "its message is broken");
			return;
		case CHANNEL_END:
			channel_clear(&p->channel);
			return;
		case CHANNEL_BAD:
			parts_lose(l, p, e.text);
			return;
		}
	}
}
