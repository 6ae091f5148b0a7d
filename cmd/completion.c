/* smemail completion SHELL: the script that asks __complete. */
#include "cmd/commands.h"
#include "cmd/render.h"
#include "core/base/i18n.h"

#include <string.h>

/* Each .inc is the file of completions/ as a C string, made by the build. */
static const struct {
	const char *shell;
	const char *script;
} scripts[] = {
	{
	    "bash",
#include "smemail.bash.inc"
	},
	{
	    "zsh",
#include "smemail.zsh.inc"
	},
	{
	    "fish",
#include "smemail.fish.inc"
	},
};

static int
completion_run(struct app *app, const struct call *call, struct err *e)
{
	(void)e;
	for (size_t i = 0; i < ARRAY_LEN(scripts); i++) {
		if (strcmp(scripts[i].shell, call->args[0]) == 0)
			render_raw(app, str_of(scripts[i].script));
	}
	return 0;
}

static const char *const shells[] = { "bash", "zsh", "fish", NULL };

const struct command command_completion = {
	.words = "completion",
	.summary = N_("print the completion script for a shell"),
	.text = N_("The script asks smemail itself what may follow. For bash: "
		   "source <(smemail completion bash)"),
	.args = {
		{ "SHELL", ARG_WORD_OF, ARG_ONE, shells },
	},
	.flags = COMMAND_NO_ROOT,
	.run = completion_run,
};
