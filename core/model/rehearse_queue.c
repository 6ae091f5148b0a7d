/* Where a message that is taken would go, as the daemon's keeper decides it. */
#include "core/model/rehearse_int.h"

#include "core/base/i18n.h"
#include "core/filter/deliver.h"

enum {
	NAMED_MAX = 8, /* mailboxes told by name */
	TEXT_MAX = 2048
};

/* "would be queued", with mailboxes and servers where they are known. */
static void
describe(struct buf *out, const struct filter_deliveries *d)
{
	size_t named = 0;
	buf_add_cstr(out, _("would be queued"));
	for (size_t i = 0; i < d->n && named < NAMED_MAX; i++) {
		const struct filter_delivery *one = &d->items[i];
		if (!one->away && one->box.len == 0)
			continue;
		buf_add_cstr(out, named++ == 0 ? ": " : ", ");
		if (!one->away) {
			buf_add_str(out, one->box);
			continue;
		}
		mail_path_format(out, &one->rcpt);
		buf_addf(out, _(" by way of %.*s"), STR_ARG(one->route.host));
	}
	if (named == NAMED_MAX && d->n > named)
		buf_addf(out, _(" and %zu more"), d->n - named);
}

void
rehearse_queue(struct rehearse_stage *s)
{
	const struct smtp_job *job = smtp_session_job(s->smtp);
	const struct filter_queue *q =
	    filter_policy_queue(s->policy, &s->filter);
	struct filter_deliveries d = { .n = 0 };
	struct err e = ERR_INIT;
	struct buf text = BUF_INIT(TEXT_MAX);
	bool ok = q == NULL || q->kind != FILTER_QUEUE_MAILDIR ||
		  filter_policy_deliver(s->policy, job->rcpts, job->n_rcpts,
		      q->subdir != NULL, s->m->arena, &d, &e);
	bool for_good = !ok && e.code == ERR_NO;
	if (ok)
		describe(&text, &d);
	else
		buf_add_cstr(&text, e.text);
	struct rehearse_step step = {
		.phase = "queue",
		.plugin = arena_str(s->m->arena,
		    str_of(filter_policy_queue_label(s->policy, &s->filter))),
		.result = ok         ? "taken"
			  : for_good ? "refused"
				     : "deferred",
		.text = arena_str(s->m->arena, buf_str(&text)),
	};
	buf_clear(&text);
	rehearse_add_step(s, &step);
	smtp_session_queued(s->smtp,
	    ok         ? SMTP_QUEUED
	    : for_good ? SMTP_QUEUE_REFUSED
		       : SMTP_QUEUE_DECLINED,
	    for_good ? step.text : (struct str)STR_EMPTY);
}
