/* From a reply taken apart to a typed answer. */
#include "core/base/i18n.h"
#include "core/dns/dns_int.h"
#include "core/dns/flat.h"
#include "core/dns/record_int.h"

#include <stdio.h>

enum {
	TTL_MAX = 24 * 3600, /* nothing is believed longer */
	TTL_NO_MAX = 900     /* "no" least of all, RFC 2308 5 */
};

/* A reply being read. */
struct reading {
	struct arena *arena;
	struct str records; /* all of them, unread */
	uint32_t age_s;
	struct str owner; /* where we are on the way, wire form */
	struct dns_answer *out;
	struct dns_record *found, *chain;
	char *reason;
};

/* RFC 2181 8: the top bit set means zero. */
static uint32_t
ttl_now(uint32_t ttl, uint32_t age_s)
{
	if (ttl > INT32_MAX)
		ttl = 0;
	if (ttl > TTL_MAX)
		ttl = TTL_MAX;
	return ttl > age_s ? ttl - age_s : 0;
}

static bool
malformed(struct reading *r, uint16_t type)
{
	char text[DNS_TYPE_TEXT_SIZE];
	snprintf(r->reason, DNS_REASON_SIZE,
	    _("malformed %s record in the reply"), dns_type_text(type, text));
	return false;
}

static bool
record_take(struct reading *r, const struct dns_flat_record *from,
    struct dns_record *to)
{
	if (!dns_record_read(r->arena, from, to))
		return malformed(r, from->type);
	to->ttl = ttl_now(from->ttl, r->age_s);
	if (to->ttl < r->out->ttl)
		r->out->ttl = to->ttl;
	return true;
}

static bool
is_wanted(const struct reading *r, const struct dns_flat_record *f)
{
	return f->section == DNS_SECTION_ANSWER &&
	       dns_name_eq(f->owner, r->owner) &&
	       (f->type == r->out->type || r->out->type == DNS_ANY);
}

/* All records of the type asked at r->owner. */
static bool
records_take(struct reading *r)
{
	struct dns_flat_record f;
	struct str rest = r->records;
	while (rest.len > 0 && dns_flat_get(&rest, &f)) {
		if (!is_wanted(r, &f))
			continue;
		if (!record_take(r, &f, &r->found[r->out->n]))
			return false;
		r->out->n++;
	}
	return true;
}

/* The CNAME at r->owner, if any: go where it leads. */
static bool
chain_follow(struct reading *r, bool *moved)
{
	struct dns_flat_record f;
	struct str rest = r->records;
	*moved = false;
	while (rest.len > 0 && dns_flat_get(&rest, &f)) {
		if (f.section != DNS_SECTION_ANSWER || f.type != DNS_CNAME ||
		    !dns_name_eq(f.owner, r->owner))
			continue;
		if (r->out->n_chain == DNS_CHAIN_MAX) {
			snprintf(r->reason, DNS_REASON_SIZE, "%s",
			    _("the CNAME records run in a circle"));
			return false;
		}
		if (!record_take(r, &f, &r->chain[r->out->n_chain]))
			return false;
		r->out->n_chain++;
		r->owner = f.data;
		*moved = true;
		return true;
	}
	return true;
}

static bool
walk(struct reading *r)
{
	for (bool moved = true; moved;) {
		if (!records_take(r))
			return false;
		if (r->out->n > 0 || r->out->type == DNS_CNAME ||
		    r->out->type == DNS_ANY)
			return true;
		if (!chain_follow(r, &moved))
			return false;
	}
	return true;
}

/*
 * A list of other servers in place of an answer: whoever was asked does not
 * resolve, and that must not read as "no such record".
 */
static bool
is_referral(const struct dns_answer *a, const struct dns_flat_head *head,
    struct str records)
{
	struct dns_flat_record f;
	bool ns = false;
	if (head->rcode != 0 || a->n > 0 || a->n_chain > 0 || a->authoritative)
		return false;
	while (records.len > 0 && dns_flat_get(&records, &f)) {
		if (f.type == DNS_SOA)
			return false;
		ns = ns || f.type == DNS_NS;
	}
	return ns;
}

