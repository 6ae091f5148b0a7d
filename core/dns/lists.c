/* The table of known lists. Codes and addresses are those their operators
 * publish; a zone that is not here still works, with bare codes. */
#include "core/dns/lists.h"

#include "core/base/i18n.h"

/* 127.a.b.c */
#define CODE(a, b, c)    (127u << 24 | (a) << 16 | (b) << 8 | (c))
#define ONE(a, b, c)     CODE(a, b, c), CODE(a, b, c), 0, false
#define REFUSAL(a, b, c) CODE(a, b, c), CODE(a, b, c), 0, true
#define BIT(n)           0, 0, (n), false

static const struct dns_list_code codes_operator[] = {
	{ REFUSAL(255, 255, 252), N_("the name of the list is mistyped") },
	{ REFUSAL(255, 255, 254),
	    N_("it does not answer public or shared resolvers") },
	{ REFUSAL(255, 255, 255), N_("too many queries from this resolver") },
	{ CODE(255, 255, 0), CODE(255, 255, 255), 0, true,
	    N_("an error of its operator's, not a listing") },
	{ .meaning = NULL },
};

static const struct dns_list_code codes_spamhaus[] = {
	{ ONE(0, 0, 2), N_("SBL: sends or supports spam") },
	{ ONE(0, 0, 3), N_("SBL CSS: sends spam or is badly run") },
	{ CODE(0, 0, 4), CODE(0, 0, 7), 0, false,
	    N_("XBL: infected, or an open proxy") },
	{ ONE(0, 0, 9), N_("DROP: a network of criminals") },
	{ ONE(0, 0, 10), N_("PBL: should send through its provider (so says "
			    "the provider)") },
	{ ONE(0, 0, 11),
	    N_("PBL: should send through its provider (so says Spamhaus)") },
	{ .meaning = NULL },
};

static const struct dns_list_code codes_dbl[] = {
	{ ONE(0, 1, 2), N_("spam domain") },
	{ ONE(0, 1, 4), N_("phishing domain") },
	{ ONE(0, 1, 5), N_("malware domain") },
	{ ONE(0, 1, 6), N_("domain that commands a botnet") },
	{ ONE(0, 1, 102), N_("good domain abused for spam") },
	{ ONE(0, 1, 103), N_("good redirector abused for spam") },
	{ ONE(0, 1, 104), N_("good domain abused for phishing") },
	{ ONE(0, 1, 105), N_("good domain abused for malware") },
	{ ONE(0, 1, 106), N_("good domain abused by a botnet") },
	{ REFUSAL(0, 1, 255), N_("it knows no addresses, only domains") },
	{ .meaning = NULL },
};

static const struct dns_list_code codes_surbl[] = {
	{ REFUSAL(0, 0, 1), N_("it does not answer this resolver") },
	{ BIT(8), N_("phishing") },
	{ BIT(16), N_("malware") },
	{ BIT(64), N_("cracked site") },
	{ BIT(128), N_("spam and other abuse") },
	{ .meaning = NULL },
};

static const struct dns_list_code codes_uribl[] = {
	{ REFUSAL(0, 0, 1),
	    N_("it does not answer public or shared resolvers") },
	{ REFUSAL(0, 0, 255),
	    N_("it does not answer public or shared resolvers") },
	{ BIT(2), N_("black: spam") },
	{ BIT(4), N_("grey: unwanted bulk mail") },
	{ BIT(8), N_("red: new and suspicious") },
	{ .meaning = NULL },
};

static const struct dns_list_code codes_dronebl[] = {
	{ ONE(0, 0, 3), N_("IRC spam bot") },
	{ CODE(0, 0, 5), CODE(0, 0, 7), 0, false, N_("infected, or attacks") },
	{ CODE(0, 0, 8), CODE(0, 0, 11), 0, false, N_("open proxy") },
	{ ONE(0, 0, 13), N_("guesses passwords") },
	{ CODE(0, 0, 14), CODE(0, 0, 19), 0, false,
	    N_("open proxy or router") },
	{ .meaning = NULL },
};

static const struct dns_list_code codes_dnswl[] = {
	{ REFUSAL(0, 0, 255), N_("too many queries from this resolver") },
	{ CODE(0, 0, 0), CODE(0, 255, 0), 0, false, N_("known good sender") },
	{ .meaning = NULL },
};

