/* Private to the finder of links: disguises undone, hosts taken apart. */
#ifndef CORE_MAIL_LINKS_INT_H
#define CORE_MAIL_LINKS_INT_H

#include "core/mail/links.h"

/*
 * Undo in place what hides names; never makes it longer, returns the new
 * length.
 */
size_t links_undo(char *text, size_t n, bool is_decoded);

/* What stands at a place of the text where a host may begin. */
struct link_place {
	struct str text; /* from the host, or its user's name, on */
	bool has_scheme;
	bool is_quoted; /* blanks within are of no account, as in browsers */
	bool is_open;   /* the text goes on behind its end */
};
/*
 * Tell the finder of the host there. Returns how many bytes were looked at.
 */
size_t links_take(struct link_finder *f, const struct link_place *place);

#endif
