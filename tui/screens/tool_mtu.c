/* Paths to hosts, hop by hop (screens.md 4.17). */
#include "core/base/i18n.h"
#include "core/model/mtu.h"
#include "tui/screens/tool_int.h"

#include <stdio.h>
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

/*
 * The rows: of one host its hops as they come, of several each host with its
 * hops when it is done. Rows go by number, so each host keeps its own.
 */
struct sending {
	const struct tool_run *r;
	const struct mtu_host *hosts;
	size_t n;
	size_t first[MTU_HOSTS_MAX]; /* row of a host */
	bool sent[MTU_HOSTS_MAX];
	size_t next; /* row */
};

static void
host_row(const struct sending *s, size_t i)
{
	const struct mtu_host *h = &s->hosts[i];
	char addr[NET_ADDR_TEXT_SIZE] = "";
	const char *cells[TOOL_CELLS_MAX] = { "", h->name,
		h->has_addr ? net_addr_format(&h->addr, addr) : "", "", "",
		"" };
	if (strcmp(cells[2], h->name) == 0)
		cells[2] = "";
	cells[5] = mtu_verdict_word(h->verdict);
	tool_send_row(s->r, s->first[i], mtu_verdict_state(h->verdict), cells,
	    TOOL_CELLS_MAX, NULL, NULL);
}

/* Nothing of the arena here: the threads that measure call this. */
static void
hop_row(const struct sending *s, size_t row, const struct mtu_host *h, size_t i)
{
	const struct pathmtu_hop *hop = &h->path.hops[i];
	char addr[NET_ADDR_TEXT_SIZE], ttl[12], reply[32], mtu[12];
	bool is = hop->answered;
	snprintf(ttl, sizeof(ttl), "%u", hop->ttl);
	snprintf(
	    reply, sizeof(reply), "%.1f ms", (double)hop->reply_ns / NS_PER_MS);
	snprintf(mtu, sizeof(mtu), "%u", hop->mtu);
	const char *cells[TOOL_CELLS_MAX] = {
		ttl,
		is ? net_addr_format(&hop->addr, addr) : "-",
		h->hop_names[i] != NULL ? h->hop_names[i] : "-",
		is ? reply : "-",
		is ? mtu : "-",
		mtu_hop_text(hop),
	};
	tool_send_row(s->r, row, hop->narrower ? "WARN" : "ok", cells,
	    TOOL_CELLS_MAX, NULL, NULL);
}

static void
host_send(struct sending *s, size_t i)
{
	const struct mtu_host *h = &s->hosts[i];
	size_t heads = s->n > 1;
	if (!s->sent[i]) {
		s->first[i] = s->next;
		s->next += heads + h->path.n_hops;
		s->sent[i] = true;
	}
	if (heads)
		host_row(s, i);
	for (size_t k = 0; k < h->path.n_hops; k++)
		hop_row(s, s->first[i] + heads + k, h, k);
}

static void
hosts_begun(void *ctx, const struct mtu_host *hosts, size_t n)
{
	struct sending *s = ctx;
	s->hosts = hosts;
	s->n = n;
}

/* Those before it again: they may be silent ones that were left out. */
static void
hop_came(void *ctx, const struct mtu_host *h)
{
	const struct sending *s = ctx;
	for (size_t k = 0; s->n == 1 && k < h->path.n_hops; k++)
		hop_row(s, k, h, k);
}

static void
host_done(void *ctx, const struct mtu_host *h)
{
	struct sending *s = ctx;
	host_send(s, (size_t)(h - s->hosts));
}

/* The end: those that were not measured, and the names of the hops. */
static void
report_send(struct sending *s, const struct mtu_report *report)
{
	const struct tool_run *r = s->r;
	struct arena *a = r->m->arena;
	struct mtu_remark remarks[MTU_REMARKS_MAX];
	for (size_t i = 0; i < report->n; i++) {
		const struct mtu_host *h = &report->hosts[i];
		host_send(s, i);
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
	struct sending sending = { .r = r };
	const struct mtu_watch watch = { hosts_begun, hop_came, host_done,
		&sending };
	const struct mtu_options options = {
		.port = MTU_TCP_PORT, .dns = r->dns, .watch = &watch
	};
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
	report_send(&sending, report);
	return true;
}
