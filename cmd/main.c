/*
 * smemail: the control program. Links named after a command of the e-smith
 * tools (db, config, ...) make it act as that tool.
 */
#include "cmd/app.h"
#include "cmd/command.h"
#include "cmd/dispatch.h"
#include "cmd/render.h"
#include "core/base/compiler.h"

#include <locale.h>
#include <signal.h>
#include <string.h>

/* The command this program is a link for, or NULL. */
static const struct command *
command_of_link(const char *program)
{
	const char *slash = strrchr(program, '/');
	const char *name = slash != NULL ? slash + 1 : program;
	size_t n;
	const struct command *const *all = command_all(&n);
	for (size_t i = 0; i < n; i++) {
		if (all[i]->flags & COMMAND_RAW &&
		    strcmp(all[i]->words, name) == 0)
			return all[i];
	}
	return NULL;
}

int
main(int argc, char **argv)
{
	struct app app;
	/* a parent may have left it ignored; a gone reader ends us quietly */
	signal(SIGPIPE, SIG_DFL);
	setlocale(LC_CTYPE, "");
	if (argc < 1)
		return err_exit_status(ERR_USAGE);
	app_init(&app, argv[0]);
	const char *const *words = (const char *const *)argv + 1;
	size_t n = (size_t)argc - 1;
	const struct command *link = command_of_link(argv[0]);
	int status = link != NULL ? dispatch_raw(&app, link, words, n)
				  : dispatch_run(&app, words, n);
	app_clear(&app);
	return status;
}
