/* Where a message of a verdict came from: the first rule of LG-54 that fits. */
#include "core/maillog/stats_int.h"

static const struct stats_origin_facts origins[STATS_ORIGINS] = {
	[STATS_FROM_OUTSIDE] = { { "inbound/denied", "inbound/queued" },
	    STATS_COLUMNS, false },
	[STATS_FROM_LAN] = { { "local/denied", "local/queued" }, STATS_LOCAL,
	    true },
	[STATS_FROM_RELAY] = { { "relay/denied", "relay/queued" }, STATS_RELAY,
	    true },
	[STATS_FROM_WEBMAIL_HELO] = { { "webmail_helo/denied",
					  "webmail_helo/queued" },
	    STATS_WEBMAIL, true },
	[STATS_FROM_WEBMAIL] = { { "webmail/denied", "webmail/queued" },
	    STATS_WEBMAIL, true },
	[STATS_FROM_MAILMAN] = { { "mailman/denied", "mailman/queued" },
	    STATS_MAILMAN, true },
	/* their column is counted beside the others */
	[STATS_FROM_FETCHMAIL] = { { "fetchmail/denied", "fetchmail/queued" },
	    STATS_COLUMNS, false },
	[STATS_FROM_FETCHMAIL_SENDER] = { { "fetchmail_sender/denied",
					      "fetchmail_sender/queued" },
	    STATS_COLUMNS, false },
	[STATS_FROM_DMARC_REPORT] = { { "dmarc_report/denied",
					  "dmarc_report/queued" },
	    STATS_COLUMNS, true },
	[STATS_FROM_DENIED_LOCALHOST] = { { "localhost_spoof/denied",
					      "localhost_spoof/queued" },
	    STATS_COLUMNS, true },
};

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
	return compat ? stats_has(host, STR("localhost"))
		      : str_is_nocase(host, "localhost") ||
			    str_starts_nocase(host, STR("localhost."));
}

/* A HELO with our loopback address; from outside it is forged. */
static bool
helo_is_loopback(const struct maillog_event *ev, bool compat)
{
	if (compat)
		return stats_has(ev->terse.helo, STR("127.0.0.1"));
	return str_starts(ev->terse.ip, STR("127.")) &&
	       (str_is(ev->terse.helo, "127.0.0.1") ||
		   str_is(ev->terse.helo, "[127.0.0.1]"));
}

static enum stats_origin
origin_on_localhost(
    const struct stats_config *c, const struct maillog_event *ev)
{
	if (stats_has(ev->terse.sender, STR("FETCHMAIL")))
		return STATS_FROM_FETCHMAIL_SENDER;
	if (stats_has(ev->terse.sender, STR("bounces")))
		return STATS_FROM_MAILMAN;
	if (stats_has(ev->terse.recipients, STR("dmarc")) ||
	    stats_has_report_address(c, ev->terse.recipients) ||
	    (c->compat && ev->terse.recipients.len == 0))
		return STATS_FROM_DMARC_REPORT;
	if (str_is(ev->terse.extra, "msg denied before queued"))
		return STATS_FROM_DENIED_LOCALHOST;
	return STATS_FROM_WEBMAIL;
}

enum stats_origin
stats_origin_of(struct stats_part *p, const struct maillog_event *ev)
{
	const struct stats_config *c = p->config;
	bool private_ip = has_private(ev->terse.ip);
	if (is_below(ev->terse.host, c->domain, c->compat))
		return STATS_FROM_LAN;
	if (!private_ip && ev->verdict == MAILLOG_QUEUED) {
		bool in = !c->compat && pids_is_open(p->logged_in, ev->pid);
		if (in || has_private(ev->terse.helo))
			return STATS_FROM_RELAY;
	}
	if (!private_ip && helo_is_loopback(ev, c->compat))
		return STATS_FROM_WEBMAIL_HELO;
	if (is_localhost(ev->terse.host, c->compat))
		return origin_on_localhost(c, ev);
	if (stats_has(ev->terse.ip, STR("127.0.0.200")))
		return STATS_FROM_FETCHMAIL;
	return stats_has(ev->terse.sender, STR("FETCHMAIL"))
		   ? STATS_FROM_FETCHMAIL_SENDER
		   : STATS_FROM_OUTSIDE;
}

bool
stats_is_fetched(const struct maillog_event *ev)
{
	return stats_has(ev->terse.ip, STR("127.0.0.200")) ||
	       stats_has(ev->terse.sender, STR("FETCHMAIL"));
}

const struct stats_origin_facts *
stats_origin_facts(enum stats_origin from)
{
	return &origins[from];
}
