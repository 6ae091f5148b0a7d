/* Plugin lines become instances (FL-38, FL-39, FL-185, FL-186). */
#include "core/base/i18n.h"
#include "core/filter/plugins_int.h"
#include "core/filter/policy_int.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum {
	LABEL_MAX = 512,
	LINES_MAX = 1000 /* of one list; each session looks at all of them */
};

struct loading {
	struct filter_policy *policy;
	struct plugin_instance *instances;
	size_t n;
};

/* The name without the number of an instance: "helo:1" is helo. */
static struct str
without_number(struct str written)
{
	struct str number;
	struct str name = str_cut(written, ':', &number);
	for (size_t i = 0; i < number.len; i++) {
		if (!ascii_is_digit(number.ptr[i]))
			return written;
	}
	return number.len > 0 ? name : written;
}

/* As logs show it (FL-177): "/" as "::", other than word characters as _XX. */
static const char *
make_label(struct arena *a, struct str written)
{
	struct buf b = BUF_INIT(LABEL_MAX);
	for (size_t i = 0; i < written.len; i++) {
		char c = written.ptr[i];
		if (c == '/')
			buf_add_cstr(&b, "::");
		else if (ascii_is_alnum(c) || c == '_')
			buf_add_char(&b, c);
		else
			buf_addf(&b, "_%02x", (unsigned)(unsigned char)c);
	}
	const char *label = b.failed ? NULL : arena_cstr(a, buf_str(&b));
	buf_clear(&b);
	return label;
}

static bool
is_printable(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if ((s.ptr[i] < ' ' || s.ptr[i] > '~') && s.ptr[i] != '\t')
			return false;
	}
	return true;
}

static bool
refuse_name(const struct config_line *line, struct str name, bool is_known,
    struct err *e)
{
	if (is_known)
		return config_refuse(line, e,
		    _("plugin '%.*s' is not built yet"), STR_ARG(name));
	const char *nearest = plugins_nearest(name);
	if (nearest == NULL)
		return config_refuse(
		    line, e, _("unknown plugin '%.*s'"), STR_ARG(name));
	return config_refuse(line, e,
	    _("unknown plugin '%.*s', did you mean '%s'"), STR_ARG(name),
	    nearest);
}

/*
 * FL-186: lines under different names that come to the same plugin load it
 * once. The instance that is there already, or NULL.
 */
static const struct plugin_instance *
loaded_by_other_name(
    const struct loading *l, const struct plugin *plugin, struct str written)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct plugin_instance *other = &l->instances[i];
		if (other->plugin == plugin &&
		    !str_eq(without_number(str_of(other->written)),
			without_number(written)))
			return other;
	}
	return NULL;
}

/* The words of a plugin line; the first is its name. */
static bool
split_line(const struct config_line *line, struct str *written,
    struct str *words, size_t *n, struct err *e)
{
	struct str rest = line->text;
	if (!is_printable(line->text))
		return config_refuse(
		    line, e, _("plugin lines are printable ASCII only"));
	(void)str_next_word(&rest, written);
	*n = 0;
	while (*n < PLUGIN_WORDS_MAX && str_next_word(&rest, &words[*n]))
		(*n)++;
	if (str_trim(rest).len > 0)
		return config_refuse(
		    line, e, _("more than %d words"), PLUGIN_WORDS_MAX);
	return true;
}

/* The plugin and its names. */
static bool
identify(struct loading *l, const struct config_line *line, struct str written,
    struct plugin_instance *instance, struct err *e)
{
	struct arena *a = l->policy->arena;
	struct str name = without_number(written);
	bool is_known;
	if (!plugins_find(name, &instance->plugin, &is_known))
		return refuse_name(line, name, is_known, e);
	instance->written = arena_cstr(a, written);
	instance->label = make_label(a, written);
	return (instance->written != NULL && instance->label != NULL) ||
	       err_set_errno(
		   e, ENOMEM, _("cannot load plugin '%.*s'"), STR_ARG(name));
}

static bool
load_line(struct loading *l, const struct config_line *line, struct err *e)
{
	struct filter_policy *p = l->policy;
	struct plugin_instance *instance = &l->instances[l->n];
	struct str words[PLUGIN_WORDS_MAX], written;
	size_t n = 0;
	if (!split_line(line, &written, words, &n, e) ||
	    !identify(l, line, written, instance, e))
		return false;
	struct plugin_setup setup = {
		.config = &p->config,
		.patterns = &p->patterns,
		.line = line,
		.words = words,
		.n_words = n,
		.instance = instance,
	};
	const struct plugin_instance *other =
	    loaded_by_other_name(l, instance->plugin, written);
	if (other != NULL) {
		config_note(&p->config, LEVEL_DEBUG, line,
		    "'%s' is loaded already, as '%s'", instance->written,
		    other->written);
		return instance->plugin->merge == NULL ||
		       instance->plugin->merge(&setup, other, e);
	}
	plugin_setup_common(&setup);
	l->n++;
	return instance->plugin->configure == NULL ||
	       instance->plugin->configure(&setup, e);
}

/* FL-41: a mark denies nothing by itself. */
static void
note_marks_in_vain(struct filter_policy *p, const struct plugin_list *l)
{
	if (plugin_list_find(l, &plugin_naughty) != NULL ||
	    plugin_list_find(l, &plugin_peers) != NULL ||
	    plugin_list_find(&p->main, &plugin_naughty) != NULL)
		return;
	for (size_t i = 0; i < l->n; i++) {
		if (l->instances[i].reject != REJECT_NAUGHTY)
			continue;
		config_note(&p->config, LEVEL_WARN, NULL,
		    "config/%.*s: '%s' marks a client with reject naughty, and "
		    "no line 'naughty' denies what is marked",
		    STR_ARG(l->name), l->instances[i].written);
		return;
	}
}

bool
policy_load_list(struct filter_policy *p, struct str name,
    struct plugin_list *out, struct err *e)
{
	struct config_lines lines;
	struct loading l = { .policy = p };
	if (!config_lines(&p->config, name, &lines, e))
		return false;
	if (lines.n > LINES_MAX)
		return config_refuse(&lines.lines[LINES_MAX], e,
		    _("more than %d lines in a list of plugins"), LINES_MAX);
	/* one more than lines: a line that is dropped needs room too */
	l.instances =
	    ARENA_ARRAY(p->arena, lines.n + 1, struct plugin_instance);
	if (l.instances == NULL)
		return err_set_errno(
		    e, ENOMEM, _("cannot load '%.*s'"), STR_ARG(name));
	for (size_t i = 0; i < lines.n; i++) {
		l.instances[l.n] = (struct plugin_instance){ 0 };
		if (!load_line(&l, &lines.lines[i], e))
			return false;
	}
	*out = (struct plugin_list){ name, l.instances, l.n };
	note_marks_in_vain(p, out);
	return true;
}

const struct plugin_instance *
plugin_list_find(const struct plugin_list *l, const struct plugin *plugin)
{
	for (size_t i = 0; i < l->n; i++) {
		if (l->instances[i].plugin == plugin)
			return &l->instances[i];
	}
	return NULL;
}
