/* Arguments and files of plugins, while a policy is loaded. */
#include "core/filter/plugin_int.h"

#include "core/base/i18n.h"
#include "core/base/num.h"
#include "core/filter/plugins_int.h"

#include <errno.h>
#include <string.h>

/* reject_type words (FL-40). */
static const struct {
	const char *word;
	enum filter_result result;
} reject_types[] = {
	{ "perm", FILTER_DENY },
	{ "hard", FILTER_DENY },
	{ "temp", FILTER_DENYSOFT },
	{ "soft", FILTER_DENYSOFT },
	{ "disconnect", FILTER_DENY_DISCONNECT },
	{ "temp_disconnect", FILTER_DENYSOFT_DISCONNECT },
};

struct str
plugin_argument(const struct plugin_setup *s, const char *name)
{
	for (size_t i = 0; i + 1 < s->n_words; i += 2) {
		if (str_is(s->words[i], name))
			return s->words[i + 1];
	}
	return (struct str)STR_EMPTY;
}

static int64_t
number_or_note(struct plugin_setup *s, struct str word, int64_t min,
    int64_t max, int64_t otherwise)
{
	int64_t n = otherwise;
	if (word.len > 0 && !num_parse_i64(word, min, max, &n))
		config_note(s->config, LEVEL_WARN, s->line,
		    "plugin '%s': '%.*s' is no number from %lld to %lld",
		    s->instance->written, STR_ARG(word), (long long)min,
		    (long long)max);
	return n;
}

int64_t
plugin_argument_number(struct plugin_setup *s, const char *name, int64_t min,
    int64_t max, int64_t otherwise)
{
	return number_or_note(s, plugin_argument(s, name), min, max, otherwise);
}

int64_t
plugin_word_number(
    struct plugin_setup *s, int64_t min, int64_t max, int64_t otherwise)
{
	struct str word = STR_EMPTY;
	if (s->n_words > 0)
		word = s->words[0];
	return number_or_note(s, word, min, max, otherwise);
}

bool
plugin_take_count(
    struct plugin_setup *s, int64_t max, int64_t otherwise, struct err *e)
{
	int64_t *count = plugin_alloc(s, sizeof(*count), e);
	if (count == NULL)
		return false;
	*count = plugin_word_number(s, 1, max, otherwise);
	s->instance->data = count;
	return true;
}

bool
plugin_argument_flag(
    const struct plugin_setup *s, const char *name, bool otherwise)
{
	struct str word = plugin_argument(s, name);
	return word.len == 0 ? otherwise : !str_is(word, "0");
}

bool
plugin_argument_yes(struct plugin_setup *s, const char *name, bool otherwise)
{
	static const char *const yes[] = { "yes", "1", "on", "true" };
	static const char *const no[] = { "no", "0", "off", "false" };
	struct str word = plugin_argument(s, name);
	for (size_t i = 0; i < ARRAY_LEN(yes); i++) {
		if (str_is_nocase(word, yes[i]) || str_is_nocase(word, no[i]))
			return str_is_nocase(word, yes[i]);
	}
	if (word.len > 0)
		config_note(s->config, LEVEL_WARN, s->line,
		    "plugin '%s': %s is yes or no, not '%.*s'",
		    s->instance->written, name, STR_ARG(word));
	return otherwise;
}

void *
plugin_array(struct plugin_setup *s, size_t count, size_t size, struct err *e)
{
	void *p = arena_array(s->config->arena, count > 0 ? count : 1, size);
	if (p == NULL)
		err_set_errno(e, ENOMEM, _("cannot load plugin '%s'"),
		    s->instance->written);
	return p;
}

void *
plugin_alloc(struct plugin_setup *s, size_t size, struct err *e)
{
	return plugin_array(s, 1, size, e);
}

char *
plugin_cstr(struct plugin_setup *s, struct str text, struct err *e)
{
	char *copy = plugin_array(s, text.len + 1, 1, e);
	if (copy != NULL && text.len > 0)
		memcpy(copy, text.ptr, text.len);
	return copy;
}

struct str
plugin_lower(struct plugin_setup *s, struct str text, struct err *e)
{
	char *copy = plugin_array(s, text.len + 1, 1, e);
	if (copy == NULL)
		return (struct str)STR_EMPTY;
	for (size_t i = 0; i < text.len; i++)
		copy[i] = ascii_lower(text.ptr[i]);
	return str_n(copy, text.len);
}

const struct pattern *
plugin_pattern(
    struct plugin_setup *s, const struct config_line *line, struct str text)
{
	char why[PATTERN_WHY_SIZE];
	struct pattern *p = pattern_new(text, why);
	if (p == NULL) {
		config_note(s->config, LEVEL_ERROR, line,
		    "pattern '%.*s' is broken and is skipped: %s",
		    STR_ARG(text), why);
		return NULL;
	}
	if (!vec_push(s->patterns, &p)) {
		pattern_free(p);
		config_note(s->config, LEVEL_CRIT, line,
		    "pattern is skipped: out of memory");
		return NULL;
	}
	return p;
}

