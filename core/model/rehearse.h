/*
 * A rehearsal: what the filter would do with a client and a message. The
 * policy of the configuration directory and the daemon's own session code are
 * run; nothing is sent, stored or learned. The DNS is asked, and the server of
 * a domain whose recipients it knows (FL-75).
 */
#ifndef CORE_MODEL_REHEARSE_H
#define CORE_MODEL_REHEARSE_H

#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/dns/dns.h"
#include "core/model/ctx.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REHEARSE_HELO "client.invalid" /* of a client that was not told */

enum {
	REHEARSE_MESSAGE_MAX = 256 << 20 /* bytes */
};

struct rehearse_step;

struct rehearse_request {
	const char *config; /* another directory, as is; NULL: the root's own */
	struct str bundle;  /* a configuration already read; len 0: none */
	struct str client;  /* its address */
	struct str helo;
	struct str sender; /* empty: the null sender */
	const struct str *rcpts;
	size_t n_rcpts;
	struct str message; /* ptr NULL: a small one of our own */
	uint16_t port;   /* it connects to: 465 is TLS first, 587 submission */
	struct str user; /* logs in as, under TLS; empty: does not */
	struct dns *dns; /* NULL: the DNS is not asked */
	/* told of each step as it is taken; or NULL */
	void (*watch)(void *ctx, const struct rehearse_step *step);
	void *watch_ctx;
};

enum rehearse_verdict {
	REHEARSE_ACCEPTED,
	REHEARSE_REFUSED,
	REHEARSE_DEFERRED
};

/* A plugin that was asked. */
struct rehearse_step {
	const char *phase;  /* "connect", "data_post" */
	struct str plugin;  /* as loaded: "virus::clamav"; "core": our own */
	const char *result; /* "pass", "skip", "taken", "marked", "tolerated",
			       "refused", "deferred" */
	struct str text;    /* in the plugin's words */
	bool is_silent;     /* it passed without a word */
	size_t rcpt;        /* recipient it is about, from 1; 0: about none */
	int64_t us;         /* microseconds, the wait for the DNS included */
};

/* A recipient that was named to it. */
struct rehearse_rcpt {
	struct str address;
	struct str reply; /* lines parted by LF */
};

struct rehearsal {
	enum rehearse_verdict verdict;
	struct str reply; /* the one that decided, lines parted by LF */
	struct rehearse_rcpt *rcpts;
	size_t n_rcpts;
	struct vec steps;    /* struct rehearse_step; cleared by the caller */
	const char *setting; /* id of the one behind a denial, or NULL */
	int64_t us;
};

const char *rehearse_verdict_word(enum rehearse_verdict v); /* "refused" */
bool rehearse_is_denial(const struct rehearse_step *s);     /* NULL: false */

/* Does it say who, to whom, and nothing that would end a line? */
MUST_USE bool rehearse_check(
    const struct rehearse_request *request, struct err *e);

/* Texts are in m->arena. False: the policy cannot be read. */
MUST_USE bool rehearse_run(const struct model_ctx *m,
    const struct rehearse_request *request, struct rehearsal *out,
    struct err *e);

#endif
