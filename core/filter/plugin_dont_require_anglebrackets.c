/*
 * dont_require_anglebrackets (FL-99): the session puts missing brackets on
 * where this is loaded; here it costs karma.
 */
#include "core/filter/plugins_int.h"

enum {
	KARMA = 2
};

static void
on_path(struct plugin_call *c)
{
	if (!c->session->bare_path)
		return;
	c->session->karma -= KARMA;
	plugin_log(c, LEVEL_INFO, "added missing angle brackets");
}

const struct plugin plugin_dont_require_anglebrackets = {
	.name = "dont_require_anglebrackets",
	.hooks = {
		{ HOOK_MAIL, on_path },
		{ HOOK_RCPT, on_path },
	},
};
