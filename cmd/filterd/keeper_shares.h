/*
 * Recipients that a server took a message for whose sender was told to come
 * again, because of others of them, another server or our own disk. When he
 * does, they do not get it twice. A memory of this process only, bounded: what
 * it does not know is sent again, as RFC 5321 6.1 would rather have it than
 * lost.
 */
#ifndef CMD_FILTERD_KEEPER_SHARES_H
#define CMD_FILTERD_KEEPER_SHARES_H

#include "core/base/arena.h"
#include "core/base/clock.h"
#include "core/base/compiler.h"
#include "core/base/siphash.h"
#include "core/mail/path.h"

enum {
	SHARES_SETS = 512, /* by their sums; in each ... */
	SHARES_PER_SET = 8 /* ... the oldest makes room */
};

struct keeper_shares {
	uint64_t key[2];
	struct kept_share {
		struct siphash_sum sum;
		int64_t at_ms; /* 0: none here */
	} kept[SHARES_SETS][SHARES_PER_SET];
	bool any; /* there may be some */
};

void keeper_shares_init(struct keeper_shares *s);

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
    const char *host, uint16_t port, const struct filter_path *sender,
    const struct filter_path *rcpt);

bool keeper_shares_have(const struct keeper_shares *s,
    const struct siphash_sum *sum, int64_t now_ms);
void keeper_shares_keep(
    struct keeper_shares *s, const struct siphash_sum *sum, int64_t now_ms);
void keeper_shares_forget(
    struct keeper_shares *s, const struct siphash_sum *sum);

#endif
