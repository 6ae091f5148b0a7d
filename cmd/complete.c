/* Where on the line is the cursor, and what may stand there. */
#include "cmd/complete.h"

#include "cmd/commands.h"
#include "cmd/complete_words.h"
#include "cmd/match.h"
#include "cmd/options.h"
#include "cmd/render.h"
#include "core/base/escape.h"
#include "core/base/i18n.h"

#include <string.h>

/* The line before the cursor, as far as it can be understood. */
struct line {
	const char *const *words; /* without the last */
	size_t n, at;
	struct match match;
	bool command_done; /* the command's words are all there */
	bool strange;      /* a word that fits nothing */
	bool plain;        /* after "--", or where options end */
	const char **args; /* positional words so far */
	size_t n_args;
	const struct option_spec *pending; /* option still without its value */
};

void
complete_add(struct complete *c, const char *word, const char *description,
    const char *kind)
{
	struct str w = str_of(word);
	if (c->n >= COMPLETE_MAX || !str_starts(w, c->wanted))
		return;
	for (size_t i = 0; i < w.len; i++) {
		if ((unsigned char)word[i] < 0x20 || word[i] == 0x7f)
			return;
	}
	if (c->n == c->cap) {
		size_t cap = c->cap > 0 ? 2 * c->cap : 64;
		struct complete_item *more =
		    ARENA_ARRAY(c->app->arena, cap, struct complete_item);
		if (c->n > 0)
			memcpy(more, c->items, c->n * sizeof(*more));
		c->items = more;
		c->cap = cap;
	}
	c->items[c->n++] = (struct complete_item){
		.word = arena_printf(c->app->arena, "%s%s", c->front, word),
		.description = description != NULL ? description : "",
		.kind = kind,
	};
}

static const struct command *
line_command(const struct line *l)
{
	return match_complete(&l->match);
}

static const struct option_spec *
line_option(const struct line *l, struct str name, char letter)
{
	const struct command *c = line_command(l);
	const struct option_spec *lists[] = { c != NULL ? c->options : NULL,
		option_globals() };
	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		const struct option_spec *o =
		    lists[i] == NULL ? NULL
		    : letter != '\0' ? option_find_letter(lists[i], letter)
				     : option_find(lists[i], name);
		if (o != NULL)
			return o;
	}
	return NULL;
}

/* Options that change what is offered are carried out. */
static void
option_obey(struct app *app, const struct option_spec *o, const char *value)
{
	if (strcmp(o->name, "root") == 0)
		app->root_option = value;
	if (strcmp(o->name, "lang") == 0 && !app_language_set(app, value, NULL))
		return;
}

static void
line_option_step(struct app *app, struct line *l, const char *word)
{
	struct str rest = STR_EMPTY;
	const struct option_spec *o;
	if (word[1] == '-')
		o = line_option(l, str_cut(str_of(word + 2), '=', &rest), '\0');
	else
		o = line_option(l, str_of(""), word[strlen(word) - 1]);
	if (o == NULL || o->value == NULL)
		return;
	if (rest.ptr != NULL)
		option_obey(app, o, rest.ptr);
	else if (l->at < l->n)
		option_obey(app, o, l->words[l->at++]);
	else
		l->pending = o;
}

/* Is nothing parsed any more at the next positional word? */
static bool
line_is_rest(const struct line *l)
{
	const struct command *c = line_command(l);
	if (c == NULL)
		return false;
	if (c->flags & COMMAND_RAW)
		return l->n_args > 0;
	for (size_t i = 0; i < COMMAND_ARGS_MAX && c->args[i].name; i++) {
		if (c->args[i].kind == ARG_REST)
			return l->n_args > i;
	}
	return false;
}

static void
line_word_step(struct line *l, const char *word)
{
	if (!l->command_done && match_word(&l->match, str_of(word))) {
		l->command_done = !match_continues(&l->match);
		return;
	}
	l->command_done = match_complete(&l->match) != NULL;
	if (l->command_done)
		l->args[l->n_args++] = word;
	else
		l->strange = true;
}

