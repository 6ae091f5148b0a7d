/* Which lists are asked: those of the settings, known ones, named ones. */
#include "core/auth/facts.h"
#include "core/base/i18n.h"
#include "core/db/db.h"
#include "core/model/rbl_int.h"

#include <string.h>

enum {
	ANY_KIND = DNS_LIST_IPV4 | DNS_LIST_IPV6 | DNS_LIST_DOMAIN
};

static const struct place {
	const char *prop, *setting;
	const char *breaks; /* between zones */
	bool masks;         /* a colon begins a mask or a text */
	unsigned kinds;
} places[] = {
	/* SME before 9.2 parts them by colons, later by commas (FL-100) */
	{ "RBLList", "rbl.dns-zones", ", ", true,
	    DNS_LIST_IPV4 | DNS_LIST_IPV6 },
	{ "SBLList", "rbl.sender-zones", ":, ", false, DNS_LIST_DOMAIN },
	{ "UBLList", "rbl.uri-zones", ", ", true, DNS_LIST_DOMAIN },
};

/* Lists that others ask about us, whatever is configured here. */
static const char *const usual[] = { "zen.spamhaus.org", "dbl.spamhaus.org",
	"bl.spamcop.net", "b.barracudacentral.org", "psbl.surriel.com",
	"bl.mailspike.net", "dnsbl.dronebl.org", "dnsbl-1.uceprotect.net",
	"dnsbl-2.uceprotect.net", "bl.blocklist.de", "all.s5h.net",
	"multi.surbl.org", "black.uribl.com" };

static void
zone_add(struct rbl_view *v, struct str zone, unsigned mask, unsigned kinds,
    const char *setting)
{
	if (zone.len == 0 || v->n_zones == RBL_ZONES_MAX)
		return;
	for (size_t i = 0; i < v->n_zones; i++) {
		if (str_eq_nocase(v->zones[i].zone, zone) &&
		    v->zones[i].mask == mask)
			return;
	}
	struct rbl_zone *z = &v->zones[v->n_zones++];
	*z = (struct rbl_zone){ .zone = zone,
		.mask = mask,
		.kinds = kinds,
		.setting = setting,
		.known = dns_list_find(zone) };
	/* what a list knows is better known than where it is configured */
	if (z->known != NULL && setting == NULL)
		z->kinds = z->known->kinds;
}

/* Whatever its mask. */
static bool
zone_has(const struct rbl_view *v, struct str zone)
{
	for (size_t i = 0; i < v->n_zones; i++) {
		if (str_eq_nocase(v->zones[i].zone, zone))
			return true;
	}
	return false;
}

/* "ZONE", "ZONE:8-16", "ZONE:text for the refusal". */
static void
entry_add(
    struct rbl_view *v, struct str entry, unsigned kinds, const char *setting)
{
	struct str rest, zone = str_cut(str_trim(entry), ':', &rest);
	unsigned mask = 0;
	if (rest.ptr != NULL && !rbl_mask_parse(rest, &mask))
		mask = 0;
	zone_add(v, zone, mask, kinds, setting);
}

static bool
parts_here(const struct place *p, struct str text, size_t i)
{
	char c = text.ptr[i];
	if (strchr(p->breaks, c) != NULL)
		return true;
	/* a colon-parted list of before 9.2: a zone follows, no mask */
	return p->masks && c == ':' && i + 1 < text.len &&
	       ascii_is_alpha(text.ptr[i + 1]) &&
	       str_find(text, ',', 0) == text.len &&
	       str_find(text, ' ', 0) == text.len;
}

static void
list_read(struct rbl_view *v, const struct place *p, struct str text)
{
	size_t from = 0;
	for (size_t i = 0; i <= text.len; i++) {
		if (i < text.len && !parts_here(p, text, i))
			continue;
		entry_add(v, str_sub(text, from, i), p->kinds, p->setting);
		from = i + 1;
	}
}

static bool
configured_read(const struct model_ctx *m, struct rbl_view *v, struct err *e)
{
	char path[SYS_PATH_MAX];
	struct db *db = NULL;
	struct str text;
	if (!db_path(m->root, "configuration", path, NULL, e) ||
	    !db_load(path, root_shown(m->root, path), &db, e))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		if (db_prop(db, "qpsmtpd", places[i].prop, m->arena, &text))
			list_read(v, &places[i], text);
	}
	if (db_prop(db, "dnscache", "Forwarder", m->arena, &text))
		v->forwarder = str_trim(text);
	db_free(db);
	return true;
}

/* "ZONE", "ZONE:8-16", "ZONE=127.0.0.[2..9]". */
static bool
named_add(struct rbl_view *v, struct str text)
{
	struct str pattern, bits;
	struct str zone = str_cut(text, '=', &pattern);
	unsigned mask = 0;
	zone = str_cut(zone, ':', &bits);
	if (!fact_name_is_valid(zone) || str_find(zone, ' ', 0) < zone.len ||
	    (bits.ptr != NULL && !rbl_mask_parse(bits, &mask)) ||
	    (pattern.ptr != NULL && !rbl_pattern_check(pattern)))
		return false;
	if (pattern.ptr != NULL && v->n_zones < RBL_ZONES_MAX) {
		struct rbl_zone *z = &v->zones[v->n_zones++];
		*z = (struct rbl_zone){ .zone = zone,
			.mask = mask,
			.pattern = pattern,
			.known = dns_list_find(zone) };
		z->kinds = z->known != NULL ? z->known->kinds : ANY_KIND;
		return true;
	}
	zone_add(v, zone, mask, ANY_KIND, NULL);
	return true;
}

static bool
named_read(const char *const *zones, struct rbl_view *v, struct err *e)
{
	for (; *zones != NULL; zones++) {
		if (!named_add(v, str_of(*zones)))
			return err_set(e, ERR_USAGE,
			    _("'%s' is no list: ZONE, ZONE:BITS such as "
			      "8-16-64, or ZONE=CODES such as "
			      "127.0.0.[2..9]"),
			    *zones);
	}
	return true;
}

bool
rbl_zones_read(const struct model_ctx *m, const struct rbl_wish *wish,
    bool known_too, struct rbl_view *out, struct err *e)
{
	out->zones = ARENA_ARRAY(m->arena, RBL_ZONES_MAX, struct rbl_zone);
	if (wish->zones != NULL && wish->zones[0] != NULL)
		return named_read(wish->zones, out, e);
	if (!configured_read(m, out, e))
		return false;
	if (wish->configured_only || (!known_too && out->n_zones > 0))
		return true;
	for (size_t i = 0; i < ARRAY_LEN(usual); i++) {
		if (!zone_has(out, str_of(usual[i])))
			zone_add(out, str_of(usual[i]), 0, 0, NULL);
	}
	return true;
}
