/* Whom a verdict of qpsmtpd concerns: domains and addresses (LG-60, LG-61). */
#include "core/maillog/stats_int.h"

#include "core/mail/path.h"

#include <string.h>

static struct str
lowered(struct str s, char *out, size_t size)
{
	if (s.len > size)
		s.len = size;
	for (size_t i = 0; i < s.len; i++)
		out[i] = ascii_lower(s.ptr[i]);
	return str_n(out, s.len);
}

/* The index behind the last @; 0: there is none. */
static size_t
behind_at(struct str address)
{
	const char *at =
	    address.len > 0 ? memrchr(address.ptr, '@', address.len) : NULL;
	return at != NULL ? (size_t)(at - address.ptr) + 1 : 0;
}

/* Behind the last @, only what a name may hold. */
static struct str
domain_of(struct str address, char *out, size_t size)
{
	size_t n = 0;
	for (size_t i = behind_at(address); i < address.len && n < size; i++) {
		char c = address.ptr[i];
		if (ascii_is_alnum(c) || c == '_' || c == '-' || c == '.')
			out[n++] = c;
	}
	return str_n(out, n);
}

static bool
is_one_of(struct str name, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_is_nocase(name, list[i]))
			return true;
	return false;
}

static bool
find_domain(const struct stats_config *c, struct str name)
{
	size_t host = strlen(c->host);
	return is_one_of(name, c->domains, c->n_domains) ||
	       is_one_of(name, c->backup, c->n_backup) ||
	       (name.len > host + 1 && name.ptr[host] == '.' &&
		   str_starts_nocase(name, str_of(c->host)) &&
		   str_is_nocase(str_sub(name, host + 1, name.len), c->domain));
}

/* There can be hundreds of ours: each name is looked for once. */
static bool
is_known_domain(struct stats_part *p, struct str name)
{
	enum {
		STRANGE = 1,
		OURS = 2
	};
	struct tally_row *row = tally_row(&p->verdicts.domains, name);
	if (row == NULL || row == &p->verdicts.domains.rest)
		return find_domain(p->config, name);
	if (row->n[0] == 0)
		row->n[0] = find_domain(p->config, name) ? OURS : STRANGE;
	return row->n[0] == OURS;
}

/* LG-60: by the domain of the first recipient. */
static void
count_domain(struct stats_part *p, struct str first, bool local, bool accepted)
{
	char name[TALLY_KEY_MAX];
	struct stats_qpsmtpd *q = &p->sums.qpsmtpd;
	struct str key = domain_of(first, name, sizeof(name));
	if (!is_known_domain(p, key))
		key = local ? STR("Outgoing") : STR("Others");
	else if (local)
		key = STR("Internal");
	struct tally_row *row = tally_row(&q->domains, key);
	if (row == NULL)
		return;
	row->n[STATS_TOTAL]++;
	row->n[accepted ? STATS_ACCEPT : STATS_DENY]++;
}

static struct str
bare(struct str one)
{
	while (one.len > 0 && strchr("<>", one.ptr[0]) != NULL)
		one = str_sub(one, 1, one.len);
	while (one.len > 0 && strchr("<>", one.ptr[one.len - 1]) != NULL)
		one.len--;
	return one;
}

static bool
is_report_address(const struct stats_config *c, struct str one)
{
	char lower[MAIL_ADDRESS_MAX];
	return one.len <= sizeof(lower) &&
	       str_find_sorted(c->report_addresses, c->n_report_addresses,
		   sizeof(*c->report_addresses),
		   lowered(one, lower, sizeof(lower))) != SIZE_MAX;
}

bool
stats_has_report_address(const struct stats_config *c, struct str list)
{
	while (c->n_report_addresses > 0 && list.ptr != NULL) {
		if (is_report_address(c, bare(str_cut(list, ',', &list))))
			return true;
	}
	return false;
}

static void
count_domain_all(struct stats_qpsmtpd *q, struct str one, bool accepted)
{
	size_t at = behind_at(one);
	struct str key = bare(at < one.len ? str_sub(one, at, one.len) : one);
	struct tally_row *row =
	    tally_row(&q->domains_all, key.len > 0 ? key : STR("(none)"));
	if (row == NULL)
		return;
	row->n[STATS_TOTAL]++;
	row->n[accepted ? STATS_ACCEPT : STATS_DENY]++;
}

/* LG-61: each recipient once; the model counts the first of several twice. */
static void
count_several(
    struct stats_part *p, struct str list, bool local, bool queued, int result)
{
	struct stats_qpsmtpd *q = &p->sums.qpsmtpd;
	struct str rest = list;
	struct str first = str_cut(rest, ',', &rest);
	if (!local)
		tally_add(
		    &q->recipients_compat, bare(first), (size_t)result, 2);
	for (struct str one = first;; one = str_cut(rest, ',', &rest)) {
		count_domain_all(q, one, queued);
		if (!local)
			tally_add(&q->recipients, bare(one), (size_t)result, 1);
		if (rest.ptr == NULL)
			break;
	}
	count_domain(p, first, local, queued);
}

/* Of whom was spoken when nobody had been accepted yet. */
static struct str
refused_recipient(const struct maillog_event *ev)
{
	static const struct str invalid = { "invalid recipient ", 18 };
	struct str text = ev->terse.reason;
	if (str_is(ev->terse.rule, "check_goodrcptto") &&
	    str_starts(text, invalid))
		return str_sub(text, invalid.len, text.len);
	return (struct str)STR_EMPTY;
}

void
stats_recipients_count(struct stats_part *p, const struct maillog_event *ev,
    bool local, int result)
{
	char text[TALLY_KEY_MAX * 16];
	struct str to = ev->terse.recipients;
	bool queued = ev->verdict == MAILLOG_QUEUED;
	to = lowered(
	    to.len > 0 ? to : refused_recipient(ev), text, sizeof(text));
	if (to.len > 0 && memchr(to.ptr, ',', to.len) != NULL) {
		count_several(p, to, local, queued, result);
		return;
	}
	count_domain_all(&p->sums.qpsmtpd, to, queued);
	if (to.len > 0 && !local)
		tally_add(&p->verdicts.alone, bare(to), (size_t)result, 1);
	count_domain(p, to, local, queued);
}
