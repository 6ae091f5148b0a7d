/*
 * A session worker: its share of the sessions in one process, one event loop,
 * nothing that waits. It can open no file and no socket; what it needs comes
 * through its channels.
 */
#ifndef CMD_FILTERD_WORKER_INT_H
#define CMD_FILTERD_WORKER_INT_H

#include "cmd/filterd/channel.h"
#include "cmd/filterd/board.h"
#include "cmd/filterd/limits.h"
#include "cmd/filterd/part.h"
#include "core/base/list.h"
#include "core/filter/filter.h"
#include "core/net/tls_server.h"
#include "core/smtp/session.h"

/* A certificate in use, by all policies that name the same one. */
struct served_tls {
	unsigned users;
	const struct tls_server_calls *calls;
	struct tls_server *server;
};

/* A policy in use: sessions keep to the one they began with. */
struct snapshot {
	unsigned users;
	uint32_t generation;
	struct filter_policy *policy;
	struct smtp_config smtp; /* logs at least what transcripts hold */
	int log_level;           /* what goes into the log */
	bool wants_place;        /* of clients, by 'geo' */
	struct filter_geo geo;
	struct buf greeting;
	struct served_tls *tls; /* NULL: not offered */
};

/* What a session waits for. */
enum conn_wait {
	CONN_NOTHING,
	CONN_TO_ASK, /* in the list of those waiting for room to ask */
	CONN_ASKED,
	CONN_FACTS,   /* for answers of the DNS */
	CONN_HOP,     /* for what a next server says about its recipient */
	CONN_LISTENS, /* for its peer to speak, or the time to pass */
	CONN_PLACE,   /* to be told where its peer is */
	CONN_TURN,    /* for nothing: others have their turn first */
};

struct conn {
	struct list_node all;   /* of the worker */
	struct list_node queue; /* ready, asking or over; else by itself */
	struct worker *w;
	int fd; /* -1: closed */
	uint32_t slot;
	uint32_t number;  /* in the log */
	uint32_t serial;  /* tells answers for an earlier user of the slot */
	int64_t begun;    /* ms */
	uint32_t running; /* sessions when it came */
	bool named;       /* its peer, as far as the DNS knows */
	bool placed;      /* it was asked where its peer is */
	bool readable;    /* as epoll said last */
	bool for_room;    /* epoll tells when there is room to send */
	bool ending;      /* its end is in the socket, behind what is there */
	bool hung_up;     /* no more input comes */
	bool over;
	int64_t close_seen; /* when a look at the clocks found it closing */
	struct buf input;   /* read and not taken yet */
	struct snapshot *snapshot;
	struct smtp_session *smtp;
	struct filter_session filter;
	struct tls *tls;       /* from the handshake on */
	uint32_t login_serial; /* of the question asked, 0: none */
	char ip[BOARD_IP_SIZE];
	char local_ip[BOARD_IP_SIZE];

	enum conn_wait wait;
	int64_t listens_until;
	int64_t unknown_at; /* what it waits for is taken as unknown; 0: not */

	/* for what the worker tells of itself */
	struct filter_watch watch;
	const char *asked; /* plugin */
	int64_t asked_ms;
	int64_t began_s; /* wall clock */
	struct buf trace;
	struct buf additions; /* to the header of the message under way */

	/* a long text, and whatever else is asked of the keeper */
	int spool_fd;
	uint64_t spool_size;
	void *map;
	size_t map_length;
};

/* What sessions ask the part that remembers. */
struct worker_state {
	struct filter_state ask; /* as sessions know it */
	struct channel channel;
	struct list open; /* questions under way, the oldest first */
	unsigned n_open;
	uint32_t serial;
};

