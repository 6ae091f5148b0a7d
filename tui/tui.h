/*
 * The full-screen interface. It knows the model, not the commands: what the
 * command line offers comes in through struct tui_host.
 */
#ifndef TUI_TUI_H
#define TUI_TUI_H

#include "core/base/buf.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/dns/dns.h"
#include "core/dns/resolver.h"
#include "core/model/ctx.h"

#include <stdbool.h>
#include <stddef.h>

/* A command that the ':' line takes, for the search over everything. */
struct tui_command {
	const char *words;   /* "get", "log follow" */
	const char *summary; /* translated */
};

struct tui_host {
	struct model_ctx model; /* its arena is not used */
	const char *name;       /* of the server: "mail.example.com" */
	bool color;
	bool ascii;
	const char *screen; /* to begin with: "top"; NULL: the dashboard */
	/*
	 * Run a line of words as the command line would, its output (both
	 * streams) appended; returns the exit status. 'stopped' is asked now
	 * and then whether the user wants it to end.
	 */
	int (*run)(void *ctx, const char *line, int columns, struct buf *output,
	    bool (*stopped)(void *), void *stopped_ctx);
	/*
	 * Complete the last word of 'line': what to add is appended to 'more',
	 * the words that may follow, or why there is none, as lines to
	 * 'choices'.
	 */
	void (*complete)(
	    void *ctx, const char *line, struct buf *more, struct buf *choices);
	/* The i-th command; false past the last. */
	bool (*command)(void *ctx, size_t i, struct tui_command *out);
	/* ":lang fr" */
	bool (*language)(void *ctx, const char *word);
	/*
	 * The resolver of this run, and which servers it asks with where they
	 * come from. Only called in processes of their own, where they may
	 * wait.
	 */
	struct dns *(*dns)(void *ctx, struct err *e);
	bool (*dns_config)(void *ctx, struct dns_config *c, const char **source,
	    struct err *e);
	void *ctx;
};

/* Is there a terminal fit for it? The error names what to use instead. */
MUST_USE bool tui_usable(struct err *e);
/* In a process forked while the screen is open: signals as at first. */
void tui_child(void);
/* Runs until the user leaves. Returns the exit status, or sets the error. */
int tui_run(const struct tui_host *host, struct err *e);

#endif
