/* One line of any service; those that no service wrote (LG-25, LG-6). */
#include "core/maillog/parse_int.h"
#include "core/maillog/stats_int.h"

#include "core/base/num.h"
#include "core/base/utf8.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum {
	LONG_LINE = 5000, /* of no known form */
	LABEL_DIGITS = 24,
	HOOK_MAX = 32, /* characters of the longest "(HOOK)" */
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

const char *
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

static void
count_odd(struct stats_part *p, const struct logline *line,
    const struct maillog_event *ev)
{
	const char *why = stats_junk_reason(line, ev);
	if (why != NULL)
		tally_add(&p->junk, str_of(why), 0, 1);
	else
		p->other++;
}

/*
 * Most lines of qpsmtpd are steps of a session that no figure is made of. They
 * are known by their first characters, and need no parsing: "(HOOK) PLUGIN:"
 * of other plugins, replies to the client, commands of his.
 */
static bool
is_step(struct str text)
{
	size_t i = 0;
	while (i < text.len && (unsigned char)(text.ptr[i] - '0') < 10)
		i++;
	if (i == 0 || i + 1 >= text.len || text.ptr[i++] != ' ')
		return false;
	char c = text.ptr[i];
	if ((unsigned char)(c - '0') < 10)
		return true;
	if (c == '(') {
		const char *end = memchr(text.ptr + i, ')',
		    text.len - i < HOOK_MAX ? text.len - i : HOOK_MAX);
		if (end == NULL || end + 3 >= text.ptr + text.len)
			return false;
		/* logging, check_badcountries, dmarc, auth */
		return end[1] == ' ' && end[2] != 'l' && end[2] != 'c' &&
		       end[2] != 'd' && end[2] != 'a' && end[2] != '\0';
	}
	struct scan s = scan_of(str_n(text.ptr + i, text.len - i));
	return AT(&s, "dispatching ") || AT(&s, "click, ") ||
	       AT(&s, "cleaning up ") || AT(&s, "spooling ");
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
	if (line->key_ns < p->sums.first_ns)
		p->sums.first_ns = line->key_ns;
	if (line->key_ns > p->sums.last_ns)
		p->sums.last_ns = line->key_ns;
	if (p->form == MAILLOG_FORM_QPSMTPD && is_step(line->text))
		return;
	maillog_parse_stamped(p->form, line->stamp.kind, line->text, &ev);
	if (ev.kind == MAILLOG_OTHER)
		count_odd(p, line, &ev);
	else if (ev.kind <= MAILLOG_LOGTERSE_SHORT)
		stats_qpsmtpd_count(p, line, &ev);
	else if (ev.kind <= MAILLOG_QMAIL_ALERT)
		stats_qmail_count(p, line, &ev);
	else if (ev.kind <= MAILLOG_SPAMD_TEXT)
		stats_spamd_count(p, &ev);
	else if (ev.kind <= MAILLOG_CLAMD_STOPPED)
		stats_clamd_count(p, &ev);
	else
		stats_dovecot_count(p, &ev);
}

struct stats_part *
stats_part_new(const struct stats_config *config, const char *service)
{
	struct stats_part *p = calloc(1, sizeof(*p));
	if (p == NULL)
		return NULL;
	p->config = config;
	p->service = service;
	p->form = maillog_form_of(str_of(service));
	stats_init(&p->sums);
	tally_init(&p->junk);
	return p;
}
