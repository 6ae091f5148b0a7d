/* One line of any service; those that no service wrote (LG-25, LG-6). */
#include "core/maillog/parse_int.h"
#include "core/maillog/stats_int.h"

#include "core/base/find.h"
#include "core/base/num.h"
#include "core/base/utf8.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum {
	LONG_LINE = 5000, /* of no known form */
	LABEL_DIGITS = 24,
	HOOK_MAX = 32,  /* characters of the longest "(HOOK)" */
	PID_DIGITS = 9, /* longer ones may be none */
};

/* "@" and hexadecimal digits that make no label. */
static const char *
bad_label(struct str raw)
{
	size_t n = 0;
	while (1 + n < raw.len && num_hex_digit(raw.ptr[1 + n]) >= 0)
		n++;
	return n >= LABEL_DIGITS ? "upper case label" : "short label";
}

static bool
is_text(struct str s)
{
	uint32_t cp;
	for (size_t i = 0; i < s.len;) {
		size_t n = utf8_decode(str_sub(s, i, s.len), &cp);
		if (n == 0 || (cp < ' ' && cp != '\t'))
			return false;
		i += n;
	}
	return true;
}

/* Why a line is no service's, or NULL: it may be one of no known form. */
static const char *
stats_junk_reason(const struct logline *line, const struct maillog_event *ev)
{
	if (line->raw.len == 0)
		return "empty";
	if (line->stamp.kind == STAMP_NONE)
		return line->raw.ptr[0] == '@' ? bad_label(line->raw)
					       : "no label";
	if (ev->kind != MAILLOG_OTHER)
		return NULL;
	if (line->text.len == 0)
		return "label only";
	if (line->text.len >= LONG_LINE)
		return "long";
	return is_text(line->text) ? NULL : "binary";
}

/* The time of a line that no service wrote tells nothing. */
static void
note_time(struct stats_part *p, const struct logline *line)
{
	if (line->key_ns < p->sums.first_ns)
		p->sums.first_ns = line->key_ns;
	if (line->key_ns > p->sums.last_ns)
		p->sums.last_ns = line->key_ns;
}

static void
count_odd(struct stats_part *p, const struct logline *line,
    const struct maillog_event *ev)
{
	const char *why = stats_junk_reason(line, ev);
	if (why != NULL) {
		tally_add(&p->junk, str_of(why), 0, 1);
		return;
	}
	note_time(p, line);
	p->other++;
}

/*
 * Most lines of qpsmtpd are steps of a session that no figure is made of. They
 * are known by their first characters, and need no parsing: all but Accepted
 * and Connection, and of plugins, written "(HOOK) PLUGIN:" or in front,
 * logging::logterse, check_badcountries, dmarc and auth.
 */
static bool
is_step(struct str text)
{
	const char *end = text.ptr + text.len;
	const char *p = find_past_digits(text.ptr, end);
	if (p == text.ptr || p - text.ptr > PID_DIGITS || end - p < 3 ||
	    *p++ != ' ')
		return false;
	if (*p == '(') {
		p = find_near(p, end - p < HOOK_MAX ? end : p + HOOK_MAX, ')');
		if (p == NULL || end - p < 4 || p[1] != ' ')
			return false;
		p += 2;
	}
	switch (p[0]) {
	case 'A':
		return p[1] != 'c';
	case 'C':
	case 'l':
		return p[1] != 'o';
	case 'a':
		return p[1] != 'u';
	case 'c':
		return p[1] != 'h' || (end - p > 6 && p[6] != 'b');
	case 'd':
		return p[1] != 'm';
	default:
		return true;
	}
}

void
stats_part_line(struct stats_part *p, const struct logline *line)
{
	struct maillog_event ev;
	if (line->continued || line->unfinished)
		return;
	if (line->stamp.kind == STAMP_NONE || line->text.len == 0) {
		ev.kind = MAILLOG_OTHER;
		count_odd(p, line, &ev);
		return;
	}
	if (p->form == MAILLOG_FORM_QPSMTPD && p->config->compat)
		stats_approval_anywhere(p, line->text);
	if (p->form == MAILLOG_FORM_QPSMTPD && is_step(line->text)) {
		note_time(p, line);
		return;
	}
	maillog_parse_stamped(p->form, line->stamp.kind, line->text, &ev);
	if (ev.kind == MAILLOG_OTHER) {
		count_odd(p, line, &ev);
		return;
	}
	note_time(p, line);
	if (ev.kind <= MAILLOG_LOGTERSE_SHORT)
		stats_qpsmtpd_count(p, line, &ev);
	else if (ev.kind <= MAILLOG_QMAIL_ALERT)
		stats_qmail_count(p, line, &ev);
	else if (ev.kind <= MAILLOG_SPAMD_TEXT)
		stats_spamd_count(p, line, &ev);
	else if (ev.kind <= MAILLOG_CLAMD_STOPPED)
		stats_clamd_count(p, line, &ev);
	else if (ev.kind <= MAILLOG_DOVECOT_TEXT)
		stats_dovecot_count(p, line, &ev);
	else if (ev.kind <= MAILLOG_TCPSVD_TEXT)
		stats_tcpsvd_count(p, &ev);
	else if (ev.kind <= MAILLOG_FETCHMAIL_TEXT)
		for (struct str rest = line->text;
		     maillog_fetchmail_next(&rest, &ev);)
			stats_fetchmail_count(p, &ev);
}

struct stats_part *
stats_part_new(const struct stats_config *config, const char *service)
{
	struct stats_part *p = calloc(1, sizeof(*p));
	if (p == NULL)
		return NULL;
	p->config = config;
	p->service = service;
	order_init(&p->ends.order);
	p->form = maillog_form_of(str_of(service));
	stats_init(&p->sums);
	tally_init(&p->junk);
	tally_init(&p->verdicts.alone);
	tally_init(&p->verdicts.domains);
	tally_share(&p->junk, &p->sums.names_room);
	tally_share(&p->verdicts.alone, &p->sums.names_room);
	tally_share(&p->verdicts.domains, &p->sums.names_room);
	p->waiting = (struct buf)BUF_INIT(STATS_WAITING_MAX);
	p->logged_in = &p->ends.authenticated;
	return p;
}

size_t
stats_part_bytes(const struct stats_part *p)
{
	const struct stats_ends *e = &p->ends;
	const struct opens *opens[] = { &e->messages, &e->deliveries, &e->scans,
		&e->sessions, &e->by_user };
	size_t n = STATS_NAMES_ROOM - p->sums.names_room + p->waiting.len +
		   order_bytes(&e->order) +
		   stats_hours_bytes(&p->sums.qpsmtpd.hours) +
		   (e->connections.cap + e->authenticated.cap) *
		       sizeof(struct pid_row);
	for (size_t i = 0; i < ARRAY_LEN(opens); i++)
		n += opens[i]->cap * sizeof(struct open_entry);
	return n;
}
