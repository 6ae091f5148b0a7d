/*
 * Lines of who gives mail to people and takes it from other servers: Dovecot,
 * tcpsvd, fetchmail (LG-41 to LG-43).
 */
#include "core/maillog/stats_int.h"

#include "core/base/num.h"

#include <stdio.h>
#include <string.h>

static void
failed_login(struct stats_dovecot *d, const struct maillog_event *ev)
{
	uint64_t attempts = ev->mailbox.attempts;
	d->auth_failed = num_sum_u64(d->auth_failed, attempts);
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
			d->bytes_in = num_sum_u64(d->bytes_in, ev->mailbox.in);
			d->bytes_out =
			    num_sum_u64(d->bytes_out, ev->mailbox.out);
		}
		break;
	default:
		break;
	}
}

enum {
	ACCEPTED,
	LIMIT,
	RULE
};

static void
denied(struct stats_part *p, const struct maillog_event *ev, bool over)
{
	struct stats_tcpsvd *t = &p->sums.tcpsvd;
	struct stats_hanging *h = &p->ends.hanging;
	struct str ip = str_sub(ev->supervisor.ip, 0, STATS_IP_MAX);
	t->denied_limit += over;
	t->denied_rule += !over;
	tally_add(&t->clients, ip, over ? LIMIT : RULE, 1);
	if (h->any)
		return;
	/* what the line before says may stand in an earlier part */
	h->first_denied = ev->pid;
	if (ip.len > 0)
		memcpy(h->first_ip, ip.ptr, ip.len);
	h->first_ip_len = ip.len;
}

/*
 * A refusal for the limit of an address follows the line that says how many
 * connections the address has (LG-42).
 */
void
stats_tcpsvd_count(struct stats_part *p, const struct maillog_event *ev)
{
	struct stats_tcpsvd *t = &p->sums.tcpsvd;
	struct stats_hanging *h = &p->ends.hanging;
	bool over = h->over_pid != 0 && h->over_pid == ev->pid;
	h->over_pid = 0;
	switch (ev->kind) {
	case MAILLOG_TCPSVD_CONCURRENCY:
		if (ev->supervisor.running > ev->supervisor.max)
			h->over_pid = ev->pid;
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
		denied(p, ev, over);
		break;
	default:
		break;
	}
	h->any = true;
}

static void
join_tcpsvd(struct stats_tcpsvd *t, struct stats_hanging *to,
    const struct stats_hanging *later)
{
	if (!later->any)
		return;
	if (to->over_pid != 0 && to->over_pid == later->first_denied) {
		struct tally_row *row = tally_row(
		    &t->clients, str_n(later->first_ip, later->first_ip_len));
		t->denied_limit++;
		t->denied_rule--;
		if (row != NULL) {
			row->n[LIMIT]++;
			row->n[RULE]--;
		}
	}
	to->any = true;
	to->over_pid = later->over_pid;
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

enum {
	POLLS,
	FETCHED,
	KEPT,
	REFUSED = 0,
	LOGINS,
	HOSTS
};

static void
read_from(struct stats_hanging *h, struct str account)
{
	memcpy(h->account, account.ptr, account.len);
	h->account[account.len] = '\0';
}

void
stats_fetchmail_count(struct stats_part *p, const struct maillog_event *ev)
{
	char text[STATS_ACCOUNT_MAX + 1], code[16];
	struct stats_fetchmail *f = &p->sums.fetchmail;
	struct stats_hanging *h = &p->ends.hanging;
	struct str account = account_of(ev->fetch.account, text);
	switch (ev->kind) {
	case MAILLOG_FETCHMAIL_MESSAGES:
		tally_add(&f->mail, account, POLLS, 1);
		read_from(h, account);
		break;
	case MAILLOG_FETCHMAIL_READING:
		tally_add(&f->mail, account,
		    ev->result == MAILLOG_FAIL ? KEPT : FETCHED, 1);
		read_from(h, account);
		break;
	case MAILLOG_FETCHMAIL_REFUSED:
		snprintf(code, sizeof(code), "%u", ev->fetch.code);
		tally_add(&f->codes, str_of(code), 0, 1);
		if (h->account[0] != '\0')
			tally_add(&f->troubles, str_of(h->account), REFUSED, 1);
		else /* it may stand in an earlier part */
			h->refused++;
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

static void
join_fetchmail(struct stats_fetchmail *f, struct stats_hanging *to,
    const struct stats_hanging *later)
{
	if (later->refused > 0)
		tally_add(
		    &f->troubles, str_of(to->account), REFUSED, later->refused);
	if (later->account[0] != '\0')
		read_from(to, str_of(later->account));
}

void
stats_hanging_join(
    struct stats *out, struct stats_ends *to, const struct stats_ends *from)
{
	join_tcpsvd(&out->tcpsvd, &to->hanging, &from->hanging);
	join_fetchmail(&out->fetchmail, &to->hanging, &from->hanging);
}
