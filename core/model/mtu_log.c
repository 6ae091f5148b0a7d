/* Which senders timed out: those whose paths are worth measuring (S003). */
#include "core/model/mtu.h"

#include "core/base/i18n.h"
#include "core/base/idmap.h"
#include "core/base/tally.h"
#include "core/maillog/parse.h"
#include "core/model/logs.h"

/* "Connection from NAME [IP]" and "Connection Timed Out" hold it, few else. */
static const struct str needle = { "Connection ", 11 };

/* The address of each connection by its pid, counted when it times out. */
static bool
count_log(const struct logsource *source, struct tally *hosts,
    struct arena *arena, struct err *e)
{
	struct logline line;
	struct idmap open = IDMAP_INIT;
	struct logread *r = logread_open(source->plan, 0, UINT64_MAX, e);
	if (r == NULL)
		return false;
	logread_need(r, needle, false);
	while (logread_next(r, &line, e)) {
		struct maillog_event ev;
		maillog_parse_stamped(
		    source->form, line.stamp.kind, line.text, &ev);
		if (ev.kind == MAILLOG_CONNECT) {
			void *ip = arena_cstr(arena, ev.peer.ip);
			if (ip == NULL || !idmap_put(&open, ev.pid, ip))
				err_no_memory(e);
		} else if (ev.kind == MAILLOG_TIMEOUT) {
			const char *ip = idmap_get(&open, ev.pid);
			if (ip != NULL)
				tally_add(hosts, str_of(ip), 0, 1);
		}
	}
	logread_close(r);
	idmap_clear(&open);
	return e->code == ERR_NONE;
}

bool
mtu_hosts_from_log(const struct model_ctx *m, const char *dir, int days,
    const char *const **names, size_t *n, struct err *e)
{
	enum {
		DAY_S = 86400
	};
	struct log_set set;
	struct tally hosts;
	struct logrange range = LOGRANGE_ALL;
	if (days > 0)
		range.from_ns =
		    clock_wall_ns(m->clock) - (int64_t)days * DAY_S * NS_PER_S;
	if (!log_set_open(m, NULL, dir, range, -1, &set, e))
		return false;
	tally_init(&hosts);
	bool ok = true;
	for (size_t i = 0; ok && i < set.n; i++)
		if (set.sources[i].form == MAILLOG_FORM_QPSMTPD)
			ok = count_log(&set.sources[i], &hosts, m->arena, e);
	log_set_close(&set);
	tally_sort(&hosts, 0);
	*n = hosts.len < MTU_FROM_LOG_MAX ? hosts.len : MTU_FROM_LOG_MAX;
	const char **list = ARENA_ARRAY(m->arena, *n + 1, const char *);
	for (size_t i = 0; i < *n; i++)
		list[i] = arena_cstr(m->arena, hosts.rows[i].key);
	*names = list;
	tally_clear(&hosts);
	if (!ok || *n > 0)
		return ok;
	if (days > 0)
		err_set(e, ERR_NO, _("no sender timed out in the last %d days"),
		    days);
	else
		err_set(e, ERR_NO, _("no sender timed out in these logs"));
	return err_next(e, "smemail mtu HOST");
}
