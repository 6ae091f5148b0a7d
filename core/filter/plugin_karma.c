/*
 * karma (FL-165 to FL-169): what other plugins think of a session is summed up
 * at its end, and whoever was bad more often than good is shut out for a time.
 * The history of an address outlives the session in the state.
 */
#include "core/base/num.h"
#include "core/filter/lists_int.h"
#include "core/filter/policy_int.h"

#define KARMA_DIR "/var/lib/qpsmtpd/karma"

enum {
	NEGATIVE = 1,
	STRIKES = 3,
	NUMBER_MAX = 1000000,
	DAYS_MAX = 3650,
	DAY_S = 24 * 60 * 60,
	KEEP_DAYS = 90, /* nobody is remembered who stays away so long */
	LOOSE_PATH = 2,
	GOOD_HISTORY = 10,
	VERY_BAD = -4,
	TLD_MAX = 64
};

struct tld {
	struct str name; /* lower case */
	int karma;
};

struct karma {
	struct filter_state_place place; /* first: PLUGIN_REMEMBERS */
	int64_t negative, strikes;
	int64_t penalty_s;
	const struct tld *tlds;
	size_t n_tlds;
};

/* ---- loading ---- */

/* "1", "0.5": days as seconds. */
static int64_t
read_penalty(struct plugin_setup *s)
{
	struct str word = plugin_argument(s, "penalty_days"), decimals;
	struct str whole = str_cut(word, '.', &decimals);
	int64_t days = 0, parts = 0;
	double scale = 1;
	if (word.len == 0)
		return DAY_S;
	for (size_t i = 0; i < decimals.len; i++)
		scale *= 10;
	if ((whole.len > 0 && !num_parse_i64(whole, 0, DAYS_MAX, &days)) ||
	    (decimals.len > 0 &&
		!num_parse_i64(decimals, 0, NUMBER_MAX, &parts)) ||
	    whole.len + decimals.len == 0) {
		config_note(s->config, LEVEL_WARN, s->line,
		    "plugin '%s': '%.*s' is no number of days up to %d",
		    s->instance->written, STR_ARG(word), (int)DAYS_MAX);
		return DAY_S;
	}
	return days * DAY_S + (int64_t)((double)parts / scale * DAY_S + 0.5);
}

/* A line of karma_tlds: "tld:number". */
static bool
tld_parse(
    struct plugin_setup *s, const struct config_line *line, struct tld *out)
{
	struct err e = ERR_INIT;
	struct str number;
	struct str name = str_trim(str_cut(line->text, ':', &number));
	int64_t karma = 0;
	if (name.len > 0 && name.ptr[0] == '.')
		name = str_sub(name, 1, name.len);
	if (name.len == 0 || number.ptr == NULL ||
	    !num_parse_i64(str_trim(number), -FILTER_KARMA_MAX,
		FILTER_KARMA_MAX, &karma)) {
		config_note(s->config, LEVEL_WARN, line,
		    "'%.*s' is no TLD with a number and is skipped",
		    STR_ARG(line->text));
		return false;
	}
	out->name = plugin_lower(s, name, &e);
	out->karma = (int)karma;
	return out->name.ptr != NULL;
}

static bool
load_tlds(struct plugin_setup *s, struct karma *data, struct err *e)
{
	struct config_lines lines;
	if (!config_lines(s->config, STR("karma_tlds"), &lines, e))
		return false;
	struct tld *tlds = plugin_array(s, lines.n, sizeof(*tlds), e);
	if (tlds == NULL)
		return false;
	for (size_t i = 0; i < lines.n; i++)
		data->n_tlds +=
		    tld_parse(s, &lines.lines[i], &tlds[data->n_tlds]);
	data->tlds = tlds;
	return true;
}

