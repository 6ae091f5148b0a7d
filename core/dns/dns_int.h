/*
 * What the front (dns.c: queue of answers, waiting) and a back end (the
 * resolver, the fake) know of each other.
 */
#ifndef CORE_DNS_DNS_INT_H
#define CORE_DNS_DNS_INT_H

#include "core/base/buf.h"
#include "core/base/list.h"
#include "core/dns/dns.h"
#include "core/dns/name.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	DNS_REASON_SIZE = 200,
	DNS_SERVER_TEXT_SIZE = 56,
	DNS_DEADLINE_MS = 10000, /* of a question, when nobody says else */
};

/* What became of a question. */
struct dns_result {
	enum dns_status status; /* DNS_OK: see 'flat' */
	struct buf flat;        /* flat.h; empty when not answered */
	char reason[DNS_REASON_SIZE];
	char server[DNS_SERVER_TEXT_SIZE];
	bool cached;
	uint32_t age_s; /* of a cached reply: taken off each time to live */
};

struct dns_query {
	struct list_node node; /* in 'ready', or in a list of the back end */
	struct dns *dns;
	bool is_ready;
	struct str name; /* as given; owned */
	struct dns_name wire;
	uint16_t type;
	struct dns_how how; /* 'server' points to the next */
	struct dns_server server;
	int64_t started_ms, deadline_ms;
	dns_done *done;
	void *ctx;
	struct dns_result result;
	void *back; /* of the back end */
};

struct dns_ops {
	/* Begin; the answer comes later, or at once by dns_query_ready. */
	void (*start)(struct dns *d, struct dns_query *q);
	/* Forget 'q', which has been started and is not ready. */
	void (*cancel)(struct dns *d, struct dns_query *q);
	int (*fd)(const struct dns *d);
	int64_t (*next_ms)(const struct dns *d);
	void (*step)(struct dns *d);
	/* All that is in flight becomes DNS_ABORTED, by dns_query_fail. */
	void (*abort)(struct dns *d);
	void (*free)(struct dns *d);
};

/* The head of every resolver. */
struct dns {
	const struct dns_ops *ops;
	const struct clock *clock;
	struct list ready; /* of struct dns_query: to be called back */
	size_t n_open;     /* submitted, neither called back nor cancelled */
	size_t asked;
	const struct dns_server *servers; /* those it asks, or NULL */
	size_t n_servers;
	int64_t deadline_ms; /* usual, of a question */
	bool ending;
};

/* The common part of a back end's structure; 'ops' and 'clock' are borrowed. */
void dns_init(
    struct dns *d, const struct dns_ops *ops, const struct clock *clock);
/* 'q->result' is filled: call back at the next step. 'q' is in no list. */
void dns_query_ready(struct dns_query *q);
/* The same for a question that could not be asked. */
void dns_query_fail(struct dns_query *q, enum dns_status status,
    const char *fmt, ...) PRINTF_LIKE(3, 4);

/*
 * Judge a reply taken apart: the records of the type asked at the end of the
 * CNAMEs. False, with the reason, when it breaks the protocol.
 */
MUST_USE bool dns_answer_build(struct arena *a, struct dns_answer *out,
    struct str wire, struct str flat, uint32_t age_s,
    char reason[DNS_REASON_SIZE]);
/*
 * Seconds a reply may be kept (RFC 2308: a "no" by its SOA); 0: not at all.
 */
uint32_t dns_flat_ttl(struct str flat);

#endif