struct worker {
	const struct clock *clock;
	int epoll_fd;
	struct channel *listener;
	struct channel keeper;
	struct channel resolver;
	struct dns *dns;           /* asks it */
	int64_t places_rest_until; /* it did not tell a place in time */
	struct channel auth;
	struct worker_state state;
	const struct tls_calls *tls; /* NULL: not to be had */
	const struct tls_server_calls *tls_server;
	struct tls_ticket_keys tickets; /* of all workers */
	struct snapshot *snapshot;      /* for new sessions */
	const struct psl *psl;          /* or NULL */
	bool relay_env;
	uint32_t number;       /* among the workers, from 0 */
	uint32_t max_sessions; /* of all workers */
	struct conn **slots;   /* by slot, NULL where there is none */
	uint32_t n_slots;
	uint32_t running;
	uint32_t serial;
	struct list conns;     /* all */
	struct list ready;     /* have something to do without an event */
	struct list asking;    /* wait for room in the keeper's channel */
	bool for_room;         /* epoll tells of it */
	struct list over;      /* to be freed at the end of the turn */
	struct list listening; /* for their peers; the next in time first */
	bool stopping;
	bool retired; /* no more sessions come: it ends with the last one */
	int64_t drain_until; /* stopping: messages may come in until then */
	int64_t ticked;      /* last look at the clocks */
	int64_t tidy_ms;     /* memory is given back then, when any was freed */
	unsigned freed;      /* sessions, handshakes, policies over since */
	int64_t now;         /* of this turn, monotonic milliseconds */
	double load;         /* of the machine, one minute */
	int64_t load_seen;
	struct board *board; /* NULL: not told yet */
	uint64_t dns_asked;  /* of them counted there */
	char *block;         /* FILTERD_READ_SIZE, shared by all reads */
};

/* worker.c */
/* TERM, or the listener is gone: messages under way end, then we do. */
void worker_stop(struct worker *w);

/* worker_channels.c */
MUST_USE bool worker_watch_listener(struct worker *w);
/* Take what there is to hear at it. */
void worker_hear_channel(struct worker *w, const void *channel);
/* Be told when the keeper has room, or no more: whether sessions wait for it.
 */
void worker_await_room(struct worker *w);
/*
 * Servants that are not there: one that died comes back by itself, one that
 * gave us up does not. The listener knows which it is.
 */
void worker_ask_for_servants(struct worker *w);
/* All are there. */
bool worker_has_servants(struct worker *w);

/*
 * What epoll tells of a session by, where it tells of channels by their
 * address. It may still tell of one that is over, as long as the listener has
 * its own copy of the descriptor.
 */
enum {
	EVENT_SERIAL_SHIFT = 32,
	EVENT_CONN_SHIFT = 63
};
static inline uint64_t
conn_event(const struct conn *c)
{
	return UINT64_C(1) << EVENT_CONN_SHIFT |
	       (uint64_t)(c->serial & INT32_MAX) << EVENT_SERIAL_SHIFT |
	       c->slot;
}

/* worker_conn.c */
/* A new connection; takes 'fd'. */
void conn_new(struct worker *w, int fd, struct wire *in);
/* Let it go on as far as it can. */
void conn_go(struct conn *c);
/* Not all could be sent: go on when more can be. */
void conn_await_room(struct conn *c);
/* The connection is of no use any more: FL-22, then it is over. */
void conn_close(struct conn *c);
void conn_free(struct conn *c);
/* The lines that begin a session in the log. */
void conn_log_begin(struct conn *c);
/* Put into one of the worker's lists, out of the one it was in. */
void conn_enlist(struct conn *c, struct list *l);

/* worker_policy.c */
MUST_USE bool snapshot_new(struct str bundle, uint32_t generation,
    struct snapshot **out, struct err *e);
void snapshot_release(struct snapshot *s); /* NULL allowed */
/* Answer the question that the session asks. */
void conn_judge(struct conn *c);
/* Phases whose answer nobody waits for: reset, quit, disconnect. */
void conn_notify(struct conn *c, enum filter_hook hook);
void conn_log_terse(struct conn *c, const struct filter_verdict *verdict,
    bool queued, struct str message_id);
extern const struct smtp_events conn_events;

/* worker_where.c */
/*
 * A line about where the message is that the queue took; 'but' is empty, or
 * what did not go there.
 */
void conn_log_where(struct conn *c, const struct smtp_job *job, struct str but);

/* worker_tell.c */
/* A line of a session, in the log by worker_write_log. */
void conn_log(
    struct conn *c, const char *hook, const char *plugin, struct str text);
/* The same for a text with foreign bytes. */
void conn_log_foreign(struct conn *c, struct str text);
/*
 * Before a session's peer or another part learns anything of it, and before the
 * worker sleeps.
 */
void worker_write_log(struct worker *w);
void conn_watch(struct conn *c);
void conn_trace_begin(struct conn *c);
void conn_trace(struct conn *c, struct str text);
/* Its conversation goes to those of the last sessions. */
void conn_trace_end(struct conn *c);
/* What others count goes to the board. */
void worker_count(struct worker *w);

