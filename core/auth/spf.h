/*
 * SPF checks: check_host() of RFC 7208. The evaluation is pure; what it must
 * know of the DNS comes as facts (facts.h), so that many checks can be under
 * way at once and the questions of one go out together.
 */
#ifndef CORE_AUTH_SPF_H
#define CORE_AUTH_SPF_H

#include "core/auth/facts.h"
#include "core/base/arena.h"
#include "core/base/compiler.h"
#include "core/base/str.h"
#include "core/net/addr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum spf_result {
	SPF_NONE,
	SPF_NEUTRAL,
	SPF_PASS,
	SPF_FAIL,
	SPF_SOFTFAIL,
	SPF_TEMPERROR,
	SPF_PERMERROR
};
enum {
	SPF_RESULTS = SPF_PERMERROR + 1
};

/* Bounds of RFC 7208, 4.6.4. */
enum {
	SPF_LOOKUPS_MAX = 10, /* terms that ask the DNS */
	SPF_VOIDS_MAX = 2,    /* of them without an answer */
	SPF_MX_MAX = 10,      /* names of one mx */
	SPF_PTR_MAX = 10      /* names of the client; more are ignored */
};

/* A record that counts as if it were published. */
struct spf_given {
	/* "example.org"; "*.example.org": what is below; empty: the domain that
	   is checked */
	struct str domain;
	struct str record;
	bool fallback; /* only where none is published */
};

struct spf_request {
	struct net_addr ip;
	struct str sender;   /* MAIL FROM; empty: the HELO identity */
	struct str helo;     /* as the client said it */
	struct str receiver; /* our name, for the r macro of explanations */
	int64_t now_s;       /* for the t macro */
	bool explain;        /* fetch the text of exp= for a fail */
	/* ask for what later terms need as soon as a record is known, at the
	   price of questions an earlier match would have made needless */
	bool ahead;
	const struct spf_given *given; /* the first that fits counts */
	size_t n_given;
	/* a valid record whose terms are judged before "all", or the end, of
	   the outermost record; empty: none */
	struct str local;
	unsigned lookups_max; /* 0: SPF_LOOKUPS_MAX, as receivers have it */
};

struct spf_outcome {
	enum spf_result result;
	struct str domain;    /* that was checked */
	bool is_helo;         /* it is the HELO identity */
	struct str mechanism; /* that decided, "-all"; "default": none did */
	struct str where;     /* domain of the record it stands in */
	bool is_local;        /* it stands in request->local */
	struct str record;    /* of 'domain', empty when none */
	unsigned lookups, voids;
	struct str reason;      /* in words, translated, one line */
	struct str explanation; /* of the domain owner: foreign text, which is
				   never sent to a peer; empty: none */
};

/*
 * Run as far as the facts go. True: *out is the outcome (texts in 'a' and in
 * the facts). False: facts are wanted, call again when they are settled. Out
 * of memory gives temperror.
 */
MUST_USE bool spf_check(const struct spf_request *request, struct facts *facts,
    struct arena *a, struct spf_outcome *out);
/* Fetch and run until done. */
void spf_check_wait(const struct spf_request *request, struct facts *facts,
    struct arena *a, struct dns *d, const struct dns_how *how,
    struct spf_outcome *out);

const char *spf_result_word(enum spf_result result); /* "softfail" */
/* The inverse, letter case aside. */
MUST_USE bool spf_result_parse(struct str word, enum spf_result *out);

/*
 * The SPF record among the answers for a name: NULL in *record when there is
 * none. False: more than one (4.5), a permerror.
 */
MUST_USE bool spf_record_select(
    const struct fact *txt, const struct str **record);

#endif
