/* The listener's state, shared by its files. */
#ifndef CMD_FILTERD_LISTENER_INT_H
#define CMD_FILTERD_LISTENER_INT_H

#include "cmd/filterd/config.h"
#include "cmd/filterd/listen.h"
#include "cmd/filterd/listener.h"
#include "cmd/filterd/part.h"
#include "cmd/filterd/slots.h"

enum {
	HOST_NAME_MAX_SIZE = 256
};

/* The parts, in the order they are started. */
enum {
	LISTENER_KEEPER,
	LISTENER_AUTH,
	LISTENER_RESOLVER,
	LISTENER_STATE,
	LISTENER_WORKER,
	PARTS
};

struct listener {
	const struct options *options;
	const struct clock *clock;
	struct config config;
	struct part_init init;
	char host[HOST_NAME_MAX_SIZE];
	int exe_fd;
	int signal_fd;
	int listens[FILTERD_LISTENS_MAX];
	unsigned n_listens;
	int control_fd; /* -1: none */
	struct part_process parts[PARTS];
	struct slots slots;
	uint32_t number; /* of the last session */
	bool announced;  /* "listening on" was said */
	bool stopping;
	int64_t deadline; /* of stopping, milliseconds */
	bool failed;      /* a part cannot be kept running */
};

/* listener.c */
/* Read the configuration if it changed; 'all': the plugin list too. */
void listener_reread(struct listener *l, bool all);

/* listener_accept.c */
bool listener_may_accept(const struct listener *l);
/* Who waits at this socket goes to the worker, or is sent away. */
void listener_accept(struct listener *l, unsigned listen);

/* listener_parts.c */
void parts_init(struct listener *l);
MUST_USE bool parts_start(struct listener *l, struct err *e);
/* The configuration in force, to those that need it. */
void parts_publish(struct listener *l);
/* What a part says; false when it can be used no more and was killed. */
void parts_hear(struct listener *l, struct part_process *p);
/* Children that ended; those that are needed are started anew. */
void parts_reap(struct listener *l);
/* Those done without that are due again; milliseconds until one is, -1: none.
 */
int parts_revive(struct listener *l);
/* Those that are stuck are ended; as above. */
int parts_watch(struct listener *l);
/* All run, and have a policy where they need one. */
bool parts_are_ready(const struct listener *l);
void parts_stop(struct listener *l);
bool parts_are_gone(const struct listener *l);
void parts_kill(struct listener *l);

#endif
