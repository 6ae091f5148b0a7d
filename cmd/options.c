/* Options and words that a command's record declares. */
#include "cmd/options_int.h"

#include "core/base/nearest.h"
#include "core/base/i18n.h"
#include "core/base/num.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

const struct option_spec *
option_find(const struct option_spec *specs, struct str name)
{
	for (; specs->name != NULL; specs++) {
		if (str_is(name, specs->name) ||
		    (specs->also != NULL && str_is(name, specs->also)))
			return specs;
	}
	return NULL;
}

const struct option_spec *
option_find_letter(const struct option_spec *specs, char letter)
{
	for (; specs->name != NULL; specs++) {
		if (specs->letter == letter)
			return specs;
	}
	return NULL;
}

bool
option_looks_like(const char *word)
{
	return word[0] == '-' && word[1] != '\0' && !ascii_is_digit(word[1]) &&
	       word[1] != '.';
}

/* Errors of options name the command that explains them. */
static bool
usage_next(const struct parse *p, struct err *e)
{
	if (p->command != NULL)
		return err_next(e, "smemail %s --help", p->command->words);
	return err_next(e, "smemail --help");
}

static bool
unknown_option(const struct parse *p, const char *word, struct err *e)
{
	struct str name = str_of(word);
	name = str_sub(name, 0, str_find(name, '=', 0));
	struct nearest near = { .wanted = str_sub(name, 2, name.len) };
	const struct option_spec *lists[] = { option_globals(),
		p->command != NULL ? p->command->options : NULL };
	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		for (const struct option_spec *o = lists[i];
		     o != NULL && o->name != NULL; o++) {
			nearest_try(&near, str_of(o->name));
			if (o->also != NULL)
				nearest_try(&near, str_of(o->also));
		}
	}
	if (near.best.len > 0)
		err_set(e, ERR_USAGE,
		    _("unknown option '%.*s'; did you mean '--%.*s'"),
		    STR_ARG(name), STR_ARG(near.best));
	else
		err_set(
		    e, ERR_USAGE, _("unknown option '%.*s'"), STR_ARG(name));
	return usage_next(p, e);
}

/* The option's value: after "=", after the letter, or the next word. */
static bool
option_value(struct parse *p, const struct option_spec *o, const char *joined,
    const char **value, struct err *e)
{
	*value = "";
	if (o->value == NULL) {
		if (joined == NULL)
			return true;
		err_set(
		    e, ERR_USAGE, _("option '--%s' takes no value"), o->name);
		return usage_next(p, e);
	}
	if (joined != NULL) {
		*value = joined;
		return true;
	}
	if (p->at >= p->n) {
		err_set(e, ERR_USAGE, _("option '--%s' needs a value: %s"),
		    o->name, o->value);
		return usage_next(p, e);
	}
	*value = p->words[p->at++];
	return true;
}

/* Carry out one option found in the command's record or the global table. */
static bool
option_store(struct app *app, struct parse *p, const struct option_spec *o,
    const char *joined, struct err *e)
{
	const char *value;
	if (!option_value(p, o, joined, &value, e))
		return false;
	if (option_is_global(o))
		return option_global_apply(app, p, o, value, e);
	const char **slot = &p->call.values[o - p->command->options];
	*slot = o->many && *slot != NULL
		    ? arena_printf(app->arena, "%s\n%s", *slot, value)
		    : value;
	return true;
}

static const struct option_spec *
lookup(const struct parse *p, struct str name, char letter)
{
	const struct option_spec *o = NULL;
	bool by_letter = letter != '\0';
	if (p->command != NULL)
		o = by_letter ? option_find_letter(p->command->options, letter)
			      : option_find(p->command->options, name);
	if (o != NULL)
		return o;
	return by_letter ? option_find_letter(option_globals(), letter)
			 : option_find(option_globals(), name);
}

static bool
take_long(struct app *app, struct parse *p, struct err *e)
{
	const char *word = p->words[p->at++];
	struct str rest;
	struct str name = str_cut(str_of(word + 2), '=', &rest);
	const struct option_spec *o = lookup(p, name, '\0');
	if (o == NULL)
		return unknown_option(p, word, e);
	return option_store(app, p, o, rest.ptr, e);
}

/* "-v", "-vq", "-n5", "-n 5" */
static bool
take_letters(struct app *app, struct parse *p, struct err *e)
{
	const char *word = p->words[p->at++];
	for (const char *c = word + 1; *c != '\0'; c++) {
		const struct option_spec *o = lookup(p, str_of(""), *c);
		if (o == NULL) {
			err_set(e, ERR_USAGE, _("unknown option '-%c'"), *c);
			return usage_next(p, e);
		}
		bool joined = o->value != NULL && c[1] != '\0';
		if (!option_store(app, p, o, joined ? c + 1 : NULL, e))
			return false;
		if (joined)
			break;
	}
	return true;
}

