/* The part that has logins judged; shared by its two files. */
#ifndef CMD_FILTERD_AUTH_INT_H
#define CMD_FILTERD_AUTH_INT_H

#include "cmd/filterd/limits.h"
#include "cmd/filterd/part.h"
#include "cmd/filterd/workers.h"
#include "core/auth/login.h"
#include "core/filter/filter.h"

/* A question as the worker asks it; views into its message. */
struct auth_question {
	struct asker asker;
	uint32_t number; /* in the log */
	struct filter_session session;
	struct login_question login;
	char ip[64];
};

/* Out of the worker's message; false: it makes no sense. */
MUST_USE bool auth_question_get(struct wire *in, struct auth_question *q);

/* Where and as whom it is judged. */
struct auth_place {
	const struct filter_policy *policy;
	const struct part_init *init;
};

/*
 * In a process of its own: ask one after the other, log what came of it. PAM
 * is asked as who we are, all others as the user of the daemon.
 */
enum login_answer auth_judge(
    const struct auth_place *place, struct auth_question *q);

#endif
