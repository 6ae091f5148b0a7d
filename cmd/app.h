/* The context of a command-line run: one per process or shell session. */
#ifndef CMD_APP_H
#define CMD_APP_H

#include "core/base/arena.h"
#include "core/base/clock.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/model/ctx.h"
#include "core/sys/root.h"

#include <stdbool.h>
#include <stdio.h>

struct app_dns;

struct app {
	FILE *out;     /* results */
	int out_errno; /* of the first write to it that failed, or 0 */
	FILE *err;     /* everything else */
	FILE *in;
	struct root root;
	const struct clock *clock;
	struct arena *arena;   /* reset after each command */
	struct arena *session; /* lives as long as the app */
	struct model_ctx
	    model; /* root, clock, arena, user, release, language */
	bool json;
	bool jsonl;
	bool color;    /* terminal, no NO_COLOR, no --no-color */
	bool terminal; /* 'out' is one */
	int columns;   /* of the terminal; 0: do not cut */
	bool ascii;
	bool accessible;
	const char *program;     /* argv[0] for starting ourselves again */
	const char *root_option; /* as given with --root, or NULL */
	bool in_shell;           /* the root is that of the shell */
	const char *dns_option;  /* as given with --dns, or NULL */
	struct app_dns *dns; /* cmd/app_dns.h; shared by the lines of a shell */
};

/* Streams, terminal, colour, language and user from the environment. */
void app_init(struct app *app, const char *program);
void app_clear(struct app *app);
/* Folder of the files for perl, in the arena; NULL: the installed one. */
const char *app_share(struct arena *a);
/* One more arena that ends the program when memory is out. */
struct arena *app_arena_new(void);
/*
 * Name of the server under the root (SystemName.DomainName), in the arena;
 * the machine's own where the tree does not tell.
 */
const char *app_host(struct app *app);
/* Colour by --color=WHEN: "always", "auto", "never". */
MUST_USE bool app_color_set(struct app *app, const char *when, struct err *e);
/*
 * Speak 'language' ("fr", "fr_CA.UTF-8", "en", "C"); the catalogue is found
 * beside the program when it runs from its build folder. Another language is an
 * error, or English when 'e' is NULL.
 */
bool app_language_set(struct app *app, const char *language, struct err *e);

#endif
