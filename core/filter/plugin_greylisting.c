/*
 * greylisting (FL-125 to FL-127): who is unknown is asked to come back later,
 * which a mail server does and a spam program mostly does not.
 */
#include "core/filter/geo_int.h"
#include "core/filter/lists_int.h"
#include "core/filter/plugins_int.h"

#include <string.h>

#define GREYLISTING_DIR "/var/lib/qpsmtpd/greylisting"

enum {
	BLACK_S = 50 * 60,
	WHITE_S = 36 * 24 * 60 * 60,
	SECONDS_MAX = 10 * 365 * 24 * 60 * 60
};

struct greylisting {
	struct filter_state_place place; /* first: PLUGIN_REMEMBERS */
	bool by_ip, by_sender, by_recipient;
	bool at_rcpt;
	bool deny_late;
	bool only_p0f; /* nobody matches: this daemon does not look so deep */
	int64_t black_s, white_s, grey_s;
	/* hosts that are let pass */
	struct block_list blocks;
	struct name_list names;
	const struct pattern **patterns;
	size_t n_patterns;
	/* and those of these countries */
	struct geo_line line;
	struct name_list countries;
};

/* ---- loading ---- */

/* What the files of greylist_exclude_files hold, while they are read. */
struct excluded {
	struct net_block *blocks;
	struct name_entry *names;
	const struct pattern **patterns;
	size_t n_blocks, n_names, n_patterns;
};

static bool
take_host(struct plugin_setup *s, const struct config_line *line,
    struct excluded *x, struct err *e)
{
	struct str text = line->text;
	bool is_pattern =
	    text.len > 2 && text.ptr[0] == '/' && text.ptr[text.len - 1] == '/';
	if (is_pattern) {
		x->patterns[x->n_patterns] =
		    plugin_pattern(s, line, str_sub(text, 1, text.len - 1));
		x->n_patterns += x->patterns[x->n_patterns] != NULL;
		return true;
	}
	if (net_rule_parse(text, NET_RULE_BEGINNING, &x->blocks[x->n_blocks])) {
		x->n_blocks++;
		return true;
	}
	x->names[x->n_names].name = plugin_lower(s, text, e);
	return x->names[x->n_names++].name.ptr != NULL;
}

static bool
make_room(struct plugin_setup *s, size_t n, struct excluded *x, struct err *e)
{
	*x = (struct excluded){ 0 };
	x->blocks = plugin_array(s, n, sizeof(*x->blocks), e);
	x->names = plugin_array(s, n, sizeof(*x->names), e);
	x->patterns = plugin_array(s, n, sizeof(*x->patterns), e);
	return x->blocks != NULL && x->names != NULL && x->patterns != NULL;
}

static bool
load_excluded(struct plugin_setup *s, struct greylisting *data, struct err *e)
{
	struct config_lines files, lines;
	struct excluded x;
	size_t total = 0;
	if (!config_lines(s->config, STR("greylist_exclude_files"), &files, e))
		return false;
	for (size_t i = 0; i < files.n; i++) {
		if (!config_lines(s->config, files.lines[i].text, &lines, e))
			return false;
		if (config_raw(s->config, files.lines[i].text).ptr == NULL)
			config_note(s->config, LEVEL_WARN, &files.lines[i],
			    "there is no file '%.*s'",
			    STR_ARG(files.lines[i].text));
		total += lines.n;
	}
	if (!make_room(s, total, &x, e))
		return false;
	for (size_t i = 0; i < files.n; i++) {
		lines = config_kept(s->config, files.lines[i].text);
		for (size_t k = 0; k < lines.n; k++) {
			if (!take_host(s, &lines.lines[k], &x, e))
				return false;
		}
	}
	name_entries_sort(x.names, x.n_names);
	data->blocks = (struct block_list){ x.blocks, x.n_blocks };
	data->names = (struct name_list){ x.names, x.n_names };
	data->patterns = x.patterns;
	data->n_patterns = x.n_patterns;
	return true;
}

