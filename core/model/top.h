/*
 * What the mail system does now, told from its logs: sessions that have begun
 * and not ended, what was accepted and refused of late and by what, scores,
 * how long each plugin takes, the queue. The bundled filter and qpsmtpd write
 * the same lines; its own count of sessions ("Accepted connection 3/40") is
 * where the limit comes from.
 */
#ifndef CORE_MODEL_TOP_H
#define CORE_MODEL_TOP_H

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/vec.h"
#include "core/model/ctx.h"
#include "core/model/logs.h"
#include "core/model/waiting.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	TOP_WINDOW_S = 300,      /* "of late" */
	TOP_SESSIONS_MAX = 1024, /* the oldest is forgotten */
	TOP_IDLE_S = 1200,       /* without a line so long: it has gone */
	TOP_EVENTS_MAX = 65536,  /* kept; the oldest go first */
	TOP_NAMES_MAX = 128,     /* plugins told apart, then "other" */
	TOP_NAME_SIZE = 48,
	TOP_FROM_SIZE = 128,
	TOP_IP_SIZE = 48,
	TOP_LINES_BACK = 50000, /* of each log, to begin with */
};

enum top_phase {
	TOP_CONNECT,
	TOP_HELO,
	TOP_TLS,
	TOP_AUTH,
	TOP_MAIL,
	TOP_RCPT,
	TOP_DATA,
	TOP_QUEUE,
	TOP_QUIT,
};
/* "connect", "helo" ... */
const char *top_phase_word(enum top_phase phase);

/* A connection that has begun and not ended. Texts are foreign bytes. */
struct top_session {
	uint32_t pid; /* of qpsmtpd; of the bundled filter its number */
	char service[16];
	char ip[TOP_IP_SIZE], host[TOP_FROM_SIZE], helo[TOP_FROM_SIZE];
	char from[TOP_FROM_SIZE], to[TOP_FROM_SIZE];
	char country[4]; /* where a plugin told it, or "" */
	enum top_phase phase;
	char last[TOP_NAME_SIZE]; /* plugin that spoke last, or "" */
	bool client;              /* it is the client's turn */
	bool timed;               /* the time of the next plugin counts */
	uint32_t accepted, refused;
	int64_t began_ns, last_ns;
};

struct top_count {
	const char *name; /* as long as the struct top */
	uint64_t n;
};

struct top_plugin {
	const char *name;
	uint64_t calls;
	int64_t total_ns, worst_ns;
};

struct top_queue {
	bool absent; /* no qmail here */
	bool known;  /* the queue could be read */
	uint64_t messages, local, remote;
	int64_t oldest_s; /* Unix time; 0: none */
};

/* What the bundled filter counts itself, since its start. */
struct top_daemon {
	bool known; /* it runs, and answered */
	bool down;  /* a service that should run and does not */
	uint64_t up_s, sessions, sessions_max;
	uint64_t queued, refused, deferred;
	struct waiting waiting;
};

/* Figures of a moment; filled by top_view. */
struct top_view {
	int64_t now_ns;
	int64_t span_s; /* figures are of so many seconds, up to the window */
	bool log_is_silent;           /* no line at all in the window */
	int64_t last_ns;              /* time of the newest line; 0: none */
	struct top_session *sessions; /* longest wait first */
	size_t n_sessions;
	uint32_t sessions_max;        /* 0: not told */
	uint32_t busiest;             /* sessions of one address ... */
	char busiest_ip[TOP_IP_SIZE]; /* ... this one */
	uint64_t connections, queued, refused, deferred; /* of the span */
	uint64_t minute[4];      /* the same four, of the last minute */
	uint64_t second[4];      /* of the last ten seconds */
	struct top_count *rules; /* refused and deferred by, descending */
	size_t n_rules;
	struct top_plugin *plugins; /* by mean time, slowest first */
	size_t n_plugins;
	uint64_t scores;
	int64_t score_sum_tenths, score_most_tenths;
	uint32_t spamd_children, spamd_busy; /* 0 children: not told */
	bool deliveries_known;               /* of qmail: */
	uint32_t local, local_max, remote, remote_max;
	struct top_queue queue;
	double load; /* of the machine in the last minute; < 0: unknown */
	struct top_daemon daemon;
};

struct top;

/*
 * Read the last lines of the logs of mail (under the root, or one folder or
 * file a service in 'dir') and go on with what comes. Only clock and root of
 * 'm' are kept.
 */
MUST_USE bool top_open(const struct model_ctx *m, const char *dir,
    struct top **out, struct err *e);
void top_close(struct top *t); /* NULL allowed */
/*
 * Take in at most 'most' lines. *more: there are more now. False on failure.
 */
MUST_USE bool top_read(struct top *t, size_t most, bool *more, struct err *e);
/* Polls readable when there may be more; -1: no logs. */
int top_fd(const struct top *t);
/* Figures now; arrays and names are good until the next call on 't'. */
MUST_USE bool top_view(struct top *t, struct top_view *out, struct err *e);

/* --- in words, the same for command and screen --- */
enum {
	TOP_FACTS = 8
};
struct top_fact {
	const char *label; /* translated: "sessions" */
	const char *text;
};
/* One line each, in the arena, unescaped; returns how many. */
size_t top_facts(
    const struct top_view *v, struct arena *a, struct top_fact out[TOP_FACTS]);
/* Messages of the queue of qmail under the root. */
void top_queue_count(const struct root *root, struct top_queue *out);
/* "14 messages (local 0, remote 14), oldest 3 h 12 min"; appended. */
void top_queue_words(
    const struct top_queue *q, int64_t now_s, struct arena *a, struct buf *out);
/* "12 s", "3 min 20 s", "3 h 12 min", "2 d": in the arena. */
const char *top_duration(struct arena *a, int64_t seconds);
/* The same in one number: "12 s", "19 min", "3 h", "2 d". */
const char *top_duration_short(struct arena *a, int64_t seconds);
/* What a session waits for: "client", "filter", "after headers". */
const char *top_waits(const struct top_session *s, struct arena *a);
/* How long it has said nothing, at 'now_ns'. */
int64_t top_wait_s(const struct top_session *s, int64_t now_ns);

#endif
