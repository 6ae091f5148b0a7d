/*
 * What plugins remember beyond a session: the history of an address (karma,
 * FL-165) and first contacts (greylisting, FL-125). A record is four numbers
 * under a key; what an event does to it is a pure function, so that the part
 * which owns the files, rehearsals and tests come to the same.
 */
#ifndef CORE_FILTER_STATE_H
#define CORE_FILTER_STATE_H

#include "core/base/buf.h"
#include "core/base/compiler.h"
#include "core/base/str.h"
#include "core/net/addr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum filter_state_kind {
	STATE_KARMA,    /* START:NAUGHTY:NICE:CONNECTS, by address */
	STATE_GREYLIST, /* time:new:black:white, by what the line says */
	STATE_KINDS
};

enum {
	STATE_NUMBERS = 4,
	STATE_ARGUMENTS = 3,
	STATE_KEY_MAX = 640, /* address, sender and recipient */
	STATE_DIR_MAX = 1024,
	STATE_VALUE_SIZE = 84, /* of a record's text with its final NUL */
	STATE_WHY_SIZE = 256,
	STATE_PLACES_MAX = 16, /* of one policy */
	STATE_MS = 1500        /* whoever asks waits no longer */
};

/* No number of a record is larger: sums of them do not overflow. */
#define STATE_NUMBER_MAX (INT64_MAX / 4)

struct state_record {
	int64_t n[STATE_NUMBERS];
};

/* Where each number stands; times are Unix seconds. */
enum state_karma_number {
	KARMA_START, /* of the penalty, 0: none */
	KARMA_NAUGHTY,
	KARMA_NICE,
	KARMA_CONNECTS
};
enum state_greylist_number {
	GREYLIST_TIME,
	GREYLIST_NEW,
	GREYLIST_BLACK,
	GREYLIST_WHITE
};

enum filter_state_verb {
	STATE_READ,   /* changes nothing */
	STATE_ARRIVE, /* karma: a connection; greylist: an attempt */
	STATE_LEAVE,  /* karma: the end of a session */
	STATE_VERBS
};

/* What the arguments of a verb are. */
enum {
	/* of karma's STATE_ARRIVE */
	KARMA_PENALTY_S = 0,
	/* of its STATE_LEAVE */
	KARMA_OF_SESSION = 0,
	KARMA_STRIKES = 1,
	KARMA_NEGATIVE = 2,
	/* of greylist, seconds; GREY 0: no such limit */
	GREYLIST_BLACK_S = 0,
	GREYLIST_WHITE_S = 1,
	GREYLIST_GREY_S = 2
};

/* One question, or news. */
struct filter_state_op {
	enum filter_state_kind kind;
	enum filter_state_verb verb;
	struct str dir; /* of the plugin's line: names the file */
	struct str key;
	int64_t arguments[STATE_ARGUMENTS];
};

enum filter_state_status {
	STATE_FAILED, /* nothing can be told; 'why' says the reason */
	STATE_NONE,   /* no such record */
	STATE_FOUND,
	STATE_STATUSES
};

struct filter_state_answer {
	enum filter_state_status status;
	bool stored; /* what changed is kept; 'why' says the reason if not */
	int64_t now; /* when it was looked at, Unix seconds */
	struct state_record record; /* as it was before */
	char why[STATE_WHY_SIZE];   /* for the log, escaped */
};

typedef void filter_state_done(
    void *ctx, const struct filter_state_answer *answer);

/*
 * Whoever has the records. 'ask' copies what it needs; false: it cannot be
 * asked now. Else 'done' (NULL: nobody waits) is called once, perhaps before
 * 'ask' returns.
 */
struct filter_state {
	bool (*ask)(struct filter_state *st, const struct filter_state_op *op,
	    filter_state_done *done, void *ctx);
};

/* ---- pure ---- */

/* "karma", "greylist": of files and commands. */
const char *state_kind_name(enum filter_state_kind kind);
/*
 * What the verb does to a record, all zero where there was none. True when it
 * has to be stored.
 */
bool state_apply(const struct filter_state_op *op, bool found,
    struct state_record *r, int64_t now);
/* The time that a record's age is counted from. */
int64_t state_stamp(
    enum filter_state_kind kind, const struct state_record *r, int64_t now);

/* "START:NAUGHTY:NICE:CONNECTS", as FL-165 and FL-125 write it. */
char *state_record_format(
    const struct state_record *r, char out[STATE_VALUE_SIZE]);
MUST_USE bool state_record_parse(struct str text, struct state_record *r);

/* An IPv4 address as its number, another as its text; false: it is none. */
MUST_USE bool state_key_address(struct buf *key, struct str address);
/* The other way; text that is no such number stays as it is. */
struct str state_key_show(struct str key, char out[NET_ADDR_TEXT_SIZE]);

/* ---- karma (FL-165 to FL-169) ---- */

/* NICE - NAUGHTY */
int64_t karma_history(const struct state_record *r);
/* Seconds that the penalty still lasts; 0: there is none. */
int64_t karma_penalty_left(
    const struct state_record *r, int64_t penalty_s, int64_t now);

/* After another bad session: is the address shut out from now on? */
bool karma_shuts_out(const struct state_record *r, int64_t negative);

/* ---- greylisting (FL-126) ---- */

enum greylist_verdict {
	GREYLIST_UNKNOWN, /* never seen: deferred */
	GREYLIST_EARLY,   /* back too soon: deferred */
	GREYLIST_BACK,    /* waited long enough: passes */
	GREYLIST_KNOWN    /* passed before: passes */
};
enum greylist_verdict greylist_judge(const struct filter_state_op *op,
    bool found, const struct state_record *r, int64_t now);

#endif