static const struct dns_list_code codes_hostkarma[] = {
	{ ONE(0, 0, 1), N_("white: sends no spam") },
	{ ONE(0, 0, 2), N_("black: sends spam") },
	{ ONE(0, 0, 3), N_("yellow: sends both") },
	{ ONE(0, 0, 4), N_("brown: nearly black") },
	{ ONE(0, 0, 5), N_("not to be put on black lists") },
	{ .meaning = NULL },
};

static const struct dns_list_code codes_spam[] = {
	{ ONE(0, 0, 2), N_("sent spam") },
	{ .meaning = NULL },
};

#define SPAMHAUS "https://check.spamhaus.org/results/?query="

#define ADDRESSES(z, c, u, i)                                                  \
	{                                                                      \
		.zone = (z), .kinds = DNS_LIST_IPV4, .codes = (c), .url = (u), \
		.url_item = (i)                                                \
	}
#define BOTH(z, c, u, i)                                                       \
	{                                                                      \
		.zone = (z), .kinds = DNS_LIST_IPV4 | DNS_LIST_IPV6,           \
		.codes = (c), .url = (u), .url_item = (i)                      \
	}
#define DOMAINS(z, c, u, i, t)                                                 \
	{                                                                      \
		.zone = (z), .kinds = DNS_LIST_DOMAIN, .codes = (c),           \
		.url = (u), .url_item = (i), .test = (t)                       \
	}
#define CLOSED(z, k, s, i)                                                     \
	{                                                                      \
		.zone = (z), .kinds = (k), .state = DNS_LIST_CLOSED,           \
		.since = (s), .instead = (i)                                   \
	}

static const struct dns_list lists[] = {
	BOTH("zen.spamhaus.org", codes_spamhaus, SPAMHAUS, true),
	BOTH("sbl.spamhaus.org", codes_spamhaus, SPAMHAUS, true),
	BOTH("xbl.spamhaus.org", codes_spamhaus, SPAMHAUS, true),
	BOTH("pbl.spamhaus.org", codes_spamhaus, SPAMHAUS, true),
	DOMAINS("dbl.spamhaus.org", codes_dbl, SPAMHAUS, true, "dbltest.com"),
	ADDRESSES("bl.spamcop.net", codes_spam,
	    "https://www.spamcop.net/w3m?action=checkblock&ip=", true),
	ADDRESSES("b.barracudacentral.org", codes_spam,
	    "https://www.barracudacentral.org/rbl/removal-request/", true),
	ADDRESSES("psbl.surriel.com", codes_spam,
	    "https://psbl.org/listing?ip=", true),
	ADDRESSES("bl.mailspike.net", NULL,
	    "https://www.mailspike.org/iplookup.html", false),
	BOTH("dnsbl.dronebl.org", codes_dronebl,
	    "https://dronebl.org/lookup?ip=", true),
	ADDRESSES("dnsbl-1.uceprotect.net", codes_spam,
	    "https://www.uceprotect.net/en/rblcheck.php?ipr=", true),
	ADDRESSES("dnsbl-2.uceprotect.net", codes_spam,
	    "https://www.uceprotect.net/en/rblcheck.php?ipr=", true),
	ADDRESSES("dnsbl-3.uceprotect.net", codes_spam,
	    "https://www.uceprotect.net/en/rblcheck.php?ipr=", true),
	BOTH("bl.blocklist.de", NULL,
	    "https://www.blocklist.de/en/delist.html?ip=", true),
	BOTH("all.s5h.net", codes_spam,
	    "https://www.usenix.org.uk/content/rbl.html", false),
	BOTH("hostkarma.junkemailfilter.com", codes_hostkarma,
	    "https://wiki.junkemailfilter.com/", false),
	{ .zone = "list.dnswl.org",
	    .kinds = DNS_LIST_IPV4 | DNS_LIST_IPV6 | DNS_LIST_WHITE,
	    .codes = codes_dnswl,
	    .url = "https://www.dnswl.org/s/?s=",
	    .url_item = true },
	DOMAINS("multi.surbl.org", codes_surbl,
	    "https://surbl.org/surbl-analysis", false, "test.surbl.org"),
	DOMAINS("black.uribl.com", codes_uribl,
	    "https://lookup.uribl.com/?domain=", true, "test.uribl.com"),
	DOMAINS("multi.uribl.com", codes_uribl,
	    "https://lookup.uribl.com/?domain=", true, "test.uribl.com"),
	/* closed ones that configurations still hold */
	CLOSED("sbl-xbl.spamhaus.org", DNS_LIST_IPV4, "", "zen.spamhaus.org"),
	CLOSED("combined.njabl.org", DNS_LIST_IPV4, "2013", NULL),
	CLOSED("dnsbl.njabl.org", DNS_LIST_IPV4, "2013", NULL),
	CLOSED("list.dsbl.org", DNS_LIST_IPV4, "2008", NULL),
	CLOSED("multihop.dsbl.org", DNS_LIST_IPV4, "2008", NULL),
	CLOSED("unconfirmed.dsbl.org", DNS_LIST_IPV4, "2008", NULL),
	CLOSED("dnsbl.ahbl.org", DNS_LIST_IPV4, "2015", NULL),
	CLOSED("rhsbl.ahbl.org", DNS_LIST_DOMAIN, "2015", NULL),
	CLOSED("ordb.org", DNS_LIST_IPV4, "2006", NULL),
	CLOSED("ordb.net", DNS_LIST_IPV4, "", NULL),
	CLOSED("blackhole.securitysage.com", DNS_LIST_DOMAIN, "", NULL),
	CLOSED("bulk.rhs.mailpolice.com", DNS_LIST_DOMAIN, "", NULL),
	CLOSED("fraud.rhs.mailpolice.com", DNS_LIST_DOMAIN, "", NULL),
	CLOSED("porn.rhs.mailpolice.com", DNS_LIST_DOMAIN, "", NULL),
	CLOSED("adult.rhs.mailpolice.com", DNS_LIST_DOMAIN, "", NULL),
	CLOSED("bogusmx.rfc-ignorant.org", DNS_LIST_DOMAIN, "2012", NULL),
	CLOSED("dsn.rfc-ignorant.org", DNS_LIST_DOMAIN, "2012", NULL),
	CLOSED("ex.dnsbl.org", DNS_LIST_DOMAIN, "", NULL),
	{ .zone = "ix.dnsbl.manitu.net",
	    .kinds = DNS_LIST_IPV4,
	    .state = DNS_LIST_DOUBTFUL,
	    .since = "2025" },
	{ .zone = "rhsbl.sorbs.net",
	    .kinds = DNS_LIST_DOMAIN,
	    .state = DNS_LIST_DOUBTFUL,
	    .since = "2024" },
	{ .zone = "sorbs.net",
	    .kinds = DNS_LIST_IPV4,
	    .state = DNS_LIST_DOUBTFUL,
	    .since = "2024" },
};

