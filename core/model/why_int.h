/* Private to why. */
#ifndef CORE_MODEL_WHY_INT_H
#define CORE_MODEL_WHY_INT_H

#include "core/model/why.h"

/* What is known of a plugin that refuses. */
struct why_rule {
	const char *plugin;  /* canonical name */
	const char *phase;   /* "after DATA", N_() */
	const char *setting; /* id, or NULL */
	const char *reason;  /* N_(), or NULL: the log's own words */
	/* text N_() and command; in commands %i IP, %h HELO, %s sender, %d its
	   domain, %r recipient, %l its local part, %D its domain, %e
	   the entry of the list that fits, %n twice the value in force */
	struct {
		const char *text, *command;
	} cures[WHY_CURES_MAX];
};

/* NULL for a plugin we know nothing of. */
const struct why_rule *why_rule_find(struct str plugin);
/* With what the client was told, where that says more than the plugin. */
const struct why_rule *why_rule_of_text(struct str plugin, struct str text);
/* How messages that were not refused came to their end. */
const struct why_rule *why_rule_of_end(const struct story *s);

/*
 * The plugin behind a denial: of naughty, which carries out what another
 * decided, the one that its text begins with ("(dnsbl) ...").
 */
struct str why_decider(struct str plugin, struct str text);

#endif
