/* How long sessions of mailboxes last (LG-41). */
#include "core/maillog/stats_int.h"

enum {
	NS_PER_US = 1000
};

/* No session lasts a month: a clock was set, or the end was not logged. */
#define SESSION_MAX_NS ((uint64_t)31 * 24 * 3600 * NS_PER_S)

/* The process, which both ends name; else the session's id. 0: neither. */
static uint64_t
session_key(const struct maillog_event *ev)
{
	uint64_t h = 0xcbf29ce484222325u;
	struct str id = ev->mailbox.session;
	if (ev->mailbox.mpid != 0)
		return ev->mailbox.mpid;
	if (id.len == 0)
		return 0;
	for (size_t i = 0; i < id.len; i++)
		h = (h ^ (unsigned char)id.ptr[i]) * 0x100000001b3u;
	return h | (uint64_t)1 << 63; /* no process has that number */
}

void
stats_session_lasted(struct stats_dovecot *d, int64_t from_ns, int64_t to_ns)
{
	if (to_ns >= from_ns &&
	    (uint64_t)to_ns - (uint64_t)from_ns <= SESSION_MAX_NS)
		spread_add(&d->session_us,
		    ((uint64_t)to_ns - (uint64_t)from_ns) / NS_PER_US);
}

void
stats_session_begins(struct stats_part *p, const struct logline *line,
    const struct maillog_event *ev)
{
	uint64_t key = session_key(ev);
	struct open_entry *e =
	    key != 0 ? opens_at(&p->ends.sessions, key) : NULL;
	stats_user_begins(p, line, ev);
	if (e == NULL)
		return;
	e->began_first = e->began_first || !e->used;
	e->used = e->is_open = true;
	e->ns = line->key_ns;
}

void
stats_session_ends(struct stats_part *p, const struct logline *line,
    const struct maillog_event *ev)
{
	uint64_t key = session_key(ev);
	struct open_entry *e =
	    key != 0 ? opens_at(&p->ends.sessions, key) : NULL;
	if (key == 0)
		stats_user_ends(p, line, ev);
	if (e == NULL)
		return;
	if (!e->used) /* it began in an earlier part, if anywhere */
		e->end_ns = line->key_ns;
	else if (e->is_open)
		stats_session_lasted(&p->sums.dovecot, e->ns, line->key_ns);
	e->used = true;
	e->is_open = false;
}

void
stats_session_join(
    struct stats *out, struct stats_ends *to, const struct stats_ends *from)
{
	struct open_entry *later;
	stats_user_join(out, to, from);
	for (size_t at = 0;
	     (later = opens_next(&from->sessions, &at)) != NULL;) {
		struct open_entry *e = opens_at(&to->sessions, later->key);
		if (e == NULL)
			continue;
		if (e->used && e->is_open && !later->began_first)
			stats_session_lasted(
			    &out->dovecot, e->ns, later->end_ns);
		bool first = e->used ? e->began_first : later->began_first;
		*e = *later;
		e->began_first = first;
	}
	opens_forget(&to->sessions);
}
