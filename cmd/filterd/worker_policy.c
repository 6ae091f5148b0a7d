/* Policies in the worker, and the answers to what sessions ask. */
#include "cmd/filterd/log.h"
#include "cmd/filterd/worker_int.h"
#include "core/base/escape.h"
#include "core/base/num.h"
#include "core/smtp/limits.h"

#include <stdlib.h>
#include <sys/sysinfo.h>
#include <unistd.h>

enum {
	MS_PER_S = 1000
};

/* FL-35: 'me-auth-results', else 'me'; the word none: no field at all. */
static struct str
auth_id(const struct filter_policy *p, struct str me)
{
	struct str id = filter_policy_setting(p, "me-auth-results");
	if (str_is(id, "none"))
		return (struct str)STR_EMPTY;
	return id.len > 0 ? id : me;
}

static int64_t
positive(int64_t n, int64_t otherwise)
{
	return n > 0 ? n : otherwise;
}

/* FL-19: timeoutsmtpd, else timeout, else the default. */
static int64_t
idle_ms(const struct filter_policy *p)
{
	int64_t s = filter_policy_number(p, "timeoutsmtpd", 0);
	if (s <= 0)
		s = filter_policy_number(p, "timeout", 0);
	s = positive(s, SMTP_IDLE_S);
	return (s < SMTP_SESSION_S ? s : SMTP_SESSION_S) * MS_PER_S;
}

static bool
configure(struct snapshot *s)
{
	const struct filter_policy *p = s->policy;
	struct str me = filter_policy_setting(p, "me");
	buf_init(&s->greeting, SMTP_REPLY_LINE_MAX);
	bool ok = smtp_greeting(
	    &s->greeting, filter_policy_setting(p, "smtpgreeting"), me);
	s->smtp = (struct smtp_config){
		.me = me,
		.greeting = buf_str(&s->greeting),
		.auth_id = auth_id(p, me),
		.databytes = (uint64_t)positive(
		    filter_policy_number(p, "databytes", 0), 0),
		.rcpts_max = (size_t)positive(
		    filter_policy_number(p, "max_rcpts", 0), SMTP_RCPTS_MAX),
		.bare_lf = smtp_bare_lf_of(filter_policy_setting(p, "bare_lf")),
		.idle_ms = idle_ms(p),
		.log_level = filter_policy_loglevel(p),
	};
	return ok;
}

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
	if (!configure(s)) {
		snapshot_release(s);
		return err_set(
		    e, ERR_PERMANENT, "config/smtpgreeting is too long");
	}
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
	free(s);
}

static void
log_plugin(
    void *ctx, int level, const char *hook, const char *plugin, struct str text)
{
	const struct conn *c = ctx;
	(void)level; /* the policy leaves out what is above the one in force */
	log_line(c->number, hook, plugin, text);
}

static void
log_core(void *ctx, int level, struct str text)
{
	const struct conn *c = ctx;
	(void)level;
	log_foreign(c->number, text);
}

void
conn_log_terse(struct conn *c, const struct filter_verdict *verdict,
    bool queued, struct str message_id)
{
	struct buf text;
	int level;
	buf_init(&text, FILTERD_LOG_LINE_MAX);
	if (filter_terse(c->snapshot->policy, &c->filter, verdict, queued,
		message_id, &text, &level) &&
	    level <= c->snapshot->smtp.log_level)
		log_line(c->number, queued ? "queue" : "deny",
		    "logging::logterse", buf_str(&text));
	buf_clear(&text);
}

/* What the policy may know is what the session says now. */
static void
copy_facts(struct conn *c)
{
	struct smtp_facts f;
	smtp_session_facts(c->smtp, &f);
	c->filter.helo = f.helo;
	c->filter.esmtp = f.esmtp;
	c->filter.has_sender = f.has_sender;
	c->filter.sender = f.sender;
	c->filter.rcpts = f.rcpts;
	c->filter.n_rcpts = f.n_rcpts;
	c->filter.noops = f.noops;
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
	copy_facts(c);
	if (hook == HOOK_CONNECT)
		c->filter.load = machine_load(c->w);
	if (hook == HOOK_CONNECT || hook == HOOK_MAIL || hook == HOOK_DATA)
		c->filter.has_input = conn_has_input(c);
}

/* FL-178 */
static void
log_refused(void *ctx, enum filter_result result, struct str text)
{
	struct conn *c = ctx;
	struct filter_verdict v = { .result = result, .plugin = "core" };
	snprintf(v.text, sizeof(v.text), "%.*s", STR_ARG(text));
	copy_facts(c);
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
	copy_facts(c); /* the ones before may point to what is gone */
	/* nobody waits for it: what it wants to know stays unknown */
	(void)filter_run(
	    c->snapshot->policy, &c->filter, hook, NULL, &v, log_plugin, c);
}

static bool
is_denial(enum filter_result r)
{
	return r >= FILTER_DENY && r <= FILTER_DENYSOFT_DISCONNECT;
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
	if (filter_session_name(&c->filter) == FILTER_RUN_WAITS) {
		conn_await(c);
		return false;
	}
	c->named = true;
	smtp_session_set_peer_name(c->smtp, c->filter.client_name);
	conn_log_begin(c);
	return true;
}

void
conn_judge(struct conn *c)
{
	const struct smtp_question *q = smtp_session_question(c->smtp);
	struct filter_input input = {
		.rcpt = q->rcpt,
		.message = q->message,
		.word = q->word,
	};
	struct filter_verdict v;
	if (!conn_is_named(c))
		return;
	gather_facts(c, q->hook);
	if ((q->hook != HOOK_CONNECT || start_session(c, &v)) &&
	    filter_run(c->snapshot->policy, &c->filter, q->hook, &input, &v,
		log_plugin, c) == FILTER_RUN_WAITS) {
		conn_await(c);
		return;
	}
	if (is_denial(v.result))
		conn_log_terse(c, &v, false, (struct str)STR_EMPTY);
	smtp_session_set_relay(c->smtp, c->filter.relay_client);
	smtp_session_answer(c->smtp, v.result, str_of(v.text));
}
