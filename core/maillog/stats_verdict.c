/*
 * One verdict line of qpsmtpd: where the message came from, how it ended, and
 * whom it concerns (LG-54 to LG-61).
 */
#include "core/maillog/stats_int.h"

#include <string.h>

enum origin {
	FROM_OUTSIDE,
	FROM_LAN,          /* LG-54.1 */
	FROM_RELAY,        /* 2 */
	FROM_WEBMAIL_HELO, /* 3 */
	FROM_WEBMAIL,      /* 4 and below */
	FROM_MAILMAN,
	FROM_FETCHMAIL,
	FROM_FETCHMAIL_SENDER,
	FROM_DMARC_REPORT,
	FROM_DENIED_LOCALHOST,
};

static const struct {
	const char *kinds[2]; /* denied, queued */
	uint8_t column;
	bool local;
} origins[STATS_ORIGINS] = {
	[FROM_OUTSIDE] = { { "inbound/denied", "inbound/queued" },
	    STATS_COLUMNS, false },
	[FROM_LAN] = { { "local/denied", "local/queued" }, STATS_LOCAL, true },
	[FROM_RELAY] = { { "relay/denied", "relay/queued" }, STATS_RELAY,
	    true },
	[FROM_WEBMAIL_HELO] = { { "webmail_helo/denied",
				    "webmail_helo/queued" },
	    STATS_WEBMAIL, true },
	[FROM_WEBMAIL] = { { "webmail/denied", "webmail/queued" },
	    STATS_WEBMAIL, true },
	[FROM_MAILMAN] = { { "mailman/denied", "mailman/queued" },
	    STATS_MAILMAN, true },
	/* their column is counted beside the others */
	[FROM_FETCHMAIL] = { { "fetchmail/denied", "fetchmail/queued" },
	    STATS_COLUMNS, false },
	[FROM_FETCHMAIL_SENDER] = { { "fetchmail_sender/denied",
					"fetchmail_sender/queued" },
	    STATS_COLUMNS, false },
	[FROM_DMARC_REPORT] = { { "dmarc_report/denied",
				    "dmarc_report/queued" },
	    STATS_COLUMNS, true },
	[FROM_DENIED_LOCALHOST] = { { "localhost_spoof/denied",
					"localhost_spoof/queued" },
	    STATS_COLUMNS, true },
};

/* Short texts and mostly a no: the first character decides. */
static bool
has(struct str s, struct str needle)
{
	if (s.len < needle.len)
		return false;
	size_t last = s.len - needle.len;
	for (size_t i = 0; i <= last; i++) {
		const char *hit =
		    memchr(s.ptr + i, needle.ptr[0], last - i + 1);
		if (hit == NULL)
			return false;
		if (memcmp(hit, needle.ptr, needle.len) == 0)
			return true;
		i = (size_t)(hit - s.ptr);
	}
	return false;
}

/* Octets of an IPv4 address at 'at'; how many characters, 0: none there. */
static size_t
octets_at(struct str s, size_t at, unsigned octets[4])
{
	size_t i = at;
	for (size_t k = 0; k < 4; k++) {
		size_t digits = 0;
		octets[k] = 0;
		for (; i < s.len && ascii_is_digit(s.ptr[i]) && digits < 3;
		     i++, digits++)
			octets[k] = octets[k] * 10 + (unsigned)(s.ptr[i] - '0');
		if (digits == 0)
			return 0;
		if (k < 3 && (i == s.len || s.ptr[i++] != '.'))
			return 0;
	}
	return i - at;
}

/* Is some RFC 1918 address named in it? */
static bool
has_private(struct str s)
{
	unsigned o[4];
	for (size_t i = 0; i + 1 < s.len; i++) {
		char c = s.ptr[i], next = s.ptr[i + 1];
		/* 10, 172 and 192 begin so, or with a zero in front */
		if ((c != '1' || (next != '0' && next != '7' && next != '9')) &&
		    c != '0')
			continue;
		if ((i > 0 && ascii_is_digit(s.ptr[i - 1])) ||
		    octets_at(s, i, o) == 0)
			continue;
		if (o[0] == 10 || (o[0] == 172 && o[1] >= 16 && o[1] < 32) ||
		    (o[0] == 192 && o[1] == 168))
			return true;
	}
	return false;
}

