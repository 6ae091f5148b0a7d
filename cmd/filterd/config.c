/* The configuration directory: read, checked, watched. */
#include "cmd/filterd/config.h"

#include "cmd/filterd/limits.h"

#include <errno.h>
#include <limits.h>
#include <sys/inotify.h>
#include <unistd.h>

/* Folders of the directory that hold settings too. */
static const char *const watched[] = { "", "/peers", "/dkim" };

static void
watch_dir(const struct config *c, const char *dir, const char *below)
{
	char path[PATH_MAX];
	unsigned what = IN_CLOSE_WRITE | IN_MODIFY | IN_CREATE | IN_DELETE |
			IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB;
	int n = snprintf(path, sizeof(path), "%s%s", dir, below);
	if (n > 0 && (size_t)n < sizeof(path))
		/* absent folders are usual */
		(void)inotify_add_watch(c->watch_fd, path, what);
}

/*
 * Where watching is not possible the look every FILTERD_REREAD_MS is left.
 * Done anew after each change: a folder may have appeared.
 */
static void
watch(struct config *c)
{
	if (c->watch_fd < 0)
		c->watch_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (c->watch_fd < 0)
		return;
	for (size_t i = 0; i < ARRAY_LEN(watched); i++)
		watch_dir(c, c->dir, watched[i]);
	if (c->qmail_control != NULL)
		watch_dir(c, c->qmail_control, "");
}

/* Something happened in a watched folder since the last call. */
static bool
was_touched(const struct config *c)
{
	char events[4096];
	bool touched = false;
	if (c->watch_fd < 0)
		return false;
	while (read(c->watch_fd, events, sizeof(events)) > 0)
		touched = true;
	return touched;
}

/* Read all of it into 'out', in the order of filter_bundle_merge. */
static bool
read_bundle(const struct config *c, bool all, struct buf *out, struct err *e)
{
	struct buf raw;
	buf_init(&raw, FILTERD_BUNDLE_MAX);
	bool ok = filter_bundle_read(c->dir, c->qmail_control, &raw, e);
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
read_secrets(struct config *c)
{
	struct buf fresh;
	buf_init(&fresh, FILTERD_BUNDLE_MAX);
	bool changed = filter_tls_read(c->policy, c->dir, &fresh) &&
		       !str_eq(buf_str(&fresh), buf_str(&c->secrets));
	struct buf old = changed ? c->secrets : fresh;
	if (changed)
		c->secrets = fresh;
	if (old.data != NULL)
		explicit_bzero(old.data, old.cap);
	buf_clear(&old);
	return changed;
}

/* Put 'fresh' in force if a policy can be made of it. */
static bool
take(struct config *c, struct buf *fresh, struct err *e)
{
	struct filter_policy *policy;
	if (!filter_policy_new(buf_str(fresh), &policy, e))
		return false;
	filter_policy_free(c->policy);
	c->policy = policy;
	struct buf old = c->bundle;
	c->bundle = *fresh;
	*fresh = old;
	(void)read_secrets(c);
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
	struct buf fresh;
	buf_init(&fresh, FILTERD_BUNDLE_MAX);
	watch(c);
	c->read_ms = clock_mono_ms(clock);
	bool ok = read_bundle(c, true, &fresh, e) && take(c, &fresh, e);
	buf_clear(&fresh);
	return ok;
}

void
config_close(struct config *c)
{
	if (c->watch_fd >= 0)
		close(c->watch_fd);
	filter_policy_free(c->policy);
	buf_clear(&c->bundle);
	if (c->secrets.data != NULL)
		explicit_bzero(c->secrets.data, c->secrets.cap);
	buf_clear(&c->secrets);
}

enum config_change
config_refresh(
    struct config *c, bool all, const struct clock *clock, struct err *e)
{
	int64_t now = clock_mono_ms(clock);
	bool due = now - c->read_ms > FILTERD_REREAD_MS;
	if (!was_touched(c) && !due && !all)
		return CONFIG_SAME;
	struct buf fresh;
	enum config_change change = CONFIG_BAD;
	buf_init(&fresh, FILTERD_BUNDLE_MAX);
	c->read_ms = now;
	watch(c);
	bool ok = read_bundle(c, all, &fresh, e);
	if (ok && !all && str_eq(buf_str(&fresh), buf_str(&c->bundle))) {
		/* a certificate that was renewed is a change too */
		change = read_secrets(c) ? CONFIG_NEW : CONFIG_SAME;
		c->generation += change == CONFIG_NEW;
	} else if (ok && take(c, &fresh, e))
		change = CONFIG_NEW;
	buf_clear(&fresh);
	/* the same complaint once, not with every connection */
	if (change != CONFIG_BAD)
		c->told[0] = '\0';
	else if (!all && strcmp(c->told, e->text) == 0)
		change = CONFIG_SAME;
	else
		snprintf(c->told, sizeof(c->told), "%s", e->text);
	return change;
}
