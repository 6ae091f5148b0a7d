/*
 * The hosts that a text links to, however they are disguised (FL-107): lines
 * joined at a final "=", "=XX", "%XX" and "&#NN;" undone, ";" and characters
 * that are not seen dropped, letters beyond ASCII brought into the form of the
 * DNS. The text comes in any pieces; memory and the work for each byte are
 * bounded, whatever it holds.
 */
#ifndef CORE_MAIL_LINKS_H
#define CORE_MAIL_LINKS_H

#include "core/base/str.h"
#include "core/net/addr.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	LINK_HOST_MAX = 253,
	LINKS_WINDOW = 32 * 1024, /* looked at in one go */
	LINKS_OVERLAP = 2048,     /* longest link that is sure to be found */
};

enum link_kind {
	LINK_HOST,   /* behind a scheme or "//": a name */
	LINK_BARE,   /* "www.a.example": a name that may be none */
	LINK_ADDRESS /* behind a scheme: dotted, plain, hex, octal, IPv6 */
};

struct link {
	enum link_kind kind;
	struct str host; /* lower case, A-labels; of an address as written */
	struct net_addr addr;
};

/* False: enough, nothing more is looked for. The link is borrowed. */
typedef bool link_found(void *ctx, const struct link *link);

struct link_finder {
	link_found *found;
	void *ctx;
	/* private */
	bool is_decoded;
	bool enough;
	size_t len;
	char window[LINKS_WINDOW];
	char work[LINKS_WINDOW];
};

/* 'found' is told of each host while links_add and links_end run. */
void links_init(struct link_finder *f, link_found *found, void *ctx);
/*
 * Another text begins; 'is_decoded': its "=XX" are undone already and mean
 * nothing.
 */
void links_begin(struct link_finder *f, bool is_decoded);
/* False when nothing more is looked for. */
bool links_add(struct link_finder *f, struct str text);
/* The text is over: tell of what is left. */
void links_end(struct link_finder *f);

#endif
