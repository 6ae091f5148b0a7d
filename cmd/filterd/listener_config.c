/* The listener's reading of the configuration while it runs. */
#include "cmd/filterd/listener_int.h"
#include "cmd/filterd/log.h"

#include <stdio.h>
#include <unistd.h>

static void
note(
    void *ctx, int level, const char *hook, const char *plugin, struct str text)
{
	(void)ctx;
	(void)level;
	log_line((uint32_t)getpid(), hook, plugin, text);
}

void
listener_tell_notes(const struct listener *l)
{
	filter_policy_notes(l->config.policy, note, NULL);
}

/* What was given up at the start cannot be had back. */
static void
note_rights(const struct listener *l)
{
	if (!l->init.gains_rights &&
	    filter_policy_gains_rights(l->config.policy))
		log_own("qmail-queue and what PAM asks run as user %u, which "
			"may not be enough: start the daemon anew",
		    (unsigned)geteuid());
}

void
listener_note_refusal(struct listener *l, bool all, const struct err *why)
{
	struct listener_refusal *r = &l->refusal;
	/* what a HUP found wrong in the lists of plugins only another one sees
	   to be right: they are read by nothing else */
	if (why == NULL && r->all && !all)
		return;
	snprintf(r->why, sizeof(r->why), "%s", why != NULL ? why->text : "");
	r->all = why != NULL && (all || r->all);
}

void
listener_reread(struct listener *l, bool all)
{
	struct err e = ERR_INIT;
	switch (config_refresh(&l->config, all, l->clock, &e)) {
	case CONFIG_SAME:
		if (l->config.told[0] == '\0')
			listener_note_refusal(l, all, NULL);
		break;
	case CONFIG_NEW:
		listener_note_refusal(l, all, NULL);
		listener_tell_notes(l);
		note_rights(l);
		l->reloads += all; /* told when it is in force everywhere */
		parts_publish(l);
		break;
	case CONFIG_BAD:
		listener_note_refusal(l, all, &e);
		log_error(&e);
		log_own("%s", FILTER_LOG_REFUSED);
		break;
	}
}
