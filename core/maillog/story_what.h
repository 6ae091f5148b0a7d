/*
 * What stories are asked for, in one word of any kind (LG-44): "<mid>",
 * address, "@domain", IP, pid, "qp:8", "msg:55", "delivery:7", "spamd:3",
 * "id:4F2A91C3" of
 * Postfix, label, time, or a text.
 */
#ifndef CORE_MAILLOG_STORY_WHAT_H
#define CORE_MAILLOG_STORY_WHAT_H

#include "core/maillog/story.h"

enum {
	STORY_KEYS_MAX = 6
};

struct story_what {
	bool is_all; /* every story */
	size_t n;
	enum story_key keys[STORY_KEYS_MAX]; /* any of them */
	struct str texts[STORY_KEYS_MAX];    /* within the word */
	/* a time instead: stories that were under way in [from, to) */
	bool is_time;
	int64_t from_ns, to_ns;
};

/*
 * 'word' is borrowed by *out. Never fails: what is nothing else is a text, and
 * the empty word asks for all.
 */
void story_what_parse(struct str word, int64_t now_ns, struct story_what *out);
bool story_what_matches(const struct story_what *w, const struct story *s);
/*
 * The bytes that a line of such a story holds, letter case aside: to look for
 * before anything is joined. False for a time.
 */
bool story_what_needle(const struct story_what *w, struct str *needle);
/*
 * The number or id that is asked for, whatever it is of; empty where it is
 * another word.
 */
void story_what_number(const struct story_what *w, struct str *number);
/* May a story that is still open match? Then the end is not reached. */
bool story_what_waits(const struct story_what *w, const struct stories *s);

#endif
