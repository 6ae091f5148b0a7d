/*
 * bcc (FL-148): copies of messages, for one more recipient. Who gets one is
 * decided when all recipients are known and taken, so that a copy alone never
 * carries a message whose recipients were all refused.
 */
#include "core/filter/lists_int.h"
#include "core/filter/plugins_int.h"

#include <string.h>

enum copy_when {
	COPY_ALL,
	COPY_INCOMING,
	COPY_OUTGOING
};

struct copy_rule {
	enum copy_when when;
	struct mail_path to;
};

struct bcc {
	bool off;
	bool told;
	struct copy_rule rules[FILTER_COPIES_MAX];
	size_t n;
	struct own_domains own;
	struct name_list no_senders, no_rcpts;
};

static const struct {
	const char *word;
	enum copy_when when;
} whens[] = {
	{ "all", COPY_ALL },
	{ "incoming", COPY_INCOMING },
	{ "outgoing", COPY_OUTGOING },
};

/* "user@domain", or "user" for an account here. */
static bool
parse_address(struct plugin_setup *s, struct str text, struct mail_path *out,
    struct err *e)
{
	struct str rest;
	const char *why = "";
	bool bare = memchr(text.ptr, '@', text.len) == NULL;
	char *path =
	    plugin_array(s, text.len + sizeof("<@bare.invalid>"), 1, e);
	if (path == NULL)
		return false;
	size_t n = 0;
	path[n++] = '<';
	memcpy(path + n, text.ptr, text.len);
	n += text.len;
	if (bare) {
		memcpy(path + n, "@bare.invalid", strlen("@bare.invalid"));
		n += strlen("@bare.invalid");
	}
	path[n++] = '>';
	*out = (struct mail_path){ STR_EMPTY, STR_EMPTY };
	if (!mail_path_parse(
		str_n(path, n), MAIL_PATH_RECIPIENT, out, &rest, &why))
		config_note(s->config, LEVEL_ERROR, s->line,
		    "plugin '%s': '%.*s' is no address and gets no copies: %s",
		    s->instance->written, STR_ARG(text), why);
	else if (bare)
		out->domain = (struct str)STR_EMPTY;
	return true;
}

static bool
add_rule(struct plugin_setup *s, struct bcc *data, enum copy_when when,
    struct str address, struct err *e)
{
	struct copy_rule r = { .when = when };
	if (!parse_address(s, address, &r.to, e))
		return false;
	if (r.to.local.len == 0)
		return true;
	if (data->n < FILTER_COPIES_MAX)
		data->rules[data->n++] = r;
	else
		config_note(s->config, LEVEL_ERROR, s->line,
		    "plugin '%s': more than %d addresses", s->instance->written,
		    FILTER_COPIES_MAX);
	return true;
}

static void
set_mode(struct plugin_setup *s, struct bcc *data, struct str mode)
{
	data->off = str_is(mode, "off");
	data->told = str_is(mode, "cc");
	if (!data->off && !data->told && !str_is(mode, "bcc"))
		config_note(s->config, LEVEL_WARN, s->line,
		    "plugin '%s': mode is bcc, cc or off, not '%.*s'",
		    s->instance->written, STR_ARG(mode));
}

static bool
add_pair(struct plugin_setup *s, struct bcc *data, struct str name,
    struct str value, struct err *e)
{
	if (str_is(name, "mode")) {
		set_mode(s, data, value);
		return true;
	}
	for (size_t i = 0; i < ARRAY_LEN(whens); i++) {
		if (str_is(name, whens[i].word))
			return add_rule(s, data, whens[i].when, value, e);
	}
	/* of a plugin line, the check of all plugins' arguments says the same
	 */
	if (s->n_words == 0 && !str_is(name, "per_recipient"))
		config_note(s->config, LEVEL_WARN, s->line,
		    "'%.*s' means nothing here", STR_ARG(name));
	return true;
}

/* The file in place of arguments: the same pairs, one or more a line. */
static bool
read_file(struct plugin_setup *s, struct bcc *data, struct err *e)
{
	struct config_lines lines;
	if (!config_lines(s->config, STR("bcc"), &lines, e))
		return false;
	for (size_t i = 0; i < lines.n; i++) {
		struct str rest = lines.lines[i].text, name, value;
		s->line = &lines.lines[i];
		while (str_next_word(&rest, &name)) {
			if (!str_next_word(&rest, &value))
				config_note(s->config, LEVEL_WARN, s->line,
				    "'%.*s' has no value", STR_ARG(name));
			else if (!add_pair(s, data, name, value, e))
				return false;
		}
	}
	return true;
}

