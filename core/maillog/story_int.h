/* Private to the joining of stories: what is open. */
#ifndef CORE_MAILLOG_STORY_INT_H
#define CORE_MAILLOG_STORY_INT_H

#include "core/base/arena.h"
#include "core/base/idmap.h"
#include "core/base/list.h"
#include "core/maillog/story.h"

enum {
	STORY_MEMORY_MAX = 8 << 20, /* of one connection, tale or message */
	STORY_LINES_MAX = 4000,
	STORY_SOURCES_MAX = 64,
	STORY_CONN_IDLE_S = 7200,
	STORY_CLOSING_S = 10, /* lines still come after the end */
	STORY_SILENT_S = 2,   /* but not after so long a silence */
	STORY_WINDOW_S = 120, /* from the queue line to qmail's (LG-34) */
	STORY_INSIDE_S = 5,   /* before mail is taken to be from inside */
	STORY_SCAN_S = 600,
	/*
	 * Open at once, at most: what has been so longest is then told as it
	 * stands, however many a log begins and never ends.
	 */
	STORY_CONNS_MAX = 4000,
	STORY_TALES_MAX = 8000,
	STORY_MESSAGES_MAX = 6000,
	STORY_SCANS_MAX = 2000,
	STORY_BOUNCES_MAX = 1000,
	STORY_HELD_MAX = 24 << 20, /* bytes of all that is open */
	STORY_QPS = 1024,          /* lists by the number of a queue line */
	STORY_QP_LOOKS = 256,      /* of one are looked at, the newest first */
};
#define STORY_NO_TIME INT64_MIN

/* Lines kept, in their order. */
struct story_line {
	struct story_line *next;
	struct story_step step;
};
struct story_lines {
	struct story_line *first, *last;
	size_t n;
	bool cut;
};

/* A connection of qpsmtpd. */
struct conn {
	struct list_node node; /* of all: the longest silent first */
	uint64_t key;
	struct arena *arena;
	size_t source;
	uint32_t pid;
	struct str ip, host, helo, country;
	int64_t begun_ns, last_ns, closed_ns;
	bool connected, began_earlier, closing, is_timeout, told, pid_reused;
	struct story_lines head; /* before the first transaction */
	/* the transaction */
	struct story_lines lines;
	int64_t spooling_ns;
	struct str sender, recipient; /* last of the commands */
	enum story_sure virus;
	struct str virus_name;
	struct list tales; /* of it */
};

struct message;

/* A story in the making. */
struct tale {
	struct list_node node;      /* of all not told yet */
	struct list_node qp_node;   /* of stories.qp_tales, while it waits */
	struct list_node conn_node; /* of conn->tales */
	struct conn *conn;          /* NULL: its transaction is over */
	struct arena *arena;
	struct story s;
	struct story_lines lines;
	struct message *message;
	int64_t queue_ns; /* of the queue line */
	uint32_t reply;   /* the last code after the verdict */
};

struct try_open {
	struct try_open *next;
	uint64_t key; /* in stories.deliveries */
	struct story_try t;
};

struct recipient {
	struct recipient *next;
	struct str address;
	bool remote, done, failed;
	struct try_open *first, *last;
	size_t n;
};

/* A message of qmail-send or Postfix, one incarnation (LG-34). */
struct message {
	struct list_node node;    /* of all */
	struct list_node qp_node; /* of stories.qp_messages, while it waits */
	uint64_t key, id, msg;
	struct arena *arena;
	size_t source;
	uint32_t qp, uid, bounce_qp;
	uint64_t bytes, bounce_of;
	struct str sender;
	struct str queue_id, bounce_id, mid, ip, host; /* Postfix only */
	int64_t new_ns, info_ns, end_ns, first_ns;
	struct recipient *first, *last;
	size_t n;
	struct story_lines lines;
	bool ended, discarded, began_earlier;
	struct tale *tale;
};

/* A scan of spamd, running or waiting for its verdict. */
struct scan_open {
	struct list_node node;
	struct arena *arena;
	size_t source;
	uint32_t pid;
	int64_t start_ns, end_ns;
	bool spam, has_score;
	bool claimed; /* by a verdict that came before its result */
	bool aborted; /* its child went on without a result (LG-38) */
	struct str mid, score, required, rules, seconds;
	uint64_t size;
	struct story_lines lines;
};

/* A bounce that was announced. */
struct bounce {
	struct list_node node;
	uint32_t qp;
	uint64_t key; /* of its message, where Postfix said it; else 0 */
	uint64_t of;
	int64_t at_ns;
};

struct delivery_ref {
	struct message *message;
	struct recipient *recipient;
	struct try_open *try;
};

