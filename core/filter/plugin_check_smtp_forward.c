/*
 * check_smtp_forward (FL-75): the server that a domain's mail goes to is asked
 * about the recipient before we take it, so that we need not bounce later.
 */
#include "core/filter/limit.h"
#include "core/filter/lists_int.h"
#include "core/filter/policy_int.h"

enum {
	REASON_MAX = 700
};

struct smtp_forward {
	struct own_domains own;
	int64_t limit_ms; /* of the line; 0: the policy's */
};

static bool
configure(struct plugin_setup *s, struct err *e)
{
	struct smtp_forward *data = plugin_alloc(s, sizeof(*data), e);
	s->instance->data = data;
	if (data == NULL || !own_domains_load(s, &data->own, e))
		return false;
	data->limit_ms =
	    MS_PER_S * plugin_argument_number(s, "timeout", 1,
			   filter_limit_range(FILTER_LIMIT_RCPT_CHECK)->most,
			   0);
	return true;
}

/*
 * Strangers whom rcpt_ok turns away behind us make us connect nowhere, and the
 * next server's words are not for them.
 */
static bool
is_refused_anyway(struct plugin_call *c)
{
	const struct smtp_forward *data = c->instance->data;
	struct folded rcpt;
	fold_path(&rcpt, &c->input->rcpt);
	return plugin_list_find(session_list(c->policy, c->session),
		   &plugin_rcpt_ok) != NULL &&
	       !own_domains_have(&data->own, rcpt.domain);
}

static void
refuse(struct plugin_call *c, struct str host, unsigned code, struct str text)
{
	char reason[REASON_MAX];
	snprintf(reason, sizeof(reason), "'%.*s' answers %u %.*s",
	    STR_ARG(host), code, STR_ARG(text));
	if (text.len == 0)
		text = STR("the server behind does not take this recipient");
	if (code / 100 == 4)
		plugin_fail_as(
		    c, FILTER_DENYSOFT, reason, "%.*s", STR_ARG(text));
	else
		plugin_fail(c, reason, "%.*s", STR_ARG(text));
}

static void
on_rcpt(struct plugin_call *c)
{
	const struct smtp_forward *data = c->instance->data;
	struct filter_hop_question q = { .sender = c->session->sender,
		.rcpt = c->input->rcpt,
		.limit_ms = data->limit_ms };
	unsigned code;
	struct str text;
	if (q.limit_ms == 0)
		q.limit_ms =
		    filter_policy_limit_ms(c->policy, FILTER_LIMIT_RCPT_CHECK);
	if (!filter_policy_hop(c->policy, q.rcpt.domain, &q.route)) {
		plugin_log(c, LEVEL_INFO, "skip, no route");
		return;
	}
	if (is_refused_anyway(c)) {
		plugin_log(c, LEVEL_INFO, "skip, not ours");
		return;
	}
	if (!plugin_ask_hop(c, &q, &code, &text))
		return;
	if (code / 100 == 4 || code / 100 == 5)
		refuse(c, q.route.host, code, text);
	else if (code / 100 == 2)
		plugin_log(c, LEVEL_INFO, "pass, '%.*s' takes it",
		    STR_ARG(q.route.host));
	else
		plugin_log(c, LEVEL_WARN, "pass, '%.*s' cannot be asked: %.*s",
		    STR_ARG(q.route.host), STR_ARG(text));
}

static const char *const arguments[] = { "timeout", NULL };

const struct plugin plugin_check_smtp_forward = {
	.name = "check_smtp_forward",
	.flags = PLUGIN_PAIRS | PLUGIN_REJECTS | PLUGIN_SKIPS_IMMUNE,
	.configure = configure,
	.arguments = arguments,
	.hooks = {
		{ HOOK_RCPT, on_rcpt },
	},
};
