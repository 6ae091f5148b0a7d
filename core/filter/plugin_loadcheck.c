/* loadcheck (FL-47): a machine that is too busy takes no more for now. */
#include "core/base/num.h"
#include "core/filter/plugins_int.h"

enum {
	HUNDREDTHS = 100,
	MAX_LOAD = 7 * HUNDREDTHS,
	MAX_LOAD_MAX = 10000,
	CACHE_S = 10,
	CACHE_S_MAX = 3600
};

struct loadcheck {
	int64_t max_load; /* hundredths */
};

/* "7" or "7.25" in hundredths; -1: it is neither. */
static int64_t
parse_load(struct str word)
{
	struct str decimals;
	struct str whole = str_cut(word, '.', &decimals);
	int64_t n = 0, part = 0;
	if (!num_parse_i64(whole, 0, MAX_LOAD_MAX, &n) || decimals.len > 2 ||
	    (decimals.len > 0 &&
		!num_parse_i64(decimals, 0, HUNDREDTHS - 1, &part)))
		return -1;
	return n * HUNDREDTHS + (decimals.len == 1 ? 10 * part : part);
}

/* 0 is as good as none, for the Perl daemon too. */
static int64_t
read_max_load(struct plugin_setup *s)
{
	struct str word = plugin_argument(s, "max_load");
	int64_t n = word.len > 0 ? parse_load(word) : 0;
	if (n < 0)
		config_note(s->config, LEVEL_WARN, s->line,
		    "plugin '%s': '%.*s' is no load up to %d",
		    s->instance->written, STR_ARG(word), (int)MAX_LOAD_MAX);
	return n > 0 ? n : MAX_LOAD;
}

static bool
configure(struct plugin_setup *s, struct err *e)
{
	struct loadcheck *data = plugin_alloc(s, sizeof(*data), e);
	s->instance->data = data;
	if (data == NULL)
		return false;
	data->max_load = read_max_load(s);
	/* the load is read anew each second: it costs nothing here */
	(void)plugin_argument_number(s, "cache_time", 0, CACHE_S_MAX, CACHE_S);
	return true;
}

static void
on_connect(struct plugin_call *c)
{
	const struct loadcheck *data = c->instance->data;
	if (c->session->load * HUNDREDTHS <= (double)data->max_load) {
		plugin_log(c, LEVEL_INFO, "pass, %.2f", c->session->load);
		return;
	}
	plugin_log(c, LEVEL_INFO, "fail, %.2f", c->session->load);
	plugin_answer(c, FILTER_DENYSOFT,
	    "Server load too high, please try again later.");
}

static const char *const arguments[] = { "max_load", "cache_time", "uptime",
	NULL };

const struct plugin plugin_loadcheck = {
	.name = "loadcheck",
	.flags = PLUGIN_PAIRS,
	.configure = configure,
	.arguments = arguments,
	.hooks = {
		{ HOOK_CONNECT, on_connect },
	},
};
