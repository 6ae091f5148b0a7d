/*
 * What the worker counts, for 'smemail metrics', 'top' and 'status'. Bounded:
 * plugins beyond COUNTERS_PLUGINS are counted together.
 */
#ifndef CMD_FILTERD_COUNTERS_H
#define CMD_FILTERD_COUNTERS_H

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
	int64_t started_ms;
	uint64_t sessions[SMTP_ROLES], tls_sessions;
	uint64_t logins, logins_failed;
	uint64_t queued;            /* messages answered 250 */
	uint64_t refused, deferred; /* denials of any phase */
	struct counters_plugin plugins[COUNTERS_PLUGINS];
	unsigned n_plugins;
};

/* A plugin has answered 'waited_ms' after it was asked. */
void counters_plugin(struct counters *c, const char *label, int64_t waited_ms);
/* A denial, by a plugin or (NULL) by the core. */
void counters_denial(
    struct counters *c, const char *label, enum filter_result result);

/* The state that is no counter. */
struct counters_now {
	int64_t now_ms;
	uint32_t running, sessions_max;
	uint64_t dns_questions;
	uint64_t state_questions, state_failures;
};
/* In the text format that Prometheus reads. */
void counters_format(
    const struct counters *c, const struct counters_now *now, struct buf *out);

#endif
