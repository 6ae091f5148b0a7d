/*
 * Inside the resolver. A question on its way is a flight; each time a server is
 * asked for it is an attempt with a socket of its own. Late replies of earlier
 * attempts count as long as the flight lasts.
 */
#ifndef CORE_DNS_RESOLVER_INT_H
#define CORE_DNS_RESOLVER_INT_H

#include "core/base/buf.h"
#include "core/dns/cache_int.h"
#include "core/dns/codec_int.h"
#include "core/dns/dns_int.h"
#include "core/dns/packet_int.h"
#include "core/dns/resolver.h"

enum {
	ATTEMPTS_MAX = 8, /* open at a time for one flight */
	TCP_PATIENCE_MS = 4000,
	BUSY_WAIT_MS = 50,       /* no descriptor left: later */
	SERVER_BAD_MS = 30000,   /* a silent server is asked last so long */
	SERVER_PLAIN_MS = 600000 /* one that knows no EDNS */
};

/* What is known of a server. */
struct dns_peer {
	struct dns_server at;
	int64_t bad_until_ms;   /* was silent or unreachable */
	int64_t plain_until_ms; /* refuses EDNS */
};

struct flight;

struct attempt {
	struct flight *flight;
	bool open; /* fd is a socket watched by epoll */
	bool decoding;
	bool tcp;
	bool edns;
	int fd;
	unsigned peer;    /* index in flight->peers */
	int64_t until_ms; /* waited for so long; afterwards still listened to */
	struct dns_packet packet;
	size_t sent;   /* TCP: octets of length and packet */
	struct buf in; /* TCP: length and reply */
};

struct flight {
	struct list_node node; /* waiting, active or dead */
	struct resolver *resolver;
	struct dns_query *query; /* NULL: over */
	bool active;
	struct dns_peer *peers; /* of the resolver, or 'own' */
	unsigned n_peers;
	struct dns_peer own;
	unsigned tries[DNS_SERVERS_MAX];
	bool failed[DNS_SERVERS_MAX]; /* gave an answer that is of no use */
	struct attempt attempts[ATTEMPTS_MAX];
	unsigned n_attempts; /* made so far */
	int64_t next_ms;     /* when the next server is asked */
	/* the most telling failure so far; DNS_OK: none */
	enum dns_status failure;
	char reason[DNS_REASON_SIZE];
	char server[DNS_SERVER_TEXT_SIZE]; /* asked last */
};

struct resolver {
	struct dns dns; /* first */
	struct dns_config config;
	struct dns_peer peers[DNS_SERVERS_MAX];
	struct dns_cache *cache;
	struct dns_codec *codec;
	int epoll;
	bool codec_event;
	struct list waiting, active, dead; /* of struct flight */
	size_t n_active;
	char packet[DNS_PACKET_MAX];
};

/* flight.c */
/* Ask the next server, or end the flight when none is left. */
void flight_go_on(struct flight *f);
/* Its times: next server, patience with TCP, deadline. */
void flight_tick(struct flight *f, int64_t now);
int64_t flight_next_ms(const struct flight *f);
/* A reply that matched the attempt's question came. */
void flight_reply(struct attempt *a, struct str reply);
/* The reply fits but for the letter case: ask by TCP, which is not forged. */
void flight_reply_case(struct attempt *a);
/* The attempt came to nothing for sure: do not ask this server again. */
void flight_attempt_failed(struct attempt *a, enum dns_status status,
    const char *fmt, ...) PRINTF_LIKE(3, 4);
/* Close its sockets and put it aside; nobody is told. */
void flight_end(struct flight *f);

/* attempt.c */
/*
 * Ask 'peer' now. False when this machine lacks descriptors or memory; a
 * server that cannot be reached is told by flight_attempt_failed.
 */
MUST_USE bool attempt_start(
    struct flight *f, unsigned peer, bool tcp, bool edns);
void attempt_close(struct attempt *a);
/* Its socket is ready. */
void attempt_event(struct attempt *a);

/* resolver.c */
/* The flight's reply, taken apart. */
void resolver_answer(struct flight *f, struct str flat);
void resolver_fail(struct flight *f, enum dns_status status);

#endif
