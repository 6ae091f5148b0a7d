/*
 * The overview: what is known about this server now. status_read tells it
 * without waiting; what takes longer is measured by status_measure. Nothing
 * asks the network.
 */
#ifndef CORE_MODEL_STATUS_H
#define CORE_MODEL_STATUS_H

#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/model/ctx.h"
#include "core/model/finding.h"
#include "core/model/journal.h"
#include "core/model/service.h"
#include "core/model/top.h"
#include "core/model/waiting.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A program of the server that does its part of the work. */
struct status_program {
	const char *path;
	bool there; /* and may be run */
};

enum {
	STATUS_HOURS = 24,
	STATUS_RULES = 16
};

struct status_hour {
	uint64_t accepted, refused, deferred;
};

/* What the filter decided in the last hours, the one now included. */
struct status_mail {
	bool known;
	struct err why;     /* it is not */
	int64_t first_hour; /* Unix time / 3600 */
	struct status_hour hours[STATUS_HOURS], sum;
	struct top_count rules[STATUS_RULES]; /* refused by, descending */
	size_t n_rules;
	int64_t until_s; /* time of the newest line; 0: there is none */
};

/* That the filter shows to clients. */
struct status_certificate {
	bool known;
	struct err why;   /* it is not */
	const char *name; /* the first that it is for */
	int64_t not_before, not_after;
};

struct status {
	size_t settings;     /* of this release, without those of targets */
	size_t settings_set; /* stored with a value that is not the default */
	size_t settings_bad; /* stored with one that is not valid */
	/* the databases: ERR_NONE, or what is damaged and what to do */
	struct err damage;
	size_t pending; /* stored and not applied */
	bool applied;   /* there was an apply: */
	struct journal_apply last;
	struct service_row *services;
	size_t n_services;
	size_t n_failed;   /* services that should run and do not */
	const char **logs; /* names, NULL-terminated */
	bool live;         /* a server of its own, with these programs: */
	const struct status_program *programs;
	size_t n_programs;
	size_t n_missing; /* of them */
	/* by status_measure: */
	bool measured;
	struct top_queue queue;
	struct waiting waiting;
	struct status_mail mail;
	struct status_certificate certificate;
	const char *refused; /* why the filter keeps the configuration before
				that of its folder; NULL: it does not */
};

/*
 * Are the databases such as a plan is made from? False with what is damaged;
 * what is read of them then may look like nothing stored.
 */
MUST_USE bool status_databases_are_whole(
    const struct model_ctx *m, struct err *e);

/* Read everything into the context's arena. */
MUST_USE bool status_read(
    const struct model_ctx *m, struct status *out, struct err *e);
/* What is measured, in this order. */
enum status_step {
	STATUS_QUEUE, /* of qmail, and what the running filter tells */
	STATUS_CERTIFICATE,
	STATUS_MAIL,
};
/*
 * Queue, certificate and mail: what cannot be told says why. After each step
 * 'after' is told that its part of the status is there; NULL: nobody waits.
 */
void status_measure(const struct model_ctx *m, struct status *st,
    void (*after)(void *ctx, enum status_step step), void *ctx);
void status_mail_read(const struct model_ctx *m, struct status_mail *out);
void status_certificate_read(
    const struct model_ctx *m, struct status_certificate *out);

/*
 * What is wrong, the worst first: failures, warnings, what could not be told.
 * 'out' is initialised.
 */
void status_findings(
    const struct model_ctx *m, const struct status *st, struct findings *out);

/* --- in words, the same for command and screen; in the context's arena --- */
/* "1 failure, 2 warnings, 1 not tested" */
const char *status_counts_words(
    const struct model_ctx *m, const struct findings *f);
const char *status_queue_words(
    const struct model_ctx *m, const struct status *st);
/* "dnsbl 802, helo 27"; "" when nothing was refused. */
const char *status_rules_words(
    const struct model_ctx *m, const struct status_mail *mail);
/* "mail.example.com, until 2 May 2026 (46 days)" */
const char *status_certificate_words(
    const struct model_ctx *m, const struct status_certificate *c);

#endif
