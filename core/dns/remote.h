/*
 * A resolver that lives in another process: questions and replies cross as
 * messages of bounded size, whatever carries them. The asking side keeps
 * replies for their time to live, so that most questions cross once.
 */
#ifndef CORE_DNS_REMOTE_H
#define CORE_DNS_REMOTE_H

#include "core/base/clock.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/list.h"
#include "core/base/str.h"
#include "core/dns/dns.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	DNS_REMOTE_MESSAGE_MIN = 10,
	DNS_REMOTE_MESSAGE_MAX = 128 * 1024 /* octets of one message */
};

/* Pass the message on; false when the other process cannot be reached now. */
typedef bool dns_remote_send(void *ctx, struct str message);

/*
 * ---- the asking side ----
 * Its answers come from dns_step after dns_remote_hear; dns_fd is -1. Of how a
 * question may be asked only the deadline and 'fresh' cross. To be freed by
 * dns_free; NULL sets the error.
 */
struct dns *dns_remote_new(const struct clock *clock, size_t cache,
    dns_remote_send *send, void *ctx, struct err *e);
/* What came from the other process; false: it makes no sense. */
MUST_USE bool dns_remote_hear(struct dns *d, struct str message);
/* The other process is gone: what was asked of it ends as DNS_NO_SERVER. */
void dns_remote_lost(struct dns *d);

/*
 * ---- the answering side ----
 * When nothing has been heard for some seconds although there are questions,
 * the servers are probed with one that every server can answer. While that
 * fails, all questions are answered at once as DNS_TIMEOUT. Whoever asks has a
 * number, which the reply finds its way back by.
 */
typedef bool dns_service_send(void *ctx, uint32_t asker, struct str message);
struct dns_service {
	struct dns *dns;
	const struct clock *clock;
	dns_service_send *send; /* the replies, from dns_step */
	void *ctx;
	/* the servers went silent, or are back; may be NULL */
	void (*changed)(void *ctx, bool down);
	bool down;
	/* private */
	struct list open; /* questions without an answer, oldest first */
	int64_t heard_ms; /* the last real answer */
	bool probing;
	int64_t probe_ms; /* when the next probe is due, while down */
};
/* The fields before 'down' are set by the caller. */
void dns_service_init(struct dns_service *s);
/*
 * Ask what the message asks. False: it makes no sense. The service must
 * outlive its resolver.
 */
MUST_USE bool dns_service_hear(
    struct dns_service *s, uint32_t asker, struct str message);
/* With each dns_step, and when dns_service_next_ms has come (-1: never). */
void dns_service_step(struct dns_service *s);
int64_t dns_service_next_ms(const struct dns_service *s);

#endif
