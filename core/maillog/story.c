/* Joining: the entry, lines kept, and what has waited too long. */
#include "core/maillog/story.h"

#include "core/base/compiler.h"
#include "core/base/i18n.h"
#include "core/maillog/story_int.h"

#include <stdlib.h>

enum {
	SWEEP_S = 5
};

const char *
story_end_name(enum story_end end)
{
	static const char *const names[STORY_N_ENDS] = {
		[STORY_UNKNOWN] = N_("unknown"),
		[STORY_DELIVERED] = N_("delivered"),
		[STORY_BOUNCED] = N_("bounced"),
		[STORY_DISCARDED] = N_("discarded"),
		[STORY_QUEUED] = N_("queued"),
		[STORY_REFUSED] = N_("refused"),
		[STORY_DEFERRED] = N_("deferred"),
		[STORY_DROPPED] = N_("dropped"),
		[STORY_NOT_TAKEN] = N_("not-taken"),
	};
	return names[end];
}

const char *
story_sure_name(enum story_sure sure)
{
	static const char *const names[] = {
		[STORY_NONE] = "",
		[STORY_MISSING] = N_("missing"),
		[STORY_PROBABLE] = N_("probable"),
		[STORY_SURE] = N_("sure"),
	};
	return names[sure];
}

struct str
story_str(struct arena *a, struct str s)
{
	struct str none = STR_EMPTY;
	if (s.len == 0)
		return none;
	struct str copy = arena_str(a, s);
	return copy.ptr != NULL ? copy : none;
}

void *
story_record(struct stories *s, size_t size, struct arena **a)
{
	*a = arena_new(STORY_MEMORY_MAX, NULL, NULL);
	if (*a != NULL)
		arena_count(*a, &s->held);
	void *record = *a != NULL ? arena_alloc(*a, size) : NULL;
	if (record == NULL) {
		arena_free(*a);
		s->out_of_memory = true;
	}
	return record;
}

static void
append(struct story_lines *to, struct story_line *l)
{
	if (to->last != NULL)
		to->last->next = l;
	else
		to->first = l;
	to->last = l;
	to->n++;
}

void
story_keep(struct stories *s, struct arena *a, struct story_lines *to,
    size_t source, const struct logline *line, const struct maillog_event *ev)
{
	if (!s->options.steps)
		return;
	struct story_line *l =
	    to->n < STORY_LINES_MAX ? ARENA_NEW(a, struct story_line) : NULL;
	if (l == NULL) {
		to->cut = true;
		return;
	}
	l->step = (struct story_step){ .key_ns = line->key_ns,
		.source = source,
		.kind = ev->kind,
		.severity = ev->severity,
		.raw = story_str(a, line->raw),
		.text = line->stamp.text };
	if (l->step.text > l->step.raw.len)
		l->step.text = 0;
	append(to, l);
}

void
story_keep_all(
    struct arena *a, struct story_lines *to, const struct story_lines *from)
{
	to->cut = to->cut || from->cut;
	for (const struct story_line *f = from->first; f != NULL; f = f->next) {
		struct story_line *l = ARENA_NEW(a, struct story_line);
		if (l == NULL) {
			to->cut = true;
			return;
		}
		l->step = f->step;
		l->step.raw = story_str(a, f->step.raw);
		if (l->step.text > l->step.raw.len)
			l->step.text = 0;
		append(to, l);
	}
}

struct stories *
stories_new(const struct stories_options *o)
{
	struct stories *s = calloc(1, sizeof(*s));
	if (s == NULL)
		return NULL;
	s->options = *o;
	s->now_ns = s->swept_ns = STORY_NO_TIME;
	s->next_id = 1;
	list_init(&s->conn_list);
	list_init(&s->tales);
	list_init(&s->message_list);
	list_init(&s->running);
	list_init(&s->scanned);
	list_init(&s->bounces);
	for (size_t i = 0; i < STORY_QPS; i++) {
		list_init(&s->qp_messages[i]);
		list_init(&s->qp_tales[i]);
	}
	return s;
}

/* Is it longer ago than 's'? */
static bool
is_past(const struct stories *st, int64_t since_ns, int64_t s)
{
	return since_ns != STORY_NO_TIME && st->now_ns > INT64_MIN / 2 &&
	       st->now_ns / NS_PER_S - since_ns / NS_PER_S > s;
}

static void
sweep_conns(struct stories *s, bool all)
{
	LIST_FOREACH(node, &s->conn_list)
	{
		struct conn *c = LIST_ITEM(node, struct conn, node);
		if (!all &&
		    !is_past(s, c->last_ns,
			c->closing ? STORY_CLOSING_S : STORY_CONN_IDLE_S))
			continue;
		node = node->prev;
		story_conn_close(s, c);
	}
}

static void
sweep_tales(struct stories *s, bool all)
{
	LIST_FOREACH(node, &s->tales)
	{
		struct tale *t = LIST_ITEM(node, struct tale, node);
		struct list_node *before = node->prev;
		if (story_tell_if_over(s, t, all))
			node = before;
	}
}

static void
sweep_messages(struct stories *s, bool all)
{
	LIST_FOREACH(node, &s->message_list)
	{
		struct message *m = LIST_ITEM(node, struct message, node);
		if (m->tale != NULL)
			continue;
		if (!all &&
		    (!m->ended || !is_past(s, m->first_ns, STORY_INSIDE_S)))
			continue;
		node = node->prev;
		story_tell_message(s, m);
	}
}

