/* Policies in the worker, and the answers to what sessions ask. */
#include "cmd/filterd/worker_int.h"
#include "core/filter/session.h"

#include <stdlib.h>
#include <sys/sysinfo.h>
#include <unistd.h>

enum {
	MS_PER_S = 1000,
	TRACE_LEVEL = 6 /* commands and replies, for transcripts */
};

bool
snapshot_new(struct str bundle, uint32_t generation, struct snapshot **out,
    struct err *e)
{
	struct snapshot *s = calloc(1, sizeof(*s));
	if (s == NULL)
		return err_set(e, ERR_TEMPORARY, "out of memory");
	s->users = 1;
	s->generation = generation;
	if (!filter_policy_new(bundle, &s->policy, e)) {
		free(s);
		return false;
	}
	if (!filter_smtp_config(s->policy, &s->greeting, &s->smtp)) {
		snapshot_release(s);
		return err_set(
		    e, ERR_PERMANENT, "config/smtpgreeting is too long");
	}
	s->wants_place = filter_policy_geo(s->policy, &s->geo);
	s->log_level = s->smtp.log_level;
	if (s->smtp.log_level < TRACE_LEVEL)
		s->smtp.log_level = TRACE_LEVEL;
	*out = s;
	return true;
}

void
snapshot_release(struct snapshot *s)
{
	if (s == NULL || --s->users > 0)
		return;
	filter_policy_free(s->policy);
	buf_clear(&s->greeting);
	snapshot_close_tls(s);
	free(s);
}

static void
log_plugin(
    void *ctx, int level, const char *hook, const char *plugin, struct str text)
{
	struct conn *c = ctx;
	(void)level; /* the policy leaves out what is above the one in force */
	conn_log(c, hook, plugin, text);
}

static void
log_core(void *ctx, int level, struct str text)
{
	struct conn *c = ctx;
	conn_trace(c, text);
	if (level <= c->snapshot->log_level)
		conn_log_foreign(c, text);
}

/* logging/json_event, where it is loaded. */
static void
log_event(struct conn *c, const struct filter_verdict *verdict, bool queued,
    struct str message_id)
{
	struct buf text = BUF_INIT(FILTERD_LOG_LINE_MAX);
	const struct smtp_question *q = smtp_session_question(c->smtp);
	bool is_rcpt = !queued && q->hook == HOOK_RCPT;
	int level;
	if (filter_event(c->snapshot->policy, &c->filter, verdict,
		is_rcpt ? &q->rcpt : NULL, queued, message_id, &text, &level) &&
	    level <= c->snapshot->log_level)
		conn_log(c, queued ? "queue" : "deny", "logging::json_event",
		    buf_str(&text));
	buf_clear(&text);
}

void
conn_log_terse(struct conn *c, const struct filter_verdict *verdict,
    bool queued, struct str message_id)
{
	struct buf text;
	int level;
	buf_init(&text, FILTERD_LOG_LINE_MAX);
	if (queued)
		c->w->board->counters.queued++;
	else
		counters_denial(
		    &c->w->board->counters, verdict->plugin, verdict->result);
	log_event(c, verdict, queued, message_id);
	if (filter_terse(c->snapshot->policy, &c->filter, verdict, queued,
		message_id, &text, &level) &&
	    level <= c->snapshot->log_level)
		conn_log(c, queued ? "queue" : "deny", "logging::logterse",
		    buf_str(&text));
	buf_clear(&text);
}

/* One minute's load, asked of the system at most once a second. */
static double
machine_load(struct worker *w)
{
	struct sysinfo info;
	if (w->load_seen + MS_PER_S > w->now)
		return w->load;
	w->load_seen = w->now;
	if (sysinfo(&info) == 0)
		w->load = (double)info.loads[0] / (1 << SI_LOAD_SHIFT);
	return w->load;
}