static void
line_read(struct app *app, struct line *l)
{
	match_begin(&l->match, app->arena);
	l->args = ARENA_ARRAY(app->arena, l->n + 1, const char *);
	while (l->at < l->n && !l->strange) {
		const char *word = l->words[l->at++];
		l->plain = l->plain || line_is_rest(l);
		if (!l->plain && strcmp(word, "--") == 0)
			l->plain = true;
		else if (!l->plain && option_looks_like(word))
			line_option_step(app, l, word);
		else
			line_word_step(l, word);
	}
	l->plain = l->plain || line_is_rest(l);
}

static void
add_commands(struct complete *c, const struct match *m)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct command *cmd = m->candidates[i];
		struct str word = command_word(cmd, m->depth);
		bool seen = word.len == 0 || (cmd->flags & COMMAND_HIDDEN) != 0;
		for (size_t k = 0; !seen && k < c->n; k++)
			seen = str_is(word, c->items[k].word);
		if (seen)
			continue;
		/* a word that leads to several commands is told by them */
		bool whole = command_word_count(cmd) == m->depth + 1;
		const char *text = _(cmd->summary);
		if (!whole) {
			struct match next = *m;
			next.candidates = ARENA_ARRAY(
			    c->app->arena, m->n, const struct command *);
			memcpy(next.candidates, m->candidates,
			    m->n * sizeof(*m->candidates));
			if (match_word(&next, word))
				text = match_choices(&next, c->app->arena);
		}
		complete_add(
		    c, arena_cstr(c->app->arena, word), text, "command");
	}
}

static void
add_options(struct complete *c, const struct line *l)
{
	const struct command *cmd = line_command(l);
	const struct option_spec *lists[] = { cmd != NULL ? cmd->options : NULL,
		option_globals() };
	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		for (const struct option_spec *o = lists[i];
		     o != NULL && o->name != NULL; o++)
			complete_add(c,
			    arena_printf(c->app->arena, "--%s", o->name),
			    _(o->help), "option");
	}
}

static void
add_value(struct complete *c, const struct line *l, const struct option_spec *o)
{
	struct complete_place place = {
		.command = line_command(l),
		.kind = o->kind,
		.before = l->args,
		.n_before = l->n_args,
		.option = o->name,
	};
	complete_word(c, &place);
}

/* The record's argument for the next positional word, or NULL. */
static const struct arg_spec *
next_arg(const struct line *l)
{
	const struct command *c = line_command(l);
	if (c == NULL)
		return NULL;
	size_t i = 0;
	for (; i < COMMAND_ARGS_MAX && c->args[i].name != NULL; i++) {
		bool many = c->args[i].count == ARG_MANY ||
			    c->args[i].count == ARG_ANY ||
			    c->args[i].kind == ARG_REST;
		if (many || i == l->n_args)
			return &c->args[i];
	}
	return NULL;
}

static void
add_argument(struct complete *c, const struct line *l)
{
	const struct arg_spec *spec = next_arg(l);
	if (spec == NULL)
		return;
	struct complete_place place = {
		.command = line_command(l),
		.kind = spec->kind,
		.choices = spec->words,
		.before = l->args,
		.n_before = l->n_args,
	};
	complete_word(c, &place);
}

/* "--option=VAL" is completed as VAL, with the option kept in front. */
static bool
add_joined_value(struct complete *c, const struct line *l)
{
	struct str rest;
	struct str name = str_cut(c->wanted, '=', &rest);
	if (l->plain || !str_starts(name, STR("--")) || rest.ptr == NULL)
		return false;
	const struct option_spec *o =
	    line_option(l, str_sub(name, 2, name.len), '\0');
	if (o == NULL || o->value == NULL)
		return false;
	c->front = arena_printf(c->app->arena, "%.*s=", STR_ARG(name));
	c->wanted = rest;
	add_value(c, l, o);
	return true;
}