/* The name or a name below it; the model asks only whether it occurs. */
static bool
is_below(struct str host, const char *domain, bool compat)
{
	struct str d = str_of(domain);
	if (d.len == 0 || host.len < d.len)
		return false;
	if (compat)
		return str_find_str(host, d) < host.len;
	struct str tail = str_sub(host, host.len - d.len, host.len);
	return str_eq_nocase(tail, d) &&
	       (host.len == d.len || host.ptr[host.len - d.len - 1] == '.');
}

static bool
is_localhost(struct str host, bool compat)
{
	return compat ? has(host, STR("localhost"))
		      : str_is_nocase(host, "localhost") ||
			    str_starts_nocase(host, STR("localhost."));
}

/* A HELO with our loopback address; from outside it is forged. */
static bool
helo_is_loopback(const struct maillog_event *ev, bool compat)
{
	if (compat)
		return has(ev->terse.helo, STR("127.0.0.1"));
	return str_starts(ev->terse.ip, STR("127.")) &&
	       (str_is(ev->terse.helo, "127.0.0.1") ||
		   str_is(ev->terse.helo, "[127.0.0.1]"));
}

static enum origin
origin_on_localhost(const struct maillog_event *ev, bool compat)
{
	if (has(ev->terse.sender, STR("FETCHMAIL")))
		return FROM_FETCHMAIL_SENDER;
	if (has(ev->terse.sender, STR("bounces")))
		return FROM_MAILMAN;
	if (has(ev->terse.recipients, STR("dmarc")) ||
	    (compat && ev->terse.recipients.len == 0))
		return FROM_DMARC_REPORT;
	if (str_is(ev->terse.extra, "msg denied before queued"))
		return FROM_DENIED_LOCALHOST;
	return FROM_WEBMAIL;
}

/* LG-54: the first rule that fits. */
static enum origin
origin_of(struct stats_part *p, const struct maillog_event *ev)
{
	const struct stats_config *c = p->config;
	bool private_ip = has_private(ev->terse.ip);
	if (is_below(ev->terse.host, c->domain, c->compat))
		return FROM_LAN;
	if (!private_ip && ev->verdict == MAILLOG_QUEUED) {
		bool in = !c->compat && pids_is_open(p->logged_in, ev->pid);
		if (in || has_private(ev->terse.helo))
			return FROM_RELAY;
	}
	if (!private_ip && helo_is_loopback(ev, c->compat))
		return FROM_WEBMAIL_HELO;
	if (is_localhost(ev->terse.host, c->compat))
		return origin_on_localhost(ev, c->compat);
	if (has(ev->terse.ip, STR("127.0.0.200")))
		return FROM_FETCHMAIL;
	return has(ev->terse.sender, STR("FETCHMAIL")) ? FROM_FETCHMAIL_SENDER
						       : FROM_OUTSIDE;
}

/* Tested for itself, and in addition. */
static bool
is_fetched(const struct maillog_event *ev)
{
	return has(ev->terse.ip, STR("127.0.0.200")) ||
	       has(ev->terse.sender, STR("FETCHMAIL"));
}

