/* The command mtu: paths to hosts, hop by hop, and what to do about them. */
#include "core/model/mtu.h"

#include "cmd/app.h"
#include "cmd/app_dns.h"
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/mtu_try.h"
#include "cmd/render.h"
#include "core/auth/facts.h"
#include "core/base/i18n.h"
#include "core/base/num.h"

#include <string.h>

enum {
	COLUMNS = 6,
	ANSWER_NO = 1,
	TEMPORARY = 111,
};

static const char *
address_text(struct app *app, const struct net_addr *a)
{
	char text[NET_ADDR_TEXT_SIZE];
	return arena_cstr(app->arena, str_of(net_addr_format(a, text)));
}

static const char *
reply_text(struct app *app, int64_t ns)
{
	return arena_printf(app->arena, "%.1f ms", (double)ns / NS_PER_MS);
}

static void
hops_show(struct app *app, const struct mtu_host *h)
{
	static const struct render_column columns[COLUMNS] = {
		{ N_("HOP"), true },
		{ N_("ADDRESS"), false },
		{ N_("NAME"), false },
		{ N_("REPLY"), true },
		{ N_("MTU"), true },
		{ "", false },
	};
	size_t n = h->path.n_hops;
	struct str *cells = ARENA_ARRAY(app->arena, n * COLUMNS, struct str);
	for (size_t i = 0; i < n; i++) {
		const struct pathmtu_hop *hop = &h->path.hops[i];
		struct str *c = &cells[i * COLUMNS];
		c[0] = str_of(arena_printf(app->arena, "%u", hop->ttl));
		c[1] =
		    str_of(hop->answered ? address_text(app, &hop->addr) : "-");
		c[2] = str_of(h->hop_names[i] != NULL ? h->hop_names[i] : "-");
		c[3] = str_of(
		    hop->answered ? reply_text(app, hop->reply_ns) : "-");
		c[4] = str_of(hop->answered
				  ? arena_printf(app->arena, "%u", hop->mtu)
				  : "-");
		c[5] = str_of(mtu_hop_text(hop));
	}
	render_table(app, columns, COLUMNS, cells, n);
}

static void
remarks_show(struct app *app, const struct mtu_host *h, unsigned port)
{
	struct mtu_remark list[MTU_REMARKS_MAX];
	size_t n = mtu_remarks(app->arena, h, port, list);
	for (size_t i = 0; i < n; i++)
		render_prose(app, 6, "%-5s %s", list[i].label, list[i].text);
}

static void
host_show(struct app *app, const struct mtu_host *h, unsigned port)
{
	render_prose(app, 6, "%-5s %s%s%s  %s", mtu_verdict_state(h->verdict),
	    h->name, h->has_addr ? " " : "",
	    h->has_addr && strcmp(h->name, address_text(app, &h->addr)) != 0
		? address_text(app, &h->addr)
		: "",
	    mtu_host_text(app->arena, h));
	if (h->path.n_hops > 0)
		hops_show(app, h);
	remarks_show(app, h, port);
}

static void
hop_json(struct json *j, const struct mtu_host *h, size_t i)
{
	char text[NET_ADDR_TEXT_SIZE];
	const struct pathmtu_hop *hop = &h->path.hops[i];
	json_object_begin(j);
	json_key(j, "ttl");
	json_int(j, hop->ttl);
	json_key(j, "address");
	json_cstr(j, hop->answered ? net_addr_format(&hop->addr, text) : NULL);
	json_key(j, "name");
	json_cstr(j, h->hop_names[i]);
	json_key(j, "reply_ms");
	if (hop->answered)
		json_double(j, (double)hop->reply_ns / NS_PER_MS, 3);
	else
		json_null(j);
	json_key(j, "mtu");
	json_int(j, hop->mtu);
	json_key(j, "narrower");
	json_bool(j, hop->narrower);
	json_key(j, "reached");
	json_bool(j, hop->target);
	json_key(j, "hops_back");
	if (hop->back > 0)
		json_int(j, hop->back);
	else
		json_null(j);
	json_object_end(j);
}

static void
tcp_json(struct json *j, const struct mtu_host *h)
{
	static const char *const states[] = { "untested", "passed", "lost" };
	const struct pathmtu_tcp *t = &h->tcp;
	json_key(j, "tcp");
	if (!h->tcp_asked) {
		json_null(j);
		return;
	}
	json_object_begin(j);
	json_key(j, "state");
	json_cstr(j, states[t->state]);
	json_key(j, "why");
	json_cstr(j, t->why.code != ERR_NONE ? t->why.text : NULL);
	json_key(j, "offered_mss");
	json_int(j, t->offered);
	json_key(j, "sent_bytes");
	json_int(j, t->sent);
	json_key(j, "resent");
	json_int(j, t->resent);
	json_object_end(j);
}