struct qmail_run {
	uint64_t last, run;
};

struct stories {
	struct stories_options options;
	int64_t now_ns, swept_ns;
	uint64_t next_id;
	struct idmap conns, messages, deliveries;
	struct list conn_list, tales, message_list, running, scanned, bounces;
	/* those that may still find each other, by qp */
	struct list qp_messages[STORY_QPS], qp_tales[STORY_QPS];
	size_t n_tales, n_messages, n_scans, n_bounces;
	size_t held; /* bytes of all arenas of records */
	bool out_of_memory;
	bool is_qpsmtpd[STORY_SOURCES_MAX], saw_spamd, saw_queue, saw_postfix;
	struct qmail_run runs[STORY_SOURCES_MAX];
};

/* Keep the line, if lines are kept. */
void story_keep(struct stories *s, struct arena *a, struct story_lines *to,
    size_t source, const struct logline *line, const struct maillog_event *ev);
/* Copies of all lines behind those of 'to'. */
void story_keep_all(
    struct arena *a, struct story_lines *to, const struct story_lines *from);
/* arena_str, but the empty string stays so. */
struct str story_str(struct arena *a, struct str s);
/*
 * A zeroed record in an arena of its own, which is the caller's. NULL when out
 * of memory, which stories_end tells.
 */
void *story_record(struct stories *s, size_t size, struct arena **a);
static inline uint64_t
story_key(size_t source, uint64_t number)
{
	return number ^ (uint64_t)source << 56;
}

/* Is it a connection of interest? */
static inline bool
story_is_wanted(const struct stories *s, uint32_t pid)
{
	return s->options.only == NULL || story_pids_has(s->options.only, pid);
}

/* Each takes the lines of its services. */
void story_conn_line(struct stories *s, size_t source,
    const struct logline *line, const struct maillog_event *ev);
void story_virus_line(struct stories *s, size_t source,
    const struct logline *line, const struct maillog_event *ev);
void story_scan_line(struct stories *s, size_t source,
    const struct logline *line, const struct maillog_event *ev);
void story_queue_line(struct stories *s, size_t source,
    const struct logline *line, const struct maillog_event *ev);
void story_postfix_line(struct stories *s, size_t source,
    const struct logline *line, const struct maillog_event *ev);
void story_mailbox_line(struct stories *s, size_t source,
    const struct logline *line, const struct maillog_event *ev);

/* The scan of a verdict (LG-45). */
void story_scan_claim(struct stories *s, struct tale *t, int64_t spooling_ns);
void story_scan_free(struct stories *s, struct scan_open *scan);
/* The verdict has this number in the queue: it waits for its message. */
void story_queue_number(struct stories *s, struct tale *t, uint32_t qp);
/* The message of a verdict whose queue line is known now. */
void story_queue_claim(struct stories *s, struct tale *t);
/* The verdict that waits for a message whose number is known now. */
void story_queue_verdict(struct stories *s, struct message *m);
/* Is the time in the window of a queue line (LG-34)? */
bool story_queue_in_window(int64_t queue_ns, int64_t info_ns);
void story_queue_attach(struct tale *t, struct message *m, unsigned doubts);
/* It waits no longer for its other half. */
void story_queue_forget(struct list_node *qp_node);
void story_bounce_free(struct stories *s, struct bounce *b);
/* The message of a verdict by the queue id it was given, or its Message-ID. */
void story_postfix_claim(struct stories *s, struct tale *t);
/* NULL when out of memory; 'key' is free. */
struct message *story_message_new(
    struct stories *s, size_t source, uint64_t key, int64_t at_ns);
/* Nothing more belongs to it: told, when a verdict is joined. */
void story_message_release(struct stories *s, struct message *m);
/* The recipient a delivery is about, added if need be. */
struct recipient *story_recipient(
    struct message *m, struct str address, bool remote);
/* A bounce of it will come as 'qp', or with 'key'. */
void story_bounce_expect(struct stories *s, const struct message *m,
    uint32_t qp, uint64_t key, int64_t at_ns);

void story_conn_close(struct stories *s, struct conn *c);
/* May its connection, what became of it, or both still tell more? */
bool story_waits(const struct stories *s, const struct tale *t);
/* Is it known what became of it? */
bool story_is_complete(const struct stories *s, const struct tale *t);
/* Tell the tale if nothing more is to come; 'all': at the end of the logs. */
bool story_tell_if_over(struct stories *s, struct tale *t, bool all);
/* Tell a message that no verdict belongs to. */
void story_tell_message(struct stories *s, struct message *m);
void story_message_free(struct stories *s, struct message *m);

#endif
