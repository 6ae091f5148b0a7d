/*
 * Sums of scores, added in the order in which the connections began. A mean of
 * six decimals can lie in the middle between two of them: the rounding of the
 * sum decides then, and with it the order of the additions. So a sum is the
 * same however a log was cut for threads, and the same as that of a script
 * that adds up connection by connection.
 */
#ifndef CORE_MAILLOG_STATS_ORDER_H
#define CORE_MAILLOG_STATS_ORDER_H

#include "core/base/vec.h"

#include <stdbool.h>
#include <stdint.h>

enum stats_sum {
	STATS_SUM_HAM,
	STATS_SUM_QUEUED,
	STATS_SUM_REFUSED,
	STATS_SUMS
};

/* The connections of a log or of a part of it, and their scores. */
struct stats_order {
	struct order_slot *slots; /* who began, by pid; NULL: nobody yet */
	uint32_t n;               /* that began */
	struct vec scores;        /* struct order_score, not yet in 'sums' */
	double sums[STATS_SUMS];
	bool failed; /* memory ran out: scores are missing */
};

/* It owns what it keeps until clear. */
void order_init(struct stats_order *o);
void order_clear(struct stats_order *o);
/*
 * A connection begins; the line that announces it comes before the one that
 * names its client, if at all. False: it was announced, and has begun.
 */
bool order_begin(struct stats_order *o, uint32_t pid, bool announced);
/* A score, in thousandths, of a message that came in by connection 'pid'. */
void order_add(
    struct stats_order *o, uint32_t pid, enum stats_sum sum, int64_t milli);
/* Put a later part of the same log behind. */
void order_join(struct stats_order *to, const struct stats_order *later);
/* Bytes that it holds, about. */
size_t order_bytes(const struct stats_order *o);
/* Nothing follows: add up what is left. */
void order_end(struct stats_order *o);

#endif
