/* Counting, and telling in the text format of Prometheus. */
#include "cmd/filterd/counters.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PREFIX "smemail_filterd_"

static struct counters_plugin *
find(struct counters *c, const char *label)
{
	for (unsigned i = 0; i < c->n_plugins; i++) {
		if (c->plugins[i].label == label)
			return &c->plugins[i];
	}
	/* another policy has its own copy of the name */
	for (unsigned i = 0; i < c->n_plugins; i++) {
		if (strncmp(c->plugins[i].name, label,
			COUNTERS_NAME_SIZE - 1) == 0) {
			c->plugins[i].label = label;
			return &c->plugins[i];
		}
	}
	if (c->n_plugins == COUNTERS_PLUGINS)
		return &c->plugins[COUNTERS_PLUGINS - 1];
	struct counters_plugin *p = &c->plugins[c->n_plugins++];
	*p = (struct counters_plugin){ .label = label };
	snprintf(p->name, sizeof(p->name), "%s",
	    c->n_plugins == COUNTERS_PLUGINS ? "others" : label);
	return p;
}

static bool
is_soft(enum filter_result r)
{
	return r == FILTER_DENYSOFT || r == FILTER_DENYSOFT_DISCONNECT;
}

void
counters_plugin(struct counters *c, const char *label, int64_t waited_ms)
{
	struct counters_plugin *p = find(c, label);
	p->calls++;
	p->waited_ms += (uint64_t)waited_ms;
}

void
counters_denial(
    struct counters *c, const char *label, enum filter_result result)
{
	bool soft = is_soft(result);
	*(soft ? &c->deferred : &c->refused) += 1;
	struct counters_plugin *p = find(c, label != NULL ? label : "core");
	*(soft ? &p->deferred : &p->refused) += 1;
}

/* ---- telling ---- */

static void
head(struct buf *out, const char *name, const char *type, const char *help)
{
	buf_addf(out, "# HELP " PREFIX "%s %s\n# TYPE " PREFIX "%s %s\n", name,
	    help, name, type);
}

static void
one(struct buf *out, const char *name, const char *type, const char *help,
    uint64_t value)
{
	head(out, name, type, help);
	buf_addf(out, PREFIX "%s %" PRIu64 "\n", name, value);
}

static void
labelled(struct buf *out, const char *name, const char *label,
    const char *value, uint64_t n)
{
	buf_addf(out, PREFIX "%s{%s=\"", name, label);
	for (; *value != '\0'; value++) {
		if (*value == '"' || *value == '\\')
			buf_add_char(out, '\\');
		buf_add_char(out, *value);
	}
	buf_addf(out, "\"} %" PRIu64 "\n", n);
}

static uint64_t
get_calls(const struct counters_plugin *p)
{
	return p->calls;
}

static uint64_t
get_refused(const struct counters_plugin *p)
{
	return p->refused;
}

static uint64_t
get_deferred(const struct counters_plugin *p)
{
	return p->deferred;
}

static uint64_t
get_waited(const struct counters_plugin *p)
{
	return p->waited_ms;
}

/* One row for each number of a plugin. */
static const struct {
	const char *name, *help;
	uint64_t (*get)(const struct counters_plugin *p);
} plugin_rows[] = {
	{ "plugin_calls_total", "times a plugin was asked", get_calls },
	{ "plugin_refused_total", "denials for good by plugin", get_refused },
	{ "plugin_deferred_total", "denials for now by plugin", get_deferred },
	{ "plugin_milliseconds_total", "time a plugin's answers took",
	    get_waited },
};

static void
add_plugins(const struct counters *c, struct buf *out)
{
	for (size_t row = 0; row < sizeof(plugin_rows) / sizeof(plugin_rows[0]);
	     row++) {
		head(out, plugin_rows[row].name, "counter",
		    plugin_rows[row].help);
		for (unsigned i = 0; i < c->n_plugins; i++)
			labelled(out, plugin_rows[row].name, "plugin",
			    c->plugins[i].name,
			    plugin_rows[row].get(&c->plugins[i]));
	}
}

static void
add_sessions(const struct counters *c, struct buf *out)
{
	static const char *const roles[SMTP_ROLES] = {
		[SMTP_ROLE_SMTP] = "smtp",
		[SMTP_ROLE_SUBMISSION] = "submission",
		[SMTP_ROLE_SMTPS] = "smtps",
	};
	head(out, "sessions_total", "counter", "sessions begun, by role");
	for (unsigned i = 0; i < SMTP_ROLES; i++)
		labelled(
		    out, "sessions_total", "role", roles[i], c->sessions[i]);
}

void
counters_format(
    const struct counters *c, const struct counters_now *now, struct buf *out)
{
	enum {
		MS_PER_S = 1000
	};
	one(out, "up_seconds", "gauge", "since the worker was started",
	    (uint64_t)(now->now_ms - c->started_ms) / MS_PER_S);
	one(out, "sessions", "gauge", "sessions that run", now->running);
	one(out, "sessions_max", "gauge", "sessions that may run at once",
	    now->sessions_max);
	add_sessions(c, out);
	one(out, "tls_sessions_total", "counter", "sessions under TLS",
	    c->tls_sessions);
	one(out, "logins_total", "counter", "logins that succeeded", c->logins);
	one(out, "logins_failed_total", "counter", "logins that failed",
	    c->logins_failed);
	one(out, "messages_queued_total", "counter", "messages answered 250",
	    c->queued);
	one(out, "refused_total", "counter", "denials for good", c->refused);
	one(out, "deferred_total", "counter", "denials for now", c->deferred);
	one(out, "dns_questions_total", "counter",
	    "questions to the resolver, those from memory aside",
	    now->dns_questions);
	one(out, "state_questions_total", "counter",
	    "questions about what is remembered, and news of it",
	    now->state_questions);
	one(out, "state_failures_total", "counter",
	    "of these, not answered or not stored", now->state_failures);
	add_plugins(c, out);
}
