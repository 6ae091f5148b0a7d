/* Lines of spamd, clamd and Dovecot (LG-38 to LG-41). */
#include "core/maillog/stats_int.h"

static void
count_rules(struct tally *rules, struct str list)
{
	struct str rest = list;
	while (rest.len > 0) {
		struct str one = str_cut(rest, ',', &rest);
		if (one.len > 0)
			tally_add(rules, one, 0, 1);
	}
}

void
stats_spamd_count(struct stats_part *p, const struct maillog_event *ev)
{
	struct stats_spamd *s = &p->sums.spamd;
	int64_t n;
	switch (ev->kind) {
	case MAILLOG_SPAMD_CONNECTION:
		s->connections++;
		break;
	case MAILLOG_SPAMD_START:
		s->processed++;
		break;
	case MAILLOG_SPAMD_DONE:
		if (ev->scan.spam)
			s->spam++;
		else
			s->ham++;
		s->bytes += ev->scan.size;
		if (maillog_decimal(ev->scan.score, 3, &n))
			s->score_milli += n;
		if (maillog_decimal(ev->scan.seconds, 3, &n))
			s->seconds_milli += n;
		break;
	case MAILLOG_SPAMD_RESULT:
		count_rules(&s->rules, ev->scan.rules);
		break;
	case MAILLOG_SPAMD_TEXT:
		s->timeouts +=
		    str_find_str(ev->text, STR("timeout")) < ev->text.len ||
		    str_find_str(ev->text, STR("timed out")) < ev->text.len;
		break;
	default:
		break;
	}
}

void
stats_clamd_count(struct stats_part *p, const struct maillog_event *ev)
{
	struct stats_clamd *c = &p->sums.clamd;
	switch (ev->kind) {
	case MAILLOG_CLAMD_OK:
		c->ok++;
		break;
	case MAILLOG_CLAMD_FOUND:
		tally_add(&c->found, ev->virus.name, 0, 1);
		break;
	case MAILLOG_CLAMD_ERROR:
		c->errors++;
		break;
	case MAILLOG_CLAMD_SELFCHECK:
		c->selfchecks += ev->result == MAILLOG_PASS;
		break;
	case MAILLOG_CLAMD_RELOADED:
		c->reloads++;
		break;
	default:
		break;
	}
}

void
stats_dovecot_count(struct stats_part *p, const struct maillog_event *ev)
{
	struct stats_dovecot *d = &p->sums.dovecot;
	switch (ev->kind) {
	case MAILLOG_DOVECOT_LOGIN:
		tally_add(&d->logins, ev->mailbox.proto, 0, 1);
		tally_add(&d->users, ev->mailbox.user, 0, 1);
		break;
	case MAILLOG_DOVECOT_LOGIN_FAILED:
		d->auth_failed += ev->mailbox.attempts;
		break;
	case MAILLOG_DOVECOT_ABORTED:
		d->aborted++;
		break;
	case MAILLOG_DOVECOT_USERIP_LIMIT:
		d->userip_limit++;
		break;
	case MAILLOG_DOVECOT_PROCESS_LIMIT:
		d->process_limit++;
		break;
	case MAILLOG_DOVECOT_LOGOUT:
		d->logout++;
		if (str_is(ev->mailbox.proto, "imap")) {
			d->bytes_in += ev->mailbox.in;
			d->bytes_out += ev->mailbox.out;
		}
		break;
	default:
		break;
	}
}
