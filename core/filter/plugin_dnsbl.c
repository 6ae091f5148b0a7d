/* dnsbl (FL-100 to FL-103): peers that are in a block list. */
#include "core/filter/lists_int.h"
#include "core/filter/plugins_int.h"
#include "core/filter/zones_int.h"

struct dnsbl {
	struct zone_list zones;
	struct block_list allowed;
	bool at_connect;   /* 'reject connect': RBLSMTPD's text denies */
	struct str before; /* that text, of dnsbl_rejectmsg */
};

static const char *const types[] = { "perm", "hard", "temp", "soft",
	"disconnect", "temp_disconnect", NULL };

/* "dnsbl disconnect", as it was written once: the type alone. */
static bool
read_lone_type(struct plugin_setup *s, struct err *e)
{
	bool is_type = false;
	for (size_t i = 0; s->n_words == 1 && types[i] != NULL; i++)
		is_type = is_type || str_is(s->words[0], types[i]);
	if (!is_type)
		return true;
	struct str *pair = plugin_array(s, 2, sizeof(*pair), e);
	if (pair == NULL)
		return false;
	pair[0] = STR("reject_type");
	pair[1] = s->words[0];
	s->words = pair;
	s->n_words = 2;
	plugin_setup_common(s);
	return true;
}

static bool
configure(struct plugin_setup *s, struct err *e)
{
	struct dnsbl *data = plugin_alloc(s, sizeof(*data), e);
	struct config_lines before;
	s->instance->data = data;
	if (data == NULL || !read_lone_type(s, e) ||
	    !config_lines(s->config, STR("dnsbl_rejectmsg"), &before, e))
		return false;
	if (before.n > 0)
		data->before = before.lines[0].text;
	data->at_connect = str_is(plugin_argument(s, "reject"), "connect");
	return zone_list_load(s, "dnsbl_zones", ":", &data->zones, e) &&
	       block_list_load(
		   s, "dnsbl_allow", NET_RULE_BEGINNING, &data->allowed, e);
}

/* The text of a line or a list, with %IP% replaced. */
static void
fill_in(struct str text, struct str ip, struct buf *out)
{
	static const struct str mark = { "%IP%", 4 };
	for (;;) {
		size_t at = str_find_str(text, mark);
		buf_add_str(out, str_sub(text, 0, at));
		if (at == text.len)
			return;
		buf_add_str(out, ip);
		text = str_sub(text, at + mark.len, text.len);
	}
}

/* FL-101; true when no list is to be asked. */
static bool
environment_decides(struct plugin_call *c)
{
	const struct dnsbl *data = c->instance->data;
	struct str text = c->session->rblsmtpd;
	if (text.ptr == NULL)
		return false;
	plugin_log(c, LEVEL_INFO, "skip, RBLSMTPD is set");
	if (text.len > 0 && data->at_connect) {
		struct buf told = BUF_INIT(FILTER_TEXT_SIZE);
		fill_in(text, c->session->client_ip, &told);
		plugin_answer(c, c->instance->reject_type, "%.*s%s%.*s",
		    STR_ARG(data->before), data->before.len > 0 ? " " : "",
		    STR_ARG(buf_str(&told)));
		buf_clear(&told);
	}
	return true;
}

static void
deny(struct plugin_call *c, const struct zone_hit *hit)
{
	char reason[FILTER_TEXT_SIZE];
	struct buf text = BUF_INIT(FILTER_TEXT_SIZE);
	c->session->karma--;
	fill_in(hit->text, c->session->client_ip, &text);
	if (text.len == 0 && !text.failed)
		buf_addf(&text, "%.*s is listed by %.*s",
		    STR_ARG(c->session->client_ip), STR_ARG(hit->zone->name));
	snprintf(reason, sizeof(reason), "%.*s", STR_ARG(hit->zone->name));
	plugin_fail(c, reason, "%.*s", STR_ARG(buf_str(&text)));
	buf_clear(&text);
}

static void
on_connect(struct plugin_call *c)
{
	const struct dnsbl *data = c->instance->data;
	struct net_addr client;
	struct zone_hit hit;
	if (environment_decides(c))
		return;
	if (!net_addr_parse(c->session->client_ip, &client))
		return;
	if (block_list_has(&data->allowed, &client)) {
		plugin_log(c, LEVEL_INFO, "skip, dnsbl_allow");
		return;
	}
	struct arena *a = plugin_scratch(c);
	if (a == NULL ||
	    !zone_list_ask(c, &data->zones, dns_reversed(a, &client), &hit))
		return;
	if (hit.zone != NULL)
		deny(c, &hit);
	else
		plugin_log(c, LEVEL_INFO, "pass");
}

/* FL-103: those who must be reachable, also for whoever is listed. */
static void
on_rcpt(struct plugin_call *c)
{
	if (!is_role_account(&c->input->rcpt))
		return;
	if (c->session->naughty.len > 0)
		plugin_log(c, LEVEL_INFO, "skip, not for %.*s",
		    STR_ARG(c->input->rcpt.local));
	c->session->spares_roles = true;
}

static const char *const arguments[] = { NULL };

const struct plugin plugin_dnsbl = {
	.name = "dnsbl",
	.flags = PLUGIN_PAIRS | PLUGIN_REJECTS | PLUGIN_SKIPS_IMMUNE,
	.denies_with = FILTER_DENY,
	.configure = configure,
	.arguments = arguments,
	.lone_words = types,
	.hooks = {
		{ HOOK_CONNECT, on_connect },
		{ HOOK_RCPT, on_rcpt },
	},
};
