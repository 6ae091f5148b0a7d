/*
 * Sessions whose end names neither process nor session (LG-41): "imap(anna):
 * Disconnected: Logged out". Such an end is that of the user's youngest open
 * session. Pairs found so in parts of a log are those of the whole, as with
 * parentheses: a part leaves ends without a beginning, then beginnings without
 * an end. The mean is exact whichever of a user's sessions has ended.
 */
#include "core/maillog/stats_int.h"

enum {
	DEPTH = 32,   /* of one user, at once */
	ENDS = DEPTH, /* ends without beginning stand behind those */
	PLACES = 2 * DEPTH
};

/* Of user and service, letter case aside; its low bits are the place. */
static uint64_t
user_key(const struct maillog_event *ev)
{
	const struct str parts[] = { ev->mailbox.proto, ev->mailbox.user };
	uint64_t h = 0xcbf29ce484222325u;
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		for (size_t j = 0; j < parts[i].len; j++)
			h = (h ^ (unsigned char)ascii_lower(parts[i].ptr[j])) *
			    0x100000001b3u;
		h = (h ^ '/') * 0x100000001b3u;
	}
	return h & ~(uint64_t)(PLACES - 1);
}

/* The entry of a place, NULL where there is none. */
static struct open_entry *
place(struct opens *o, uint64_t key, unsigned at)
{
	return opens_has(o, key + at) ? opens_at(o, key + at) : NULL;
}

/* The first place from 'from' on that is free, of so many; 'n' when none is. */
static unsigned
first_free(struct opens *o, uint64_t key, unsigned from)
{
	unsigned n = 0;
	while (n < DEPTH) {
		const struct open_entry *e = place(o, key, from + n);
		if (e == NULL || !e->is_open)
			break;
		n++;
	}
	return n;
}

static void
put(struct opens *o, uint64_t key, unsigned from, int64_t ns)
{
	unsigned n = first_free(o, key, from);
	struct open_entry *e = n < DEPTH ? opens_at(o, key + from + n) : NULL;
	if (e == NULL)
		return;
	e->used = e->is_open = true;
	e->ns = ns;
}

static void
end_at(struct opens *o, struct stats_dovecot *d, uint64_t key, int64_t ns)
{
	unsigned n = first_free(o, key, 0);
	struct open_entry *e = n > 0 ? place(o, key, n - 1) : NULL;
	if (e == NULL) {
		put(o, key, ENDS, ns);
		return;
	}
	e->is_open = false;
	stats_session_lasted(d, e->ns, ns);
}

void
stats_user_begins(struct stats_part *p, const struct logline *line,
    const struct maillog_event *ev)
{
	put(&p->ends.by_user, user_key(ev), 0, line->key_ns);
}

void
stats_user_ends(struct stats_part *p, const struct logline *line,
    const struct maillog_event *ev)
{
	end_at(&p->ends.by_user, &p->sums.dovecot, user_key(ev), line->key_ns);
}

void
stats_user_join(
    struct stats *out, struct stats_ends *to, const struct stats_ends *from)
{
	/* ends first, then beginnings, each in their order */
	for (unsigned i = 0; i < PLACES; i++) {
		unsigned at = (i + ENDS) % PLACES;
		struct open_entry *e;
		for (size_t next = 0;
		     (e = opens_next(&from->by_user, &next)) != NULL;) {
			uint64_t key = e->key & ~(uint64_t)(PLACES - 1);
			if (e->key - key != at || !e->is_open)
				continue;
			if (at >= ENDS)
				end_at(&to->by_user, &out->dovecot, key, e->ns);
			else
				put(&to->by_user, key, 0, e->ns);
		}
	}
	opens_forget(&to->by_user);
}
