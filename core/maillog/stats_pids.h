/*
 * What is known of processes, by pid: three marks each, kept for 32 pids in a
 * row at once, as pids are given in a row. A log of a day fits into the first
 * cache of a processor so.
 */
#ifndef CORE_MAILLOG_STATS_PIDS_H
#define CORE_MAILLOG_STATS_PIDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Marks of 32 pids, a bit each. */
struct pid_row {
	uint32_t place; /* 1 + pid / 32; 0: not used */
	uint32_t seen;  /* something was said of it */
	uint32_t open;  /* the connection has no verdict yet, is logged in */
	uint32_t began; /* its beginning was what was seen first */
};

struct pids {
	struct pid_row *rows;
	size_t len, cap;
	bool failed; /* memory ran out: marks are missing */
};

/* Frees the rows; all zero is an empty one. */
void pids_clear(struct pids *p);
/* The row of a pid, made when it is new; NULL: no memory. */
struct pid_row *pids_row(struct pids *p, uint32_t pid);
/* Is it marked open? */
bool pids_is_open(const struct pids *p, uint32_t pid);
static inline uint32_t
pids_bit(uint32_t pid)
{
	return (uint32_t)1 << (pid & 31);
}
/*
 * Put what a later part of the same log says behind. Returns how many were
 * open here and begin there: their ends never came.
 */
uint64_t pids_join(struct pids *to, const struct pids *later);
/* How many are open. */
uint64_t pids_open(const struct pids *p);

#endif
