/* The stage of a rehearsal: policy, session, and what they ask for. */
#include "core/model/rehearse_int.h"

#include "core/base/i18n.h"
#include "core/filter/session.h"
#include "core/model/tree.h"
#include "core/queue/forward.h"

#include <stdlib.h>

enum {
	SESSION_MEMORY = 1 << 20,
	TEXT_MAX = 2048,
	ADDITIONS_MAX = 8 * 1024
};

/* ---- what plugins say and answer ---- */

static void
log_line(
    void *ctx, int level, const char *hook, const char *plugin, struct str text)
{
	struct rehearse_stage *s = ctx;
	(void)level;
	(void)hook;
	(void)plugin;
	s->said = arena_str(s->m->arena, str_sub(text, 0, TEXT_MAX));
}

void
rehearse_add_step(struct rehearse_stage *s, const struct rehearse_step *step)
{
	if (!vec_push(&s->out->steps, step))
		s->full = true;
	if (s->request->watch != NULL)
		s->request->watch(s->request->watch_ctx, step);
}

static void
on_ask(void *ctx, enum filter_hook hook, const char *plugin)
{
	struct rehearse_stage *s = ctx;
	/* a run that goes on asks the same one anew */
	if (s->asked == plugin && s->hook == hook)
		return;
	s->asked = plugin;
	s->hook = hook;
	s->said = (struct str)STR_EMPTY;
	s->asked_ns = clock_mono_ns(s->m->clock);
}

/* "fail, tolerated, reason": what became of it, and the reason. */
static const char *
result_of_text(struct str *text)
{
	static const struct {
		const char *start;
		const char *result;
	} starts[] = {
		{ "fail, tolerated, ", N_("tolerated") },
		{ "fail, NAUGHTY, ", N_("marked") },
		{ "skip, ", N_("skip") },
		{ "pass, ", N_("pass") },
		{ "fail, ", N_("tolerated") },
	};
	for (size_t i = 0; i < ARRAY_LEN(starts); i++) {
		struct str start = str_of(starts[i].start);
		if (!str_starts(*text, start))
			continue;
		*text = str_sub(*text, start.len, text->len);
		return starts[i].result;
	}
	if (str_is(*text, "pass"))
		*text = (struct str)STR_EMPTY;
	return N_("pass");
}

static const char *
result_word(enum filter_result result)
{
	if (result == FILTER_OK)
		return N_("taken");
	if (!filter_is_denial(result))
		return NULL;
	return result == FILTER_DENY || result == FILTER_DENY_DISCONNECT
		   ? N_("refused")
		   : N_("deferred");
}

static void
on_answer(void *ctx, enum filter_hook hook, const char *plugin,
    enum filter_result result)
{
	enum {
		NS_PER_US = 1000
	};
	struct rehearse_stage *s = ctx;
	struct str text = s->said;
	const char *own = result_of_text(&text);
	const char *word = result_word(result);
	struct rehearse_step step = {
		.phase = filter_hook_name(hook),
		/* the policy, whose word it is, goes before the step */
		.plugin = arena_str(s->m->arena, str_of(plugin)),
		.result = word != NULL ? word : own,
		.text = text,
		.is_silent = word == NULL && s->said.len == 0,
		.rcpt = s->rcpt,
		.us = (clock_mono_ns(s->m->clock) - s->asked_ns) / NS_PER_US,
	};
	s->asked = NULL;
	rehearse_add_step(s, &step);
}

/* ---- the core's own events ---- */

static void
core_log(void *ctx, int level, struct str text)
{
	(void)ctx;
	(void)level;
	(void)text;
}

static void
core_refused(void *ctx, enum filter_result result, struct str text)
{
	struct rehearse_stage *s = ctx;
	struct rehearse_step step = {
		.phase = "data",
		.plugin = STR("core"),
		.result = result_word(result),
		.text = arena_str(s->m->arena, text),
	};
	rehearse_add_step(s, &step);
}