static void
setup_loglevel(struct plugin_setup *s)
{
	struct str word = plugin_argument(s, "loglevel");
	struct plugin_instance *instance = s->instance;
	int64_t n;
	if (word.len == 0)
		return;
	bool is_shift = word.ptr[0] == '+' || word.ptr[0] == '-';
	if (is_shift && num_parse_i64(word, -LEVEL_DEBUG, LEVEL_DEBUG, &n)) {
		instance->level = (int)n;
	} else if (!is_shift && level_parse(word, &instance->level)) {
		instance->level_is_set = true;
	} else {
		config_note(s->config, LEVEL_WARN, s->line,
		    "plugin '%s': '%.*s' is no log level", instance->written,
		    STR_ARG(word));
	}
}

static void
setup_reject(struct plugin_setup *s)
{
	struct str how = plugin_argument(s, "reject");
	struct str type = plugin_argument(s, "reject_type");
	if (str_is(how, "naughty"))
		s->instance->reject = REJECT_NAUGHTY;
	else if (str_is(how, "0"))
		s->instance->reject = REJECT_NO;
	else if (how.len > 0 && !str_is(how, "1") && !str_is(how, "connect"))
		config_note(s->config, LEVEL_WARN, s->line,
		    "plugin '%s': reject is 0, 1 or naughty, not '%.*s'",
		    s->instance->written, STR_ARG(how));
	for (size_t i = 0; i < ARRAY_LEN(reject_types); i++) {
		if (str_is_nocase(type, reject_types[i].word)) {
			s->instance->reject_type = reject_types[i].result;
			s->instance->has_own_type = true;
		}
	}
}

static bool
is_listed(struct str word, const char *const *names)
{
	for (; names != NULL && *names != NULL; names++) {
		if (str_is(word, *names))
			return true;
	}
	return false;
}

/* "check_basicheaders 5" */
static bool
is_lone_number(const struct plugin_setup *s)
{
	const struct plugin *plugin = s->instance->plugin;
	uint64_t n;
	return plugin->lone_number && !plugin_is_old_name(s, plugin->name) &&
	       num_parse_u64(s->words[0], UINT64_MAX, &n);
}

/* A misspelt argument would otherwise be ignored in silence. */
static void
note_unknown_arguments(struct plugin_setup *s)
{
	static const char *const shared[] = { "reject", "reject_type", NULL };
	const struct plugin *plugin = s->instance->plugin;
	bool rejects = (plugin->flags & PLUGIN_REJECTS) != 0;
	if (s->n_words == 1 &&
	    (is_listed(s->words[0], plugin->lone_words) || is_lone_number(s)))
		return;
	for (size_t i = 0; i < s->n_words; i += 2) {
		struct str name = s->words[i];
		bool is_known = str_is(name, "loglevel") ||
				(rejects && is_listed(name, shared)) ||
				is_listed(name, plugin->arguments);
		if (!is_known)
			config_note(s->config, LEVEL_WARN, s->line,
			    "plugin '%s' has no argument '%.*s'",
			    s->instance->written, STR_ARG(name));
		else if (i + 1 == s->n_words)
			config_note(s->config, LEVEL_WARN, s->line,
			    "plugin '%s': argument '%.*s' has no value",
			    s->instance->written, STR_ARG(name));
	}
}

void
plugin_setup_common(struct plugin_setup *s)
{
	const struct plugin *plugin = s->instance->plugin;
	s->instance->reject_type =
	    plugin->denies_with != 0 ? plugin->denies_with : FILTER_DENY;
	s->instance->has_own_type = plugin->denies_with != 0;
	if (!(plugin->flags & PLUGIN_PAIRS))
		return;
	setup_loglevel(s);
	if (plugin->flags & PLUGIN_REJECTS)
		setup_reject(s);
	note_unknown_arguments(s);
}

bool
plugin_arguments_of_file(
    struct plugin_setup *s, const char *setting, struct err *e)
{
	struct config_lines lines;
	if (!config_lines(s->config, str_of(setting), &lines, e))
		return false;
	/* a name without its value would make names of values */
	size_t n = s->n_words - s->n_words % 2;
	struct str *words = plugin_array(s, n + 2 * lines.n, sizeof(*words), e);
	if (words == NULL)
		return false;
	if (n > 0)
		memcpy(words, s->words, n * sizeof(*words));
	for (size_t i = 0; i < lines.n; i++) {
		struct str rest = lines.lines[i].text;
		(void)str_next_word(&rest, &words[n++]);
		words[n++] = str_trim(rest);
	}
	s->words = words;
	s->n_words = n;
	plugin_setup_common(s);
	return true;
}
