/*
 * smemail __dump WHAT: lists made from the records, for the manual's build and
 * the lint tests. Never edited by hand anywhere.
 */
#include "cmd/commands.h"
#include "cmd/match.h"
#include "cmd/options.h"
#include "cmd/registry.h"
#include "cmd/render.h"
#include "core/base/i18n.h"
#include "core/setting/setting.h"

#include <assert.h>
#include <string.h>

enum {
	DUMP_MAX = 8 << 20,
	LINE_WIDTH = 72
};

/* One word for mdoc: no escapes, no macro names at its beginning. */
static void
mdoc_word(struct buf *out, struct str word)
{
	/* a macro's name as a whole word would be called inside a macro line */
	if (word.len > 0 && (word.ptr[0] == '.' || word.ptr[0] == '\''))
		buf_add_cstr(out, "\\&");
	/* in names and options a hyphen is to be copied as it is */
	bool name = word.len > 0 && (word.ptr[0] == '-' ||
					memchr(word.ptr, '.', word.len - 1) ||
					memchr(word.ptr, '/', word.len));
	for (size_t i = 0; i < word.len; i++) {
		char c = word.ptr[i];
		if (c == '\\')
			buf_add_cstr(out, "\\e");
		else if (c == '-' && name)
			buf_add_cstr(out, "\\-");
		else
			buf_add_char(out, c);
	}
}

/* Text lines broken at blanks; a sentence begins a new line, as mdoc likes. */
static void
mdoc_text(struct buf *out, const char *text)
{
	struct str rest = str_of(text), word;
	size_t used = 0;
	while (str_next_word(&rest, &word)) {
		if (used > 0 && used + word.len + 1 > LINE_WIDTH) {
			buf_add_char(out, '\n');
			used = 0;
		}
		if (used > 0)
			buf_add_char(out, ' ');
		mdoc_word(out, word);
		used += word.len + 1;
		char last = word.ptr[word.len - 1];
		if (last == '.' || last == '?' || last == '!') {
			buf_add_char(out, '\n');
			used = 0;
		}
	}
	if (used > 0)
		buf_add_char(out, '\n');
}

/* A summary has no full stop on screen; in the manual it is a sentence. */
static void
mdoc_sentence(struct buf *out, const char *text)
{
	struct buf line = BUF_INIT(DUMP_MAX);
	size_t n = strlen(text);
	assert(n > 0);
	buf_add_cstr(&line, text);
	if (strchr(".?!", text[n - 1]) == NULL)
		buf_add_char(&line, '.');
	if (line.data[0] >= 'a' && line.data[0] <= 'z' &&
	    strncmp(text, "smemail", 7) != 0)
		line.data[0] = (char)(line.data[0] - 'a' + 'A');
	mdoc_text(out, buf_cstr(&line));
	buf_clear(&line);
}

static void
mdoc_options(struct buf *out, const struct option_spec *o)
{
	if (o->name == NULL)
		return;
	buf_add_cstr(out, ".Bl -tag -width Ds -compact\n");
	for (; o->name != NULL; o++) {
		buf_add_cstr(out, ".It");
		if (o->letter != '\0')
			buf_addf(out, " Fl %c ,", o->letter);
		buf_add_cstr(out, " Fl \\-");
		mdoc_word(out, str_of(o->name));
		if (o->value != NULL)
			buf_addf(out, " Ar %s", o->value);
		buf_add_char(out, '\n');
		mdoc_sentence(out, o->help);
	}
	buf_add_cstr(out, ".El\n");
}