/* "DE,CH" */
static bool
load_countries(struct plugin_setup *s, struct greylisting *data, struct err *e)
{
	struct str rest = plugin_argument(s, "geoip");
	struct name_entry *entries =
	    plugin_array(s, rest.len, sizeof(*entries), e);
	size_t n = 0;
	while (entries != NULL && rest.len > 0) {
		struct str code = str_trim(str_cut(rest, ',', &rest));
		if (code.len != GEO_CODE_SIZE - 1)
			config_note(s->config, LEVEL_WARN, s->line,
			    "plugin '%s': '%.*s' is no code of a country",
			    s->instance->written, STR_ARG(code));
		entries[n].name = plugin_lower(s, code, e);
		if (entries[n++].name.ptr == NULL)
			return false;
	}
	name_entries_sort(entries, n);
	data->countries = (struct name_list){ entries, n };
	if (n > 0)
		s->instance->geo = &data->line;
	return entries != NULL;
}

static void
note_unknown_facts(struct plugin_setup *s)
{
	if (plugin_argument(s, "p0f").len > 0)
		config_note(s->config, LEVEL_WARN, s->line,
		    "plugin '%s': systems of clients are not known here, p0f "
		    "exempts everybody",
		    s->instance->written);
}

static bool
configure(struct plugin_setup *s, struct err *e)
{
	struct greylisting *data = plugin_alloc(s, sizeof(*data), e);
	s->instance->data = data;
	if (data == NULL ||
	    !plugin_arguments_of_file(s, "denysoft_greylist", e))
		return false;
	data->by_ip = plugin_argument_flag(s, "remote_ip", true);
	data->by_sender = plugin_argument_flag(s, "sender", false);
	data->by_recipient = plugin_argument_flag(s, "recipient", false);
	data->at_rcpt = data->by_recipient ||
			plugin_argument_flag(s, "per_recipient", false);
	data->deny_late = plugin_argument_flag(s, "deny_late", false);
	data->only_p0f = plugin_argument(s, "p0f").len > 0;
	data->black_s =
	    plugin_argument_number(s, "black_timeout", 0, SECONDS_MAX, BLACK_S);
	data->white_s =
	    plugin_argument_number(s, "white_timeout", 1, SECONDS_MAX, WHITE_S);
	data->grey_s =
	    plugin_argument_number(s, "grey_timeout", 0, SECONDS_MAX, 0);
	data->place.keep_s = data->white_s;
	data->place.wait_s = data->black_s;
	note_unknown_facts(s);
	return load_countries(s, data, e) && load_excluded(s, data, e) &&
	       plugin_state_place(
		   s, STATE_GREYLIST, GREYLISTING_DIR, &data->place, e);
}

/* ---- running ---- */

static bool
is_from_there(struct plugin_call *c, const struct greylisting *data)
{
	const struct filter_place *p = c->session->place;
	char room[GEO_CODE_SIZE];
	if (data->countries.n == 0)
		return false;
	/* FL-194 */
	if (p == NULL || p->state == FILTER_PLACE_NO_DATABASE) {
		plugin_log(c, LEVEL_CRIT, "error, no database of places");
		return false;
	}
	struct str code = fold_text(room, sizeof(room), str_of(p->is.country));
	return p->state == FILTER_PLACE_KNOWN &&
	       name_list_find(&data->countries, code) != NULL;
}

static bool
is_excluded(struct plugin_call *c, const struct greylisting *data)
{
	const struct filter_session *s = c->session;
	struct net_addr client;
	char lower[DNS_NAME_TEXT_SIZE];
	struct str name = fold_text(lower, sizeof(lower), s->client_name);
	if (net_addr_parse(s->client_ip, &client) &&
	    block_list_has(&data->blocks, &client))
		return true;
	if (name_list_find(&data->names, name) != NULL)
		return true;
	for (size_t i = 0; i < data->n_patterns; i++) {
		if (plugin_pattern_has(c, data->patterns[i], name))
			return true;
	}
	return is_from_there(c, data);
}

static void
add_part(struct buf *key, struct str part)
{
	if (key->len > 0)
		buf_add_char(key, ':');
	buf_add_str(key, part);
}

static bool
make_key(const struct plugin_call *c, const struct greylisting *data,
    struct buf *key)
{
	const struct filter_session *s = c->session;
	struct folded path;
	if (data->by_ip && !state_key_address(key, s->client_ip))
		return false;
	if (data->by_sender) {
		fold_path(&path, &s->sender);
		add_part(key, path.address.len > 0 ? path.address : STR("<>"));
	}
	if (data->by_recipient) {
		fold_path(&path, &c->input->rcpt);
		add_part(key, path.address);
	}
	return !key->failed && key->len > 0;
}

