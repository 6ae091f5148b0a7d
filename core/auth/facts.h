/*
 * DNS facts: what the evaluators of SPF and DMARC know of the DNS. They are
 * pure: a question whose answer is not known yet is noted as wanted, the
 * evaluation stops, whoever drives it fetches all that is wanted at once, and
 * it is run anew. Re-running costs microseconds, a round trip milliseconds.
 */
#ifndef CORE_AUTH_FACTS_H
#define CORE_AUTH_FACTS_H

#include "core/base/arena.h"
#include "core/base/compiler.h"
#include "core/base/map.h"
#include "core/base/str.h"
#include "core/dns/dns.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	FACT_NAME_MAX = 253, /* without final dot */
	FACT_LABEL_MAX = 63,
	FACTS_MAX = 2000 /* questions of one evaluation */
};

struct fact {
	struct facts *owner;
	struct str name; /* lower case, no final dot, NUL-terminated */
	uint16_t type;   /* enum dns_type */
	bool asked;      /* the question is on its way */
	const struct dns_answer *answer; /* NULL: wanted */
	struct fact *next;
};

struct facts {
	struct arena *arena; /* borrowed; holds every fact */
	struct map by_key;
	struct fact *first, **last; /* in the order they were asked for */
	size_t wanted;              /* facts without an answer */
};

/* 'a' must outlive the facts. */
void facts_init(struct facts *f, struct arena *a);
void facts_clear(struct facts *f);

/*
 * What is known of (name, type): a fact whose answer may be NULL, and which
 * then is wanted. NULL when the name cannot be asked for (empty label, label
 * beyond 63, name beyond 253 octets) or FACTS_MAX is reached. Letter case and
 * one final dot do not count.
 */
const struct fact *facts_ask(struct facts *f, struct str name, uint16_t type);

/* The next fact that is wanted and not 'asked'; NULL: none. */
struct fact *facts_next_wanted(struct facts *f);
/* The answer is copied into the arena. */
void facts_settle(struct fact *fact, const struct dns_answer *answer);

/* Send every question that is wanted; the answers settle from dns_step. */
void facts_submit(struct facts *f, struct dns *d, const struct dns_how *how);
/* The same, and wait for all of them. */
void facts_fetch(struct facts *f, struct dns *d, const struct dns_how *how);

/* Can a query be made for this name? */
bool fact_name_is_valid(struct str name);
/* The name does not exist or has no such record. */
bool fact_is_void(const struct fact *fact);
/* The question could not be answered. */
bool fact_is_failed(const struct fact *fact);

/*
 * A domain as people write it in the form the DNS has it, without final dot, in
 * the arena; an address stands for its domain. A number at the end is none.
 */
MUST_USE bool fact_domain_parse(
    struct arena *arena, const char *text, struct str *out, struct err *e);

#endif