/* LG-55, by the name as written. */
static const struct {
	const char *name;
	uint8_t len, column;
} rules[] = {
#define RULE(name, column)                                                     \
	{                                                                      \
		name, sizeof(name) - 1, column                                 \
	}
	RULE("spamassassin", STATS_SPAM_REFUSED),
	RULE("virus::clamav", STATS_VIRUS),
	RULE("virus::clamdscan", STATS_VIRUS),
	RULE("dnsbl", STATS_RBL),
	RULE("rhsbl", STATS_RBL),
	RULE("uribl", STATS_RBL),
	RULE("pattern_filter", STATS_EXECUTABLE),
	RULE("virus::pattern_filter", STATS_EXECUTABLE),
	RULE("check_badcountries", STATS_GEOIP),
	RULE("loadcheck", STATS_LOAD),
	RULE("karma", STATS_KARMA),
	RULE("dmarc", STATS_DMARC),
	RULE("tnef2mime", STATS_COLUMNS),
	RULE("check_earlytalker", STATS_NON_CONFORMING),
	RULE("earlytalker", STATS_NON_CONFORMING),
	RULE("check_relay", STATS_NON_CONFORMING),
	RULE("check_norelay", STATS_NON_CONFORMING),
	RULE("relay", STATS_NON_CONFORMING),
	RULE("require_resolvable_fromhost", STATS_NON_CONFORMING),
	RULE("resolvable_fromhost", STATS_NON_CONFORMING),
	RULE("check_basicheaders", STATS_NON_CONFORMING),
	RULE("headers", STATS_NON_CONFORMING),
	RULE("check_badmailfrom", STATS_NON_CONFORMING),
	RULE("mailfrom", STATS_NON_CONFORMING),
	RULE("check_badrcptto", STATS_NON_CONFORMING),
	RULE("check_badrcptto_patterns", STATS_NON_CONFORMING),
	RULE("badrcptto", STATS_NON_CONFORMING),
	RULE("check_spamhelo", STATS_NON_CONFORMING),
	RULE("helo", STATS_NON_CONFORMING),
	RULE("check_goodrcptto", STATS_NON_CONFORMING),
	RULE("check_goodrcptto extn", STATS_NON_CONFORMING),
	RULE("rcpt_ok", STATS_NON_CONFORMING),
	RULE("check_smtp_forward", STATS_NON_CONFORMING),
	RULE("count_unrecognized_commands", STATS_NON_CONFORMING),
	RULE("tls", STATS_NON_CONFORMING),
	RULE("auth::auth_cvm_unix_local", STATS_NON_CONFORMING),
	RULE("sender_permitted_from", STATS_NON_CONFORMING),
#undef RULE
};

static uint8_t
column_of_rule(struct stats_qpsmtpd *q, struct str rule)
{
	for (size_t i = 0; i < ARRAY_LEN(rules); i++)
		if (rule.len == rules[i].len &&
		    memcmp(rule.ptr, rules[i].name, rule.len) == 0)
			return rules[i].column;
	tally_add(&q->unknown, rule, 0, 1);
	return STATS_NON_CONFORMING;
}

/* "naughty" carries its reason in the text: "(dnsbl) https://..." */
static uint8_t
column_of_naughty(struct stats_qpsmtpd *q, struct str text)
{
	char name[TALLY_KEY_MAX];
	static const char prefix[] = "naughty-";
	if (has(text, STR("karma")))
		return STATS_KARMA;
	if (has(text, STR("dnsbl")))
		return STATS_RBL;
	if (has(text, STR("helo")))
		return STATS_NON_CONFORMING;
	size_t n = text.len < sizeof(name) - sizeof(prefix)
		       ? text.len
		       : sizeof(name) - sizeof(prefix);
	memcpy(name, prefix, sizeof(prefix) - 1);
	memcpy(name + sizeof(prefix) - 1, text.ptr, n);
	tally_add(&q->unknown, str_n(name, sizeof(prefix) - 1 + n), 0, 1);
	return STATS_NON_CONFORMING;
}

static const struct str naughty = { "naughty", 7 };

/* The word in parentheses at the start of a naughty reason. */
static struct str
naughty_word(struct str text)
{
	struct str rest;
	if (text.len == 0 || text.ptr[0] != '(')
		return STR("unknown");
	struct str word = str_cut(str_sub(text, 1, text.len), ')', &rest);
	return rest.ptr != NULL && word.len > 0 ? word : STR("unknown");
}