static void
core_reset(void *ctx)
{
	(void)ctx;
}

/* ---- opening and closing ---- */

static bool
read_policy(struct rehearse_stage *s, struct err *e)
{
	if (s->request->bundle.len > 0)
		return filter_policy_new(s->request->bundle, &s->policy, e);
	return tree_filter_policy(s->m, s->request->config, &s->policy, e);
}

static enum smtp_role
role_of(uint16_t port)
{
	static const struct {
		uint16_t port;
		enum smtp_role role;
	} roles[] = {
		{ 465, SMTP_ROLE_SMTPS },
		{ 587, SMTP_ROLE_SUBMISSION },
	};
	for (size_t i = 0; i < ARRAY_LEN(roles); i++) {
		if (roles[i].port == port)
			return roles[i].role;
	}
	return SMTP_ROLE_SMTP;
}

static void
set_facts(struct rehearse_stage *s)
{
	double load = 0;
	struct err without = ERR_INIT; /* then a table of the filter's own */
	s->filter.psl = psl_load(&without);
	if (getloadavg(&load, 1) == 1)
		s->filter.load = load;
	s->filter.client_ip = s->request->client;
	s->filter.client_name = STR("Unknown");
	s->filter.local_ip = STR("127.0.0.1");
	s->filter.local_port = s->request->port;
	s->filter.role = role_of(s->request->port);
	s->filter.sessions_of_ip = 1;
	s->filter.has_dns = s->request->dns != NULL;
	s->filter.has_hops = true;
	state_local_init(&s->state, s->m->clock);
	s->filter.state = &s->state.state;
	s->filter.listened = true; /* a client that waits its turn */
	s->filter.arena = s->m->arena;
	s->watch = (struct filter_watch){ on_ask, on_answer, s };
	s->filter.watch = &s->watch;
}

bool
rehearse_open(struct rehearse_stage *s, struct err *e)
{
	static const struct smtp_events events = { core_log, core_refused,
		core_reset };
	buf_init(&s->spool, REHEARSE_MESSAGE_MAX);
	buf_init(&s->additions, ADDITIONS_MAX);
	if (!read_policy(s, e))
		return false;
	filter_policy_log_all(s->policy);
	if (!filter_smtp_config(s->policy, &s->greeting, &s->config))
		return err_set(
		    e, ERR_PERMANENT, "config/smtpgreeting is too long");
	set_facts(s);
	rehearse_place(s);
	struct smtp_peer peer = { s->filter.client_ip, s->filter.client_name,
		s->filter.role == SMTP_ROLE_SMTPS };
	s->smtp = smtp_session_new(
	    &s->config, &peer, &events, s, clock_mono_ms(s->m->clock));
	return s->smtp != NULL || err_no_memory(e);
}

void
rehearse_close(struct rehearse_stage *s)
{
	smtp_session_free(s->smtp);
	filter_session_clear(&s->filter);
	state_local_clear(&s->state);
	filter_policy_free(s->policy);
	buf_clear(&s->greeting);
	buf_clear(&s->spool);
	buf_clear(&s->additions);
}

/* ---- what the session wants ---- */

static void
on_settled(void *ctx)
{
	struct rehearse_stage *s = ctx;
	s->settled = true;
}

/* The server is asked as the daemon asks it; it is given no message. */
static void
ask_hop(struct rehearse_stage *s, const struct filter_hop_question *q)
{
	struct queue_inquiry answer;
	struct str me = filter_policy_setting(s->policy, "me");
	struct queue_forward_spec spec = {
		.host = arena_cstr(s->m->arena, q->route.host),
		.port = q->route.port,
		.helo = arena_cstr(s->m->arena, me),
		.limit_ms = q->limit_ms,
	};
	queue_forward_inquire(
	    &spec, s->m->clock, &q->sender, &q->rcpt, &answer);
	filter_hop_answer(&s->filter, answer.code,
	    str_of(answer.code != 0 ? answer.text : answer.err.text));
}

