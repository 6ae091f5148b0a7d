/*
 * Questions to the domain name system and their typed answers. One resolver
 * serves many questions at once, from a command that waits or from an event
 * loop. "No" and "could not be asked" are different answers.
 */
#ifndef CORE_DNS_DNS_H
#define CORE_DNS_DNS_H

#include "core/base/arena.h"
#include "core/base/clock.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/net/addr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Any other type may be asked by its number: its records come as raw bytes. */
enum dns_type {
	DNS_A = 1,
	DNS_NS = 2,
	DNS_CNAME = 5,
	DNS_SOA = 6,
	DNS_PTR = 12,
	DNS_MX = 15,
	DNS_TXT = 16,
	DNS_AAAA = 28,
	DNS_SRV = 33,
	DNS_TLSA = 52,
	DNS_SPF = 99,
	DNS_ANY = 255,
	DNS_CAA = 257
};

enum dns_status {
	/* answers of the domain name system: */
	DNS_OK,       /* at least one record of the type asked */
	DNS_NODATA,   /* the name exists, not with this type */
	DNS_NXDOMAIN, /* the name does not exist (nor any below it) */
	/* could not be asked; says nothing about the name: */
	DNS_SERVFAIL,  /* servers failed, or their data does not validate */
	DNS_REFUSED,   /* servers refuse to answer us */
	DNS_TIMEOUT,   /* no usable reply before the deadline */
	DNS_BAD,       /* replies that break the protocol, CNAME loops */
	DNS_NO_SERVER, /* none known or reachable */
	DNS_ABORTED,   /* the resolver was ended first */
	/* never sent: empty label, label over 63 or name over 255 octets */
	DNS_NOT_A_NAME
};

/* OK, NODATA, NXDOMAIN: the answer may be relied upon. */
bool dns_is_answer(enum dns_status s);
/* For people, translated: "the name does not exist". */
const char *dns_status_text(enum dns_status s);
/* "TXT", or "TYPE65280" in 'out'. */
enum {
	DNS_TYPE_TEXT_SIZE = 12
};
const char *dns_type_text(uint16_t type, char out[DNS_TYPE_TEXT_SIZE]);

enum {
	DNS_NAME_MAX = 255,        /* octets on the wire, RFC 1035 2.3.4 */
	DNS_NAME_TEXT_SIZE = 1024, /* longest name as text, \DDD and NUL */
	DNS_RECORDS_MAX = 512,     /* kept of one answer (T-44) */
	DNS_CHAIN_MAX = 12         /* CNAMEs followed, then DNS_BAD */
};

/*
 * One record. Names are text in lower case without the final dot (the root is
 * "."); a dot or backslash inside a label and what is no printable ASCII stand
 * as \DDD. 'raw' is the data as on the wire with names uncompressed.
 */
struct dns_record {
	struct str name; /* owner */
	uint16_t type;
	uint32_t ttl; /* seconds, at the time of the answer */
	struct str raw;
	union {
		struct net_addr addr; /* A, AAAA */
		struct str host;      /* NS, CNAME, PTR */
		struct {
			uint16_t preference;
			struct str host; /* "." is the null MX of RFC 7505 */
		} mx;
		struct {
			struct str text;     /* the strings joined */
			struct str *strings; /* each may be empty, hold NULs */
			size_t n;
		} txt; /* TXT, SPF */
		struct {
			struct str mname, rname;
			uint32_t serial, refresh, retry, expire, minimum;
		} soa;
		struct {
			uint16_t priority, weight, port;
			struct str host;
		} srv;
		struct {
			uint8_t usage, selector, matching;
			struct str data;
		} tlsa;
		struct {
			uint8_t flags;
			struct str tag, value;
		} caa;
	} as;
};

struct dns_answer {
	enum dns_status status;
	struct str name; /* asked, as it was given */
	uint16_t type;
	/* name the records belong to: 'name' or the end of its CNAMEs */
	struct str canonical;
	const struct dns_record *records; /* of the type asked; order kept */
	size_t n;
	const struct dns_record *chain; /* the CNAMEs on the way */
	size_t n_chain;
	uint32_t ttl;       /* seconds this answer may be kept, also a "no" */
	bool authoritative; /* AA */
	bool validated;     /* AD: the resolver claims DNSSEC */
	bool cached;
	bool cut;           /* more than DNS_RECORDS_MAX: the rest is dropped */
	int64_t elapsed_ms; /* from the question to this answer */
	struct str server;  /* who answered or was asked last: "192.0.2.53" */
	struct str reason;  /* when no answer: why, one sentence, else empty */
};

