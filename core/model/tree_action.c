/* Actions on a service of an embedded root. */
#include "core/model/tree_action.h"

#include "core/base/i18n.h"
#include "core/model/tree.h"

#include <string.h>

#define FILTER      "qpsmtpd"
#define FILTER_ANEW "sigusr2"

enum {
	MS_PER_S = 1000
};

static const struct tree_action actions[] = {
	{ .name = "start", .word = "up", .ends_up = true },
	{ .name = "stop", .word = "down" },
	{
	    .name = "restart",
	    .word = "restart",
	    .ends_up = true,
	    .renews = true,
	},
	{
	    .name = "reload",
	    .word = "sighup",
	    .ends_up = true,
	    .rereads = true,
	},
};

const struct tree_action *
tree_action_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(actions); i++)
		if (strcmp(actions[i].name, name) == 0)
			return &actions[i];
	return NULL;
}

static bool
is_filter(const struct tree_told *t)
{
	return strcmp(t->service, FILTER) == 0;
}

/* A filter that runs starts anew in its own process. */
static bool
is_anew(const struct tree_told *t)
{
	return is_filter(t) && t->action->renews &&
	       t->before->state == SERVICE_UP;
}

const char *
tree_told_word(const struct tree_told *t)
{
	return is_anew(t) ? FILTER_ANEW : t->action->word;
}

static bool
supervised_wait(const struct model_ctx *m, const struct tree_told *t,
    int limit_ms, struct err *e)
{
	const struct tree_action *a = t->action;
	if (!a->ends_up)
		limit_ms = 0;
	if (a->renews || !a->ends_up)
		limit_ms += SERVICE_END_MS;
	if (service_wait(m->root, t->service, a->ends_up,
		a->renews ? t->before : NULL, limit_ms, m->clock))
		return true;
	err_set(e, ERR_TEMPORARY, _("cannot %s '%s': it is not so after %d s"),
	    a->name, t->service, limit_ms / MS_PER_S);
	return err_next(e, "smemail log follow %s", t->service);
}

bool
tree_told_wait(const struct model_ctx *m, const struct tree_told *t,
    int limit_ms, struct err *e)
{
	if (is_anew(t))
		return tree_filter_anew(m, t->mark, limit_ms, e);
	if (is_filter(t) && t->action->rereads && t->mark >= 0 &&
	    !tree_filter_reloaded(m, t->mark, limit_ms, e))
		return false;
	return supervised_wait(m, t, limit_ms, e);
}