/* A peer of a rehearsal says nothing early. */
static void
await(struct rehearse_stage *s)
{
	const struct filter_hop_question *hop = filter_hop_asked(&s->filter);
	if (hop != NULL) {
		ask_hop(s, hop);
		return;
	}
	if (filter_listen_ms(&s->filter) > 0) {
		s->filter.listened = true;
		return;
	}
	s->settled = !filter_fetch(
	    &s->filter, s->request->dns, s->m->clock, on_settled, s);
	while (!s->settled && dns_wait(s->request->dns, -1, NULL))
		;
}

static void
name_peer(struct rehearse_stage *s)
{
	while (filter_session_name(s->policy, &s->filter) == FILTER_RUN_WAITS)
		await(s);
	smtp_session_set_peer_name(s->smtp, s->filter.client_name);
}

static void
offer(struct rehearse_stage *s)
{
	struct smtp_offers offers;
	filter_session_offers(s->policy, &s->filter, true, &offers);
	smtp_session_set_offers(s->smtp, &offers);
}

static void
judge(struct rehearse_stage *s)
{
	const struct smtp_question *q = smtp_session_question(s->smtp);
	struct filter_input input = {
		.rcpt = q->rcpt, .message = q->message, .word = q->word
	};
	struct filter_verdict v = { .result = FILTER_DENY,
		.plugin = "peers",
		.text = "no rules for your address" };
	filter_session_facts(&s->filter, s->smtp);
	if (q->hook == HOOK_PRE_CONNECTION)
		name_peer(s);
	if (q->hook != HOOK_CONNECT ||
	    filter_session_start(s->policy, &s->filter)) {
		while (filter_run(s->policy, &s->filter, q->hook, &input, &v,
			   log_line, s) == FILTER_RUN_WAITS)
			await(s);
	}
	smtp_session_set_relay(s->smtp, s->filter.relay_client);
	if (q->hook == HOOK_DATA_POST && !filter_is_denial(v.result) &&
	    !filter_session_add(s->policy, &s->filter, &s->additions, s->smtp))
		s->full = true;
	if (q->hook == HOOK_CONNECT || q->hook == HOOK_HELO)
		offer(s);
	smtp_session_set_status(s->smtp, v.status);
	smtp_session_answer(s->smtp, v.result, str_of(v.text));
}

/* The handshake of a rehearsal always succeeds. */
static void
secure(struct rehearse_stage *s)
{
	s->filter.tls = true;
	smtp_session_secured(s->smtp, STR("rehearsal"));
	offer(s);
}

/* As the daemon does after a password that is right. */
static void
log_in(struct rehearse_stage *s)
{
	filter_session_login(s->policy, &s->filter);
	s->filter.auth_user = s->request->user;
	smtp_session_set_relay(s->smtp, true);
	offer(s);
	smtp_session_logged_in(s->smtp, SMTP_LOGIN_OK);
}

void
rehearse_serve(struct rehearse_stage *s)
{
	for (;;) {
		switch (smtp_session_want(s->smtp)) {
		case SMTP_WANT_VERDICT:
			judge(s);
			break;
		case SMTP_WANT_SPOOL:
			smtp_session_spooled(
			    s->smtp, buf_add_str(&s->spool,
					 smtp_session_chunk(s->smtp)));
			break;
		case SMTP_WANT_TEXT:
			smtp_session_give_text(s->smtp, buf_str(&s->spool),
			    clock_wall_s(s->m->clock));
			break;
		case SMTP_WANT_QUEUE:
			rehearse_queue(s);
			break;
		case SMTP_WANT_TLS:
			secure(s);
			break;
		case SMTP_WANT_LOGIN:
			log_in(s);
			break;
		case SMTP_WANT_INPUT:
		case SMTP_WANT_CLOSE:
		case SMTP_WANT_PAUSE: /* no login fails here */
			return;
		}
	}
}
