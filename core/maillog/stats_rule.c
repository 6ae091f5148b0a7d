/*
 * What decided, as field 6 of a verdict names it: its column (LG-55), the
 * league of codes (LG-57), and the names in its text (LG-58, LG-59).
 */
#include "core/maillog/stats_int.h"

#include <string.h>

static const struct str naughty = { "naughty", 7 };

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
	if (stats_has(text, STR("karma")))
		return STATS_KARMA;
	if (stats_has(text, STR("dnsbl")))
		return STATS_RBL;
	if (stats_has(text, STR("helo")))
		return STATS_NON_CONFORMING;
	size_t n = text.len < sizeof(name) - sizeof(prefix)
		       ? text.len
		       : sizeof(name) - sizeof(prefix);
	memcpy(name, prefix, sizeof(prefix) - 1);
	if (n > 0)
		memcpy(name + sizeof(prefix) - 1, text.ptr, n);
	tally_add(&q->unknown, str_n(name, sizeof(prefix) - 1 + n), 0, 1);
	return STATS_NON_CONFORMING;
}

uint8_t
stats_rule_column(struct stats_qpsmtpd *q, struct str rule, struct str reason)
{
	return str_eq(rule, naughty) ? column_of_naughty(q, reason)
				     : column_of_rule(q, rule);
}

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
void
stats_codes_count(struct stats_part *p, const struct maillog_event *ev)
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
		return; /* stats_codes_sum has it */
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
void
stats_codes_sum(struct stats_qpsmtpd *q)
{
	for (size_t i = 0; i < q->rules.len; i++) {
		const struct tally_row *row = &q->rules.rows[i];
		if (str_eq(row->key, naughty))
			continue;
		tally_add(&q->rules_raw, row->key, 0, row->n[0]);
		tally_add(&q->codes, row->key, 0, row->n[0]);
	}
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
struct str
stats_blacklist_name(struct str s)
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

struct str
stats_virus_name(struct str text)
{
	static const struct str mark = { "Virus found: ", 13 };
	size_t at = str_find_str(text, mark);
	return at < text.len ? str_sub(text, at + mark.len, text.len) : text;
}