static void
path_json(struct json *j, const struct mtu_host *h)
{
	static const char *const ends[] = { "reached", "silent", "unreachable",
		"loop", "too-far" };
	const struct pathmtu *p = &h->path;
	json_key(j, "mtu");
	json_int(j, p->mtu);
	json_key(j, "interface");
	json_cstr(j, p->link_name);
	json_key(j, "interface_mtu");
	json_int(j, p->link_mtu);
	json_key(j, "known_mtu");
	if (p->known_mtu > 0)
		json_int(j, p->known_mtu);
	else
		json_null(j);
	json_key(j, "end");
	json_cstr(j, ends[p->end]);
	json_key(j, "black_hole");
	json_bool(j, p->black_hole);
	json_key(j, "lost_behind_hop");
	if (p->black_hole)
		json_int(j, (int64_t)p->lost_behind);
	else
		json_null(j);
	json_key(j, "hops");
	json_array_begin(j);
	for (size_t i = 0; i < p->n_hops; i++)
		hop_json(j, h, i);
	json_array_end(j);
}

static void
host_json(struct json *j, const struct mtu_host *h)
{
	char text[NET_ADDR_TEXT_SIZE];
	json_object_begin(j);
	json_key(j, "state");
	json_cstr(j, mtu_verdict_state(h->verdict));
	json_key(j, "verdict");
	json_cstr(j, mtu_verdict_word(h->verdict));
	json_key(j, "host");
	json_cstr(j, h->name);
	json_key(j, "address");
	json_cstr(j, h->has_addr ? net_addr_format(&h->addr, text) : NULL);
	json_key(j, "why");
	json_cstr(j, h->why.code != ERR_NONE ? h->why.text : NULL);
	json_key(j, "took_ms");
	json_int(j, h->took_ms);
	path_json(j, h);
	tcp_json(j, h);
	json_object_end(j);
}

static void
report_json(struct app *app, const struct mtu_report *r)
{
	struct json j;
	struct buf buf;
	render_json_begin(app, &j, &buf, "smemail.mtu/1");
	json_key(&j, "worst_mtu");
	if (r->worst != NULL)
		json_int(&j, r->worst->path.mtu);
	else
		json_null(&j);
	json_key(&j, "advice_mtu");
	if (r->advice > 0)
		json_int(&j, r->advice);
	else
		json_null(&j);
	json_key(&j, "rows");
	json_array_begin(&j);
	for (size_t i = 0; i < r->n; i++)
		host_json(&j, &r->hosts[i]);
	json_array_end(&j);
	render_json_end(app, &j, &buf);
}

/* 1 with a finding; 111 when nothing at all could be measured. */
static int
status_of(const struct mtu_report *r)
{
	bool measured = false;
	for (size_t i = 0; i < r->n; i++) {
		enum mtu_verdict v = r->hosts[i].verdict;
		if (v == MTU_NARROW || v == MTU_BLACK_HOLE)
			return ANSWER_NO;
		measured = measured || v == MTU_OK;
	}
	return measured ? 0 : TEMPORARY;
}

static void
report_show(struct app *app, const struct mtu_report *r, unsigned port)
{
	for (size_t i = 0; i < r->n; i++) {
		if (i > 0)
			render_line(app, "%s", "");
		host_show(app, &r->hosts[i], port);
	}
	if (r->n > 1 && r->worst != NULL)
		render_note(app, _("worst of all paths: %u, to %s"),
		    r->worst->path.mtu, r->worst->name);
	if (r->advice > 0)
		render_next(app, "smemail mtu --try %u", r->advice);
}

static bool
needs_names(const struct call *call)
{
	struct net_addr a;
	bool names = !call_has(call, "numeric");
	for (size_t i = 0; i < call->n_args; i++)
		names = names || !net_addr_parse(str_of(call->args[i]), &a);
	return names;
}