static void
mdoc_command(struct buf *out, const struct command *c)
{
	buf_add_cstr(out, ".It Ic ");
	mdoc_word(out, str_of(c->words));
	if (c->options[0].name != NULL)
		buf_add_cstr(out, " Oo Ar options Oc");
	for (size_t i = 0; i < COMMAND_ARGS_MAX && c->args[i].name; i++) {
		const struct arg_spec *a = &c->args[i];
		bool optional = a->count == ARG_OPTIONAL || a->count == ARG_ANY;
		bool many = a->count == ARG_MANY || a->count == ARG_ANY;
		buf_addf(out, "%s Ar %s%s%s", optional ? " Oo" : "", a->name,
		    many ? " ..." : "", optional ? " Oc" : "");
	}
	buf_add_char(out, '\n');
	mdoc_sentence(out, c->summary);
	if (c->text != NULL)
		mdoc_text(out, c->text);
	mdoc_options(out, c->options);
}

static void
dump_commands(struct buf *out)
{
	size_t n;
	const struct command *const *all = command_all(&n);
	bool open = false;
	for (size_t i = 0; i < n; i++) {
		const char *title = command_group_title(all[i]);
		if (all[i]->flags & COMMAND_HIDDEN)
			continue;
		if (title != NULL || !open) {
			buf_add_cstr(out, open ? ".El\n" : "");
			buf_addf(out, ".Ss %s\n.Bl -tag -width Ds\n",
			    title != NULL ? title : "commands");
			open = true;
		}
		mdoc_command(out, all[i]);
	}
	buf_add_cstr(out, open ? ".El\n" : "");
}

static void
dump_options(struct buf *out)
{
	mdoc_options(out, option_globals());
}

static void
setting_stored(struct buf *out, const struct setting *s)
{
	const char *parts[] = { s->db, s->key, s->prop };
	buf_add_cstr(out, "Stored in");
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		if (parts[i] != NULL && parts[i][0] != '\0')
			buf_addf(out, " %s", parts[i]);
	}
	buf_add_cstr(out, ".");
}

static void
setting_facts(struct buf *out, const struct setting *s)
{
	struct buf text = BUF_INIT(DUMP_MAX);
	buf_add_cstr(&text, "Values: ");
	s->type->describe(s, &text);
	buf_addf(&text, ". Default: %s. ",
	    s->default_value == NULL || s->default_value[0] == '\0'
		? "none"
		: s->default_value);
	setting_stored(&text, s);
	for (size_t i = 0; s->events != NULL && s->events[i] != NULL; i++)
		buf_addf(
		    &text, "%s%s", i == 0 ? " Event: " : ", ", s->events[i]);
	if (s->events != NULL && s->events[0] != NULL)
		buf_add_char(&text, '.');
	if (s->risk != SETTING_RISK_NONE)
		buf_addf(&text, " Risk: %s.", setting_risk_word(s->risk));
	if (s->since != NULL)
		buf_addf(&text, " Since release %s.", s->since);
	if (s->until != NULL)
		buf_addf(&text, " Until release %s.", s->until);
	mdoc_text(out, buf_cstr(&text));
	buf_clear(&text);
}

static void
dump_settings(struct buf *out)
{
	size_t n, n_areas;
	const struct setting *const *all = setting_all(&n);
	const char *const *areas = setting_areas(&n_areas);
	for (size_t k = 0; k < n_areas; k++) {
		buf_addf(out, ".Ss %s\n.Bl -tag -width Ds\n", areas[k]);
		for (size_t i = 0; i < n; i++) {
			if (strcmp(all[i]->area, areas[k]) != 0)
				continue;
			buf_add_cstr(out, ".It Cm ");
			mdoc_word(out, str_of(all[i]->id));
			buf_add_char(out, '\n');
			mdoc_sentence(out, all[i]->help);
			if (all[i]->text != NULL)
				mdoc_text(out, all[i]->text);
			setting_facts(out, all[i]);
		}
		buf_add_cstr(out, ".El\n");
	}
}

/* "; event email-update, ip-change" */
static void
effect_part(struct buf *out, const char *word, const char *const *list)
{
	for (size_t i = 0; list != NULL && list[i] != NULL; i++)
		buf_addf(out, "%s%s", i == 0 ? word : ", ", list[i]);
}