static bool
option_take(struct app *app, struct parse *p, struct err *e)
{
	if (p->words[p->at][1] == '-')
		return take_long(app, p, e);
	return take_letters(app, p, e);
}

bool
option_global_take(struct app *app, struct parse *p, struct err *e)
{
	const struct command *command = p->command;
	p->command = NULL; /* only the global table counts here */
	bool ok = option_take(app, p, e);
	p->command = command;
	return ok;
}

static bool
word_check(const struct parse *p, const struct arg_spec *spec, const char *word,
    struct err *e)
{
	int64_t number;
	if (spec->kind == ARG_INT &&
	    !num_parse_i64(str_of(word), INT64_MIN, INT64_MAX, &number)) {
		err_set(e, ERR_USAGE, _("%s '%s' is not a whole number"),
		    spec->name, word);
		return usage_next(p, e);
	}
	if (spec->kind != ARG_WORD_OF)
		return true;
	struct nearest near = { .wanted = str_of(word) };
	for (size_t i = 0; spec->words[i] != NULL; i++) {
		if (strcmp(spec->words[i], word) == 0)
			return true;
		nearest_try(&near, str_of(spec->words[i]));
	}
	if (near.best.len > 0)
		err_set(e, ERR_USAGE, _("unknown %s '%s'; did you mean '%.*s'"),
		    spec->name, word, STR_ARG(near.best));
	else
		err_set(e, ERR_USAGE, _("unknown %s '%s'"), spec->name, word);
	return usage_next(p, e);
}

/* Check the words against the record: how many, and of which kind. */
static bool
words_check(const struct parse *p, struct err *e)
{
	const struct call *call = &p->call;
	size_t at = 0;
	for (const struct arg_spec *s = p->command->args;
	     s < p->command->args + COMMAND_ARGS_MAX && s->name != NULL; s++) {
		bool needed = s->count == ARG_ONE || s->count == ARG_MANY;
		bool all = s->count == ARG_MANY || s->count == ARG_ANY ||
			   s->kind == ARG_REST;
		if (needed && at >= call->n_args) {
			err_set(e, ERR_USAGE, _("'%s' needs %s"),
			    p->command->words, s->name);
			return usage_next(p, e);
		}
		for (size_t n = all ? call->n_args - at : 1;
		     n > 0 && at < call->n_args; n--) {
			if (!word_check(p, s, call->args[at++], e))
				return false;
		}
	}
	if (at < call->n_args) {
		err_set(e, ERR_USAGE, _("'%s' takes no word '%s'"),
		    p->command->words, call->args[at]);
		return usage_next(p, e);
	}
	return true;
}

/* Index of the first word from which nothing is parsed any more. */
static size_t
rest_begins(const struct command *c)
{
	for (size_t i = 0; i < COMMAND_ARGS_MAX && c->args[i].name != NULL; i++)
		if (c->args[i].kind == ARG_REST)
			return i;
	return SIZE_MAX;
}

static void
rest_take(struct parse *p)
{
	while (p->at < p->n)
		p->call.args[p->call.n_args++] = p->words[p->at++];
}

bool
call_parse(struct app *app, struct parse *p, struct err *e)
{
	struct call *call = &p->call;
	call->command = p->command;
	call->args = ARENA_ARRAY(app->arena, p->n + 1, const char *);
	if (p->command->flags & COMMAND_RAW) {
		/* a tool may have options of its own behind the global ones */
		bool own = p->command->options[0].name != NULL;
		while (p->at < p->n && option_looks_like(p->words[p->at])) {
			size_t at = p->at;
			if (option_global_take(app, p, e))
				continue;
			if (!own)
				return false;
			err_clear(e);
			p->at = at;
			break;
		}
		rest_take(p);
		return true;
	}
	size_t rest = rest_begins(p->command);
	while (p->at < p->n) {
		const char *word = p->words[p->at];
		if (strcmp(word, "--") == 0) {
			p->at++;
			rest_take(p);
		} else if (call->n_args >= rest) {
			rest_take(p);
		} else if (option_looks_like(word)) {
			if (!option_take(app, p, e))
				return false;
		} else {
			call->args[call->n_args++] = word;
			p->at++;
		}
	}
	return p->help || p->version || words_check(p, e);
}

const char *
call_option(const struct call *call, const char *name)
{
	const struct option_spec *o =
	    option_find(call->command->options, str_of(name));
	assert(o != NULL);
	return call->values[o - call->command->options];
}

bool
call_has(const struct call *call, const char *name)
{
	return call_option(call, name) != NULL;
}