static bool
configure(struct plugin_setup *s, struct err *e)
{
	struct bcc *data = plugin_alloc(s, sizeof(*data), e);
	s->instance->data = data;
	if (data == NULL || !own_domains_load(s, &data->own, e) ||
	    !name_list_load(s, "bcc_ignore_mailfrom", &data->no_senders, e) ||
	    !name_list_load(s, "bcc_ignore_rcptto", &data->no_rcpts, e))
		return false;
	for (size_t i = 0; i + 1 < s->n_words; i += 2) {
		if (!add_pair(s, data, s->words[i], s->words[i + 1], e))
			return false;
	}
	return s->n_words > 0 || read_file(s, data, e);
}

/* What of a message's recipients asks for copies. */
struct wish {
	bool any;      /* one that is not ignored */
	bool incoming; /* one of them is ours */
};

static struct wish
look_at_rcpts(const struct bcc *data, const struct filter_session *s)
{
	struct wish w = { false, false };
	for (size_t i = 0; i < s->n_rcpts; i++) {
		struct folded f;
		fold_path(&f, &s->rcpts[i]);
		if (name_list_has_path(&data->no_rcpts, &f))
			continue;
		w.any = true;
		w.incoming = w.incoming || f.domain.len == 0 ||
			     own_domains_have(&data->own, f.domain);
	}
	return w;
}

static bool
is_address(const struct folded *f, const struct mail_path *path)
{
	struct folded other;
	fold_path(&other, path);
	return str_eq(f->address, other.address);
}

/* A recipient already, or to be one. */
static bool
has_it(const struct filter_session *s, const struct mail_path *to)
{
	struct folded f;
	fold_path(&f, to);
	for (size_t i = 0; i < s->n_rcpts; i++) {
		if (is_address(&f, &s->rcpts[i]))
			return true;
	}
	for (size_t i = 0; i < s->n_copies; i++) {
		if (is_address(&f, &s->copies[i]))
			return true;
	}
	return false;
}

static void
add_copy(struct plugin_call *c, const struct mail_path *to)
{
	const struct bcc *data = c->instance->data;
	struct filter_session *s = c->session;
	if (has_it(s, to)) {
		plugin_log(c, LEVEL_INFO, "skip, %.*s%s%.*s gets it anyway",
		    STR_ARG(to->local), to->domain.len > 0 ? "@" : "",
		    STR_ARG(to->domain));
		return;
	}
	/* taken once for all messages of the session */
	if (s->copies == NULL)
		s->copies =
		    ARENA_ARRAY(s->arena, FILTER_COPIES_MAX, struct mail_path);
	if (s->copies == NULL || s->n_copies == FILTER_COPIES_MAX) {
		plugin_log(c, LEVEL_CRIT, "error, no room for a copy");
		return;
	}
	s->copies[s->n_copies++] = *to;
	if (data->told)
		plugin_add_field(c, "X-Copied-To", "%.*s%s%.*s",
		    STR_ARG(to->local), to->domain.len > 0 ? "@" : "",
		    STR_ARG(to->domain));
	plugin_log(c, LEVEL_INFO, "%s to %.*s%s%.*s", data->told ? "cc" : "bcc",
	    STR_ARG(to->local), to->domain.len > 0 ? "@" : "",
	    STR_ARG(to->domain));
}

static bool
applies(const struct filter_session *s, const struct copy_rule *r,
    const struct wish *w)
{
	switch (r->when) {
	case COPY_ALL:
		return true;
	case COPY_INCOMING:
		return w->incoming;
	case COPY_OUTGOING:
		return s->relay_client;
	}
	return false;
}

static void
on_data_post(struct plugin_call *c)
{
	const struct bcc *data = c->instance->data;
	struct folded sender;
	if (data->off || data->n == 0)
		return;
	fold_path(&sender, &c->session->sender);
	if (name_list_has_path(&data->no_senders, &sender)) {
		plugin_log(
		    c, LEVEL_INFO, "skip, sender in bcc_ignore_mailfrom");
		return;
	}
	struct wish w = look_at_rcpts(data, c->session);
	if (!w.any) {
		plugin_log(
		    c, LEVEL_INFO, "skip, recipients in bcc_ignore_rcptto");
		return;
	}
	for (size_t i = 0; i < data->n; i++) {
		if (applies(c->session, &data->rules[i], &w))
			add_copy(c, &data->rules[i].to);
	}
}

static const char *const arguments[] = { "mode", "all", "incoming", "outgoing",
	"per_recipient", NULL };

const struct plugin plugin_bcc = {
	.name = "bcc",
	.flags = PLUGIN_PAIRS,
	.configure = configure,
	.arguments = arguments,
	.hooks = {
		{ HOOK_DATA_POST, on_data_post },
	},
};