/* Facts that a phase needs and that cost something. */
static void
gather_facts(struct conn *c, enum filter_hook hook)
{
	filter_session_facts(&c->filter, c->smtp);
	if (hook == HOOK_CONNECT)
		c->filter.load = machine_load(c->w);
}

static enum filter_status
ask_plugins(
    struct conn *c, const struct smtp_question *q, struct filter_verdict *v)
{
	struct filter_input input = {
		.rcpt = q->rcpt,
		.message = q->message,
		.word = q->word,
	};
	const struct filter_policy *policy = c->snapshot->policy;
	if (filter_wants_input(policy, &c->filter, q->hook))
		c->filter.has_input = conn_has_input(c);
	return filter_run(
	    policy, &c->filter, q->hook, &input, v, log_plugin, c);
}

/* FL-178 */
static void
log_refused(void *ctx, enum filter_result result, struct str text)
{
	struct conn *c = ctx;
	struct filter_verdict v = { .result = result, .plugin = "core" };
	snprintf(v.text, sizeof(v.text), "%.*s", STR_ARG(text));
	filter_session_facts(&c->filter, c->smtp);
	conn_log_terse(c, &v, false, (struct str)STR_EMPTY);
}

static void
reset(void *ctx)
{
	struct conn *c = ctx;
	conn_notify(c, HOOK_RESET);
	conn_drop_spool(c);
}

const struct smtp_events conn_events = { log_core, log_refused, reset };

void
conn_notify(struct conn *c, enum filter_hook hook)
{
	struct filter_verdict v;
	filter_session_facts(&c->filter,
	    c->smtp); /* the ones before may point to what is gone */
	/* nobody waits for it: what it wants to know stays unknown */
	(void)filter_run(
	    c->snapshot->policy, &c->filter, hook, NULL, &v, log_plugin, c);
}

/* FL-43: without a list for its address a client is denied. */
static bool
start_session(struct conn *c, struct filter_verdict *v)
{
	if (filter_session_start(c->snapshot->policy, &c->filter))
		return true;
	*v =
	    (struct filter_verdict){ .result = FILTER_DENY, .plugin = "peers" };
	snprintf(v->text, sizeof(v->text), "no rules for your address");
	return false;
}

/* The first thing to know of a peer; false: not yet. */
static bool
conn_is_named(struct conn *c)
{
	if (c->named)
		return true;
	if (filter_session_name(c->snapshot->policy, &c->filter) ==
	    FILTER_RUN_WAITS) {
		conn_await(c);
		return false;
	}
	c->named = true;
	smtp_session_set_peer_name(c->smtp, c->filter.client_name);
	conn_log_begin(c);
	return true;
}

/* A message without the copy that the policy wants is not taken. */
static void
add_to_message(struct conn *c, struct filter_verdict *v)
{
	if (filter_session_add(
		c->snapshot->policy, &c->filter, &c->additions, c->smtp))
		return;
	*v = (struct filter_verdict){ .result = FILTER_DENYSOFT,
		.plugin = "core",
		.text = "out of memory" };
	conn_log_terse(c, v, false, (struct str)STR_EMPTY);
}

void
conn_judge(struct conn *c)
{
	const struct smtp_question *q = smtp_session_question(c->smtp);
	struct filter_verdict v;
	if (!conn_is_named(c) || !conn_is_placed(c))
		return;
	gather_facts(c, q->hook);
	if ((q->hook != HOOK_CONNECT || start_session(c, &v)) &&
	    ask_plugins(c, q, &v) == FILTER_RUN_WAITS) {
		conn_await(c);
		return;
	}
	if (filter_is_denial(v.result))
		conn_log_terse(c, &v, false, (struct str)STR_EMPTY);
	smtp_session_set_relay(c->smtp, c->filter.relay_client);
	if (q->hook == HOOK_DATA_POST && !filter_is_denial(v.result))
		add_to_message(c, &v);
	smtp_session_set_status(c->smtp, v.status);
	smtp_session_answer(c->smtp, v.result, str_of(v.text));
}
