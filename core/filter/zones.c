/* Lists of the DNS: reading their lines, asking and judging (FL-102). */
#include "core/filter/zones_int.h"

#include "core/dns/lists.h"
#include "core/filter/limit.h"

#include <string.h>

static void
split(struct str line, const char *marks, struct zone *out)
{
	size_t n = 0;
	while (n < line.len && strchr(marks, line.ptr[n]) == NULL)
		n++;
	out->name = str_trim(str_sub(line, 0, n));
	out->text = n < line.len ? str_trim(str_sub(line, n + 1, line.len))
				 : (struct str)STR_EMPTY;
	if (out->name.len > 0 && out->name.ptr[out->name.len - 1] == '.')
		out->name.len--;
}

bool
zone_name_is_valid(struct str name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];
		if (!ascii_is_alnum(c) && c != '-' && c != '_' && c != '.')
			return false;
	}
	return fact_name_is_valid(name);
}

bool
zone_list_load(struct plugin_setup *s, const char *setting, const char *marks,
    struct zone_list *out, struct err *e)
{
	struct config_lines lines;
	if (!config_lines(s->config, str_of(setting), &lines, e))
		return false;
	struct zone *zones = plugin_array(s, lines.n, sizeof(*zones), e);
	if (zones == NULL)
		return false;
	size_t n = 0;
	for (size_t i = 0; i < lines.n; i++) {
		split(lines.lines[i].text, marks, &zones[n]);
		if (zone_name_is_valid(zones[n].name)) {
			n++;
			continue;
		}
		config_note(s->config, LEVEL_WARN, &lines.lines[i],
		    "'%.*s' is no zone that can be asked and is skipped",
		    STR_ARG(zones[n].name));
	}
	*out = (struct zone_list){ zones, n };
	return true;
}

/* What one list said, as far as it is known yet. */
struct reply {
	const struct dns_answer *a;
	const struct dns_answer *txt; /* only where the list gives the text */
};

static struct reply
ask(struct plugin_call *c, const struct zone *z, struct str item)
{
	struct reply r = { NULL, NULL };
	struct arena *arena = plugin_scratch(c);
	struct str name = STR_EMPTY;
	if (arena != NULL)
		name = str_of(arena_printf(
		    arena, "%.*s.%.*s", STR_ARG(item), STR_ARG(z->name)));
	int64_t most_ms = filter_policy_limit_ms(c->policy, FILTER_LIMIT_LISTS);
	r.a = plugin_dns(c, name, DNS_A, most_ms);
	if (z->text.len == 0)
		r.txt = plugin_dns(c, name, DNS_TXT, most_ms);
	return r;
}

/* A list may give its text alone; a code that is none lists nothing. */
static bool
is_listed(const struct zone *z, const struct reply *r)
{
	const char *meaning;
	const struct dns_list *known = dns_list_find(z->name);
	for (size_t i = 0; i < r->a->n; i++) {
		if (dns_list_judge(known, &r->a->records[i].as.addr,
			&meaning) == DNS_LIST_LISTED)
			return true;
	}
	return r->a->n == 0 && r->txt != NULL && r->txt->n > 0;
}

bool
zone_list_ask(struct plugin_call *c, const struct zone_list *l, struct str item,
    struct zone_hit *hit)
{
	*hit = (struct zone_hit){ NULL, STR_EMPTY };
	for (size_t i = 0; i < l->n; i++)
		(void)ask(c, &l->zones[i], item);
	if (c->waits)
		return false;
	for (size_t i = 0; i < l->n && hit->zone == NULL; i++) {
		const struct zone *z = &l->zones[i];
		struct reply r = ask(c, z, item);
		if (!is_listed(z, &r))
			continue;
		hit->zone = z;
		hit->text = z->text;
		if (r.txt != NULL && r.txt->n > 0)
			hit->text = r.txt->records[0].as.txt.text;
	}
	return true;
}
