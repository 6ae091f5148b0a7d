/*
 * earlytalker (FL-45): a peer that speaks before it is spoken to. The time it
 * is given costs nothing but itself: nobody else waits.
 */
#include "core/filter/plugins_int.h"

enum {
	WAIT_S = 1,
	WAIT_S_MAX = 300
};

struct earlytalker {
	int64_t wait_ms;
	bool at_connect, at_data;
	bool defer; /* greet it, and deny each MAIL */
};

static void
read_check_at(struct plugin_setup *s, struct earlytalker *data)
{
	for (size_t i = 0; i + 1 < s->n_words; i += 2) {
		if (!str_is(s->words[i], "check-at"))
			continue;
		struct str phase = s->words[i + 1];
		if (str_is_nocase(phase, "CONNECT"))
			data->at_connect = true;
		else if (str_is_nocase(phase, "DATA"))
			data->at_data = true;
		else
			config_note(s->config, LEVEL_WARN, s->line,
			    "plugin '%s': check-at is CONNECT or DATA, not "
			    "'%.*s'",
			    s->instance->written, STR_ARG(phase));
	}
	if (!data->at_data)
		data->at_connect = true;
}

static bool
configure(struct plugin_setup *s, struct err *e)
{
	struct earlytalker *data = plugin_alloc(s, sizeof(*data), e);
	s->instance->data = data;
	if (data == NULL)
		return false;
	data->wait_ms =
	    plugin_argument_number(s, "wait", 0, WAIT_S_MAX, WAIT_S) * MS_PER_S;
	data->defer = plugin_argument_flag(s, "defer-reject", false);
	/* how 'reject' was written once; it wins when both are there */
	struct str action = plugin_argument(s, "action");
	if (action.len > 0 && plugin_argument(s, "reject").len == 0)
		s->instance->reject = str_starts_nocase(action, STR("deny"))
					  ? REJECT_YES
					  : REJECT_NO;
	read_check_at(s, data);
	return true;
}

static void
judge(struct plugin_call *c)
{
	const struct earlytalker *data = c->instance->data;
	struct filter_session *s = c->session;
	if (!s->has_input) {
		plugin_log(c, LEVEL_INFO, "pass, not spontaneous");
		return;
	}
	s->karma--;
	if (data->defer && c->phase == HOOK_CONNECT) {
		s->early = true;
		plugin_log(c, LEVEL_INFO, "fail, spoke early, denied later");
		return;
	}
	plugin_fail(c, "spoke early",
	    "Connecting host started transmitting "
	    "before SMTP greeting");
}

/* Who always behaved is not waited for. */
static bool
is_trusted(struct plugin_call *c)
{
	enum {
		GOOD_HISTORY = 5
	};
	int64_t history;
	if (!plugin_karma_history(c, &history) || history <= GOOD_HISTORY)
		return false;
	plugin_log(
	    c, LEVEL_INFO, "skip, karma history %lld", (long long)history);
	return true;
}

/* Give it the time to speak, then judge. */
static void
check(struct plugin_call *c)
{
	const struct earlytalker *data = c->instance->data;
	if (is_trusted(c) || c->waits)
		return;
	if (!c->session->listened && data->wait_ms > 0)
		plugin_listen(c, data->wait_ms);
	if (!c->waits)
		judge(c);
}

static void
on_connect(struct plugin_call *c)
{
	const struct earlytalker *data = c->instance->data;
	if (data->at_connect)
		check(c);
}

static void
on_mail(struct plugin_call *c)
{
	if (c->session->early)
		plugin_fail(c, "spoke early",
		    "Connecting host started transmitting before SMTP "
		    "greeting");
}

static void
on_data(struct plugin_call *c)
{
	const struct earlytalker *data = c->instance->data;
	if (data->at_data)
		check(c);
}

static const char *const arguments[] = { "wait", "action", "check-at",
	"defer-reject", NULL };

const struct plugin plugin_earlytalker = {
	.name = "earlytalker",
	.flags = PLUGIN_PAIRS | PLUGIN_REJECTS | PLUGIN_SKIPS_IMMUNE,
	.denies_with = FILTER_DENY,
	.configure = configure,
	.arguments = arguments,
	.hooks = {
		{ HOOK_CONNECT, on_connect },
		{ HOOK_MAIL, on_mail },
		{ HOOK_DATA, on_data },
	},
};
