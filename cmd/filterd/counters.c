/* Counting, and telling in the text format of Prometheus. */
#include "cmd/filterd/counters.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static struct counters_plugin *
find_name(struct counters *c, const char *name)
{
	for (unsigned i = 0; i < c->n_plugins; i++) {
		if (strncmp(c->plugins[i].name, name, COUNTERS_NAME_SIZE - 1) ==
		    0)
			return &c->plugins[i];
	}
	if (c->n_plugins == COUNTERS_PLUGINS)
		return &c->plugins[COUNTERS_PLUGINS - 1];
	struct counters_plugin *p = &c->plugins[c->n_plugins++];
	*p = (struct counters_plugin){ .label = NULL };
	snprintf(p->name, sizeof(p->name), "%s",
	    c->n_plugins == COUNTERS_PLUGINS ? "others" : name);
	return p;
}

static struct counters_plugin *
find(struct counters *c, const char *label)
{
	for (unsigned i = 0; i < c->n_plugins; i++) {
		if (c->plugins[i].label == label)
			return &c->plugins[i];
	}
	/* another policy has its own copy of the name */
	struct counters_plugin *p = find_name(c, label);
	p->label = label;
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

/* ---- of several processes ---- */

/* Fit to be told, whatever it was: a name, and no more of them than fit. */
void
counters_inherit(struct counters *c)
{
	if (c->n_plugins > COUNTERS_PLUGINS)
		c->n_plugins = COUNTERS_PLUGINS;
	for (unsigned i = 0; i < c->n_plugins; i++) {
		struct counters_plugin *p = &c->plugins[i];
		p->name[sizeof(p->name) - 1] = '\0';
		p->label = NULL; /* an address of another process */
		for (char *at = p->name; *at != '\0'; at++) {
			if (*at < ' ' || *at > '~' || *at == '"' || *at == '\\')
				*at = '?';
		}
	}
}

static void
add_plugin(struct counters *sum, const struct counters_plugin *one)
{
	struct counters_plugin *p = find_name(sum, one->name);
	p->calls += one->calls;
	p->refused += one->refused;
	p->deferred += one->deferred;
	p->waited_ms += one->waited_ms;
}

void
counters_add(struct counters *sum, const struct counters *one)
{
	struct counters c;
	memcpy(&c, one, sizeof(c));
	counters_inherit(&c);
	for (unsigned i = 0; i < SMTP_ROLES; i++)
		sum->sessions[i] += c.sessions[i];
	sum->tls_sessions += c.tls_sessions;
	sum->logins += c.logins;
	sum->logins_failed += c.logins_failed;
	sum->queued += c.queued;
	sum->refused += c.refused;
	sum->deferred += c.deferred;
	sum->dns_questions += c.dns_questions;
	sum->state_questions += c.state_questions;
	sum->state_failures += c.state_failures;
	for (unsigned i = 0; i < c.n_plugins; i++)
		add_plugin(sum, &c.plugins[i]);
}

/* ---- telling ---- */

static void
head(struct buf *out, const char *name, const char *type, const char *help)
{
	buf_addf(out,
	    "# HELP " COUNTERS_PREFIX "%s %s\n# TYPE " COUNTERS_PREFIX
	    "%s %s\n",
	    name, help, name, type);
}

static void
one(struct buf *out, const char *name, const char *type, const char *help,
    uint64_t value)
{
	head(out, name, type, help);
	buf_addf(out, COUNTERS_PREFIX "%s %" PRIu64 "\n", name, value);
}

static void
labelled(struct buf *out, const char *name, const char *label,
    const char *value, uint64_t n)
{
	buf_addf(out, COUNTERS_PREFIX "%s{%s=\"", name, label);
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

static void
add_workers(const struct counters_now *now, struct buf *out)
{
	char number[16];
	head(out, "worker_sessions", "gauge",
	    "sessions that run, by the worker that has them");
	for (unsigned i = 0; i < now->n_workers; i++) {
		snprintf(number, sizeof(number), "%u", i + 1);
		labelled(out, "worker_sessions", "worker", number,
		    now->of_worker[i]);
	}
	one(out, "workers_ended_total", "counter",
	    "workers that ended too early and were replaced",
	    now->workers_ended);
}

static void
add_waiting(const struct counters_waiting *w, struct buf *out)
{
	bool since = w->oldest_s > 0 && w->now_s > w->oldest_s;
	one(out, "waiting_messages", "gauge",
	    "messages answered 250 that are in no mailbox yet", w->messages);
	one(out, "waiting_bytes", "gauge", "what they take in the queue's log",
	    w->bytes);
	one(out, "waiting_failed", "gauge",
	    "of these, those whose mailbox could not take them so far",
	    w->failed);
	one(out, "waiting_oldest_seconds", "gauge",
	    "how long the oldest of them has waited",
	    since ? (uint64_t)(w->now_s - w->oldest_s) : 0);
}

void
counters_format(
    const struct counters *c, const struct counters_now *now, struct buf *out)
{
	one(out, "ready", "gauge", "1 when connections are taken", now->ready);
	one(out, "configuration_refused", "gauge",
	    "1 while the one before stays in force", now->refused);
	one(out, "up_seconds", "gauge", "since the daemon was started",
	    (uint64_t)now->up_s);
	one(out, "sessions", "gauge", "sessions that run", now->running);
	one(out, "sessions_max", "gauge", "sessions that may run at once",
	    now->sessions_max);
	add_workers(now, out);
	one(out, "log_lines_lost_total", "counter",
	    "lines that the reader of the log did not take", now->log_lost);
	one(out, "control_dropped_total", "counter",
	    "readers of the control socket that took too long",
	    now->control_dropped);
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
	    c->dns_questions);
	one(out, "state_questions_total", "counter",
	    "questions about what is remembered, and news of it",
	    c->state_questions);
	one(out, "state_failures_total", "counter",
	    "of these, not answered or not stored", c->state_failures);
	add_waiting(&now->waiting, out);
	add_plugins(c, out);
}
