/* The injected clock: tests give one that stands still or jumps. */
#ifndef CORE_BASE_CLOCK_H
#define CORE_BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

enum {
	NS_PER_MS = 1000000,
	NS_PER_S = 1000000000,
};

struct clock {
	int64_t (*wall_ns)(void *ctx); /* Unix time in nanoseconds */
	int64_t (*mono_ns)(void *ctx); /* never goes back */
	void (*sleep_ns)(void *ctx, int64_t ns);
	void *ctx;
};

/* The system's own clock. */
extern const struct clock clock_system;

/* Unix time; it jumps when somebody sets the clock. */
int64_t clock_wall_ns(const struct clock *c);
int64_t clock_wall_s(const struct clock *c);
/* Time since an unknown moment; it never goes back. For waits. */
int64_t clock_mono_ns(const struct clock *c);
int64_t clock_mono_ms(const struct clock *c);
/* A signal may cut it short. */
void clock_sleep_ms(const struct clock *c, int64_t ms);

/* Seconds as nanoseconds; what is beyond 64 bits becomes their end. */
static inline int64_t
clock_s_to_ns(int64_t s)
{
	if (s > INT64_MAX / NS_PER_S)
		return INT64_MAX;
	return s < INT64_MIN / NS_PER_S ? INT64_MIN : s * NS_PER_S;
}

enum {
	CLOCK_RFC3339_SIZE = 40
};
/* "2026-03-17T14:02:11+01:00", local zone; returns 'out'. */
char *clock_rfc3339(int64_t unix_s, char out[CLOCK_RFC3339_SIZE]);

#endif
