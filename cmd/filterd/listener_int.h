/* The listener's state, shared by its files. */
#ifndef CMD_FILTERD_LISTENER_INT_H
#define CMD_FILTERD_LISTENER_INT_H

#include "cmd/filterd/audience.h"
#include "cmd/filterd/board.h"
#include "cmd/filterd/config.h"
#include "cmd/filterd/handover.h"
#include "cmd/filterd/listen.h"
#include "cmd/filterd/listener.h"
#include "cmd/filterd/part.h"
#include "cmd/filterd/readiness.h"
#include "cmd/filterd/slots.h"
#include "cmd/filterd/tickets.h"

enum {
	HOST_NAME_MAX_SIZE = 256,
	LISTENER_WHY_MAX = 1024
};

/* The parts, in the order they are started. */
enum {
	LISTENER_KEEPER,
	LISTENER_AUTH,
	LISTENER_RESOLVER,
	LISTENER_STATE,
	SERVANTS, /* of the workers, which follow */
	PARTS_MAX = SERVANTS + FILTERD_WORKERS_MAX
};

/* What there is of a worker beside its process. */
struct listener_worker {
	int board_fd;
	const struct board *board;
	uint64_t ended_seen; /* sessions there */
};

struct listener {
	const struct options *options;
	const struct clock *clock;
	struct config config;
	struct part_init init;
	struct channel master; /* fd -1: none, this is the first process */
	char host[HOST_NAME_MAX_SIZE];
	int exe_fd;
	int signal_fd;
	int listens[FILTERD_LISTENS_MAX];
	unsigned n_listens;
	int control_fd;           /* -1: none */
	struct audience audience; /* of it */
	/* accepted, but no worker had room for it: the next that has gets it */
	struct listener_held {
		struct accepted a; /* fd -1: none */
		enum smtp_role role;
		int64_t until; /* milliseconds */
	} held;
	struct part_process parts[PARTS_MAX];
	/* last; milliseconds */
	int64_t joined[SERVANTS][FILTERD_WORKERS_MAX];
	unsigned n_workers;
	struct listener_worker workers[FILTERD_WORKERS_MAX];
	uint64_t workers_ended; /* too early */
	struct tickets tickets;
	int64_t started_ms;
	struct listener_lost {
		uint64_t all, untold; /* lines of the log */
		int64_t tried_ms;     /* to tell it last */
		int64_t asked_ms;     /* whether there are, last */
	} lost;
	struct counters_waiting waiting; /* as the keeper told last */
	char waiting_why[LISTENER_WHY_MAX];
	unsigned reloads; /* to be told once they are in force */
	/* the configuration in the folder is not the one in force */
	struct listener_refusal {
		char why[LISTENER_WHY_MAX]; /* "": it is */
		bool all;                   /* found by a HUP */
	} refusal;
	struct slots slots;
	uint32_t number; /* of the last session */
	bool is_anew;    /* this process was a daemon before */
	bool announced;  /* "listening on" was said */
	bool stopping;
	int64_t deadline; /* of stopping, milliseconds */
	bool failed;      /* a part cannot be kept running */
	/* workers of before this daemon was started anew; their sessions count
	   here, behind those of the workers of now */
	struct listener_retired {
		struct handover_worker at; /* fd -1: there is none here */
		const struct board *board; /* NULL: it is not read */
		uint64_t ended_seen;
		uint32_t n_slots;  /* as it was told */
		uint32_t *slot_of; /* here, + 1, of each; 0: none, it is over */
	} retired[FILTERD_RETIRED_MAX];
};

/* listener_start.c */
/* Up to the loop: what is there is given free by listener_run. */
MUST_USE bool listener_start(
    struct listener *l, struct handover *h, struct err *e);

/* listener_config.c */
/* What the policy in force has to say of its files, into the log. */
void listener_tell_notes(const struct listener *l);
/* Read the configuration if it changed; 'all': the plugin list too. */
void listener_reread(struct listener *l, bool all);
/* It is refused, for this reason; or (NULL) it is not, as far as was read. */
void listener_note_refusal(struct listener *l, bool all, const struct err *why);

/* listener.c */
/* To whoever supervises the daemon. */
void listener_tell_standing(struct listener *l, enum readiness state);

/* listener_anew.c */
/*
 * Become the program once more; returns when that cannot be, which is told, and
 * all goes on as before.
 */