static bool
configure(struct plugin_setup *s, struct err *e)
{
	struct karma *data = plugin_alloc(s, sizeof(*data), e);
	s->instance->data = data;
	if (data == NULL)
		return false;
	if (plugin_argument(s, "reject").len == 0)
		s->instance->reject = REJECT_NAUGHTY;
	data->negative =
	    plugin_argument_number(s, "negative", 0, NUMBER_MAX, NEGATIVE);
	data->strikes =
	    plugin_argument_number(s, "strikes", 1, NUMBER_MAX, STRIKES);
	data->penalty_s = read_penalty(s);
	data->place.wait_s = data->penalty_s;
	data->place.keep_s = (int64_t)KEEP_DAYS * DAY_S + data->penalty_s;
	return load_tlds(s, data, e) &&
	       plugin_state_place(s, STATE_KARMA, KARMA_DIR, &data->place, e);
}

/* ---- running ---- */

/* A question about the client; false: it has no address. */
static bool
make_op(const struct filter_session *s, const struct karma *data,
    enum filter_state_verb verb, struct buf *key, struct filter_state_op *op)
{
	buf_init(key, NET_ADDR_TEXT_SIZE);
	bool ok = state_key_address(key, s->client_ip);
	*op = (struct filter_state_op){ .kind = STATE_KARMA,
		.verb = verb,
		.dir = str_of(data->place.dir),
		.key = buf_str(key) };
	return ok;
}

static const struct filter_state_answer *
ask(struct plugin_call *c, const struct karma *data,
    enum filter_state_verb verb)
{
	static const struct filter_state_answer no_address = {
		.why = "the client has no address"
	};
	struct filter_state_op op;
	struct buf key;
	const struct filter_state_answer *a = &no_address;
	if (make_op(c->session, data, verb, &key, &op)) {
		if (verb == STATE_ARRIVE)
			op.arguments[KARMA_PENALTY_S] = data->penalty_s;
		a = plugin_state(c, &op);
	}
	buf_clear(&key);
	if (a != NULL && a->status != STATE_FAILED) {
		c->session->knows_history = true;
		c->session->history = a->record;
	}
	return a;
}

/* The karma line that the client's sessions have, or NULL. */
static const struct karma *
find_line(const struct plugin_call *c)
{
	const struct plugin_list *lists[] = { &c->policy->main,
		session_list_by_address(c->policy, c->session) };
	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		const struct plugin_instance *instance =
		    lists[i] != NULL ? plugin_list_find(lists[i], &plugin_karma)
				     : NULL;
		if (instance != NULL)
			return instance->data;
	}
	return NULL;
}

bool
plugin_karma_history(struct plugin_call *c, int64_t *history)
{
	const struct filter_session *s = c->session;
	const struct karma *data = s->knows_history ? NULL : find_line(c);
	*history = 0;
	if (data != NULL && ask(c, data, STATE_READ) == NULL)
		return false;
	*history = s->knows_history ? karma_history(&s->history) : 0;
	return true;
}

static void
judge_history(struct plugin_call *c, const struct filter_state_answer *a)
{
	const struct karma *data = c->instance->data;
	const int64_t *n = a->record.n;
	int64_t left = karma_penalty_left(&a->record, data->penalty_s, a->now);
	char reason[128];
	if (a->status == STATE_NONE) {
		plugin_log(c, LEVEL_INFO, "pass, no record");
		return;
	}
	snprintf(reason, sizeof(reason),
	    "(%lld naughty, %lld nice, %lld connects)",
	    (long long)n[KARMA_NAUGHTY], (long long)n[KARMA_NICE],
	    (long long)n[KARMA_CONNECTS]);
	if (left > 0)
		plugin_fail(c, reason,
		    "You were naughty. You cannot connect for %.2f more days.",
		    (double)left / DAY_S);
	else
		plugin_log(c, LEVEL_INFO, "pass, %s %s",
		    n[KARMA_START] > 0 ? "penalty expired" : "no penalty",
		    reason);
}

static void
on_connect(struct plugin_call *c)
{
	const struct karma *data = c->instance->data;
	struct filter_session *s = c->session;
	const struct filter_state_answer *a = NULL;
	bool is_immune = plugin_is_immune(c);
	if (!is_immune && (a = ask(c, data, STATE_ARRIVE)) == NULL)
		return;
	s->karma = 0;
	if (is_immune)
		return;
	if (a->status == STATE_FAILED) {
		plugin_log(c, LEVEL_CRIT, "error, history unknown: %s", a->why);
		return;
	}
	if (!a->stored)
		plugin_log(c, LEVEL_CRIT, "error, not counted: %s", a->why);
	if (karma_history(&a->record) > GOOD_HISTORY)
		s->karma++;
	judge_history(c, a);
}

