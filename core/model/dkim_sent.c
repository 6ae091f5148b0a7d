/* How much of the mail sent today was signed, from the filter's logs. */
#include "core/base/i18n.h"
#include "core/base/idmap.h"
#include "core/base/tally.h"
#include "core/mail/path.h"
#include "core/maillog/parse.h"
#include "core/maillog/when.h"
#include "core/model/dkim_outside.h"
#include "core/model/logs.h"

enum {
	SENT,     /* counters of a sender's domain */
	UNSIGNED, /* part of it */
	NAMED_MAX = 3
};

/* What the plugin said of the message that a connection brings. */
struct said {
	bool to_sign; /* of mail that it only verifies it says other things */
	bool is_signed;
};

struct counting {
	const struct model_ctx *m;
	struct str domain;
	struct tally senders;
	struct idmap open; /* struct said by pid */
};

static const char label[] = N_("sent today");

static struct said *
said_of(struct counting *c, uint32_t pid)
{
	struct said *s = idmap_get(&c->open, pid);
	if (s != NULL)
		return s;
	s = ARENA_NEW(c->m->arena, struct said);
	return s != NULL && idmap_put(&c->open, pid, s) ? s : NULL;
}

/* "pass, we signed the message", "skip, DKIM not configured for DOMAIN" */
static void
hear(struct said *s, const struct maillog_event *ev)
{
	const struct maillog_plugin *p = maillog_plugin_find(ev->plugin.name);
	if (p == NULL || !str_is(str_of(p->name), "dkim"))
		return;
	if (str_starts(ev->text, STR("pass, we signed"))) {
		s->to_sign = s->is_signed = true;
	} else if (str_starts(ev->text, STR("skip, DKIM not configured"))) {
		s->to_sign = true;
		s->is_signed = false;
	}
}

static void
count(struct counting *c, const struct said *s, struct str sender)
{
	size_t at = sender.len;
	while (at > 0 && sender.ptr[at - 1] != '@')
		at--;
	struct str from = str_sub(sender, at, sender.len);
	if (at == 0 || !s->to_sign || !mail_domain_is_within(from, c->domain))
		return;
	tally_add(&c->senders, from, SENT, 1);
	if (!s->is_signed)
		tally_add(&c->senders, from, UNSIGNED, 1);
}

static bool
count_event(struct counting *c, const struct maillog_event *ev)
{
	if (ev->kind != MAILLOG_PLUGIN && ev->kind != MAILLOG_LOGTERSE &&
	    ev->kind != MAILLOG_CONNECT)
		return true;
	struct said *s = said_of(c, maillog_connection(ev));
	if (s == NULL)
		return false;
	if (ev->kind == MAILLOG_PLUGIN) {
		hear(s, ev);
		return true;
	}
	if (ev->kind == MAILLOG_LOGTERSE && ev->verdict == MAILLOG_QUEUED)
		count(c, s, ev->terse.sender);
	*s = (struct said){ 0 };
	return true;
}

static bool
count_log(struct counting *c, const struct logsource *source, struct err *e)
{
	struct logline line;
	struct logread *r = logread_open(source->plan, 0, UINT64_MAX, e);
	if (r == NULL)
		return false;
	bool ok = true;
	while (ok && logread_next(r, &line, e)) {
		struct maillog_event ev;
		maillog_parse_stamped(
		    source->form, line.stamp.kind, line.text, &ev);
		ok = count_event(c, &ev);
	}
	logread_close(r);
	idmap_clear(&c->open);
	c->open = (struct idmap)IDMAP_INIT;
	if (!ok || c->senders.failed)
		return err_no_memory(e);
	return e->code == ERR_NONE;
}

/* Those of whom most was not signed: "intranet.example.com, b.example.com" */
static const char *
unsigned_names(struct counting *c)
{
	const char *list = "";
	tally_sort(&c->senders, UNSIGNED);
	for (size_t i = 0; i < c->senders.len && i < NAMED_MAX; i++) {
		const struct tally_row *row = &c->senders.rows[i];
		if (row->n[UNSIGNED] > 0)
			list = arena_printf(c->m->arena, "%s%s%.*s", list,
			    i > 0 ? ", " : "", STR_ARG(row->key));
	}
	return list;
}

static void
tell(struct counting *c, struct findings *f)
{
	unsigned long sent = (unsigned long)tally_sum(&c->senders, SENT);
	unsigned long left = (unsigned long)tally_sum(&c->senders, UNSIGNED);
	if (sent == 0) {
		findings_add(f, FINDING_INFO, "sent", label,
		    _("the logs know of no mail of this domain that was to be "
		      "signed"));
		return;
	}
	const char *counts = arena_printf(c->m->arena,
	    P_("%lu of %lu message signed", "%lu of %lu messages signed", sent),
	    sent - left, sent);
	if (left == 0)
		findings_add(f, FINDING_OK, "sent", label, "%s", counts);
	else
		findings_add(f, FINDING_WARN, "sent", label,
		    _("%s; %lu not: from %s"), counts, left, unsigned_names(c));
}

static bool
read_logs(struct counting *c, bool *any, struct err *e)
{
	struct log_set set;
	struct logrange range = LOGRANGE_ALL;
	if (!when_parse(STR("today"), clock_wall_ns(c->m->clock), "from",
		&range.from_ns, e) ||
	    !log_set_open(c->m, NULL, NULL, range, -1, &set, e))
		return false;
	bool ok = true;
	for (size_t i = 0; ok && i < set.n; i++) {
		if (set.sources[i].form != MAILLOG_FORM_QPSMTPD)
			continue;
		*any = true;
		ok = count_log(c, &set.sources[i], e);
	}
	if (ok && !*any && set.notes.len > 0)
		ok = err_set(e, ERR_PERMANENT, "%.*s",
		    STR_ARG(str_trim(buf_str(&set.notes))));
	log_set_close(&set);
	return ok;
}

void
dkim_sent_today(
    const struct model_ctx *m, const char *domain, struct findings *f)
{
	struct counting c = {
		.m = m, .domain = str_of(domain), .open = IDMAP_INIT
	};
	struct err e = ERR_INIT;
	bool any = false;
	tally_init(&c.senders);
	if (read_logs(&c, &any, &e) && any)
		tell(&c, f);
	else if (e.code == ERR_NONE || e.code == ERR_NO)
		findings_add(f, FINDING_INFO, "sent", label,
		    _("the filter has no log of today"));
	else
		findings_add(f, FINDING_UNKNOWN, "sent", label, "%s", e.text);
	idmap_clear(&c.open);
	tally_clear(&c.senders);
}
