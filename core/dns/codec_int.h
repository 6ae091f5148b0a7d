/*
 * The decoder's keeper: starts it, gives it packets in turn, and starts it
 * again when it dies or hangs. A packet it died on is blamed and not given
 * again.
 */
#ifndef CORE_DNS_CODEC_INT_H
#define CORE_DNS_CODEC_INT_H

#include "core/base/clock.h"
#include "core/base/compiler.h"
#include "core/base/str.h"

#include <stdbool.h>
#include <stdint.h>

struct dns_codec;

/*
 * 'flat' is the reply taken apart (borrowed), or empty with 'reason' set: no
 * packet, or there is no decoder.
 */
typedef void dns_codec_done(void *ctx, struct str flat, const char *reason);

/*
 * 'epoll' gets the decoder's descriptor under the key 'key'. 'program' NULL:
 * looked for beside our own program, then where it is installed. NULL when out
 * of memory.
 */
struct dns_codec *dns_codec_new(
    const char *program, int epoll, void *key, const struct clock *clock);
void dns_codec_free(struct dns_codec *c); /* nobody is called back */

/* Have it running before the first packet is there. */
void dns_codec_start(struct dns_codec *c);
/*
 * Take 'packet' (copied) apart; 'done' is called once, from dns_codec_step,
 * unless dropped. False when out of memory.
 */
MUST_USE bool dns_codec_give(
    struct dns_codec *c, struct str packet, dns_codec_done *done, void *ctx);
/* The calls for this ctx will not come. */
void dns_codec_drop(struct dns_codec *c, const void *ctx);
/* Read, write, watch for its end and for its time. */
void dns_codec_step(struct dns_codec *c);
/* Milliseconds of clock_mono_ms when a step is due by time; -1: none. */
int64_t dns_codec_next_ms(const struct dns_codec *c);

#endif
