/* Building a policy from a bundle, and what it says about settings. */
#include "core/base/i18n.h"
#include "core/base/num.h"
#include "core/filter/policy_int.h"

#include <errno.h>
#include <stdlib.h>

enum {
	POLICY_MEMORY_MAX = 512 * 1024 * 1024
};

static const struct str peers_folder = { "peers/", 6 };

/* Settings the daemon asks for later must be read while errors can be told. */
static bool
keep_settings(struct filter_policy *p, struct err *e)
{
	struct config *c = &p->config;
	struct config_lines lines;
	for (size_t i = 0; i < c->names.len; i++) {
		struct str name = *VEC_AT(&c->names, struct str, i);
		bool is_setting = str_find(name, '/', 0) == name.len &&
				  !str_ends(name, STR(".cdb"));
		if (is_setting && !config_lines(c, name, &lines, e))
			return false;
	}
	return true;
}

/* FL-42: 'loglevel', else the last word of 'logging', else warn. */
static void
set_loglevel(struct filter_policy *p)
{
	struct str level = filter_policy_setting(p, "loglevel");
	struct str logging = filter_policy_setting(p, "logging");
	struct str word;
	p->loglevel = LEVEL_WARN;
	while (str_next_word(&logging, &word)) {
		if (level_parse(word, &p->loglevel))
			continue;
	}
	if (level.len > 0 && !level_parse(level, &p->loglevel))
		config_note(&p->config, LEVEL_WARN, NULL,
		    "config/loglevel: '%.*s' is no log level", STR_ARG(level));
}

/* A list loaded already from the same bytes: links to one file are usual. */
static const struct plugin_list *
find_twin(const struct filter_policy *p, struct str name)
{
	struct str content = config_raw(&p->config, name);
	for (size_t i = 0; i < p->peers.len && content.ptr != NULL; i++) {
		const struct plugin_list *l =
		    VEC_AT(&p->peers, struct peer, i)->list;
		struct str other = config_raw(&p->config, l->name);
		if (other.ptr != NULL && str_eq(other, content))
			return l;
	}
	return NULL;
}

static bool
load_peer(struct filter_policy *p, struct str name, struct err *e)
{
	struct peer peer = { 0 };
	struct str who = str_sub(name, peers_folder.len, name.len);
	peer.list = find_twin(p, name);
	if (peer.list == NULL) {
		struct plugin_list *list =
		    ARENA_NEW(p->arena, struct plugin_list);
		if (list == NULL)
			return err_set_errno(
			    e, ENOMEM, _("cannot load '%.*s'"), STR_ARG(name));
		if (!policy_load_list(p, name, list, e))
			return false;
		peer.list = list;
	}
	/* "0" is the list of last resort, not a network */
	peer.is_address =
	    !str_is(who, "0") && (net_block_parse(who, &peer.block) ||
				     net_prefix_parse(who, &peer.block));
	if (str_is(who, "local"))
		p->local = peer.list;
	if (str_eq(name, p->peers_line->otherwise))
		p->otherwise = peer.list;
	return vec_push(&p->peers, &peer) ||
	       err_set_errno(e, ENOMEM, _("cannot load '%.*s'"), STR_ARG(name));
}

/* "peers/0" of "peers/0" and of "peers/0/05earlytalker". */
static struct str
peer_name(struct str record)
{
	return str_sub(record, 0, str_find(record, '/', peers_folder.len));
}

static bool
load_peers(struct filter_policy *p, struct err *e)
{
	struct str last = STR_EMPTY;
	for (size_t i = 0; i < p->config.names.len; i++) {
		struct str record = *VEC_AT(&p->config.names, struct str, i);
		if (!str_starts(record, peers_folder))
			continue;
		struct str name = peer_name(record);
		/* the files of a folder stand together */
		if (str_eq(name, last))
			continue;
		last = name;
		if (!load_peer(p, name, e))
			return false;
	}
	return true;
}

static bool
list_queues(const struct plugin_list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		if (l->instances[i].plugin->flags & PLUGIN_QUEUES)
			return true;
	}
	return false;
}

/* FL-160: somewhere there must be a way to keep messages. */
static bool
check_queues(struct filter_policy *p, struct err *e)
{
	bool any = p->peers_line == NULL && list_queues(&p->main);
	for (size_t i = 0; i < p->peers.len; i++) {
		const struct plugin_list *l =
		    VEC_AT(&p->peers, struct peer, i)->list;
		if (list_queues(l))
			any = true;
		else
			config_note(&p->config, LEVEL_WARN, NULL,
			    "config/%.*s: no queue plugin", STR_ARG(l->name));
	}
	if (any)
		return true;
	return err_set(e, ERR_PERMANENT,
	    _("config/%s: no queue plugin, messages could not be kept"),
	    p->peers_line != NULL ? "peers" : "plugins");
}

