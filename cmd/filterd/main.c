/* smemail-filterd: the SMTP filter daemon. */
#include "cmd/filterd/check.h"
#include "cmd/filterd/handover.h"
#include "cmd/filterd/listener.h"
#include "cmd/filterd/log.h"
#include "cmd/filterd/master.h"
#include "cmd/filterd/options.h"
#include "cmd/filterd/part.h"
#include "cmd/filterd/readiness.h"
#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/filter/filter.h"
#include "core/sys/memory.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int
fail(const struct err *e)
{
	fprintf(stderr, "smemail-filterd: %s\n", e->text);
	if (e->next[0] != '\0')
		fprintf(stderr, _("next: %s\n"), e->next);
	return err_exit_status(e->code);
}

/* Without --listen: the address of file IP, port 25 (FL-37). */
static bool
listen_by_setting(struct options *o, struct err *e)
{
	struct filter_policy *policy = NULL;
	struct buf bundle;
	char text[LISTEN_TEXT_SIZE];
	buf_init(&bundle, FILTERD_BUNDLE_MAX);
	bool ok = filter_bundle_read(o->config, o->qmail_control, &bundle, e) &&
		  filter_policy_new(buf_str(&bundle), &policy, e);
	buf_clear(&bundle);
	if (!ok)
		return false;
	struct str ip = filter_policy_setting(policy, "IP");
	bool all = ip.len == 0 || str_is(ip, "0");
	bool v6 = str_find(ip, ':', 0) < ip.len;
	snprintf(text, sizeof(text), "smtp:%s%.*s%s:25", v6 ? "[" : "",
	    STR_ARG(all ? STR("0.0.0.0") : ip), v6 ? "]" : "");
	filter_policy_free(policy);
	o->n_listens = 1;
	return listen_spec_parse(&o->listens[0], text, e);
}

/*
 * Standard descriptors are there and nothing else that the starter left open
 * but what is handed over: a log line must never go to a socket, and no part
 * get hold of a foreign file.
 */
static void
own_descriptors(int first_foreign, struct handover *h)
{
	int fd;
	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
	handover_take(h, first_foreign);
}

/* The daemon: all of it, or (as root with another user) what may do less. */
static int
serve(const struct options *o, struct handover *handover)
{
	struct channel master = { .fd = -1 };
	struct err e = ERR_INIT;
	if (o->role != NULL &&
	    !part_find_channel(&master, PART_LISTENER, PART_MASTER, &e))
		return fail(&e);
	master.phase = CHANNEL_RUN;
	if (!log_prepare(&e))
		return fail(&e);
	if (o->role == NULL && o->user != NULL && geteuid() == 0)
		return master_run(o, handover);
	return listener_run(o, handover, &master);
}

/* Of the parts it alone has the daemon's own options. */
static bool
is_listener(const struct options *o)
{
	return o->role == NULL || strcmp(o->role, MASTER_LISTENER_ROLE) == 0;
}

int
main(int argc, char **argv)
{
	struct options o;
	struct handover handover;
	struct err e = ERR_INIT;
	if (!options_parse(&o, argc, argv, &e))
		return fail(&e);
	own_descriptors(o.role == NULL    ? STDERR_FILENO + 1
			: is_listener(&o) ? PART_CHANNEL_FD + 1
					  : LOG_LOST_FD + 1,
	    &handover);
	/* who started us may wait for nobody, and have left us that */
	signal(SIGCHLD, SIG_DFL);
	memory_prepare();
	if (!is_listener(&o)) {
		log_take_over();
		return part_main(o.role);
	}
	if (o.help) {
		fputs(options_help(), stdout);
		return 0;
	}
	if (o.version) {
		puts("smemail-filterd " SMEMAIL_VERSION);
		return 0;
	}
	if (o.ready != NULL) {
		int status = readiness_ask(o.ready, &e);
		return e.text[0] != '\0' ? fail(&e) : status;
	}
	if (o.check)
		return check_configuration(&o, &e) ? 0 : fail(&e);
	if (o.n_listens == 0 && !listen_by_setting(&o, &e))
		return fail(&e);
	return serve(&o, &handover);
}