static void
sweep_scans(struct stories *s, struct list *l, bool all)
{
	LIST_FOREACH(node, l)
	{
		struct scan_open *scan =
		    LIST_ITEM(node, struct scan_open, node);
		int64_t since = scan->end_ns != STORY_NO_TIME ? scan->end_ns
							      : scan->start_ns;
		if (!all && !is_past(s, since, STORY_SCAN_S))
			continue;
		node = node->prev;
		story_scan_free(s, scan);
	}
}

static void
sweep_bounces(struct stories *s, bool all)
{
	LIST_FOREACH(node, &s->bounces)
	{
		struct bounce *b = LIST_ITEM(node, struct bounce, node);
		if (!all && !is_past(s, b->at_ns, STORY_WINDOW_S))
			continue;
		node = node->prev;
		story_bounce_free(s, b);
	}
}

static void
sweep(struct stories *s, bool all)
{
	sweep_conns(s, all);
	sweep_tales(s, all);
	sweep_messages(s, all);
	sweep_scans(s, &s->running, all);
	sweep_scans(s, &s->scanned, all);
	sweep_bounces(s, all);
	s->swept_ns = s->now_ns;
}

/* Each gives up the one of its kind that is open longest; false: none is. */
static bool
drop_conn(struct stories *s)
{
	struct list_node *node = list_first(&s->conn_list);
	if (node != NULL)
		story_conn_close(s, LIST_ITEM(node, struct conn, node));
	return node != NULL;
}

static bool
drop_message(struct stories *s)
{
	struct list_node *node = list_first(&s->message_list);
	if (node == NULL)
		return false;
	struct message *m = LIST_ITEM(node, struct message, node);
	if (m->tale != NULL)
		(void)story_tell_if_over(s, m->tale, true);
	else
		story_tell_message(s, m);
	return true;
}

static bool
drop_tale(struct stories *s)
{
	struct list_node *node = list_first(&s->tales);
	if (node != NULL)
		(void)story_tell_if_over(
		    s, LIST_ITEM(node, struct tale, node), true);
	return node != NULL;
}

static bool
drop_scan(struct stories *s)
{
	struct list_node *node = list_first(&s->scanned);
	if (node == NULL)
		node = list_first(&s->running);
	if (node != NULL)
		story_scan_free(s, LIST_ITEM(node, struct scan_open, node));
	return node != NULL;
}

static bool
drop_each(struct stories *s)
{
	bool any = drop_conn(s);
	any = drop_message(s) || any;
	any = drop_tale(s) || any;
	return drop_scan(s) || any;
}

/* However much a log begins, so much is open at once, in number and bytes. */
static void
make_room(struct stories *s)
{
	struct list_node *node;
	while (s->conns.len > STORY_CONNS_MAX && drop_conn(s))
		;
	while (s->n_messages > STORY_MESSAGES_MAX && drop_message(s))
		;
	while (s->n_tales > STORY_TALES_MAX && drop_tale(s))
		;
	while (s->n_scans > STORY_SCANS_MAX && drop_scan(s))
		;
	while (s->held > STORY_HELD_MAX && drop_each(s))
		;
	while (s->n_bounces > STORY_BOUNCES_MAX &&
	       (node = list_first(&s->bounces)) != NULL)
		story_bounce_free(s, LIST_ITEM(node, struct bounce, node));
}

static void
clock_on(struct stories *s, int64_t key_ns)
{
	if (key_ns == INT64_MIN)
		return;
	s->now_ns = key_ns;
	if (s->swept_ns == STORY_NO_TIME || key_ns < s->swept_ns)
		s->swept_ns = key_ns;
	if (key_ns / NS_PER_S - s->swept_ns / NS_PER_S >= SWEEP_S)
		sweep(s, false);
}

void
stories_line(struct stories *s, size_t source, const struct logline *line,
    const struct maillog_event *ev)
{
	if (line->continued || source >= STORY_SOURCES_MAX)
		return;
	clock_on(s, line->key_ns);
	make_room(s);
	if (ev->kind >= MAILLOG_ACCEPTED && ev->kind <= MAILLOG_LOGTERSE_SHORT)
		story_conn_line(s, source, line, ev);
	else if (ev->kind >= MAILLOG_QMAIL_NEW && ev->kind <= MAILLOG_QMAIL_END)
		story_queue_line(s, source, line, ev);
	else if (ev->kind >= MAILLOG_SPAMD_CONNECTION &&
		 ev->kind <= MAILLOG_SPAMD_TEXT)
		story_scan_line(s, source, line, ev);
	else if (ev->kind >= MAILLOG_CLAMD_OK &&
		 ev->kind <= MAILLOG_CLAMD_ERROR)
		story_virus_line(s, source, line, ev);
	else if (ev->kind >= MAILLOG_POSTFIX_CLIENT &&
		 ev->kind <= MAILLOG_POSTFIX_TEXT)
		story_postfix_line(s, source, line, ev);
	else if (ev->kind == MAILLOG_DOVECOT_DELIVERED)
		story_mailbox_line(s, source, line, ev);
}

bool
stories_end(struct stories *s, struct err *e)
{
	sweep(s, true);
	return !s->out_of_memory || err_no_memory(e);
}

void
stories_free(struct stories *s)
{
	if (s == NULL)
		return;
	s->options.done = NULL;
	sweep(s, true);
	idmap_clear(&s->conns);
	idmap_clear(&s->messages);
	idmap_clear(&s->deliveries);
	free(s);
}
