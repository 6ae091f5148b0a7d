/* Sessions: the choice of a list and the asking of its plugins. */
#include "core/filter/policy_int.h"
#include "core/filter/wait_int.h"

#include <string.h>

static const char *const hook_names[HOOK_COUNT] = {
	[HOOK_PRE_CONNECTION] = "pre-connection",
	[HOOK_CONNECT] = "connect",
	[HOOK_HELO] = "helo",
	[HOOK_AUTH] = "auth",
	[HOOK_MAIL] = "mail",
	[HOOK_RCPT] = "rcpt",
	[HOOK_DATA] = "data",
	[HOOK_DATA_HEADERS_END] = "data_headers_end",
	[HOOK_DATA_POST_HEADERS] = "data_post_headers",
	[HOOK_DATA_POST] = "data_post",
	[HOOK_QUEUE_PRE] = "queue_pre",
	[HOOK_QUEUE] = "queue",
	[HOOK_QUEUE_POST] = "queue_post",
	[HOOK_NOOP] = "noop",
	[HOOK_VRFY] = "vrfy",
	[HOOK_HELP] = "help",
	[HOOK_UNRECOGNIZED] = "unrecognized_command",
	[HOOK_RESET] = "reset_transaction",
	[HOOK_QUIT] = "quit",
	[HOOK_DISCONNECT] = "disconnect",
	[HOOK_POST_CONNECTION] = "post-connection",
};

const char *
filter_hook_name(enum filter_hook h)
{
	return hook_names[h];
}

const struct plugin_list *
session_list(const struct filter_policy *p, const struct filter_session *s)
{
	return s->list != NULL ? s->list : &p->main;
}

const struct plugin_list *
session_list_by_address(
    const struct filter_policy *p, const struct filter_session *s)
{
	struct net_addr client;
	const struct peer *best = NULL;
	if (p->peers_line == NULL)
		return &p->main;
	if (net_addr_parse(s->client_ip, &client)) {
		for (size_t i = 0; i < p->peers.len; i++) {
			const struct peer *peer =
			    VEC_AT(&p->peers, struct peer, i);
			if (peer->is_address &&
			    net_block_has(&peer->block, &client) &&
			    (best == NULL ||
				peer->block.bits > best->block.bits))
				best = peer;
		}
	}
	return best != NULL ? best->list : p->otherwise;
}

bool
filter_session_start(const struct filter_policy *p, struct filter_session *s)
{
	s->list = session_list_by_address(p, s);
	return s->list != NULL;
}

void
filter_session_login(const struct filter_policy *p, struct filter_session *s)
{
	s->relay_client = true;
	s->naughty = (struct str)STR_EMPTY;
	s->naughty_result = 0;
	if (p->peers_line != NULL && p->local != NULL)
		s->list = p->local;
}

static plugin_hook *
find_hook(const struct plugin *plugin, enum filter_hook hook)
{
	for (size_t i = 0; i < PLUGIN_HOOKS_MAX; i++) {
		if (plugin->hooks[i].run == NULL)
			break;
		if (plugin->hooks[i].hook == hook)
			return plugin->hooks[i].run;
	}
	return NULL;
}

static void
ask_one(struct plugin_call *c, plugin_hook *run)
{
	const struct filter_watch *watch = c->session->watch;
	if (watch != NULL)
		watch->asks(watch->ctx, c->phase, c->instance->label);
	run(c);
	if (watch != NULL && !c->waits)
		watch->answered(watch->ctx, c->phase, c->instance->label,
		    c->verdict->result);
}

/* What an immune client is spared says so in the log, and to a watcher. */
static void
skip(struct plugin_call *c)
{
	(void)plugin_is_immune(c);
}

static bool
is_spared(const struct plugin_call *c, unsigned flags)
{
	return (flags & PLUGIN_SKIPS_IMMUNE) &&
	       plugin_immunity(c->session) != NULL;
}

/*
 * Ask the instances from 'first' on. False: one of them waits, and *first is
 * its place.
 */
static bool
run_list(struct plugin_call *c, const struct plugin_list *list, size_t *first)
{
	for (size_t i = *first; i < list->n; i++) {
		c->instance = &list->instances[i];
		unsigned flags = c->instance->plugin->flags;
		plugin_hook *run = find_hook(c->instance->plugin, c->phase);
		if (run == NULL)
			continue;
		if (c->rcpt_listed && !(flags & PLUGIN_TAKES_RCPT))
			continue;
		ask_one(c, is_spared(c, flags) ? skip : run);
		*first = i;
		if (c->waits)
			return false;
		if (c->verdict->result != FILTER_DECLINED)
			return true;
	}
	return true;
}

static bool
run_main(struct plugin_call *c, size_t *next)
{
	return run_list(c, &c->policy->main, next);
}

static bool
run_own(struct plugin_call *c, size_t *next)
{
	return run_list(c, session_list(c->policy, c->session), next);
}

static bool
run_default_loop(struct plugin_call *c, size_t *next)
{
	(void)next;
	if (plugin_list_find(
		session_list(c->policy, c->session), &plugin_loop) == NULL)
		plugin_loop_default(c);
	return true;
}

