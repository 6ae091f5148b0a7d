/*
 * Limits that a policy sets: each is a number in a file of its own in the
 * configuration directory, with a range and what holds without the file. The
 * catalogue of settings has the same (core/setting/def_limits_smtp.c).
 */
#ifndef CORE_FILTER_LIMIT_H
#define CORE_FILTER_LIMIT_H

#include "core/filter/filter.h"

#include <stdint.h>

enum filter_limit {
	FILTER_LIMIT_IDLE,      /* s, for a command and between bytes (FL-19) */
	FILTER_LIMIT_IDLE_OLD,  /* s, where the former is not set */
	FILTER_LIMIT_SESSION,   /* s, of a session in all (FL-19) */
	FILTER_LIMIT_HANDSHAKE, /* s, of TLS */
	FILTER_LIMIT_TEXT_RATE, /* bytes a second of a text (FL-19) ... */
	FILTER_LIMIT_TEXT_WINDOW,   /* ... on average over so many s */
	FILTER_LIMIT_RCPTS,         /* of a message (FL-18) */
	FILTER_LIMIT_NETWORK,       /* sessions of one network; 0: no limit */
	FILTER_LIMIT_LOGIN,         /* s, until a login is judged */
	FILTER_LIMIT_LOGIN_DELAY,   /* s, of a failed one (FL-81) */
	FILTER_LIMIT_LOGINS_FAILED, /* of a session, then it ends (FL-81) */
	FILTER_LIMIT_DNS,           /* s, of a session in all (FL-191) */
	FILTER_LIMIT_LISTS,         /* s, for lists of the DNS (FL-102) */
	FILTER_LIMIT_QUEUE_LOG,     /* bytes; 0: none */
	FILTER_LIMIT_QUEUE,         /* s, for one message handed on */
	FILTER_LIMIT_FAILURES,      /* of a server in a row; 0: for ever */
	FILTER_LIMIT_PAUSE,         /* s, that one which failed is left alone */
	FILTER_LIMIT_CONNECTIONS,   /* to one server at once */
	FILTER_LIMIT_RCPT_CHECK, /* s, for a server to take a recipient (FL-75)
				  */
	FILTER_LIMITS
};

enum {
	FILTER_LIMIT_NOT_SET = -1, /* 'usual' of those that depend on others */
	FILTER_GREETING_MAX = 490  /* bytes of smtpgreeting: one reply line */
};

struct filter_limit_range {
	const char *file;
	int64_t least, most;
	int64_t usual; /* what holds without the file */
};

/* Static, never NULL. */
const struct filter_limit_range *filter_limit_range(enum filter_limit limit);

/*
 * What holds: the number in the file; the largest one for a larger; else
 * 'usual' of its range. The policy's notes tell of a file that is not right.
 */
int64_t filter_policy_limit(
    const struct filter_policy *p, enum filter_limit limit);
/* The same of one in seconds, as milliseconds. */
int64_t filter_policy_limit_ms(
    const struct filter_policy *p, enum filter_limit limit);

#endif