/* Names of ours stand in replies and fields, which are lines. */
static bool
check_names(struct filter_policy *p, struct err *e)
{
	static const char *const files[] = { "me", "me-auth-results" };
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		struct config_lines lines =
		    config_kept(&p->config, str_of(files[i]));
		if (lines.n > 0 && lines.lines[0].text.len > MAIL_DOMAIN_MAX)
			return config_refuse(&lines.lines[0], e,
			    _("longer than a name may be (%d bytes)"),
			    MAIL_DOMAIN_MAX);
	}
	return true;
}

/* No plugin lines; a file that cannot be included is mostly why. */
static bool
refuse_empty(const struct filter_policy *p, struct err *e)
{
	for (size_t i = 0; i < p->config.notes.len; i++) {
		struct str text = str_of(
		    VEC_AT(&p->config.notes, struct config_note, i)->text);
		if (str_starts(text, STR("config/plugins line ")))
			return err_set(e, ERR_PERMANENT,
			    _("config/plugins: no plugin lines (%.*s)"),
			    STR_ARG(text));
	}
	return err_set(e, ERR_PERMANENT, _("config/plugins: no plugin lines"));
}

static bool
load(struct filter_policy *p, struct str bundle, struct err *e)
{
	bundle = arena_str(p->arena, bundle);
	if (bundle.ptr == NULL)
		return err_set_errno(
		    e, ENOMEM, _("cannot load the configuration"));
	if (!config_init(&p->config, p->arena, bundle, e) ||
	    !keep_settings(p, e) || !check_names(p, e))
		return false;
	set_loglevel(p);
	policy_check_limits(p);
	if (!aliases_load(&p->config, p->arena, &p->aliases, e))
		return false;
	aliases_check(p);
	if (config_kept(&p->config, STR("plugins")).n == 0)
		return refuse_empty(p, e);
	if (!policy_load_list(p, STR("plugins"), &p->main, e))
		return false;
	const struct plugin_instance *peers =
	    plugin_list_find(&p->main, &plugin_peers);
	if (peers != NULL) {
		p->peers_line = peers->data;
		if (!load_peers(p, e))
			return false;
	}
	return check_queues(p, e);
}

bool
filter_policy_new(struct str bundle, struct filter_policy **out, struct err *e)
{
	*out = NULL;
	struct filter_policy *p = calloc(1, sizeof(*p));
	if (p == NULL)
		return err_set_errno(
		    e, ENOMEM, _("cannot load the configuration"));
	p->patterns = (struct vec)VEC_INIT(struct pattern *);
	p->peers = (struct vec)VEC_INIT(struct peer);
	p->arena = arena_new(POLICY_MEMORY_MAX, NULL, NULL);
	if (p->arena == NULL)
		err_set_errno(e, ENOMEM, _("cannot load the configuration"));
	if (p->arena == NULL || !load(p, bundle, e)) {
		filter_policy_free(p);
		return false;
	}
	*out = p;
	return true;
}

void
filter_policy_free(struct filter_policy *p)
{
	if (p == NULL)
		return;
	for (size_t i = 0; i < p->patterns.len; i++)
		pattern_free(*VEC_AT(&p->patterns, struct pattern *, i));
	vec_clear(&p->patterns);
	vec_clear(&p->peers);
	config_clear(&p->config);
	arena_free(p->arena);
	free(p);
}

struct str
filter_policy_setting(const struct filter_policy *p, const char *name)
{
	struct config_lines lines = config_kept(&p->config, str_of(name));
	return lines.n > 0 ? lines.lines[0].text : (struct str)STR_EMPTY;
}

int64_t
filter_policy_number(
    const struct filter_policy *p, const char *name, int64_t otherwise)
{
	int64_t n = otherwise;
	if (!num_parse_i64(
		filter_policy_setting(p, name), INT64_MIN, INT64_MAX, &n))
		return otherwise;
	return n;
}

int
filter_policy_loglevel(const struct filter_policy *p)
{
	return p->loglevel;
}

void
filter_policy_log_all(struct filter_policy *p)
{
	p->loglevel = LEVEL_DEBUG;
}

void
filter_policy_notes(
    const struct filter_policy *p, filter_log *log, void *log_ctx)
{
	for (size_t i = 0; i < p->config.notes.len; i++) {
		const struct config_note *n =
		    VEC_AT(&p->config.notes, struct config_note, i);
		if (n->level <= p->loglevel)
			log(log_ctx, n->level, NULL, NULL, str_of(n->text));
	}
}

static bool
is_not_built(const struct plugin *plugin, struct str word)
{
	const char *const *words = plugin->not_built;
	for (size_t i = 0; words != NULL && words[i] != NULL; i++)
		if (str_is(word, words[i]))
			return true;
	return false;
}

bool
filter_line_is_built(struct str line)
{
	const struct plugin *plugin;
	bool is_known;
	struct str number, word;
	if (!str_next_word(&line, &word) ||
	    !plugins_find(str_cut(word, ':', &number), &plugin, &is_known))
		return false;
	while (str_next_word(&line, &word))
		if (is_not_built(plugin, word))
			return false;
	return true;
}