/* The parts of a run, by hook; ends at NULL. */
typedef bool run_stage(struct plugin_call *c, size_t *next);
enum {
	STAGES_MAX = 2
};
static void
choose_stages(const struct plugin_call *c, run_stage *stages[STAGES_MAX + 1])
{
	unsigned n = 0;
	bool own = session_list(c->policy, c->session) != &c->policy->main;
	/* before the fork, and in front of the peers' own list (FL-43) */
	if (c->phase == HOOK_PRE_CONNECTION ||
	    (c->phase == HOOK_CONNECT && own))
		stages[n++] = run_main;
	if (c->phase != HOOK_PRE_CONNECTION)
		stages[n++] = run_own;
	if (c->phase == HOOK_DATA_POST)
		stages[n++] = run_default_loop;
	stages[n] = NULL;
}

static void
stand_still(const struct plugin_call *c, unsigned stage, size_t next)
{
	struct filter_wait *w = c->session->wait;
	if (w == NULL)
		return;
	w->hook = c->phase;
	w->stage = stage;
	w->next = next;
	w->rcpt_listed = c->rcpt_listed;
}

static bool
run_stages(struct plugin_call *c, unsigned stage, size_t next)
{
	run_stage *stages[STAGES_MAX + 1];
	choose_stages(c, stages);
	for (; stages[stage] != NULL; stage++, next = 0) {
		if (!stages[stage](c, &next)) {
			stand_still(c, stage, next);
			return false;
		}
		if (c->verdict->result != FILTER_DECLINED)
			return true;
	}
	return true;
}

/* FL-10: what was learnt of the transaction before counts no more. */
static void
forget_transaction(struct filter_session *s)
{
	s->sender_whitelisted = false;
	s->spf_result = NULL;
	s->tells_helo = false;
	buf_clear(&s->fields);
	s->n_drops = 0;
	s->n_copies = 0;
	s->greylisted = false;
	s->rcpts_listed = 0;
}

/* Where a run goes on that stood still; a new one begins at the first stage. */
static void
resume(struct plugin_call *c, unsigned *stage, size_t *next)
{
	struct filter_session *s = c->session;
	s->listen_ms = 0;
	if (s->wait != NULL && s->wait->hook == c->phase) {
		*stage = s->wait->stage;
		*next = s->wait->next;
		c->rcpt_listed = s->wait->rcpt_listed;
		return;
	}
	*stage = 0;
	*next = 0;
	filter_wait_end(s);
	s->listened = false;
	if (c->phase == HOOK_MAIL || c->phase == HOOK_RESET)
		forget_transaction(s);
}

/* A transaction costs what a file says; a session may have any number. */
static void
bound_karma(struct filter_session *s)
{
	if (s->karma > FILTER_KARMA_MAX)
		s->karma = FILTER_KARMA_MAX;
	if (s->karma < -FILTER_KARMA_MAX)
		s->karma = -FILTER_KARMA_MAX;
}

enum filter_status
filter_run(const struct filter_policy *p, struct filter_session *s,
    enum filter_hook hook, const struct filter_input *input,
    struct filter_verdict *verdict, filter_log *log, void *log_ctx)
{
	static const struct filter_input nothing = { 0 };
	*verdict = (struct filter_verdict){ .result = FILTER_DECLINED };
	struct plugin_call c = {
		.policy = p,
		.session = s,
		.input = input != NULL ? input : &nothing,
		.phase = hook,
		.hook = filter_hook_name(hook),
		.verdict = verdict,
		.loglevel = p->loglevel,
		.log = log,
		.log_ctx = log_ctx,
	};
	unsigned stage;
	size_t next;
	resume(&c, &stage, &next);
	if (!run_stages(&c, stage, next))
		return FILTER_RUN_WAITS;
	filter_wait_end(s);
	bound_karma(s);
	if (hook == HOOK_RCPT && c.rcpt_listed && verdict->result == FILTER_OK)
		s->rcpts_listed++;
	return FILTER_RUN_OVER;
}

bool
filter_wants_input(const struct filter_policy *p,
    const struct filter_session *s, enum filter_hook hook)
{
	return (hook == HOOK_CONNECT || hook == HOOK_DATA) &&
	       (plugin_list_find(&p->main, &plugin_earlytalker) != NULL ||
		   plugin_list_find(session_list(p, s), &plugin_earlytalker) !=
		       NULL);
}

static const struct plugin_instance *
queue_instance(const struct filter_policy *p, const struct filter_session *s)
{
	const struct plugin_list *list = session_list(p, s);
	for (size_t i = 0; i < list->n; i++) {
		if (list->instances[i].plugin->flags & PLUGIN_QUEUES)
			return &list->instances[i];
	}
	return NULL;
}

const struct filter_queue *
filter_policy_queue(
    const struct filter_policy *p, const struct filter_session *s)
{
	const struct plugin_instance *i = queue_instance(p, s);
	return i != NULL ? i->data : NULL;
}

const char *
filter_policy_queue_label(
    const struct filter_policy *p, const struct filter_session *s)
{
	const struct plugin_instance *i = queue_instance(p, s);
	return i != NULL ? i->label : "queue";
}
