/* Paths to hosts, hop by hop (screens.md 4.17). */
#include "core/base/i18n.h"
#include "core/model/mtu.h"
#include "tui/screens/tool_int.h"

#include <string.h>

enum {
	LOG_DAYS = 7
};

const struct tool_column tool_mtu_columns[6] = {
	{ N_("Hop"), true, false, 3 },
	{ N_("Address"), false, false, 39 },
	{ N_("Name"), false, true, 24 },
	{ N_("Reply"), true, true, 9 },
	{ N_("MTU"), true, false, 6 },
	{ "", false, false, 0 },
};

static void
host_row(const struct tool_run *r, size_t *at, const struct mtu_host *h)
{
	char addr[NET_ADDR_TEXT_SIZE] = "";
	const char *cells[TOOL_CELLS_MAX] = { "", h->name,
		h->has_addr ? net_addr_format(&h->addr, addr) : "", "", "",
		"" };
	if (strcmp(cells[2], h->name) == 0)
		cells[2] = "";
	cells[5] = mtu_verdict_word(h->verdict);
	tool_send_row(r, (*at)++, mtu_verdict_state(h->verdict), cells,
	    TOOL_CELLS_MAX, mtu_host_text(r->m->arena, h), NULL);
}

static void
hops_send(const struct tool_run *r, size_t *at, const struct mtu_host *h)
{
	struct arena *a = r->m->arena;
	char addr[NET_ADDR_TEXT_SIZE];
	for (size_t i = 0; i < h->path.n_hops; i++) {
		const struct pathmtu_hop *hop = &h->path.hops[i];
		bool is = hop->answered;
		const char *cells[TOOL_CELLS_MAX] = {
			arena_printf(a, "%u", hop->ttl),
			is ? net_addr_format(&hop->addr, addr) : "-",
			h->hop_names[i] != NULL ? h->hop_names[i] : "-",
			is ? arena_printf(a, "%.1f ms",
				 (double)hop->reply_ns / NS_PER_MS)
			   : "-",
			is ? arena_printf(a, "%u", hop->mtu) : "-",
			mtu_hop_text(hop),
		};
		tool_send_row(r, (*at)++, hop->narrower ? "WARN" : "ok", cells,
		    TOOL_CELLS_MAX, NULL, NULL);
	}
}

static void
report_send(const struct tool_run *r, const struct mtu_report *report)
{
	struct arena *a = r->m->arena;
	struct mtu_remark remarks[MTU_REMARKS_MAX];
	size_t at = 0;
	for (size_t i = 0; i < report->n; i++) {
		const struct mtu_host *h = &report->hosts[i];
		if (report->n > 1)
			host_row(r, &at, h);
		hops_send(r, &at, h);
		size_t n = mtu_remarks(a, h, MTU_TCP_PORT, remarks);
		for (size_t k = 0; k < n; k++)
			tool_send_foot(r, remarks[k].label, remarks[k].text);
	}
	if (report->advice > 0)
		tool_send_cure(r,
		    arena_printf(a,
			_("set network.mtu to %u; try it first for ten "
			  "minutes: smemail mtu --try %u"),
			report->advice, report->advice),
		    arena_printf(
			a, "smemail set network.mtu %u", report->advice));
}

/* The host that decides: the narrowest, else the first. */
static void
head_send(const struct tool_run *r, const struct mtu_report *report)
{
	const struct mtu_host *h =
	    report->worst != NULL ? report->worst : report->hosts;
	for (size_t i = 0; i < report->n; i++)
		if (report->hosts[i].verdict == MTU_BLACK_HOLE)
			h = &report->hosts[i];
	if (h != NULL && report->n > 0)
		tool_send_head(r, mtu_verdict_state(h->verdict),
		    arena_printf(r->m->arena, "%s: %s", h->name,
			mtu_host_text(r->m->arena, h)));
}

bool
tool_mtu_run(struct tool_run *r, struct err *e)
{
	const struct mtu_options options = { .port = MTU_TCP_PORT,
		.dns = r->dns };
	struct arena *a = r->m->arena;
	const char **typed = ARENA_ARRAY(a, MTU_HOSTS_MAX, const char *);
	const char *const *names = typed;
	struct mtu_report *report;
	struct str rest = str_of(r->subject), word;
	size_t n = 0;
	while (n < MTU_HOSTS_MAX && str_next_word(&rest, &word))
		typed[n++] = arena_cstr(a, word);
	if (n == 0 && !mtu_hosts_from_log(r->m, NULL, LOG_DAYS, &names, &n, e))
		return false;
	if (!mtu_measure(r->m, names, n, &options, &report, e))
		return false;
	head_send(r, report);
	report_send(r, report);
	return true;
}
