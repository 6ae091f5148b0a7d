/* Inside of the write-ahead log: the file, its records, the thread. */
#ifndef CORE_QUEUE_LOG_INT_H
#define CORE_QUEUE_LOG_INT_H

#include "core/base/buf.h"
#include "core/base/vec.h"
#include "core/queue/log.h"

#include <pthread.h>
#include <stdatomic.h>

enum {
	LOG_VERSION = 2,
	LOG_FILE_MODE = 0600,
	LOG_SLOT = 4096,         /* of each of the two heads */
	LOG_DATA = 2 * LOG_SLOT, /* where records begin */
	LOG_ALIGN = 64,          /* of records */
	LOG_BATCH_BYTES = 8 << 20,
	LOG_DELIVER_MAX = 256, /* messages delivered together */
	LOG_TARGET_MAX = 8192,
	LOG_PUT_OFF_MS = 200, /* a pause of a stream is no end of it so long */
	LOG_KEEP = 256 << 10, /* bytes of a buffer that stay while it rests */
};

/*
 * Positions are counted on for ever: the place in the file is
 * LOG_DATA + position % (size - LOG_DATA). Records do not cross the end.
 */
struct log_file {
	int fd;
	struct log_identity {
		bool known;
		uint64_t inode;
		uint32_t major, minor;
	} own; /* of what 'fd' has */
	char *path;
	uint64_t id;   /* random: no message can carry a record of this log */
	uint64_t room; /* bytes for records */
	uint64_t generation; /* of the head written last */
	uint32_t crc[8][256];
};

enum log_kind {
	LOG_MESSAGE = 1,
	LOG_PAD, /* the rest up to the end of the file */
};

/* In front of each record. */
struct log_head {
	uint32_t magic;
	uint32_t kind;
	uint64_t id;
	uint64_t seq;
	uint64_t batch;  /* seq of the first record written with it */
	uint64_t length; /* of what follows, without filling */
	uint32_t body_crc;
	uint32_t head_crc; /* of all before */
};

/* A record found in the file. */
struct log_span {
	uint64_t at; /* position */
	uint64_t seq;
	uint64_t length;
	int64_t taken_s; /* Unix time, by its stamp */
	bool again;      /* written by a process before this */
	bool failed;     /* tried in vain */
	bool handed;     /* its time is over, and its sender is being told */
	bool *has;       /* NULL, or for each recipient: it has it already */
};

/* A message whose time is over, between both threads. */
struct log_handed {
	uint64_t seq, at, length;
	int64_t waited_s;
	bool *has; /* as of its span */
	struct err why;
	enum log_handed_state {
		LOG_HANDED_NEW,
		LOG_HANDED_TAKEN,
		LOG_HANDED_GONE, /* its sender knows */
		LOG_HANDED_BACK  /* it is to be tried again */
	} state;
};

struct queue_log {
	struct queue queue; /* must stand first */
	struct queue_log_spec spec;
	struct log_file file;

	/* held while the file changes its place, or its tail is written */
	pthread_mutex_t moving;

	/* what both tell of those that wait */
	pthread_mutex_t telling;
	struct queue_log_waiting waiting;
	struct vec handed; /* struct log_handed */

	/* the writer's */
	bool told_lost;   /* it has no name and could not get one */
	struct buf batch; /* records being staged */
	uint64_t batch_seq;
	size_t staged;
	uint64_t batch_bytes; /* of these, without what fills up */
	uint64_t seq;         /* of the next record */

	/* between both */
	atomic_uint_fast64_t head;      /* up to here records are durable */
	atomic_uint_fast64_t tail;      /* from here on the space is in use */
	atomic_bool failed;             /* nothing more is taken */
	atomic_bool asleep;             /* the thread wants to be woken */
	atomic_bool stop;               /* end now */
	atomic_bool hurry;              /* put nothing off */
	atomic_bool ended;              /* of the handed ones, some */
	atomic_int_fast64_t lifetime_s; /* 0: for ever */
	int wake;                       /* eventfd */

	/* the thread's */
	pthread_t thread;
	bool has_thread;
	uint64_t next;         /* position of the record to be read next */
	uint64_t next_seq;     /* and its number */
	struct vec left;       /* struct log_span: not delivered yet */
	size_t n_failed;       /* of them tried in vain */
	struct vec targets;    /* struct log_target */
	struct buf text;       /* of the records in delivery */
	int64_t retry_ms;      /* when the failed ones are tried again */
	int64_t retry_wait_ms; /* and how long it was put off */
	int64_t stream_ms;     /* until then a pause is not the end */
	bool behind; /* was put off long enough: go on while much waits */
};

/* log_record.c */
void log_crc_init(struct log_file *f);
uint32_t log_crc(const struct log_file *f, struct str bytes);
/* Length of a message's record with its head and filling; 0: too large. */
uint64_t log_record_size(const struct queue_message *m);
uint64_t log_padded(uint64_t length);
/* Append head, content and filling. */
MUST_USE bool log_record_put(const struct log_file *f, struct buf *out,
    const struct queue_message *m, uint64_t seq, uint64_t batch, struct err *e);
