/*
 * naughty [reject PHASE] (FL-98): denies what other plugins marked with
 * 'reject naughty', at one phase and, whatever that is, at data_post.
 */
#include "core/base/i18n.h"
#include "core/filter/lists_int.h"
#include "core/filter/plugins_int.h"

static const struct {
	const char *word;
	enum filter_hook hook;
} phases[] = {
	{ "connect", HOOK_CONNECT },
	{ "mail", HOOK_MAIL },
	{ "rcpt", HOOK_RCPT },
	{ "data", HOOK_DATA },
	{ "data_post", HOOK_DATA_POST },
};

struct naughty {
	enum filter_hook phase;
};

static bool
configure(struct plugin_setup *s, struct err *e)
{
	struct naughty *data = plugin_alloc(s, sizeof(*data), e);
	struct str phase = plugin_argument(s, "reject");
	bool is_phase = phase.len == 0;
	if (data == NULL)
		return false;
	data->phase = HOOK_RCPT;
	for (size_t i = 0; i < ARRAY_LEN(phases); i++) {
		if (str_is(phase, phases[i].word)) {
			data->phase = phases[i].hook;
			is_phase = true;
		}
	}
	s->instance->data = data;
	if (is_phase)
		return true;
	return config_refuse(s->line, e,
	    _("plugin 'naughty': cannot reject at '%.*s', only at connect, "
	      "mail, rcpt, data or data_post"),
	    STR_ARG(phase));
}

/* FL-103: who must be reachable is it for listed peers too, and only he. */
static bool
is_spared(const struct plugin_call *c)
{
	const struct filter_session *s = c->session;
	if (!s->spares_roles)
		return false;
	if (c->phase == HOOK_RCPT)
		return is_role_account(&c->input->rcpt);
	for (size_t i = 0; i < s->n_rcpts; i++) {
		if (!is_role_account(&s->rcpts[i]))
			return false;
	}
	return s->n_rcpts > 0;
}

static void
on_phase(struct plugin_call *c)
{
	const struct naughty *data = c->instance->data;
	const struct filter_session *s = c->session;
	if (c->phase != data->phase && c->phase != HOOK_DATA_POST)
		return;
	if (s->naughty.len > 0 && is_spared(c)) {
		plugin_log(
		    c, LEVEL_INFO, "pass, naughty, but for a role account");
		return;
	}
	if (s->naughty.len == 0) {
		plugin_log(c, LEVEL_INFO, "pass, clean");
		return;
	}
	struct str more;
	plugin_log(c, LEVEL_INFO, "fail, %.*s",
	    STR_ARG(str_cut(s->naughty, '\n', &more)));
	plugin_answer(c,
	    s->naughty_result != 0 ? s->naughty_result : FILTER_DENY_DISCONNECT,
	    "%.*s", STR_ARG(s->naughty));
}

static const char *const arguments[] = { "reject", NULL };

const struct plugin plugin_naughty = {
	.name = "naughty",
	.flags = PLUGIN_PAIRS,
	.configure = configure,
	.arguments = arguments,
	.hooks = {
		{ HOOK_CONNECT, on_phase },
		{ HOOK_MAIL, on_phase },
		{ HOOK_RCPT, on_phase },
		{ HOOK_DATA, on_phase },
		{ HOOK_DATA_POST, on_phase },
	},
};
