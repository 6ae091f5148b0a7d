/* What stands in a text that a person pasted. */
#ifndef CORE_MODEL_WHY_PASTED_H
#define CORE_MODEL_WHY_PASTED_H

#include "core/base/str.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	PASTED_ADDRESSES_MAX = 4
};

/* How likely an address is the one that is asked about. */
enum pasted_rank {
	PASTED_ROBOT, /* who sent the bounce */
	PASTED_NAMED,
	PASTED_FAILED, /* in the place where a bounce names the recipient */
};

/* All within the text; empty what is not in it. */
struct pasted {
	struct str first_id, last_id; /* "<...@...>" */
	struct str number;            /* of a queue, or a session "q-..." */
	struct str addresses[PASTED_ADDRESSES_MAX]; /* the likeliest first */
	enum pasted_rank ranks[PASTED_ADDRESSES_MAX];
	size_t n_addresses;
	struct str ip;
	struct str stamp; /* of a line of a log */
	struct str reply; /* what a server said, without its code */
	struct str text;  /* the longest line */
	bool id_follows;  /* a Message-ID, on the next line */
};

void pasted_read(struct str text, struct pasted *out);

#endif