static const struct filter_state_answer *
ask(struct plugin_call *c, struct filter_state_op *op)
{
	static const struct filter_state_answer no_key = {
		.why = "nothing tells the clients apart"
	};
	const struct greylisting *data = c->instance->data;
	const struct filter_state_answer *a = &no_key;
	struct buf key = BUF_INIT(STATE_KEY_MAX);
	*op = (struct filter_state_op){
		.kind = STATE_GREYLIST,
		.verb = STATE_ARRIVE,
		.dir = str_of(data->place.dir),
		.arguments = { data->black_s, data->white_s, data->grey_s },
	};
	if (make_key(c, data, &key)) {
		op->key = buf_str(&key);
		a = plugin_state(c, op);
	}
	buf_clear(&key);
	return a;
}

static void
defer(struct plugin_call *c, const char *reason)
{
	const struct greylisting *data = c->instance->data;
	struct filter_session *s = c->session;
	/* who asks whether a sender exists goes through, and sends nothing */
	bool is_callout = c->phase == HOOK_RCPT && s->sender.local.len == 0;
	if (c->instance->reject != REJECT_NO && c->phase != HOOK_DATA &&
	    (data->deny_late || is_callout)) {
		s->greylisted = true;
		plugin_log(c, LEVEL_INFO, "fail, at DATA, %s", reason);
		return;
	}
	plugin_fail(c, reason, "This mail is temporarily denied");
}

static void
judge(struct plugin_call *c)
{
	static const struct {
		const char *reason;
		bool passes;
	} verdicts[] = {
		[GREYLIST_UNKNOWN] = { "unknown", false },
		[GREYLIST_EARLY] = { "too early", false },
		[GREYLIST_BACK] = { "came back", true },
		[GREYLIST_KNOWN] = { "known", true },
	};
	const struct greylisting *data = c->instance->data;
	struct filter_state_op op;
	if (data->only_p0f || is_excluded(c, data)) {
		plugin_log(c, LEVEL_INFO, "skip, excluded");
		return;
	}
	const struct filter_state_answer *a = ask(c, &op);
	if (a == NULL)
		return;
	/* who would not be remembered could never come back: FL-194 */
	if (a->status == STATE_FAILED || !a->stored) {
		plugin_log(
		    c, LEVEL_CRIT, "error, not asked to come back: %s", a->why);
		return;
	}
	enum greylist_verdict v =
	    greylist_judge(&op, a->status == STATE_FOUND, &a->record, a->now);
	if (verdicts[v].passes)
		plugin_log(c, LEVEL_INFO, "pass, %s", verdicts[v].reason);
	else
		defer(c, verdicts[v].reason);
}

static void
on_mail(struct plugin_call *c)
{
	const struct greylisting *data = c->instance->data;
	if (!data->at_rcpt)
		judge(c);
}

static void
on_rcpt(struct plugin_call *c)
{
	const struct greylisting *data = c->instance->data;
	if (data->at_rcpt)
		judge(c);
}

static void
on_data(struct plugin_call *c)
{
	const struct filter_session *s = c->session;
	if (!s->greylisted)
		return;
	if (s->n_rcpts > 0 && s->rcpts_listed >= s->n_rcpts)
		plugin_log(c, LEVEL_INFO, "pass, whitelisted recipients");
	else
		defer(c, "greylisted");
}

static const char *const arguments[] = { "remote_ip", "sender", "recipient",
	"per_recipient", "deny_late", "black_timeout", "grey_timeout",
	"white_timeout", "db_dir", "geoip", "p0f", "nfslock", "upgrade", NULL };

const struct plugin plugin_greylisting = {
	.name = "greylisting",
	.flags = PLUGIN_PAIRS | PLUGIN_REJECTS | PLUGIN_REMEMBERS |
		 PLUGIN_SKIPS_IMMUNE,
	.denies_with = FILTER_DENYSOFT,
	.configure = configure,
	.arguments = arguments,
	.hooks = {
		{ HOOK_MAIL, on_mail },
		{ HOOK_RCPT, on_rcpt },
		{ HOOK_DATA, on_data },
	},
};