static struct str
joined(char *out, size_t size, const char *head, struct str tail)
{
	size_t n = strlen(head);
	if (tail.len > size - n)
		tail.len = size - n;
	memcpy(out, head, n);
	memcpy(out + n, tail.ptr, tail.len);
	return str_n(out, n + tail.len);
}

/* LG-57: the league of codes; naughty by its reason. */
static void
count_codes(struct stats_part *p, const struct maillog_event *ev)
{
	struct stats_qpsmtpd *q = &p->sums.qpsmtpd;
	struct str rule = ev->terse.rule;
	char name[TALLY_KEY_MAX];
	tally_add(&q->rules, rule, 0, 1);
	if (ev->verdict != MAILLOG_QUEUED) {
		if (ev->terse.code != 0)
			p->verdicts
			    .deny_codes[ev->terse.code - STATS_CODE_FIRST]++;
		else
			tally_add(&q->deny_codes, ev->terse.code_text, 0, 1);
	}
	if (!str_eq(rule, naughty))
		return; /* stats_verdict_sum has it */
	struct str word = naughty_word(ev->terse.reason);
	bool known = str_is(word, "dnsbl") || str_is(word, "karma") ||
		     str_is(word, "helo");
	tally_add(&q->rules_raw,
	    joined(name, sizeof(name), "naughty:", known ? word : STR("other")),
	    0, 1);
	if (p->config->compat)
		word = STR("unknown"); /* its variable was overwritten */
	tally_add(
	    &q->codes, joined(name, sizeof(name), "naughty-", word), 0, 1);
}

/* All rules but naughty are in the other leagues as they are written. */
static void
sum_rules(struct stats_qpsmtpd *q)
{
	for (size_t i = 0; i < q->rules.len; i++) {
		const struct tally_row *row = &q->rules.rows[i];
		if (str_eq(row->key, naughty))
			continue;
		tally_add(&q->rules_raw, row->key, 0, row->n[0]);
		tally_add(&q->codes, row->key, 0, row->n[0]);
	}
}

void
stats_verdict_sum(struct stats_part *p)
{
	struct stats_qpsmtpd *q = &p->sums.qpsmtpd;
	struct stats_verdicts *v = &p->verdicts;
	sum_rules(q);
	for (size_t i = 0; i < STATS_ORIGINS; i++)
		for (size_t k = 0; k < 2; k++)
			if (v->kinds[i][k] > 0)
				tally_add(&q->kinds,
				    str_of(origins[i].kinds[k]), 0,
				    v->kinds[i][k]);
	for (size_t i = 0; i < STATS_CODES; i++) {
		char code[4] = { '9', '0', (char)('1' + i), '\0' };
		if (v->deny_codes[i] > 0)
			tally_add(
			    &q->deny_codes, str_of(code), 0, v->deny_codes[i]);
	}
	tally_merge(&q->recipients, &v->alone);
	tally_merge(&q->recipients_compat, &v->alone);
	tally_clear(&v->alone);
	tally_clear(&v->domains);
}

/* Four number groups with any one character behind each are no name. */
static struct str
without_address(struct str s)
{
	size_t i = 0;
	for (int group = 0; group < 4; group++) {
		size_t digits = 0;
		while (i < s.len && digits < 3 && ascii_is_digit(s.ptr[i])) {
			i++;
			digits++;
		}
		if (digits == 0 || i == s.len)
			return s;
		i++;
	}
	return str_sub(s, i, s.len);
}

