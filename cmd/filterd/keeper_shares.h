/*
 * Recipients that a server took a message for whose sender was told to come
 * again, because of others of them, another server or our own disk. When he
 * does, they do not get it twice. Bounded: what is not known is sent again, as
 * RFC 5321 6.1 would rather have it than lost.
 *
 * A record in the spool folder outlives this process: a table of the same
 * entries, each where it is in memory, with a check of its own. So nothing is
 * ever moved, one that was being written when all stopped is only that one,
 * and whatever the file is, the worst is that somebody gets a message twice. It
 * is made with the first entry, and synced where a sender is told to come
 * again, once for all of these: no other message waits for it. SQLite would
 * bring a journal, a second sync and a library into the part that answers.
 */
#ifndef CMD_FILTERD_KEEPER_SHARES_H
#define CMD_FILTERD_KEEPER_SHARES_H

#include "core/base/arena.h"
#include "core/base/clock.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/siphash.h"
#include "core/mail/path.h"

enum {
	SHARES_SETS = 512,  /* by their sums; in each ... */
	SHARES_PER_SET = 8, /* ... the oldest makes room */
	SHARES_HEAD = 64,   /* bytes of the record: of its head, ... */
	SHARES_ENTRY = 32, /* ... of each entry, one set after the other, ... */
	SHARES_RECORD =
	    SHARES_HEAD + SHARES_SETS * SHARES_PER_SET * SHARES_ENTRY
};

struct keeper_shares {
	uint64_t key[2];
	struct kept_share {
		struct siphash_sum sum;
		int64_t at_s; /* by the wall; 0: none here */
	} kept[SHARES_SETS][SHARES_PER_SET];
	bool any; /* there may be some */
	struct shares_record {
		char *path;    /* NULL: the policy has no folder for it */
		int fd;        /* -1: not there, or not to be had */
		bool unsynced; /* and somebody is to be told to come again */
		bool tried;    /* to make it, since it was settled last */
		bool told;     /* that it does not work */
	} record;
};

void keeper_shares_init(struct keeper_shares *s);
void keeper_shares_clear(struct keeper_shares *s);

/*
 * What makes a message the same as one before: its Message-Id and its text;
 * the trace fields differ each time it is sent. at[2], at[3]: where in the file
 * its header is and how long, at[4], at[5]: its text. False: it cannot be told.
 */
MUST_USE bool keeper_shares_message(const struct keeper_shares *s,
    struct arena *a, int fd, const uint64_t at[6], struct siphash *out);
/* Has it what that needs? */
bool keeper_shares_know(struct str head);
/* And one recipient's of it: whose, from whom, for whom. */
struct siphash_sum keeper_shares_sum(const struct siphash *message,
    const char *host, uint16_t port, const struct mail_path *sender,
    const struct mail_path *rcpt);

bool keeper_shares_have(const struct keeper_shares *s,
    const struct siphash_sum *sum, int64_t now_s);
/*
 * 'firm': somebody is to be told to come again, and keeper_shares_settle comes
 * before that. Else it is noted for the case that this process ends.
 */
void keeper_shares_keep(struct keeper_shares *s, const struct siphash_sum *sum,
    int64_t now_s, bool firm);
void keeper_shares_forget(
    struct keeper_shares *s, const struct siphash_sum *sum);

/* keeper_shares_record.c */
/*
 * From here on the record is at 'path' (NULL: nowhere); what it holds is taken
 * over. One that is none of ours is set aside, and that is told in the log.
 */
void keeper_shares_follow(
    struct keeper_shares *s, const char *path, int64_t now_s);
/* One entry has changed. */
void keeper_shares_write(struct keeper_shares *s, size_t set, size_t i);
/* What is firm, to the disk. */
void keeper_shares_settle(struct keeper_shares *s);

/*
 * Take over what a record's bytes, any at all, hold; *bad of its entries are
 * not whole. False: it is none of ours, and 's' is as it was.
 */
MUST_USE bool keeper_shares_read(
    struct keeper_shares *s, struct str bytes, int64_t now_s, size_t *bad);
/* Its bytes as they would be written. */
void keeper_shares_format(
    const struct keeper_shares *s, char out[SHARES_RECORD]);

#endif
