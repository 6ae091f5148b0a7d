/*
 * Lines of who gives mail to people and takes it from other servers: Dovecot,
 * tcpsvd, fetchmail (LG-41 to LG-43).
 */
#include "core/maillog/stats_int.h"

#include <stdio.h>
#include <string.h>

static void
failed_login(struct stats_dovecot *d, const struct maillog_event *ev)
{
	uint64_t attempts = ev->mailbox.attempts;
	d->auth_failed += attempts;
	if (ev->mailbox.user.len > 0)
		tally_add(&d->failed_users, ev->mailbox.user, 0, attempts);
	if (ev->mailbox.ip.len > 0)
		tally_add(&d->failed_ips, ev->mailbox.ip, 0, attempts);
}

void
stats_dovecot_count(struct stats_part *p, const struct logline *line,
    const struct maillog_event *ev)
{
	struct stats_dovecot *d = &p->sums.dovecot;
	switch (ev->kind) {
	case MAILLOG_DOVECOT_LOGIN:
		tally_add(&d->logins, ev->mailbox.proto, 0, 1);
		tally_add(&d->users, ev->mailbox.user, 0, 1);
		stats_session_begins(p, line, ev);
		break;
	case MAILLOG_DOVECOT_LOGIN_FAILED:
		failed_login(d, ev);
		break;
	case MAILLOG_DOVECOT_ABORTED:
		d->aborted++;
		break;
	case MAILLOG_DOVECOT_USERIP_LIMIT:
		d->userip_limit++;
		tally_add(&d->limits, ev->mailbox.proto, 0, 1);
		break;
	case MAILLOG_DOVECOT_PROCESS_LIMIT:
		d->process_limit++;
		tally_add(&d->limits, ev->mailbox.proto, 1, 1);
		break;
	case MAILLOG_DOVECOT_LOGOUT:
		d->logout++;
		stats_session_ends(p, line, ev);
		if (str_is(ev->mailbox.proto, "imap")) {
			d->bytes_in += ev->mailbox.in;
			d->bytes_out += ev->mailbox.out;
		}
		break;
	default:
		break;
	}
}

/*
 * A refusal for the limit of an address follows the line that says how many
 * connections the address has (LG-42).
 */
void
stats_tcpsvd_count(struct stats_part *p, const struct maillog_event *ev)
{
	enum {
		ACCEPTED,
		LIMIT,
		RULE
	};
	struct stats_tcpsvd *t = &p->sums.tcpsvd;
	bool over = p->over_pid != 0 && p->over_pid == ev->pid;
	p->over_pid = 0;
	switch (ev->kind) {
	case MAILLOG_TCPSVD_CONCURRENCY:
		if (ev->supervisor.running > ev->supervisor.max)
			p->over_pid = ev->pid;
		if (ev->supervisor.running > t->highest)
			t->highest = ev->supervisor.running;
		if (ev->supervisor.max > t->highest_max)
			t->highest_max = ev->supervisor.max;
		break;
	case MAILLOG_TCPSVD_START:
		t->accepted++;
		tally_add(&t->clients, ev->supervisor.ip, ACCEPTED, 1);
		break;
	case MAILLOG_TCPSVD_DENY:
		t->denied_limit += over;
		t->denied_rule += !over;
		tally_add(
		    &t->clients, ev->supervisor.ip, over ? LIMIT : RULE, 1);
		break;
	default:
		break;
	}
}

/* "me@host" of both "me@host" and "me at host". */
static struct str
account_of(struct str s, char out[STATS_ACCOUNT_MAX + 1])
{
	static const struct str at = { " at ", 4 };
	size_t from = str_find_str(s, at);
	if (s.len > STATS_ACCOUNT_MAX || from == s.len)
		return str_sub(s, 0, STATS_ACCOUNT_MAX);
	memcpy(out, s.ptr, from);
	out[from] = '@';
	size_t rest = s.len - from - at.len;
	memcpy(out + from + 1, s.ptr + from + at.len, rest);
	return str_n(out, from + 1 + rest);
}

static void
read_from(struct stats_part *p, struct str account)
{
	memcpy(p->fetch_account, account.ptr, account.len);
	p->fetch_account[account.len] = '\0';
}

void
stats_fetchmail_count(struct stats_part *p, const struct maillog_event *ev)
{
	enum {
		POLLS,
		FETCHED,
		KEPT,
		REFUSED = 0,
		LOGINS,
		HOSTS
	};
	char text[STATS_ACCOUNT_MAX + 1], code[16];
	struct stats_fetchmail *f = &p->sums.fetchmail;
	struct str account = account_of(ev->fetch.account, text);
	switch (ev->kind) {
	case MAILLOG_FETCHMAIL_MESSAGES:
		tally_add(&f->mail, account, POLLS, 1);
		read_from(p, account);
		break;
	case MAILLOG_FETCHMAIL_READING:
		tally_add(&f->mail, account,
		    ev->result == MAILLOG_FAIL ? KEPT : FETCHED, 1);
		read_from(p, account);
		break;
	case MAILLOG_FETCHMAIL_REFUSED:
		snprintf(code, sizeof(code), "%u", ev->fetch.code);
		tally_add(&f->codes, str_of(code), 0, 1);
		tally_add(&f->troubles, str_of(p->fetch_account), REFUSED, 1);
		break;
	case MAILLOG_FETCHMAIL_AUTH:
		tally_add(&f->troubles, account, LOGINS, 1);
		break;
	case MAILLOG_FETCHMAIL_CONNECT:
		tally_add(&f->troubles, account, HOSTS, 1);
		break;
	default:
		break;
	}
}
