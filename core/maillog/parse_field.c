/* Fields of events whatever their kind: what filters and tables ask for. */
#include "core/maillog/parse.h"

#include "core/base/compiler.h"

#include <stddef.h>

/* A view of an event of that kind is the field. */
struct place {
	uint8_t field;       /* enum maillog_field */
	uint8_t first, last; /* kinds from ... to */
	size_t offset;
};

#define AT(member) offsetof(struct maillog_event, member)

static const struct place places[] = {
	{ MAILLOG_F_FROM, MAILLOG_LOGTERSE, MAILLOG_LOGTERSE_SHORT,
	    AT(terse.sender) },
	{ MAILLOG_F_FROM, MAILLOG_DENY_MAIL, MAILLOG_DENY_MAIL,
	    AT(command.address) },
	{ MAILLOG_F_FROM, MAILLOG_QMAIL_INFO, MAILLOG_QMAIL_INFO,
	    AT(qmail.address) },
	{ MAILLOG_F_FROM, MAILLOG_POSTFIX_PICKUP, MAILLOG_POSTFIX_FROM,
	    AT(postfix.from) },
	{ MAILLOG_F_FROM, MAILLOG_POSTFIX_REJECT, MAILLOG_POSTFIX_REJECT,
	    AT(postfix.from) },
	{ MAILLOG_F_TO, MAILLOG_LOGTERSE, MAILLOG_LOGTERSE_SHORT,
	    AT(terse.recipients) },
	{ MAILLOG_F_TO, MAILLOG_QMAIL_START, MAILLOG_QMAIL_START_ODD,
	    AT(qmail.address) },
	{ MAILLOG_F_TO, MAILLOG_POSTFIX_DELIVERY, MAILLOG_POSTFIX_REJECT,
	    AT(postfix.to) },
	{ MAILLOG_F_IP, MAILLOG_LOGTERSE, MAILLOG_LOGTERSE_SHORT,
	    AT(terse.ip) },
	{ MAILLOG_F_IP, MAILLOG_ACCEPTED, MAILLOG_CONNECT, AT(peer.ip) },
	{ MAILLOG_F_IP, MAILLOG_DOVECOT_LOGIN, MAILLOG_DOVECOT_TEXT,
	    AT(mailbox.ip) },
	{ MAILLOG_F_IP, MAILLOG_TCPSVD_PID, MAILLOG_TCPSVD_DENY,
	    AT(supervisor.ip) },
	{ MAILLOG_F_IP, MAILLOG_POSTFIX_CONNECT, MAILLOG_POSTFIX_REJECT,
	    AT(postfix.ip) },
	{ MAILLOG_F_HOST, MAILLOG_LOGTERSE, MAILLOG_LOGTERSE_SHORT,
	    AT(terse.host) },
	{ MAILLOG_F_HOST, MAILLOG_ACCEPTED, MAILLOG_CONNECT, AT(peer.host) },
	{ MAILLOG_F_HOST, MAILLOG_POSTFIX_CONNECT, MAILLOG_POSTFIX_REJECT,
	    AT(postfix.host) },
	{ MAILLOG_F_HELO, MAILLOG_LOGTERSE, MAILLOG_LOGTERSE_SHORT,
	    AT(terse.helo) },
	{ MAILLOG_F_HELO, MAILLOG_POSTFIX_REJECT, MAILLOG_POSTFIX_REJECT,
	    AT(postfix.helo) },
	{ MAILLOG_F_PLUGIN, MAILLOG_PLUGIN, MAILLOG_QUEUEING, AT(plugin.name) },
	{ MAILLOG_F_PLUGIN, MAILLOG_LOGTERSE, MAILLOG_LOGTERSE_SHORT,
	    AT(terse.rule) },
	{ MAILLOG_F_HOOK, MAILLOG_PLUGIN, MAILLOG_QUEUEING, AT(plugin.hook) },
	{ MAILLOG_F_HOOK, MAILLOG_LOGTERSE, MAILLOG_LOGTERSE_SHORT,
	    AT(terse.hook) },
	{ MAILLOG_F_MID, MAILLOG_TAKEN, MAILLOG_TAKEN, AT(taken.mid) },
	{ MAILLOG_F_MID, MAILLOG_SPAMD_START, MAILLOG_SPAMD_RESULT,
	    AT(scan.mid) },
	{ MAILLOG_F_MID, MAILLOG_DOVECOT_DELIVERED, MAILLOG_DOVECOT_DELIVERED,
	    AT(mailbox.mid) },
	{ MAILLOG_F_MID, MAILLOG_POSTFIX_MID, MAILLOG_POSTFIX_MID,
	    AT(postfix.mid) },
	{ MAILLOG_F_USER, MAILLOG_SPAMD_START, MAILLOG_SPAMD_RESULT,
	    AT(scan.user) },
	{ MAILLOG_F_USER, MAILLOG_DOVECOT_LOGIN, MAILLOG_DOVECOT_TEXT,
	    AT(mailbox.user) },
	{ MAILLOG_F_SCORE, MAILLOG_LOGTERSE, MAILLOG_LOGTERSE_SHORT,
	    AT(terse.score) },
	{ MAILLOG_F_SCORE, MAILLOG_SPAMD_DONE, MAILLOG_SPAMD_RESULT,
	    AT(scan.score) },
	{ MAILLOG_F_RULES, MAILLOG_SPAMD_RESULT, MAILLOG_SPAMD_RESULT,
	    AT(scan.rules) },
	{ MAILLOG_F_VIRUS, MAILLOG_CLAMD_FOUND, MAILLOG_CLAMD_FOUND,
	    AT(virus.name) },
	{ MAILLOG_F_ID, MAILLOG_TAKEN, MAILLOG_TAKEN, AT(taken.queue_id) },
	{ MAILLOG_F_ID, MAILLOG_POSTFIX_CONNECT, MAILLOG_POSTFIX_TEXT,
	    AT(postfix.queue_id) },
};

