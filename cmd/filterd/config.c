/* The configuration directory: read, checked, watched. */
#include "cmd/filterd/config.h"

#include "cmd/filterd/limits.h"

#include <sys/inotify.h>
#include <unistd.h>

/*
 * Whatever is read from now on is watched. Without inotify the look every
 * FILTERD_REREAD_MS is left.
 */
static struct filter_onlooker
begin_reading(struct config *c, int64_t now)
{
	if (c->watch_fd < 0)
		c->watch_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	c->asked_ms = now;
	return config_watch_begin(c->watch, c->watch_fd);
}

/* Read all of it into 'out', in the order of filter_bundle_merge. */
static bool
read_bundle(const struct config *c, const struct filter_onlooker *o, bool all,
    struct buf *out, struct err *e)
{
	struct buf raw;
	buf_init(&raw, FILTERD_BUNDLE_MAX);
	bool ok =
	    filter_bundle_read_shown(c->dir, c->qmail_control, o, &raw, e);
	if (ok) {
		struct str lists = buf_str(all ? &raw : &c->bundle);
		if (!filter_bundle_merge(buf_str(&raw), lists, out))
			ok = err_set(e, ERR_PERMANENT,
			    "configuration '%s' is too large", c->dir);
	}
	buf_clear(&raw);
	return ok;
}

/* Certificate and key that the policy names; true when they changed. */
static bool
read_secrets(struct config *c, const struct filter_onlooker *o)
{
	struct buf fresh;
	filter_tls_show(c->policy, c->dir, o);
	buf_init(&fresh, FILTERD_BUNDLE_MAX);
	bool changed = filter_tls_read(c->policy, c->dir, &fresh) &&
		       !str_eq(buf_str(&fresh), buf_str(&c->secrets));
	struct buf old = changed ? c->secrets : fresh;
	if (changed)
		c->secrets = fresh;
	buf_wipe(&old);
	return changed;
}

/* Put 'fresh' in force if a policy can be made of it. */
static bool
take(struct config *c, const struct filter_onlooker *o, struct buf *fresh,
    struct err *e)
{
	struct filter_policy *policy;
	if (!filter_policy_new(buf_str(fresh), &policy, e))
		return false;
	filter_policy_free(c->policy);
	c->policy = policy;
	struct buf old = c->bundle;
	c->bundle = *fresh;
	*fresh = old;
	(void)read_secrets(c, o);
	c->generation++;
	return true;
}

bool
config_open(struct config *c, const char *dir, const char *qmail_control,
    const struct clock *clock, struct err *e)
{
	*c = (struct config){
		.dir = dir, .qmail_control = qmail_control, .watch_fd = -1
	};
	buf_init(&c->bundle, FILTERD_BUNDLE_MAX);
	buf_init(&c->secrets, FILTERD_BUNDLE_MAX);
	c->watch = config_watch_new();
	if (c->watch == NULL)
		return err_set(e, ERR_TEMPORARY, "out of memory");
	struct buf fresh;
	buf_init(&fresh, FILTERD_BUNDLE_MAX);
	struct filter_onlooker o = begin_reading(c, clock_mono_ms(clock));
	bool ok = read_bundle(c, &o, true, &fresh, e) && take(c, &o, &fresh, e);
	config_watch_end(c->watch, ok);
	buf_clear(&fresh);
	return ok;
}

void
config_close(struct config *c)
{
	if (c->watch_fd >= 0)
		close(c->watch_fd);
	config_watch_free(c->watch);
	filter_policy_free(c->policy);
	buf_clear(&c->bundle);
	buf_wipe(&c->secrets);
}

/* Is there a reason to read it again? */
static bool
may_have_changed(struct config *c, int64_t now)
{
	if (config_watch_was_told(c->watch))
		return true;
	if (now - c->asked_ms <= FILTERD_REREAD_MS)
		return false;
	c->asked_ms = now;
	return config_watch_may_differ(c->watch);
}

static enum config_change
read_again(
    struct config *c, const struct filter_onlooker *o, bool all, struct err *e)
{
	struct buf fresh;
	enum config_change change = CONFIG_BAD;
	buf_init(&fresh, FILTERD_BUNDLE_MAX);
	bool ok = read_bundle(c, o, all, &fresh, e);
	if (ok && !all && str_eq(buf_str(&fresh), buf_str(&c->bundle))) {
		/* a certificate that was renewed is a change too */
		change = read_secrets(c, o) ? CONFIG_NEW : CONFIG_SAME;
		c->generation += change == CONFIG_NEW;
	} else if (ok && take(c, o, &fresh, e))
		change = CONFIG_NEW;
	buf_clear(&fresh);
	return change;
}

enum config_change
config_refresh(
    struct config *c, bool all, const struct clock *clock, struct err *e)
{
	int64_t now = clock_mono_ms(clock);
	if (!may_have_changed(c, now) && !all)
		return CONFIG_SAME;
	struct filter_onlooker o = begin_reading(c, now);
	enum config_change change = read_again(c, &o, all, e);
	config_watch_end(c->watch, change != CONFIG_BAD);
	/* the same complaint once, not with every connection */
	if (change != CONFIG_BAD)
		c->told[0] = '\0';
	else if (!all && strcmp(c->told, e->text) == 0)
		change = CONFIG_SAME;
	else
		snprintf(c->told, sizeof(c->told), "%s", e->text);
	return change;
}
