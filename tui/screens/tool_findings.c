/* Diagnoses whose result is a list of findings. */
#include "core/auth/crypto.h"
#include "core/base/i18n.h"
#include "core/model/dkim_check.h"
#include "core/model/probe.h"
#include "core/model/records.h"
#include "core/model/route.h"
#include "tui/screens/tool_int.h"

enum {
	PORT_SMTP = 25,
	PORT_TLS = 443,
	MS_PER_S = 1000
};

const struct tool_column tool_finding_columns[2] = {
	{ NULL, false, false, 22 },
	{ NULL, false, false, 0 },
};

bool
tool_dkim_run(struct tool_run *r, struct err *e)
{
	const struct crypto *c = crypto_load(e);
	return c != NULL &&
	       dkim_check(r->m, c, r->dns, r->subject, NULL, r->f, e);
}

bool
tool_records_run(struct tool_run *r, struct err *e)
{
	struct records want;
	return records_wanted(r->m, r->dns, r->subject, &want, e) &&
	       records_check(r->m, r->dns, &want, 0, r->f, e);
}

bool
tool_reverse_run(struct tool_run *r, struct err *e)
{
	return records_reverse(r->m, r->dns, r->subject, NULL, r->f, e);
}

bool
tool_route_run(struct tool_run *r, struct err *e)
{
	struct routes *ends = ARENA_NEW(r->m->arena, struct routes);
	return route_address(r->m, r->dns, r->subject, r->f, ends, e);
}

static void
probe_begin(const struct tool_run *r, struct probe *p)
{
	*p = (struct probe){
		.m = r->m,
		.dns = r->dns,
		.f = r->f,
		.own_name = r->ui->host->name,
		.deadline_ms =
		    clock_mono_ms(r->m->clock) + PROBE_SECONDS * MS_PER_S,
	};
	stream_init(&p->stream, r->m->clock, 0);
}

bool
tool_smtp_run(struct tool_run *r, struct err *e)
{
	struct probe p;
	probe_begin(r, &p);
	if (!probe_target(&p, r->subject, PORT_SMTP, e))
		return false;
	probe_smtp(&p, NULL);
	return true;
}

bool
tool_tls_run(struct tool_run *r, struct err *e)
{
	struct probe p;
	probe_begin(r, &p);
	if (!probe_target(&p, r->subject, PORT_TLS, e))
		return false;
	probe_tls(&p, NULL);
	return true;
}

bool
tool_relay_run(struct tool_run *r, struct err *e)
{
	struct probe p;
	probe_begin(r, &p);
	if (!probe_target(&p,
		r->subject != NULL ? r->subject : r->ui->host->name, PORT_SMTP,
		e))
		return false;
	/* a stranger's greeting, not that of this server */
	p.own_name = "probe.example.net";
	probe_relay(&p);
	return true;
}

bool
tool_smarthost_run(struct tool_run *r, struct err *e)
{
	struct probe p;
	probe_begin(r, &p);
	return probe_smarthost(&p, e);
}
