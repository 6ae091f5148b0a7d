/* Bounds of the daemon, apart from those of a session (core/smtp/limits.h). */
#ifndef CMD_FILTERD_LIMITS_H
#define CMD_FILTERD_LIMITS_H

enum {
	FILTERD_LISTENS_MAX = 16,
	FILTERD_INSTANCES = 1000, /* sessions, unless told otherwise */
	FILTERD_INSTANCES_MAX = 100000,
	FILTERD_WORKERS_MAX = 16,
	FILTERD_WORKERS_USUAL = 4, /* at most, unless told otherwise */
	/* of all starts before, whose sessions go on */
	FILTERD_RETIRED_MAX = 4 * FILTERD_WORKERS_MAX,
	FILTERD_BACKLOG = 4096,
	FILTERD_PACKET_MAX = 160 * 1024,   /* one message between processes */
	FILTERD_BUNDLE_MAX = 64 << 20,     /* of configuration files */
	FILTERD_JOB_META_MAX = 2 << 20,    /* envelope and header of one job */
	FILTERD_BATCH = 64,                /* messages made durable together */
	FILTERD_HEARD_MAX = 512,           /* messages of workers in one turn */
	FILTERD_RESULTS_MAX = 64 * 1024,   /* of answers sent together */
	FILTERD_CARRIED_MAX = 64 * 1024,   /* what became of one message */
	FILTERD_JUDGES = 32,               /* logins judged at once */
	FILTERD_PLACE_MAX = 256,           /* a question about a place */
	FILTERD_READ_SIZE = 64 * 1024,     /* one read of a socket */
	FILTERD_TURN_MAX = 1 << 20,        /* bytes of a session in one turn */
	FILTERD_POLICY_ARENA = 256 * 1024, /* of plugins, for one session */
	FILTERD_RESTARTS = 5,              /* of a part that dies ... */
	FILTERD_RESTART_S = 60,            /* ... within this time: give up */
	FILTERD_DRAIN_S = 30,              /* at TERM, for messages under way */
	FILTERD_END_S = 5,      /* more for the parts themselves to end */
	FILTERD_SEND_MS = 5000, /* a part that reads nothing so long is stuck */
	FILTERD_PING_MS = 5000, /* between two questions to a part ... */
	FILTERD_LOOK_MS = 1000, /* ... and two looks for the answer */
	FILTERD_JOIN_MS = 2000, /* between two channels for the same parts */
	FILTERD_REPORTS = 60,   /* of failure ... */
	FILTERD_REPORTS_MS = 60000, /* ... in so much time */
	FILTERD_COURIER_S = 20,     /* without one: the courier is stuck */
	FILTERD_REREAD_MS = 2000,   /* settings: ask for what nobody tells of */
	FILTERD_LOG_LINE_MAX = 16 * 1024,
};

#endif
