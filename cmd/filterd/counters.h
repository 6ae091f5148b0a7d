/*
 * What the workers count, for 'smemail metrics', 'top' and 'status'. Bounded:
 * plugins beyond COUNTERS_PLUGINS are counted together.
 */
#ifndef CMD_FILTERD_COUNTERS_H
#define CMD_FILTERD_COUNTERS_H

#include "cmd/filterd/limits.h"
#include "core/base/buf.h"
#include "core/smtp/phase.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	COUNTERS_PLUGINS = 64,
	COUNTERS_NAME_SIZE = 48
};

struct counters_plugin {
	char name[COUNTERS_NAME_SIZE];
	const char *label; /* of the policy that used it last */
	uint64_t calls, refused, deferred;
	uint64_t waited_ms; /* all its calls together */
};

struct counters {
	uint64_t sessions[SMTP_ROLES], tls_sessions;
	uint64_t logins, logins_failed;
	uint64_t queued;            /* messages answered 250 */
	uint64_t refused, deferred; /* denials of any phase */
	uint64_t dns_questions;
	uint64_t state_questions, state_failures;
	struct counters_plugin plugins[COUNTERS_PLUGINS];
	unsigned n_plugins;
};

/* A plugin has answered 'waited_ms' after it was asked. */
void counters_plugin(struct counters *c, const char *label, int64_t waited_ms);
/* A denial, by a plugin or (NULL) by the core. */
void counters_denial(
    struct counters *c, const char *label, enum filter_result result);

/* What a process now counts on that another one has left; any bytes at all. */
void counters_inherit(struct counters *c);
/* 'one' may be any bytes at all, and change meanwhile. */
void counters_add(struct counters *sum, const struct counters *one);

#define COUNTERS_PREFIX "smemail_filterd_"

/* The state that is no counter. */
struct counters_now {
	bool ready;   /* connections are taken */
	bool refused; /* the configuration in the folder is */
	int64_t up_s;
	uint32_t running, sessions_max;
	unsigned n_workers;
	uint32_t of_worker[FILTERD_WORKERS_MAX]; /* sessions that run */
	uint64_t workers_ended;                  /* and replaced */
	uint64_t log_lost;                       /* lines of the log */
	uint64_t control_dropped; /* who read the control socket too slowly */
	struct counters_waiting { /* answered 250, and in no mailbox yet */
		uint64_t messages, bytes;
		uint64_t failed;  /* of them tried in vain */
		int64_t oldest_s; /* Unix time; 0: none */
		int64_t now_s;    /* the time now */
	} waiting;
};
/* In the text format that Prometheus reads. */
void counters_format(
    const struct counters *c, const struct counters_now *now, struct buf *out);

#endif