/* The bytes hold what their head says, to the last. */
static bool
flat_check(struct str records, size_t count)
{
	struct dns_flat_record f;
	for (size_t i = 0; i < count; i++) {
		if (!dns_flat_get(&records, &f))
			return false;
	}
	return records.len == 0;
}

static enum dns_status
status_of(const struct dns_answer *a, const struct dns_flat_head *head)
{
	switch (head->rcode) {
	case 0:
		return a->n > 0 ? DNS_OK : DNS_NODATA;
	case DNS_RCODE_NXDOMAIN:
		return DNS_NXDOMAIN;
	case DNS_RCODE_REFUSED:
		return DNS_REFUSED;
	default:
		return DNS_SERVFAIL;
	}
}

bool
dns_answer_build(struct arena *a, struct dns_answer *out, struct str wire,
    struct str flat, uint32_t age_s, char reason[DNS_REASON_SIZE])
{
	struct dns_flat_head head;
	struct str records = flat;
	snprintf(reason, DNS_REASON_SIZE, "%s", _("malformed reply"));
	if (!dns_flat_get_head(&records, &head) ||
	    head.count > DNS_RECORDS_MAX || !flat_check(records, head.count))
		return false;
	struct reading r = { a, records, age_s, wire, out,
		ARENA_ARRAY(a, (size_t)head.count + 1, struct dns_record),
		ARENA_ARRAY(a, DNS_CHAIN_MAX, struct dns_record), reason };
	if (r.found == NULL || r.chain == NULL)
		return false;
	out->records = r.found;
	out->chain = r.chain;
	out->ttl = TTL_MAX;
	out->authoritative = (head.flags & DNS_FLAG_AA) != 0;
	out->validated = (head.flags & DNS_FLAG_AD) != 0;
	out->cut = head.cut;
	if (!walk(&r))
		return false;
	if (is_referral(out, &head, records)) {
		snprintf(reason, DNS_REASON_SIZE, "%s",
		    _("the server only names other servers"));
		return false;
	}
	out->status = status_of(out, &head);
	/* RFC 6604: the code is that of the last name of the chain */
	out->canonical = dns_name_text(a, r.owner);
	if (out->n == 0) {
		uint32_t ttl = dns_flat_ttl(flat);
		ttl = ttl > age_s ? ttl - age_s : 0;
		out->ttl = ttl < out->ttl ? ttl : out->ttl;
	}
	reason[0] = '\0';
	return true;
}

/* The last number of a SOA record's data. */
static uint32_t
soa_minimum(struct str data)
{
	enum {
		NUMBER = 4
	};
	if (data.len < NUMBER)
		return 0;
	data = str_sub(data, data.len - NUMBER, data.len);
	return dns_get32(&data);
}

uint32_t
dns_flat_ttl(struct str flat)
{
	struct dns_flat_head head;
	struct dns_flat_record f;
	uint32_t positive = UINT32_MAX, negative = 0;
	if (!dns_flat_get_head(&flat, &head) ||
	    (head.rcode != 0 && head.rcode != DNS_RCODE_NXDOMAIN))
		return 0;
	bool data = false;
	while (flat.len > 0 && dns_flat_get(&flat, &f)) {
		uint32_t ttl = ttl_now(f.ttl, 0);
		if (f.section == DNS_SECTION_AUTHORITY && f.type == DNS_SOA) {
			uint32_t minimum = ttl_now(soa_minimum(f.data), 0);
			negative = ttl < minimum ? ttl : minimum;
			continue;
		}
		if (f.section != DNS_SECTION_ANSWER)
			continue;
		data = data || f.type != DNS_CNAME;
		positive = ttl < positive ? ttl : positive;
	}
	if (data && head.rcode == 0)
		return positive;
	negative = negative < TTL_NO_MAX ? negative : TTL_NO_MAX;
	return negative < positive ? negative : positive;
}
