/* System clock behind the injected interface. */
#include "core/base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static int64_t
read_ns(clockid_t id)
{
	struct timespec ts;
	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

static int64_t
system_wall(void *ctx)
{
	(void)ctx;
	return read_ns(CLOCK_REALTIME);
}

static int64_t
system_mono(void *ctx)
{
	(void)ctx;
	return read_ns(CLOCK_MONOTONIC);
}

static void
system_sleep(void *ctx, int64_t ns)
{
	(void)ctx;
	struct timespec ts = {
		.tv_sec = (time_t)(ns / NS_PER_S),
		.tv_nsec = (long)(ns % NS_PER_S),
	};
	while (nanosleep(&ts, &ts) != 0 && errno == EINTR)
		continue;
}

const struct clock clock_system = {
	.wall_ns = system_wall,
	.mono_ns = system_mono,
	.sleep_ns = system_sleep,
	.ctx = NULL,
};

int64_t
clock_wall_ns(const struct clock *c)
{
	return c->wall_ns(c->ctx);
}

int64_t
clock_wall_s(const struct clock *c)
{
	return c->wall_ns(c->ctx) / NS_PER_S;
}

int64_t
clock_mono_ns(const struct clock *c)
{
	return c->mono_ns(c->ctx);
}

int64_t
clock_mono_ms(const struct clock *c)
{
	return c->mono_ns(c->ctx) / NS_PER_MS;
}

void
clock_sleep_ms(const struct clock *c, int64_t ms)
{
	c->sleep_ns(c->ctx, ms * NS_PER_MS);
}

char *
clock_rfc3339(int64_t unix_s, char out[CLOCK_RFC3339_SIZE])
{
	struct tm tm;
	time_t t = (time_t)unix_s;
	char date[24], zone[8];
	if (localtime_r(&t, &tm) == NULL)
		memset(&tm, 0, sizeof(tm));
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm);
	strftime(zone, sizeof(zone), "%z", &tm); /* +0100 */
	snprintf(out, CLOCK_RFC3339_SIZE, "%s%.3s:%.2s", date, zone, zone + 3);
	return out;
}