static int
karma_of_tld(const struct karma *data, const struct mail_path *sender)
{
	char lower[TLD_MAX];
	struct str domain = sender->domain;
	size_t start = domain.len;
	while (start > 0 && domain.ptr[start - 1] != '.')
		start--;
	struct str tld =
	    fold_text(lower, sizeof(lower), str_sub(domain, start, domain.len));
	for (size_t i = 0; i < data->n_tlds; i++) {
		if (str_eq(data->tlds[i].name, tld))
			return data->tlds[i].karma;
	}
	return 0;
}

static void
charge_loose_path(struct plugin_call *c, const char *keyword)
{
	if (!c->session->loose_path)
		return;
	c->session->karma -= LOOSE_PATH;
	plugin_log(c, LEVEL_INFO, "the address does not follow %s<", keyword);
}

static void
on_mail(struct plugin_call *c)
{
	charge_loose_path(c, "FROM:");
	c->session->karma +=
	    karma_of_tld(c->instance->data, &c->session->sender);
}

static void
on_rcpt(struct plugin_call *c)
{
	const struct filter_session *s = c->session;
	int64_t history = s->knows_history ? karma_history(&s->history) : 0;
	charge_loose_path(c, "TO:");
	if (s->n_rcpts == 0 || plugin_is_immune(c))
		return;
	if (history > 0 || s->karma > 0 || (history == 0 && s->karma == 0))
		return;
	if (c->instance->reject == REJECT_NO) {
		plugin_log(
		    c, LEVEL_INFO, "fail, tolerated, too many recipients");
		return;
	}
	plugin_log(c, LEVEL_INFO, "fail, too many recipients");
	plugin_answer(c, FILTER_DENY,
	    "too many recipients for karma %d (h: %lld)", s->karma,
	    (long long)history);
}

/* FL-168; our own users and friends are never shut out for what they sent. */
static void
on_data(struct plugin_call *c)
{
	int karma = c->session->karma;
	if (karma < VERY_BAD && !plugin_is_immune(c))
		plugin_fail(c, "very bad karma", "very bad karma: %d", karma);
}

static void
on_disconnect(struct plugin_call *c)
{
	const struct karma *data = c->instance->data;
	struct filter_session *s = c->session;
	struct state_record after = s->history;
	struct filter_state_op op;
	struct buf key;
	const char *what = "neutral";
	if (s->karma <= -data->strikes) {
		after.n[KARMA_NAUGHTY]++;
		what = karma_shuts_out(&after, data->negative)
			   ? "negative, sent to penalty box"
			   : "negative";
	} else if (s->karma >= data->strikes) {
		after.n[KARMA_NICE]++;
		what = "positive";
	}
	if (s->karma != 0 && make_op(s, data, STATE_LEAVE, &key, &op)) {
		op.arguments[KARMA_OF_SESSION] = s->karma;
		op.arguments[KARMA_STRIKES] = data->strikes;
		op.arguments[KARMA_NEGATIVE] = data->negative;
		plugin_state_tell(c, &op);
		buf_clear(&key);
	}
	plugin_log(c, LEVEL_INFO, "%s, (msg: %d, his: %lld)", what, s->karma,
	    (long long)karma_history(&after));
}

static const char *const arguments[] = { "negative", "strikes", "penalty_days",
	"db_dir", NULL };

const struct plugin plugin_karma = {
	.name = "karma",
	.flags = PLUGIN_PAIRS | PLUGIN_REJECTS | PLUGIN_REMEMBERS,
	.denies_with = FILTER_DENY_DISCONNECT,
	.configure = configure,
	.arguments = arguments,
	.hooks = {
		{ HOOK_CONNECT, on_connect },
		{ HOOK_MAIL, on_mail },
		{ HOOK_RCPT, on_rcpt },
		{ HOOK_DATA, on_data },
		{ HOOK_DATA_POST, on_data },
		{ HOOK_DISCONNECT, on_disconnect },
	},
};