static bool
options_of(struct app *app, const struct call *call, struct mtu_options *o,
    struct err *e)
{
	const char *port = call_option(call, "port");
	uint64_t n = MTU_TCP_PORT;
	if (port != NULL &&
	    (!num_parse_u64(str_of(port), UINT16_MAX, &n) || n == 0))
		return err_set(
		    e, ERR_USAGE, _("'%s' is not a port, 1 to 65535"), port);
	*o = (struct mtu_options){ .only_ipv4 = call_has(call, "ipv4"),
		.only_ipv6 = call_has(call, "ipv6"),
		.no_tcp = call_has(call, "no-tcp"),
		.no_names = call_has(call, "numeric"),
		.port = (uint16_t)n };
	if (o->only_ipv4 && o->only_ipv6)
		return err_set(e, ERR_USAGE,
		    _("'--ipv4' and '--ipv6' exclude each other"));
	/* without a resolver addresses can still be measured */
	if (needs_names(call))
		o->dns = app_dns(app, e);
	err_clear(e);
	return true;
}

static bool
hosts_check(struct app *app, const struct call *call, struct err *e)
{
	struct net_addr addr;
	struct str name;
	for (size_t i = 0; i < call->n_args; i++)
		if (!net_addr_parse(str_of(call->args[i]), &addr) &&
		    !fact_domain_parse(app->arena, call->args[i], &name, NULL))
			return err_set(e, ERR_USAGE,
			    _("'%s' is no host name and no address"),
			    call->args[i]);
	return true;
}

/* The hosts named, or those of the logs of the last week. */
static bool
hosts_of(struct app *app, const struct call *call, const char *const **names,
    size_t *n, struct err *e)
{
	enum {
		DAYS = 7
	};
	const char *logs = call_option(call, "logs");
	*names = call->args;
	*n = call->n_args;
	if (*n > 0 && !call_has(call, "from-log"))
		return hosts_check(app, call, e);
	if (*n > 0)
		return err_set(e, ERR_USAGE,
		    _("'--from-log' and HOST exclude each other"));
	return mtu_hosts_from_log(
	    &app->model, logs, logs != NULL ? 0 : DAYS, names, n, e);
}

static int
mtu_run(struct app *app, const struct call *call, struct err *e)
{
	struct mtu_options options;
	struct mtu_report *r;
	const char *const *names;
	size_t n;
	if (call_has(call, "try"))
		return mtu_try(app, call->n_args > 0 ? call->args[0] : NULL,
		    call_option(call, "try"), call_has(call, "dry-run"), e);
	if (!options_of(app, call, &options, e) ||
	    !hosts_of(app, call, &names, &n, e) ||
	    !mtu_measure(&app->model, names, n, &options, &r, e))
		return err_exit_status(e->code);
	if (app->json)
		report_json(app, r);
	else
		report_show(app, r, options.port);
	return status_of(r);
}

const struct command command_mtu = {
	.words = "mtu",
	.summary = N_("find the largest packet that passes to a host"),
	.text = N_("Sends packets of growing distance and falling size to each "
		   "host and shows where the path gets narrower, then sends "
		   "one full segment over an SMTP connection. Without HOST "
		   "the senders that timed out in the last week are "
		   "measured. ok: what the "
		   "interface sends passes. WARN: the path is narrower and its "
		   "routers say so. FAIL: large packets vanish without a word, "
		   "so large mail stalls (a black hole). ????: could not be "
		   "measured, with the reason. Needs no privilege. Exit 1 with "
		   "a finding, 111 when nothing could be measured."),
	.args = {
		{ .name = "HOST", .kind = ARG_HOST, .count = ARG_ANY },
	},
	.options = {
		{ .name = "from-log",
		    .help = N_("the senders that timed out in the last week "
			       "(without HOST)") },
		{ .name = "logs",
		    .value = "DIR",
		    .kind = ARG_DIR,
		    .help = N_("those of the logs below DIR, one folder a "
			       "service") },
		{ .name = "port",
		    .value = "PORT",
		    .kind = ARG_INT,
		    .help = N_("port of the SMTP server that is asked (25)") },
		{ .name = "no-tcp",
		    .help = N_("no SMTP connection, only the path") },
		{ .name = "numeric",
		    .letter = 'n',
		    .help = N_("do not look up the names of the hops") },
		{ .name = "ipv4",
		    .help = N_("only IPv4 addresses of a name") },
		{ .name = "ipv6",
		    .help = N_("only IPv6 addresses of a name") },
		{ .name = "try",
		    .value = "MTU",
		    .kind = ARG_INT,
		    .help = N_("give the interface this MTU for ten minutes, "
			       "to see whether it helps") },
		{ .name = "dry-run",
		    .help = N_("with --try: only tell what it would do") },
	},
	.flags = COMMAND_NO_ROOT,
	.run = mtu_run,
};
