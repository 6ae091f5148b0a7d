/* The overview: what is known about this server now, without waiting. */
#ifndef CORE_MODEL_STATUS_H
#define CORE_MODEL_STATUS_H

#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/model/ctx.h"
#include "core/model/journal.h"
#include "core/model/service.h"

#include <stdbool.h>
#include <stddef.h>

/* A program of the server that does its part of the work. */
struct status_program {
	const char *path;
	bool there; /* and may be run */
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

#endif