const struct dns_list *
dns_list_find(struct str zone)
{
	if (zone.len > 0 && zone.ptr[zone.len - 1] == '.')
		zone.len--;
	for (; zone.len > 0; str_cut(zone, '.', &zone)) {
		for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
			if (str_is_nocase(zone, lists[i].zone))
				return &lists[i];
		}
	}
	return NULL;
}

static bool
code_fits(const struct dns_list_code *c, uint32_t answer)
{
	/* a bit of a combined list: 127.0.0.x alone */
	if (c->bit != 0)
		return (answer & ~0xffu) == CODE(0, 0, 0) &&
		       (answer & c->bit) != 0;
	return answer >= c->first && answer <= c->last;
}

static const struct dns_list_code *
code_find(const struct dns_list_code *codes, uint32_t answer)
{
	for (; codes != NULL && codes->meaning != NULL; codes++) {
		if (code_fits(codes, answer))
			return codes;
	}
	return NULL;
}

enum dns_list_answer
dns_list_judge(const struct dns_list *list, const struct net_addr *answer,
    const char **meaning)
{
	const uint8_t *b = answer->bytes;
	uint32_t n = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 |
		     (uint32_t)b[2] << 8 | b[3];
	*meaning = NULL;
	if (answer->is_ipv6 || b[0] != 127)
		return DNS_LIST_NO_CODE;
	const struct dns_list_code *c = code_find(codes_operator, n);
	if (c == NULL && list != NULL)
		c = code_find(list->codes, n);
	if (c == NULL)
		return DNS_LIST_LISTED;
	*meaning = _(c->meaning);
	return c->refusal ? DNS_LIST_REFUSES : DNS_LIST_LISTED;
}
