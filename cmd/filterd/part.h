/*
 * The parts of the daemon, each the same program started anew with a role:
 * fresh memory, nothing inherited but one channel.
 */
#ifndef CMD_FILTERD_PART_H
#define CMD_FILTERD_PART_H

#include "cmd/filterd/channel.h"
#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/filter/filter.h"

#include <sys/types.h>

enum {
	PART_CHANNEL_FD = 3 /* where a started part finds its channel */
};

/* What every part is told first. */
struct part_init {
	bool has_user;
	uid_t uid;
	gid_t gid;
	uid_t nobody_uid; /* for parts without privilege, when no user is set */
	gid_t nobody_gid;
	uint32_t number; /* of a worker, from 0 */
	uint32_t instances;
	bool relay_env;     /* RELAYCLIENT was set (FL-62) */
	bool gains_rights;  /* programs that it runs may take another user's */
	struct str host;    /* name of this machine */
	const char *config; /* the configuration directory */
	const char *qmail_control;
};

/* As root: become the daemon's user, or nobody where none was given. */
MUST_USE bool part_drop_root(const struct part_init *init, struct err *e);

/* Run as a part until its work is over; the exit status. */
int worker_run(struct channel *listener, const struct part_init *init);
int keeper_run(struct channel *listener, const struct part_init *init);
int resolver_run(struct channel *listener, const struct part_init *init);
int auth_run(struct channel *listener, const struct part_init *init);
int state_run(struct channel *listener, const struct part_init *init);

/* This program, for part_start and part_exec; -1 sets the error. */
MUST_USE int part_open_program(struct err *e);

/*
 * Become the program behind 'exe_fd' with this command line and the channel at
 * PART_CHANNEL_FD; in a child. Returns only when it fails.
 */
void part_exec(int exe_fd, char *const argv[], int channel_fd);
/* In what was started so: that channel; false where there is none. */
MUST_USE bool part_find_channel(
    struct channel *c, enum part self, enum part starter, struct err *e);

/* Of the hidden option --role: find the channel, be told, run. */
int part_main(const char *role);

/* The listener's view of a part that runs. */
struct part_process {
	enum part part;
	pid_t pid; /* 0: not running */
	struct channel channel;
	uint32_t generation; /* of the policy in force there; 0: none yet */
	uint32_t answered;   /* the last one that it took or refused */
	unsigned restarts;   /* within the present period */
	int64_t period;      /* its start, milliseconds */
	struct part_pulse {
		int64_t next_ms;   /* it is asked then */
		int64_t looked_ms; /* at an answer that is missing */
		int64_t silent_ms; /* so far */
		bool full;         /* there was no room to ask */
	} pulse;
};

/*
 * Start it from the program behind 'exe_fd', so that a part always fits the
 * one that starts it, even when the file was replaced meanwhile.
 */
MUST_USE bool part_start(struct part_process *p, enum part self, int exe_fd,
    const struct part_init *init, struct err *e);

/*
 * Does it still work? To be called each turn, behind reading what it says:
 * asks now and then, and counts for how long no answer comes. Time in which it
 * waits for a disk does not count (to be killed it would have to wake up), nor
 * does time in which we did not run ourselves. *stuck: the answer is missing
 * for 'patience_ms'. Milliseconds until the next call at most, -1: no need.
 */
int part_watch(struct part_process *p, const struct clock *clock,
    int64_t patience_ms, bool *stuck);

/* The policy's bundle with more records, as it crosses to a part. */
MUST_USE int part_bundle_fd(struct str bundle, struct str more, struct err *e);
MUST_USE bool part_bundle_read(int fd, struct buf *bundle, struct err *e);

/*
 * A policy from the listener in place of *policy (NULL allowed), which stays
 * when the new one is not good; the listener is told which. True: it is new.
 */
bool part_take_policy(
    struct channel *listener, struct message *m, struct filter_policy **policy);

#endif
