/*
 * Views of the lists in the domain name system: is somebody listed, do the
 * lists work, and does our resolver serve for asking them. Everything is
 * asked at once; no listing is believed before its list has passed its test.
 */
#ifndef CORE_MODEL_RBL_H
#define CORE_MODEL_RBL_H

#include "core/auth/rbl.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/model/ctx.h"
#include "core/model/finding.h"
#include "core/model/own.h"

#include <stdbool.h>
#include <stddef.h>

enum rbl_health {
	RBL_HEALTH_OK,      /* lists its test point, and not the opposite */
	RBL_HEALTH_NO_TEST, /* has no test point: may work or not */
	RBL_HEALTH_DEAD,    /* should have one and does not answer */
	RBL_HEALTH_WORLD,   /* lists what nobody may list: everything */
	RBL_HEALTH_PARKED,  /* answers with addresses of no list */
	RBL_HEALTH_REFUSED, /* refuses this resolver */
	RBL_HEALTH_CLOSED,  /* known to have closed, and does not answer */
	RBL_HEALTH_UNKNOWN  /* could not be asked */
};
/* Stable word: "ok", "no-test", "dead", ... */
const char *rbl_health_word(enum rbl_health h);
/*
 * Does this answer of such a list count? A list without a test point may be a
 * mistyped name: what it lists counts, that it lists nobody does not.
 */
bool rbl_health_counts(enum rbl_health h, enum rbl_verdict verdict);

struct rbl_zone {
	struct str zone;
	unsigned mask;
	struct str pattern;
	unsigned kinds;      /* enum dns_list_kind: what it is asked about */
	const char *setting; /* id it comes from, or NULL: known or named */
	const struct dns_list *known;
	enum rbl_health health;
	struct str reason; /* when not ok: why, a sentence */
	int64_t elapsed_ms;
};

struct rbl_subject {
	struct str item;
	unsigned kind;      /* one of enum dns_list_kind */
	const char *source; /* translated: whose it is; "" when named */
};

struct rbl_row {
	const struct rbl_zone *zone;
	const struct rbl_subject *subject;
	struct rbl_result result;
	bool believed;   /* listed or clean for sure */
	const char *url; /* where one gets off, or NULL */
};

/* Does the resolver tell the truth about names that do not exist? */
enum rbl_fitness {
	RBL_FIT,
	RBL_LIES,     /* gives addresses to names that do not exist */
	RBL_NO_ANSWER /* could not be asked */
};
const char *rbl_fitness_word(enum rbl_fitness f);

struct rbl_view {
	enum rbl_fitness fitness;
	struct str fitness_reason;
	struct str forwarder; /* of dnscache, or empty */
	struct rbl_zone *zones;
	size_t n_zones;
	struct rbl_subject *subjects;
	size_t n_subjects;
	struct rbl_row *rows; /* by subject, then in the order of zones */
	size_t n_rows;
	size_t n_listed;  /* believed listings, white lists not counted */
	size_t n_unknown; /* neither listed nor clean for sure */
	int64_t elapsed_ms;
};

enum {
	RBL_ZONES_MAX = 128
};

/* Told while the answers come. */
struct rbl_watch {
	/* what is asked is known: rows and zones, without results */
	void (*begun)(void *ctx, const struct rbl_view *v);
	/* row 'i' of rbl_check, or zone 'i' of rbl_health_check, is judged */
	void (*judged)(void *ctx, const struct rbl_view *v, size_t i);
	void *ctx;
};

struct rbl_wish {
	const char *item; /* address or domain, also of a mail address; NULL:
			     this server */
	/* "ZONE", "ZONE:8-16", "ZONE=127.0.0.[2..9]"; NULL-terminated, or
	   NULL: configured ones and known ones */
	const char *const *zones;
	bool configured_only;
	int64_t deadline_ms;           /* 0: the resolver's */
	const struct rbl_watch *watch; /* NULL: nobody watches */
};

/*
 * Ask the zones about the subjects of the wish, their tests with them, into the
 * arena. False: there is nothing to ask, or a database cannot be read.
 */
MUST_USE bool rbl_check(const struct model_ctx *m, struct dns *dns,
    const struct rbl_wish *wish, struct rbl_view *out, struct err *e);
/* The zones alone: no subjects, no rows. Without 'zones' the configured. */
MUST_USE bool rbl_health_check(const struct model_ctx *m, struct dns *dns,
    const struct rbl_wish *wish, struct rbl_view *out, struct err *e);

/* --- rows in words, translated, in the arena --- */
enum finding_state rbl_row_state(const struct rbl_row *row);
/* "listed", "not listed", "refused us" */
const char *rbl_row_verdict(const struct rbl_row *row);
/* Codes, then what they mean or why nothing is known. */
const char *rbl_row_detail(struct arena *arena, const struct rbl_row *row);
enum finding_state rbl_zone_state(const struct rbl_zone *z);
/* Why it is not ok. */
const char *rbl_zone_text(struct arena *arena, const struct rbl_zone *z);

#endif
