/*
 * A smaller MTU on trial. The watcher that takes it back is started first: an
 * administrator may cut off his own connection with this.
 */
#include "cmd/mtu_try.h"

#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/render.h"
#include "cmd/when.h"
#include "core/base/i18n.h"
#include "core/base/num.h"
#include "core/net/link.h"
#include "core/sys/spawn.h"

#include <stdio.h>
#include <unistd.h>

enum {
	TRY_S = 600,
	MTU_MIN = 576, /* as network.mtu */
	MTU_MAX = 9216,
	SECONDS_MAX = 86400,
};

/* An address that no packet is sent to: the default route is what counts. */
static const char somewhere[] = "192.0.2.1";

static bool
watch(const struct net_link *link, const char *mtu, struct err *e)
{
	char old[16], seconds[16];
	pid_t pid;
	snprintf(old, sizeof(old), "%u", link->mtu);
	snprintf(seconds, sizeof(seconds), "%d", TRY_S);
	const char *argv[] = { "smemail", "__mtu-restore", link->name, mtu, old,
		seconds, NULL };
	struct spawn s = { .argv = argv, .path = "/proc/self/exe" };
	return spawn_daemon(&s, NULL, &pid, e);
}

int
mtu_try(struct app *app, const char *host, const char *mtu, bool dry_run,
    struct err *e)
{
	struct net_addr to;
	struct net_link link;
	uint64_t n;
	if (host == NULL)
		host = somewhere;
	if (!num_parse_u64(str_of(mtu), MTU_MAX, &n) || n < MTU_MIN)
		err_set(e, ERR_USAGE,
		    _("'%s' is not a whole number from %d to %d"), mtu, MTU_MIN,
		    MTU_MAX);
	else if (!net_addr_parse(str_of(host), &to))
		err_set(e, ERR_USAGE,
		    _("'%s' is not an address; --try takes no name"), host);
	else if (!net_link_to(&to, &link, e))
		;
	else if (link.name[0] == '\0' || link.mtu == 0)
		err_set(e, ERR_PERMANENT,
		    _("cannot tell the interface that leads to '%s'"), host);
	else if (n >= link.mtu)
		err_set(e, ERR_USAGE,
		    _("interface '%s' has %u already, %s is not smaller"),
		    link.name, link.mtu, mtu);
	else if (dry_run) {
		render_line(app, _("interface %s would have %s (now %u)"),
		    link.name, mtu, link.mtu);
		render_dry_run(app);
		return 0;
	} else if (geteuid() != 0) {
		err_set(e, ERR_PERMANENT, _("cannot set the mtu of '%s': %s"),
		    link.name, _("not permitted"));
		err_next(e, _("run it as root"));
	} else if (watch(&link, mtu, e) &&
		   net_link_set_mtu(link.name, (unsigned)n, e)) {
		render_line(app, _("interface %s has %s until %s (was %u)"),
		    link.name, mtu,
		    when_shown(app, clock_wall_s(app->clock) + TRY_S),
		    link.mtu);
		render_next(app, "smemail set network.mtu %s", mtu);
		return 0;
	}
	return err_exit_status(e->code);
}

/* Somebody else's change of the interface is left alone. */
static int
restore_run(struct app *app, const struct call *call, struct err *e)
{
	uint64_t tried, old, seconds;
	unsigned now;
	const char *link = call->args[0];
	if (call->n_args != 4 ||
	    !num_parse_u64(str_of(call->args[1]), MTU_MAX, &tried) ||
	    !num_parse_u64(str_of(call->args[2]), UINT16_MAX + 1, &old) ||
	    !num_parse_u64(str_of(call->args[3]), SECONDS_MAX, &seconds)) {
		err_set(e, ERR_USAGE, _("'%s' takes LINK TRIED OLD SECONDS"),
		    "__mtu-restore");
		return err_exit_status(e->code);
	}
	clock_sleep_ms(app->clock, (int64_t)seconds * 1000);
	if (net_link_mtu(link, &now, e) &&
	    (now != tried || net_link_set_mtu(link, (unsigned)old, e)))
		return 0;
	return err_exit_status(e->code);
}

const struct command command_mtu_restore = {
	.words = "__mtu-restore",
	.summary = N_("give an interface its MTU back after a trial"),
	.text = N_("Started by mtu --try: waits, then sets the MTU OLD, unless "
		   "somebody has changed it meanwhile."),
	.args = {
		{ .name = "WORD", .kind = ARG_TEXT, .count = ARG_MANY },
	},
	.flags = COMMAND_NO_ROOT | COMMAND_HIDDEN,
	.run = restore_run,
};
