/*
 * The names that a message links to (FL-107), worked out in turns: each run
 * reads some of the message and pauses, so that a large one keeps nobody
 * waiting.
 */
#ifndef CORE_FILTER_LINKS_INT_H
#define CORE_FILTER_LINKS_INT_H

#include "core/base/map.h"
#include "core/filter/plugin_int.h"
#include "core/mail/links.h"
#include "core/mail/mime.h"

enum {
	LINKED_MAX = 100,        /* names of a message (FL-107) */
	LINKED_SEEN_MAX = 2000,  /* with those that are not asked for */
	LINKED_TURN = 128 * 1024 /* bytes of a message read in one run */
};

/* A name and the shortest part of it that can be registered. */
struct linked_name {
	struct str name;       /* an address: reversed, as lists know it */
	struct str registered; /* a final part of it; of an address the same */
	struct str shown;      /* as the message has it */
};

struct linked {
	struct linked_name names[LINKED_MAX];
	size_t n;
	bool read; /* all of it */

	/* private */
	const struct psl *psl; /* or NULL */
	struct arena *arena;
	bool with_addresses;
	bool (*is_spared)(void *ctx, struct str registered);
	void *ctx;
	bool begun;
	bool is_text;
	struct map seen;
	struct mime_reader reader;
	struct mime_decoder decoder;
	struct link_finder finder;
};

/* The final part of a name that is registered: by the list, or by a table. */
struct str linked_registered(const struct psl *psl, struct str name);

/*
 * Of zeroed memory. 'is_spared' tells registered domains that do not count;
 * all is borrowed until linked_clear.
 */
void linked_init(struct linked *l, struct arena *a, const struct psl *psl);
void linked_clear(void *linked);
/* The fields of the header, too. Before the first linked_read. */
void linked_read_header(struct linked *l, const struct filter_message *m);
/* Read some more; true when it is all read. */
bool linked_read(struct linked *l, const struct filter_message *m);

#endif
