/* The options that every command knows. */
#include "cmd/options_int.h"

#include "core/base/i18n.h"

#include <assert.h>

enum global {
	GLOBAL_ROOT,
	GLOBAL_DNS,
	GLOBAL_JSON,
	GLOBAL_JSONL,
	GLOBAL_COLOR,
	GLOBAL_NO_COLOR,
	GLOBAL_LANG,
	GLOBAL_ASCII,
	GLOBAL_ACCESSIBLE,
	GLOBAL_HELP,
	GLOBAL_VERSION,
	GLOBAL_END
};

static const struct option_spec globals[GLOBAL_END + 1] = {
	[GLOBAL_ROOT] = {
		.name = "root",
		.value = "DIR",
		.kind = ARG_DIR,
		.help = N_("the mail system under DIR instead of /"),
	},
	[GLOBAL_DNS] = {
		.name = "dns",
		.value = "ADDR:PORT",
		.kind = ARG_TEXT,
		.help = N_("ask this name server instead of the system's"),
	},
	[GLOBAL_JSON] = {
		.name = "json",
		.help = N_("print one JSON object"),
	},
	[GLOBAL_JSONL] = {
		.name = "jsonl",
		.help = N_("print one JSON object a line"),
	},
	[GLOBAL_COLOR] = {
		.name = "color",
		.value = "WHEN",
		.kind = ARG_TEXT,
		.help = N_("colour always, auto or never"),
	},
	[GLOBAL_NO_COLOR] = {
		.name = "no-color",
		.help = N_("the same as --color never"),
	},
	[GLOBAL_LANG] = {
		.name = "lang",
		.value = "LANG",
		.kind = ARG_TEXT,
		.help = N_("language of texts: en or fr"),
	},
	[GLOBAL_ASCII] = {
		.name = "ascii",
		.help = N_("draw with ASCII signs only"),
	},
	[GLOBAL_ACCESSIBLE] = {
		.name = "accessible",
		.help = N_("line by line, for screen readers"),
	},
	[GLOBAL_HELP] = {
		.name = "help",
		.letter = 'h',
		.help = N_("explain the command"),
	},
	[GLOBAL_VERSION] = {
		.name = "version",
		.help = N_("print the version"),
	},
};

const struct option_spec *
option_globals(void)
{
	return globals;
}

bool
option_is_global(const struct option_spec *o)
{
	return o >= globals && o < globals + GLOBAL_END;
}

bool
option_global_apply(struct app *app, struct parse *p,
    const struct option_spec *o, const char *value, struct err *e)
{
	switch ((enum global)(o - globals)) {
	case GLOBAL_ROOT:
		app->root_option = value;
		return true;
	case GLOBAL_DNS:
		app->dns_option = value;
		return true;
	case GLOBAL_JSON:
		app->json = true;
		return true;
	case GLOBAL_JSONL:
		app->json = true; /* what has no rows is one line anyway */
		app->jsonl = true;
		return true;
	case GLOBAL_COLOR:
		return app_color_set(app, value, e);
	case GLOBAL_NO_COLOR:
		return app_color_set(app, "never", e);
	case GLOBAL_LANG:
		return app_language_set(app, value, e);
	case GLOBAL_ASCII:
		app->ascii = true;
		return true;
	case GLOBAL_ACCESSIBLE:
		app->accessible = true;
		return true;
	case GLOBAL_HELP:
		p->help = true;
		return true;
	case GLOBAL_VERSION:
		p->version = true;
		return true;
	case GLOBAL_END:
		break;
	}
	assert(false);
	return false;
}