/* What changing a setting does, from its record. */
static void
dump_effects(struct buf *out)
{
	size_t n;
	const struct setting *const *all = setting_all(&n);
	buf_add_cstr(out, ".Bl -tag -width Ds -compact\n");
	for (size_t i = 0; i < n; i++) {
		const struct setting *s = all[i];
		struct buf text = BUF_INIT(DUMP_MAX);
		bool files = s->files != NULL && s->files[0] != NULL;
		buf_add_cstr(out, ".It Cm ");
		mdoc_word(out, str_of(s->id));
		buf_add_cstr(out, "\n");
		buf_add_cstr(&text, files ? "" : "the record alone");
		effect_part(&text, "", s->files);
		effect_part(&text, "; fragments ", s->fragments);
		effect_part(&text, "; event ", s->events);
		effect_part(&text, "; services ", s->services);
		mdoc_text(out, buf_cstr(&text));
		buf_clear(&text);
	}
	buf_add_cstr(out, ".El\n");
}

/* One line an item for lint: what a record has and lacks. */
static void
dump_registry(struct buf *out)
{
	size_t n;
	const struct command *const *all = command_all(&n);
	for (size_t i = 0; i < n; i++) {
		const struct command *c = all[i];
		buf_addf(out, "command\t%s\t%s\t%s\t%s\t%s\n", c->words,
		    c->flags & COMMAND_HIDDEN ? "hidden" : "shown",
		    c->flags & COMMAND_CHANGES ? "changes" : "reads",
		    c->summary, c->text != NULL ? c->text : "");
		for (size_t k = 0; k < COMMAND_ARGS_MAX && c->args[k].name; k++)
			buf_addf(out, "arg\t%s\t%s\t%d\n", c->words,
			    c->args[k].name, (int)c->args[k].kind);
		for (const struct option_spec *o = c->options; o->name; o++)
			buf_addf(out, "option\t%s\t%s\t%s\t%s\n", c->words,
			    o->name, o->value != NULL ? o->value : "", o->help);
	}
	const struct setting *const *settings = setting_all(&n);
	for (size_t i = 0; i < n; i++) {
		const struct setting *s = settings[i];
		buf_addf(
		    out, "setting\t%s\t%s\t%s\n", s->id, s->help, s->help_fr);
		buf_addf(out, "effect\t%s", s->id);
		const char *const *parts[] = { s->files, s->fragments,
			s->events, s->services };
		for (size_t k = 0; k < ARRAY_LEN(parts); k++) {
			buf_add_char(out, '\t');
			effect_part(out, "", parts[k]);
		}
		buf_addf(out, "\t%s\t%s\t%s\n", setting_target_word(s->target),
		    s->since != NULL ? s->since : "",
		    s->until != NULL ? s->until : "");
	}
}

static const struct {
	const char *what;
	void (*dump)(struct buf *out);
} dumps[] = {
	{ "commands", dump_commands },
	{ "options", dump_options },
	{ "settings", dump_settings },
	{ "effects", dump_effects },
	{ "registry", dump_registry },
};

static const char *const dump_words[] = { "commands", "options", "settings",
	"effects", "registry", NULL };

static int
dump_run(struct app *app, const struct call *call, struct err *e)
{
	(void)e;
	struct buf out = BUF_INIT(DUMP_MAX);
	for (size_t i = 0; i < ARRAY_LEN(dumps); i++) {
		if (strcmp(dumps[i].what, call->args[0]) == 0)
			dumps[i].dump(&out);
	}
	render_raw(app, buf_str(&out));
	buf_clear(&out);
	return 0;
}

const struct command command_dump = {
	.words = "__dump",
	.summary = N_("print lists for the manual and the lint tests"),
	.text = N_("Lists of commands, options, settings and their effects as "
		   "mdoc text, and the registry with one item a line."),
	.args = {
		{ "WHAT", ARG_WORD_OF, ARG_ONE, dump_words },
	},
	.flags = COMMAND_HIDDEN | COMMAND_NO_ROOT,
	.run = dump_run,
};