/* LG-59: the list's name out of the text that its user was shown. */
static struct str
blacklist_name(struct str s)
{
	static const char *const schemes[] = { "http://", "https://" };
	size_t behind = 0;
	if (str_starts(s, STR("(dnsbl)")) && s.len > 7 &&
	    ascii_is_space(s.ptr[7]))
		s = str_sub(s, 8, s.len);
	for (size_t i = 0; i < s.len; i++)
		for (size_t k = 0; k < 2; k++)
			if (str_starts_nocase(
				str_sub(s, i, s.len), str_of(schemes[k])))
				behind = i + strlen(schemes[k]);
	s = str_sub(s, behind, s.len);
	if (behind > 0 && str_starts_nocase(s, STR("www.")))
		s = str_sub(s, 4, s.len);
	s = str_sub(s, 0, str_find(s, '/', 0));
	for (size_t i = 0; i < s.len; i++)
		if (strchr("?#:", s.ptr[i]) != NULL) {
			s = str_sub(s, 0, i);
			break;
		}
	return str_trim(without_address(s));
}

static struct str
virus_name(struct str text)
{
	static const struct str mark = { "Virus found: ", 13 };
	size_t at = str_find_str(text, mark);
	return at < text.len ? str_sub(text, at + mark.len, text.len) : text;
}

/* How a queued message ended: the score decides (LG-55). */
static int
count_queued(
    struct stats_part *p, const struct maillog_event *ev, uint8_t *column)
{
	struct stats_qpsmtpd *q = &p->sums.qpsmtpd;
	int64_t score = 0;
	bool scored = maillog_decimal(ev->terse.score, 3, &score);
	q->accepted++;
	if (!scored || score < p->config->tag_milli) {
		q->ham++;
		order_add(&p->ends.order, ev->pid, STATS_SUM_HAM, score);
		*column = STATS_HAM;
		return STATS_QUEUED;
	}
	q->spam_queued++;
	order_add(&p->ends.order, ev->pid, STATS_SUM_QUEUED, score);
	*column = STATS_SPAM_QUEUED;
	return STATS_SPAM;
}

static void
count_refused(
    struct stats_part *p, const struct maillog_event *ev, uint8_t *column)
{
	struct stats_qpsmtpd *q = &p->sums.qpsmtpd;
	int64_t score = 0;
	*column = str_eq(ev->terse.rule, naughty)
		      ? column_of_naughty(q, ev->terse.reason)
		      : column_of_rule(q, ev->terse.rule);
	if (*column == STATS_SPAM_REFUSED) {
		q->spam_refused++;
		if (maillog_decimal(ev->terse.score, 3, &score))
			order_add(
			    &p->ends.order, ev->pid, STATS_SUM_REFUSED, score);
	}
	if (*column == STATS_VIRUS)
		tally_add(&q->viruses, virus_name(ev->terse.reason), 0, 1);
	if (*column == STATS_RBL)
		tally_add(
		    &q->blacklists, blacklist_name(ev->terse.reason), 0, 1);
}

void
stats_verdict_count(struct stats_part *p, const struct logline *line,
    const struct maillog_event *ev)
{
	enum {
		SECONDS = 3600
	};
	struct stats_qpsmtpd *q = &p->sums.qpsmtpd;
	enum origin from = origin_of(p, ev);
	bool queued = ev->verdict == MAILLOG_QUEUED;
	bool local = origins[from].local;
	int result = STATS_REJECTED;
	uint8_t column;
	int64_t second = line->stamp.time.unix_s;
	int64_t hour = second / SECONDS - (second % SECONDS < 0);
	q->verdicts++;
	p->verdicts.kinds[from][queued]++;
	count_codes(p, ev);
	if (queued)
		result = count_queued(p, ev, &column);
	else
		count_refused(p, ev, &column);
	q->dmarc_sent += from == FROM_DMARC_REPORT;
	q->dmarc_sent_empty +=
	    from == FROM_DENIED_LOCALHOST && ev->terse.recipients.len == 0;
	if (p->hour == NULL || p->hour->hour != hour)
		p->hour = stats_hour_at(&q->hours, hour);
	if (p->hour != NULL) {
		p->hour->n[STATS_FETCHMAIL] += is_fetched(ev);
		if (origins[from].column < STATS_COLUMNS)
			p->hour->n[origins[from].column]++;
		if (column < STATS_COLUMNS)
			p->hour->n[column]++;
	}
	stats_recipients_count(p, ev, local, result);
}
