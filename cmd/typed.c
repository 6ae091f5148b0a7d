/* The one place where names beyond ASCII become those of the DNS. */
#include "cmd/typed.h"

#include "cmd/complete_words.h"
#include "cmd/render.h"
#include "core/base/i18n.h"
#include "core/mail/idna.h"

#include <string.h>

static bool
is_name(const struct command *c, enum arg_kind kind)
{
	return kind == ARG_DOMAIN || kind == ARG_HOST ||
	       (kind == ARG_TARGET &&
		   complete_target_of(c) == SETTING_TARGET_DOMAIN);
}

bool
typed_has_names(const struct command *c)
{
	bool any = false;
	for (size_t i = 0; i < COMMAND_ARGS_MAX && c->args[i].name != NULL; i++)
		any = any || is_name(c, c->args[i].kind);
	for (size_t i = 0;
	     i < COMMAND_OPTIONS_MAX && c->options[i].name != NULL; i++)
		any = any || is_name(c, c->options[i].kind);
	return any;
}

static const char *
settled(struct app *app, const char *typed, const char *ascii)
{
	if (strcmp(ascii, typed) != 0)
		render_note(app, _("'%s' is '%s' in the DNS"), typed, ascii);
	return ascii;
}

static const char *
settle(struct app *app, const char *typed)
{
	return settled(app, typed, idna_typed(app->arena, typed));
}

const char *
typed_word(struct app *app, const char *typed)
{
	return strpbrk(typed, ".@") != NULL ? settle(app, typed) : typed;
}

/* An option given several times: one value a line. */
static const char *
settle_lines(struct app *app, const char *typed)
{
	struct str rest = str_of(typed);
	const char *all = NULL;
	while (rest.ptr != NULL) {
		const char *one = settle(
		    app, arena_cstr(app->arena, str_cut(rest, '\n', &rest)));
		all = all == NULL
			  ? one
			  : arena_printf(app->arena, "%s\n%s", all, one);
	}
	return all;
}

/* The last spec is that of all words that follow. */
static void
settle_args(struct app *app, struct call *call)
{
	const struct arg_spec *s = call->command->args;
	for (size_t i = 0; i < call->n_args && s->name != NULL; i++) {
		if (is_name(call->command, s->kind))
			call->args[i] = settle(app, call->args[i]);
		if (s->count != ARG_MANY && s->count != ARG_ANY)
			s++;
	}
}

void
typed_settle(struct app *app, struct call *call)
{
	const struct option_spec *o = call->command->options;
	if (call->command->flags & COMMAND_RAW)
		return;
	settle_args(app, call);
	for (size_t i = 0; i < COMMAND_OPTIONS_MAX && o[i].name != NULL; i++)
		if (is_name(call->command, o[i].kind) &&
		    call->values[i] != NULL)
			call->values[i] = settle_lines(app, call->values[i]);
}
