/* Private to the rehearsal: its stage, and the lines that the client says. */
#ifndef CORE_MODEL_REHEARSE_INT_H
#define CORE_MODEL_REHEARSE_INT_H

#include "core/base/buf.h"
#include "core/filter/filter.h"
#include "core/filter/state_local.h"
#include "core/model/rehearse.h"
#include "core/smtp/session.h"

struct rehearse_stage {
	const struct model_ctx *m;
	const struct rehearse_request *request;
	struct rehearsal *out;
	struct filter_policy *policy;
	struct buf greeting;
	struct smtp_config config;
	struct smtp_session *smtp;
	struct filter_session filter;
	struct filter_watch watch;
	struct state_local state; /* looked at, never changed */
	struct buf spool;         /* of a long text */
	struct buf additions;     /* to the header, as the daemon makes them */
	bool settled;             /* the DNS has answered */
	bool full;                /* a step found no room */
	size_t rcpt;              /* that is named now, from 1; 0: none */

	/* the plugin that is asked now */
	const char *asked;
	enum filter_hook hook;
	int64_t asked_ns;
	struct str said; /* its last line in the log */
};

/* Build and take down; rehearse_stage.c. */
MUST_USE bool rehearse_open(struct rehearse_stage *s, struct err *e);
void rehearse_close(struct rehearse_stage *s);
/* Give the session what it wants until it wants input or is over. */
void rehearse_serve(struct rehearse_stage *s);

/* Note a step, and tell whoever watches. */
void rehearse_add_step(
    struct rehearse_stage *s, const struct rehearse_step *step);

/* The queue's turn; rehearse_queue.c. */
void rehearse_queue(struct rehearse_stage *s);

/* Ask the databases of places, if the policy does. */
void rehearse_place(struct rehearse_stage *s);

/* Feed the session; the code of its reply, 0 for none. */
int rehearse_say(struct rehearse_stage *s, struct str bytes);
/* STARTTLS where it is wanted, EHLO, AUTH; the code that decides. */
int rehearse_log_in(struct rehearse_stage *s);

#endif
