/* hosts_allow (FL-44): which addresses may connect, and how often. */
#include "core/filter/lists_int.h"
#include "core/filter/plugins_int.h"

static const struct {
	const char *word;
	enum filter_result result;
} results[] = {
	{ "OK", FILTER_OK },
	{ "DENY", FILTER_DENY },
	{ "DENYSOFT", FILTER_DENYSOFT },
	{ "DENY_DISCONNECT", FILTER_DENY_DISCONNECT },
	{ "DENYSOFT_DISCONNECT", FILTER_DENYSOFT_DISCONNECT },
	{ "DECLINED", FILTER_DECLINED },
};

struct rule {
	struct net_block block;
	enum filter_result result;
	struct str text; /* for the peer */
};

struct hosts_allow {
	const struct rule *rules;
	size_t n;
};

/* "ADDRESS[/BITS] RESULT text..." */
static bool
rule_parse(
    struct plugin_setup *s, const struct config_line *line, struct rule *out)
{
	struct str rest = line->text, address, word;
	*out = (struct rule){ 0 };
	if (!str_next_word(&rest, &address) || !str_next_word(&rest, &word) ||
	    !net_block_parse(address, &out->block)) {
		config_note(s->config, LEVEL_WARN, line,
		    "'%.*s' is no address with a result and is skipped",
		    STR_ARG(line->text));
		return false;
	}
	if (!net_block_is_canonical(&out->block)) {
		config_note(s->config, LEVEL_WARN, line,
		    "'%.*s' has bits behind its network, it matches nothing",
		    STR_ARG(address));
		return false;
	}
	out->text = str_trim(rest);
	for (size_t i = 0; i < ARRAY_LEN(results); i++) {
		if (str_is(word, results[i].word)) {
			out->result = results[i].result;
			return true;
		}
	}
	/* the first match wins all the same */
	config_note(s->config, LEVEL_WARN, line,
	    "'%.*s' is no result and counts as DECLINED", STR_ARG(word));
	out->result = FILTER_DECLINED;
	return true;
}

static bool
configure(struct plugin_setup *s, struct err *e)
{
	struct hosts_allow *data = plugin_alloc(s, sizeof(*data), e);
	struct config_lines lines;
	if (data == NULL ||
	    !config_lines(s->config, STR("hosts_allow"), &lines, e))
		return false;
	struct rule *rules = plugin_array(s, lines.n, sizeof(*rules), e);
	if (rules == NULL)
		return false;
	for (size_t i = 0; i < lines.n; i++) {
		if (rule_parse(s, &lines.lines[i], &rules[data->n]))
			data->n++;
	}
	data->rules = rules;
	s->instance->data = data;
	return true;
}

/*
 * The limit of one address: with a good history more, with a bad one a single
 * session. Who is unknown has what everybody has.
 */
static bool
is_over_limit(struct plugin_call *c)
{
	enum {
		GOOD_HISTORY = 5,
		MORE_FOR_GOOD = 3
	};
	const struct filter_session *s = c->session;
	unsigned limit = s->max_per_ip;
	int64_t history;
	if (limit == 0 || s->sessions_of_ip <= 1 ||
	    !plugin_karma_history(c, &history))
		return false;
	if (history > GOOD_HISTORY)
		limit += MORE_FOR_GOOD;
	else if (history < 0)
		limit = 1;
	return s->sessions_of_ip > limit;
}

static void
on_pre_connection(struct plugin_call *c)
{
	const struct hosts_allow *data = c->instance->data;
	const struct filter_session *s = c->session;
	struct net_addr client;
	bool is_over = is_over_limit(c);
	if (c->waits)
		return;
	if (is_over) {
		plugin_log(c, LEVEL_INFO, "fail, %u sessions of %.*s",
		    s->sessions_of_ip, STR_ARG(s->client_ip));
		plugin_answer(c, FILTER_DENYSOFT,
		    "too many connections from %.*s, try again later",
		    STR_ARG(s->client_ip));
		return;
	}
	if (!net_addr_parse(s->client_ip, &client))
		return;
	for (size_t i = 0; i < data->n; i++) {
		const struct rule *r = &data->rules[i];
		if (!net_block_has(&r->block, &client))
			continue;
		bool denies =
		    r->result != FILTER_OK && r->result != FILTER_DECLINED;
		plugin_log(c, LEVEL_INFO, "%s, listed, %.*s",
		    denies ? "fail" : "pass", STR_ARG(r->text));
		if (r->result != FILTER_DECLINED)
			plugin_answer(c, r->result, "%.*s", STR_ARG(r->text));
		return;
	}
	plugin_log(c, LEVEL_INFO, "pass");
}

const struct plugin plugin_hosts_allow = {
	.name = "hosts_allow",
	.configure = configure,
	.hooks = {
		{ HOOK_PRE_CONNECTION, on_pre_connection },
	},
};