static struct str
command_field(const struct maillog_event *ev, enum maillog_field field)
{
	struct str none = STR_EMPTY, verb = ev->command.verb;
	if (field == MAILLOG_F_FROM && str_is_nocase(verb, "MAIL"))
		return ev->command.address;
	if (field == MAILLOG_F_TO && str_is_nocase(verb, "RCPT"))
		return ev->command.address;
	if (field == MAILLOG_F_HELO &&
	    (str_is_nocase(verb, "HELO") || str_is_nocase(verb, "EHLO")))
		return ev->command.rest;
	return none;
}

struct str
maillog_field(const struct maillog_event *ev, enum maillog_field field)
{
	struct str none = STR_EMPTY;
	if (ev->kind == MAILLOG_COMMAND)
		return command_field(ev, field);
	/* as a verdict has it: these lines always have a sender */
	if (field == MAILLOG_F_FROM &&
	    ((ev->kind == MAILLOG_QMAIL_INFO && ev->qmail.address.len == 0) ||
		(ev->kind == MAILLOG_POSTFIX_FROM &&
		    ev->postfix.from.len == 0)))
		return STR("<>");
	/* the reason of a verdict is the id only when it was queued */
	if (field == MAILLOG_F_MID && ev->kind == MAILLOG_LOGTERSE)
		return ev->verdict == MAILLOG_QUEUED ? ev->terse.reason : none;
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		const struct place *p = &places[i];
		if (p->field == field && ev->kind >= p->first &&
		    ev->kind <= p->last)
			return *(
			    const struct str *)(const void *)((const char *)ev +
							      p->offset);
	}
	return none;
}

uint64_t
maillog_qp(const struct maillog_event *ev)
{
	switch (ev->kind) {
	case MAILLOG_TAKEN:
		return ev->taken.qp;
	case MAILLOG_QUEUEING:
		return ev->pid;
	case MAILLOG_QMAIL_INFO:
	case MAILLOG_QMAIL_BOUNCE:
		return ev->qmail.qp;
	default:
		return 0;
	}
}

uint64_t
maillog_msg(const struct maillog_event *ev)
{
	switch (ev->kind) {
	case MAILLOG_QMAIL_NEW:
	case MAILLOG_QMAIL_INFO:
	case MAILLOG_QMAIL_START:
	case MAILLOG_QMAIL_START_ODD:
	case MAILLOG_QMAIL_BOUNCE:
	case MAILLOG_QMAIL_TRIPLE:
	case MAILLOG_QMAIL_END:
		return ev->qmail.msg;
	default:
		return 0;
	}
}

uint64_t
maillog_delivery(const struct maillog_event *ev)
{
	switch (ev->kind) {
	case MAILLOG_QMAIL_START:
	case MAILLOG_QMAIL_START_ODD:
	case MAILLOG_QMAIL_DELIVERY:
		return ev->qmail.delivery;
	default:
		return 0;
	}
}

uint32_t
maillog_connection(const struct maillog_event *ev)
{
	switch (ev->kind) {
	case MAILLOG_CLEANUP:
		return ev->of;
	case MAILLOG_QUEUEING:
		return ev->plugin.of;
	case MAILLOG_CLAMD_OK:
	case MAILLOG_CLAMD_FOUND:
	case MAILLOG_CLAMD_ERROR:
		return ev->virus.pid;
	default:
		return ev->kind >= MAILLOG_ACCEPTED &&
			       ev->kind <= MAILLOG_LOGTERSE_SHORT
			   ? ev->pid
			   : 0;
	}
}