void listener_start_anew(struct listener *l);

/* listener_retired.c */
void listener_init_retired(struct listener *l);
/* What was left, its descriptors too, and its sessions as far as there is room.
 */
void listener_take_retired(struct listener *l, struct handover *h);
/* All of them, and those of now, to the next one. */
void listener_leave_retired(struct listener *l, struct handover *h);
/* How many still have sessions. */
unsigned listener_count_retired(const struct listener *l);
/* Sessions of theirs that are over, and those that have ended themselves, give
   their slots free. To be called each turn: nothing tells of it. */
void listener_look_at_retired(struct listener *l);
/* At a stop: the sessions end after the message under way. */
void listener_stop_retired(struct listener *l);
void listener_kill_retired(struct listener *l);

/* listener_accept.c */
bool listener_may_accept(const struct listener *l);
/* Who waits at this socket goes to a worker, or is sent away. */
void listener_accept(struct listener *l, unsigned listen);

/* The one held back, if there is room for it now. */
void listener_pass_held(struct listener *l);
void listener_drop_held(struct listener *l);

/* listener_tell.c */
/* Who waits at the control socket is told; nobody waits for it here. */
void listener_tell(struct listener *l);

/*
 * Lines of the log that were lost are told once it takes some again; when to
 * try that, in milliseconds, -1: there are none.
 */
int listener_tell_lost(struct listener *l);

/* listener_workers.c */
MUST_USE bool listener_prepare_workers(struct listener *l, struct err *e);
/* What a new worker has to know before all else. */
MUST_USE bool listener_equip_worker(struct listener *l, unsigned i);
/* Sessions of the workers that are over give their slots free. */
void listener_take_ended(struct listener *l);
void listener_take_ended_of(struct listener *l, unsigned worker);
/* New keys for tickets when it is time; milliseconds until then. */
int listener_turn_tickets(struct listener *l);

/* listener_parts.c */
enum {
	PARTS_NAME_SIZE = 32
};
extern const struct listener_servant {
	enum part part;
	bool has_policy;
	bool spared;    /* sessions go on without it */
	int patience_s; /* without an answer so long it is stuck */
} listener_servants[SERVANTS];

void parts_init(struct listener *l);
MUST_USE bool parts_start(struct listener *l, struct err *e);
/* With its channels; it has no policy yet. */
MUST_USE bool parts_start_one(struct listener *l, size_t i, struct err *e);
/* False when it was not told, nor will it be. */
bool parts_tell(const struct listener *l, struct part_process *p,
    enum message_type type, struct str body, int fd);
/* The configuration in force, to those that need it; to this one. */
void parts_publish(struct listener *l);
void parts_publish_to(struct listener *l, size_t i);
/* A list of plugins read anew is in force once all parts have answered. */
void parts_tell_reloads(struct listener *l);
/* What a part says; one that can be used no more is killed. */
void parts_hear(struct listener *l, struct part_process *p);
/* Workers that can take sessions, a bit each; 0 also without their servants.
 */
uint32_t parts_ready(const struct listener *l);
/* Kill one that cannot be used any more, and say why. */
void parts_lose(
    const struct listener *l, struct part_process *p, const char *why);
/* "the keeper", "worker 2 of 4" */
const char *parts_name(const struct listener *l, const struct part_process *p,
    char name[PARTS_NAME_SIZE]);
/* Of a worker, from 0. */
unsigned parts_worker_number(
    const struct listener *l, const struct part_process *p);

/* listener_join.c */
/* The channels of a part that has been started, to those that run. */
MUST_USE bool parts_join(struct listener *l, size_t i, struct err *e);
/*
 * A worker misses a servant that runs: it was given up, as one that does not
 * take its answers is. Whoever asks too often does not get what it wants.
 * False: there is no such servant.
 */
MUST_USE bool parts_join_again(
    struct listener *l, const struct part_process *worker, uint32_t part);

/* listener_reap.c */
/* Children that ended; those that are needed are started anew. */
void parts_reap(struct listener *l);
/* Those done without that are due again; milliseconds until one is, -1: none.
 */
int parts_revive(struct listener *l);
/* Those that are stuck are ended; as above. */
int parts_watch(struct listener *l);
void parts_stop(struct listener *l);
bool parts_are_gone(const struct listener *l);
void parts_kill(struct listener *l);

#endif
