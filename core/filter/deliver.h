/*
 * Whose mailboxes a message is for (the setting 'aliases'). Each line names
 * who gets whose mail:
 *
 *	NAME: TARGET, TARGET ...
 *
 * NAME is a user name, user@domain, @domain for all that is written to a
 * domain, or * for names that nobody has. A target is a name that has lines of
 * its own, an address, or NAME itself: its mailbox. Lines of one name add up.
 * An address is looked for as user@domain, @domain, user, and as user without
 * what follows its last hyphen, the next to last, and so on; then as *.
 */
#ifndef CORE_FILTER_DELIVER_H
#define CORE_FILTER_DELIVER_H

#include "core/filter/filter.h"

/* One copy of a message. */
struct filter_delivery {
	/* As the sender wrote it; of one that goes away, whom it goes to. */
	struct mail_path rcpt;
	struct str box; /* the mailbox; empty: that of the recipient's name */
	bool away;      /* to another server: */
	struct filter_route route;
};

struct filter_deliveries {
	struct filter_delivery *items;
	size_t n, n_away;
};

enum {
	FILTER_DELIVERIES_MAX = 20000, /* of one message */
	FILTER_ALIAS_DEPTH = 16        /* a name for a name for ... */
};

/*
 * The copies of a message, in 'a', with views of the policy and of 'rcpts'.
 * No mailbox gets two. Without the setting, or without 'boxes' (all mail goes
 * to one), only what smtproutes names goes away and all else stays.
 * ERR_NO: nobody here has the name, or no server is known for the domain;
 * ERR_TEMPORARY: no memory, or too many.
 */
MUST_USE bool filter_policy_deliver(const struct filter_policy *p,
    const struct mail_path *rcpts, size_t n, bool boxes, struct arena *a,
    struct filter_deliveries *out, struct err *e);

/*
 * Is this copy for the folder junkmail of its mailbox? The setting 'sortspam'
 * has a mailbox a line, and 'head' is marked by what scores messages (SME:
 * X-Spam-Status: Yes). *marked: the mark, looked up for the first copy that
 * depends on it, -1 until then; one for all copies of a message.
 */
MUST_USE bool filter_policy_sorts(const struct filter_policy *p,
    const struct filter_delivery *d, struct str head, int *marked);

#endif