struct dns;
struct dns_query;

struct dns_server {
	struct net_addr addr;
	uint16_t port;
};

/* How to ask; all zero is the usual way. */
struct dns_how {
	int64_t deadline_ms; /* from now for everything; 0: the resolver's */
	/* ask this server alone (an authoritative one), past the cache */
	const struct dns_server *server;
	bool fresh;    /* past the cache */
	bool no_chase; /* RD clear: for authoritative servers */
};

/*
 * Called once for each question that was not cancelled, from dns_step or
 * dns_wait, never from dns_submit. The answer is borrowed until it returns
 * (dns_answer_dup keeps it). It may submit and cancel, not free the resolver.
 */
typedef void dns_done(void *ctx, const struct dns_answer *answer);

/*
 * Ask 'name' (bytes are literal, a dot ends a label, one final dot is
 * allowed; both strings are copied). 'how' may be NULL. Any number may be
 * submitted; those over the resolver's limit wait their turn within their
 * deadline. What goes wrong comes as an answer; only when out of memory NULL is
 * returned and no callback comes. The handle is valid until its callback
 * begins.
 */
struct dns_query *dns_submit(struct dns *d, struct str name, uint16_t type,
    const struct dns_how *how, dns_done *done, void *ctx);
/* The callback will not come. */
void dns_cancel(struct dns_query *q);

/*
 * For an event loop: when dns_fd is readable, or dns_next_ms has come, call
 * dns_step. One descriptor for all; -1 when the resolver needs none.
 */
int dns_fd(const struct dns *d);
/* Milliseconds of clock_mono_ms, or -1 when nothing is in flight. */
int64_t dns_next_ms(const struct dns *d);
/* Do what can be done now without waiting; callbacks come from here. */
void dns_step(struct dns *d);
/*
 * The same for a program that has nothing else to do: wait until something
 * happened or 'until_ms' (clock_mono_ms; -1: no limit). False when no question
 * is in flight, or a signal's flag (*stop, may be NULL) is set.
 */
bool dns_wait(struct dns *d, int64_t until_ms, const volatile int *stop);

/* Deep copy into the arena. */
struct dns_answer *dns_answer_dup(
    struct arena *a, const struct dns_answer *from);

/*
 * One question, and wait for it. The answer is in the arena (NULL only when
 * that is exhausted).
 */
const struct dns_answer *dns_ask(struct dns *d, struct arena *a,
    struct str name, uint16_t type, const struct dns_how *how);

struct dns_question {
	struct str name;
	uint16_t type;
	struct dns_how how;
	const struct dns_answer *answer; /* set by dns_ask_all */
};
/* All at once, and wait for all; takes as long as the slowest. */
void dns_ask_all(
    struct dns *d, struct arena *a, struct dns_question *q, size_t n);
/* The answer of question 'i' is there; called once for each, in any order. */
typedef void dns_came(void *ctx, size_t i);
/* The same, telling of each answer as it comes. */
void dns_ask_each(struct dns *d, struct arena *a, struct dns_question *q,
    size_t n, dns_came *came, void *ctx);

/* "2.0.0.127.in-addr.arpa", "...ip6.arpa" of an address, in the arena. */
struct str dns_reverse_name(struct arena *a, const struct net_addr *addr);
/* The same parts before the name of a list: "2.0.0.127" (RFC 5782). */
struct str dns_reversed(struct arena *a, const struct net_addr *addr);

/* The port on which it asks the server of this address; 53 if it does not. */
uint16_t dns_port_of(const struct dns *d, const struct net_addr *addr);
/* Questions answered so far, without those from the cache. */
size_t dns_asked(const struct dns *d);

/* End it: what is in flight is called back as DNS_ABORTED. NULL allowed. */
void dns_free(struct dns *d);

#endif