/* Append a record that fills 'size' bytes. */
void log_pad_put(const struct log_file *f, struct buf *out, uint64_t size,
    uint64_t seq, uint64_t batch);
bool log_head_is_good(const struct log_file *f, const struct log_head *h);
/* A head, and when the message behind it was taken; they are never apart. */
struct log_start {
	struct log_head head;
	struct queue_stamp stamp; /* of a message only */
};
_Static_assert(sizeof(struct log_start) <= LOG_ALIGN,
    "it is read where the last record of the file may be a pad of that size");
int64_t log_start_s(const struct log_start *s);
/*
 * The message of a record's content; its texts point there. *rcpts, in
 * whose memory the boxes are too, is the caller's to free.
 */
MUST_USE bool log_record_get(
    struct str content, struct queue_message *m, struct mail_path **rcpts);

/* log_file.c */
/* Open and lock, or make anew; *tail and *seq are where its records begin. */
MUST_USE bool log_file_open(struct log_file *f, const char *path, uint64_t size,
    uint64_t *tail, uint64_t *seq, struct err *e);
void log_file_close(struct log_file *f);
/* As log_file_open, only to be read: whoever has it goes on. */
MUST_USE bool log_file_peek(struct log_file *f, const char *path,
    uint64_t *tail, uint64_t *seq, struct err *e);
/* Make it anew, empty. */
MUST_USE bool log_file_remake(struct log_file *f, uint64_t size, struct err *e);
/* Say for good from where on the space is in use. */
MUST_USE bool log_file_set_tail(
    struct log_file *f, uint64_t tail, uint64_t seq, struct err *e);
/* Bytes of records at a position; false: not there. */
MUST_USE bool log_file_read(
    const struct log_file *f, uint64_t at, void *to, size_t n);
MUST_USE bool log_file_write(
    const struct log_file *f, uint64_t at, struct str bytes);
/* 'n' bytes at a place of any file: all of them, or false with errno. */
MUST_USE bool log_write_at(int fd, uint64_t at, const void *from, size_t n);
/* From a position to the end of the file. */
uint64_t log_file_to_end(const struct log_file *f, uint64_t at);

/* log_restore.c */
/* 'fd' is another one. */
void log_file_identify(struct log_file *f);
/* Its name leads to it: nobody removed it or put another there. */
bool log_file_is_named(const struct log_file *f);
/*
 * Make the file anew under its name, with all that it holds, and go on with
 * that. False: it stays as it is, without a name.
 */
MUST_USE bool log_file_restore(struct log_file *f, struct err *e);

/* log_scan.c */
struct log_scan {
	struct vec found; /* struct log_span */
	uint64_t head;    /* position behind the last */
	uint64_t seq;     /* of the next one */
	uint64_t lost;    /* records that were durable once */
	bool torn;        /* the last batch was not written to its end */
};
/* All records from there on. False: out of memory. */
MUST_USE bool log_scan(const struct log_file *f, uint64_t tail, uint64_t seq,
    struct log_scan *out);

/* From there on up to the first that is missing: what follows is not seen. */
MUST_USE bool log_scan_ahead(const struct log_file *f, uint64_t tail,
    uint64_t seq, struct log_scan *out);

/* log_waiting.c */
/* More, or less, of them by so much. */
void log_tell_taken(struct queue_log *log, size_t n, uint64_t bytes);
void log_tell_delivered(struct queue_log *log, size_t n, uint64_t bytes);
/* The thread: how many failed, the oldest of all, and (NULL: none did) why. */
void log_tell_left(struct queue_log *log, const struct err *why);

/* log.c */
void log_wake(const struct queue_log *log);

/* log_apart.c */
/* Of several failures the first is told. */
void log_keep_first(struct err *first, const struct err *e);
/* To each recipient who has not got it, of a queue that keeps them apart. */
MUST_USE bool log_deliver_apart(struct queue *queue,
    const struct queue_message *m, struct log_span *span, struct err *e);

/* log_expire.c */
/*
 * Hand it over if its time is over; 'n' recipients are in its 'has', 0: it
 * could not be read just now.
 */
void log_expire_hand(
    struct queue_log *log, struct log_span *s, size_t n, const struct err *why);
/* Take out of those left whose senders know, and back the others. */
void log_expire_settle(struct queue_log *log);
void log_expire_clear(struct queue_log *log);

/* log_pace.c */
/* There is one that was not tried yet. */
bool log_has_fresh(const struct queue_log *log);
/* Until there is something, or what failed is due. */
void log_sleep_until_woken(struct queue_log *log);
/* While messages keep coming, for a while. */
void log_let_others_go_first(struct queue_log *log);

/* log_target.c */
struct log_target {
	struct buf name;
	struct queue *queue;
	size_t staged; /* messages of the round under way */
};
struct log_target *log_target_at(const struct queue_log *log, size_t i);
/* The number of the one that has this name; SIZE_MAX: it cannot be opened. */
size_t log_target_find(struct queue_log *log, struct str name, struct err *e);
/* Close and forget all. */
void log_targets_clear(struct queue_log *log);

/* log_deliver.c */
void *log_deliver_thread(void *log);

#endif