/* worker_facts.c */
MUST_USE bool worker_facts_init(struct worker *w, struct err *e);
void worker_facts_clear(struct worker *w);
/* The run of plugins stands still: wait for what it needs. */
void conn_await(struct conn *c);
/* The peer of a listening connection did something. */
void conn_heard(struct conn *c);
/* Has the peer sent what is not looked at yet? */
bool conn_has_input(const struct conn *c);
/* An answer of the resolver; false when it makes no sense. */
MUST_USE bool worker_hear_resolver(struct worker *w, struct message *m);
void worker_lose_resolver(struct worker *w);
/* Answers, deadlines and listening times that are due. */
void worker_facts_step(struct worker *w);
/* Milliseconds until something of it is due, at most 'most' (-1: no limit). */
int worker_facts_wait(const struct worker *w, int most);

/* worker_hop.c */
/* Have a recipient asked of its server. */
void conn_ask_hop(struct conn *c);
/* What it said; false when it makes no sense. */
MUST_USE bool worker_hear_hop(struct worker *w, struct wire *in);
/* Nobody could be asked, for this reason: go on. */
void conn_lose_hop(struct conn *c, const char *why);

/* worker_place.c */
/* Where the peer is was asked for, if the policy wants it; false: not yet. */
bool conn_is_placed(struct conn *c);
/* An answer of the resolver; false when it makes no sense. */
MUST_USE bool worker_hear_place(struct worker *w, struct wire *in);
/* It takes too long: go on without, and so do others for a while. */
void conn_lose_place(struct conn *c);
/* The resolver is gone: nobody can tell. */
void worker_lose_places(struct worker *w);

/* worker_tls.c */
/* Before the walls stand. */
void worker_load_tls(struct worker *w);
/*
 * The certificate of a new policy; without a good one TLS is not offered. One
 * that is the same as before goes on, and so do the tickets given out.
 */
void snapshot_open_tls(struct worker *w, struct snapshot *s);
void snapshot_close_tls(struct snapshot *s);
/* Keys for tickets, for the certificate of now and those to come. */
void worker_take_tickets(struct worker *w, const struct tls_ticket_keys *keys);
/* Tell the session what its plugins offer. */
void conn_offer(struct conn *c);
/* The session wants TLS and its output is sent: false when it must wait. */
bool conn_secure(struct conn *c);
/* As recv and send. */
ssize_t conn_tls_receive(struct conn *c, void *to, size_t size);
ssize_t conn_tls_send(struct conn *c, struct str bytes);
/* As struct tls_server_calls; without TLS false. */
bool conn_tls_has_read_ahead(const struct conn *c);
bool conn_tls_has_more(const struct conn *c);
/* The reply that is sent next is the last: it leaves with the farewell. */
void conn_tls_will_close(struct conn *c);
/* Say farewell. */
void conn_end_tls(struct conn *c);

/* worker_auth.c */
/* The session wants a login judged. */
void conn_ask_login(struct conn *c);
/* An answer; false when it makes no sense. */
MUST_USE bool worker_hear_auth(struct worker *w, struct message *m);
/* The part is gone: what it was asked is answered temporarily. */
void worker_lose_auth(struct worker *w);

/* worker_state.c */
void worker_state_init(struct worker *w);
/* An answer; false when it makes no sense. */
MUST_USE bool worker_hear_state(struct worker *w, struct message *m);
/* The part is gone: what it was asked stays unknown. */
void worker_lose_state(struct worker *w);
/* Questions whose time has passed. */
void worker_state_step(struct worker *w);
/* When the first of them is due, -1: there is none. */
int64_t worker_state_next(const struct worker *w);

/* worker_queue.c */
/* The keeper was asked: wait for its answer, or for room to ask again. */
void conn_asked(
    struct conn *c, enum channel_status status, enum conn_wait wait);
/* The one meant by an answer, when it waits for such; NULL: it does not. */
struct conn *worker_find(
    struct worker *w, struct wire *in, enum conn_wait wait);
struct conn *worker_find_by(
    struct worker *w, uint32_t slot, uint32_t serial, enum conn_wait wait);
/* The session wants its text spooled, given back, or queued. */
void conn_spool(struct conn *c);
void conn_give_text(struct conn *c);
void conn_queue(struct conn *c);
/* The text is done with. */
void conn_drop_spool(struct conn *c);
/* An answer of the keeper; false when it makes no sense. */
MUST_USE bool worker_hear_keeper(struct worker *w, struct message *m);
/* The keeper is gone: what it was asked is answered temporarily. */
void worker_lose_keeper(struct worker *w);

#endif