/* Why there is nothing to offer, and what to type instead. */
static const char *
nothing_words(const struct complete *c, const struct line *l)
{
	struct arena *a = c->app->arena;
	if (l->pending != NULL && l->pending->help != NULL)
		return arena_printf(a, _("nothing to offer for %s: %s"),
		    l->pending->value, _(l->pending->help));
	if (l->pending != NULL || str_starts(c->wanted, STR("-")))
		return _("nothing fits here");
	if (!l->command_done)
		return arena_printf(
		    a, _("no command begins with '%.*s'"), STR_ARG(c->wanted));
	const struct arg_spec *spec = next_arg(l);
	if (spec == NULL)
		return _("no more words belong here");
	if (c->wanted.len > 0)
		return arena_printf(a, _("no %s begins with '%.*s'"),
		    spec->name, STR_ARG(c->wanted));
	return arena_printf(a,
	    _("nothing to offer for %s; see: smemail %s "
	      "--help"),
	    spec->name, line_command(l)->words);
}

void
complete_line(
    struct app *app, const char *const *words, size_t n, struct complete *out)
{
	*out = (struct complete){ .app = app, .front = "" };
	struct line l = { .words = words, .n = n > 0 ? n - 1 : 0 };
	out->wanted = str_of(n > 0 ? words[n - 1] : "");
	line_read(app, &l);
	struct err e = ERR_INIT;
	app->model.root = &app->root;
	app->model.arena = app->arena;
	if (root_init(&app->root, app->root_option, &e))
		app->model.release = model_release(&app->root, app->arena);
	if (l.strange)
		out->why = _("the line begins with an unknown command");
	else if (l.pending != NULL)
		add_value(out, &l, l.pending);
	else if (!add_joined_value(out, &l)) {
		bool option = !l.plain && str_starts(out->wanted, STR("-"));
		if (option)
			add_options(out, &l);
		else if (!l.command_done)
			add_commands(out, &l.match);
		/* files beside options would be all that a shell offers */
		if (!option &&
		    (l.n_args > 0 || match_complete(&l.match) != NULL))
			add_argument(out, &l);
	}
	if (out->n == 0 && out->end == COMPLETE_END)
		out->end = COMPLETE_NONE;
	if (out->end == COMPLETE_NONE && out->why == NULL)
		out->why = nothing_words(out, &l);
}

static int
complete_run(struct app *app, const struct call *call, struct err *e)
{
	(void)e;
	struct complete c;
	complete_line(app, call->args, call->n_args, &c);
	struct buf out = BUF_INIT((size_t)COMPLETE_MAX * 4096);
	for (size_t i = 0; i < c.n; i++) {
		buf_addf(&out, "%s\t", c.items[i].word);
		escape_terminal(&out, str_of(c.items[i].description));
		buf_addf(&out, "\t%s\n", c.items[i].kind);
	}
	static const char *const ends[] = {
		[COMPLETE_END] = ":end",
		[COMPLETE_NOSPACE] = ":nospace",
		[COMPLETE_FILES] = ":files",
		[COMPLETE_DIRS] = ":dirs",
		[COMPLETE_NONE] = ":none ",
	};
	buf_addf(
	    &out, "%s%s\n", ends[c.end], c.end == COMPLETE_NONE ? c.why : "");
	render_raw(app, buf_str(&out));
	buf_clear(&out);
	return 0;
}

const struct command command_complete = {
	.words = "__complete",
	.summary = N_("print what may stand at the end of a command line"),
	.text = N_("For completion scripts. Prints word, description and kind, "
		   "separated by tabs, and a last line that says how to go "
		   "on."),
	.args = {
		{ "WORDS", ARG_REST, ARG_ANY, NULL },
	},
	.flags = COMMAND_HIDDEN | COMMAND_NO_ROOT,
	.run = complete_run,
};
