/*
 * A command is one const record beside its handler. The dispatcher parses by
 * it; help, manual, completion, shell and screens are derived from it.
 */
#ifndef CMD_COMMAND_H
#define CMD_COMMAND_H

#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"

#include <stdbool.h>
#include <stddef.h>

struct app;

/*
 * What a word is; decides completion. ARG_INT and ARG_WORD_OF are checked by
 * the dispatcher, all else by the handler or model.
 */
enum arg_kind {
	ARG_TEXT,
	ARG_INT,
	ARG_SETTING,    /* an id of the catalogue */
	ARG_ASSIGNMENT, /* NAME=VALUE */
	ARG_VALUE,      /* a value of the setting in the word before */
	ARG_AREA,
	ARG_TARGET, /* user, domain ... as the command or setting says */
	ARG_DOMAIN, /* as ARG_HOST; one of this server's is offered */
	ARG_HOST,   /* domain, host or address: the handler gets A-labels */
	ARG_SERVICE,
	ARG_CHANGE, /* number of an apply */
	ARG_EVENT,
	ARG_FILE,
	ARG_DIR,
	ARG_COMMAND, /* words of a command, for help */
	ARG_WORD_OF, /* one of 'words' */
	ARG_REST,    /* everything that follows, options included */
};

enum arg_count {
	ARG_ONE,
	ARG_OPTIONAL,
	ARG_MANY,
	ARG_ANY
};

struct arg_spec {
	const char *name; /* "NAME" as shown in the usage line */
	enum arg_kind kind;
	enum arg_count count; /* MANY: one or more; ANY: none or more */
	/* of ARG_WORD_OF, NULL-terminated; usual ones of ARG_TEXT, or NULL */
	const char *const *words;
};

struct option_spec {
	const char *name;  /* "stored" for --stored */
	char letter;       /* 'v' for -v, or 0 */
	const char *value; /* name of its argument, NULL for a switch */
	enum arg_kind kind;
	const char *help; /* marked N_() */
	bool many;        /* may be given again: values joined by LF */
	const char *also; /* another name that is understood, or NULL */
};

/* Of each command that changes something (tests/lint/registry.py). */
#define DRY_RUN_OPTION                                                         \
	{                                                                      \
		.name = "dry-run",                                             \
		.help = N_("check all, tell what would be done, do nothing")   \
	}

enum {
	COMMAND_CHANGES = 1 << 0, /* changes state */
	COMMAND_HIDDEN = 1 << 1,
	COMMAND_NO_ROOT = 1 << 2, /* needs no e-smith tree under the root */
	COMMAND_RAW = 1 << 3,     /* takes its words unparsed (db, config) */
	COMMAND_DANGEROUS = 1 << 4,
};

enum {
	COMMAND_ARGS_MAX = 6,
	COMMAND_OPTIONS_MAX = 16
};

/* Parsed words and options of one call. */
struct call {
	const struct command *command;
	const char **args; /* NULL-terminated */
	size_t n_args;
	const char *values[COMMAND_OPTIONS_MAX]; /* by index of the options; */
						 /* a switch holds "" */
};

/*
 * Does the work. Returns the exit status (0 done, 1 the answer is no, 3 ...);
 * or sets 'e' and returns err_exit_status(e->code). Never exits. Output goes
 * to app->out and app->err.
 */
typedef int command_run(
    struct app *app, const struct call *call, struct err *e);

struct command {
	const char *words;   /* "get", "log follow" */
	const char *summary; /* one line, N_() */
	const char *text;    /* paragraph for help and manual, N_(), or NULL */
	struct arg_spec args[COMMAND_ARGS_MAX]; /* ends with name NULL */
	struct option_spec options[COMMAND_OPTIONS_MAX]; /* same */
	unsigned flags;
	command_run *run;
};

/* Value of an option by its name: NULL when not given. Asserts it exists. */
const char *call_option(const struct call *call, const char *name);
bool call_has(const struct call *call, const char *name);

/* Every command, in the order of the command table (cmd/registry.c). */
const struct command *const *command_all(size_t *count);

#endif
