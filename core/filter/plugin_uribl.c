/* uribl (FL-106, FL-107): messages that link to what a list holds. */
#include "core/base/i18n.h"
#include "core/base/num.h"
#include "core/dns/lists.h"
#include "core/filter/links_int.h"
#include "core/filter/lists_int.h"
#include "core/filter/plugins_int.h"
#include "core/filter/zones_int.h"

enum {
	TIMEOUT_S = 30,
	TIMEOUT_MAX_S = 60,
	ASKED_MAX = 8,  /* of the parents of one name */
	HITS_MAX = 20,  /* told of */
	SHOWN_MAX = 300 /* bytes of a list's text */
};

static const char field[] = "X-URIBL-Match";

#define EVERY_CODE 0x00ffffffu

enum action {
	ACTION_HEADER,
	ACTION_DENY,
	ACTION_DENYSOFT,
	ACTION_LOG
};
static const char *const actions[] = { "add-header", "deny", "denysoft",
	"log" };

struct uri_zone {
	struct str name;
	uint32_t mask;
	enum action action;
};

struct uribl {
	const struct uri_zone *zones;
	size_t n_zones;
	struct name_list spared; /* registered domains */
	int64_t timeout_ms;
	bool with_header;
	bool with_addresses;
};

/* A name that a list holds, and what it says of it. */
struct uri_hit {
	struct str name;
	struct str shown;
	const struct uri_zone *zone;
	const struct net_addr *code;
	const struct dns_answer *txt;
};

/* ---- loading ---- */

static bool
action_of(struct str word, enum action *out)
{
	for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
		if (!str_is(word, actions[i]))
			continue;
		*out = (enum action)i;
		return true;
	}
	return false;
}

/* "8,16", as the configuration's own files have it, or "8-16", as UBLList. */
static bool
mask_of(struct str word, uint32_t *out)
{
	*out = 0;
	if (word.len == 0 || word.ptr[0] == '-') {
		*out = EVERY_CODE;
		return true;
	}
	while (word.len > 0) {
		uint64_t n;
		size_t end = 0;
		while (end < word.len && word.ptr[end] != ',' &&
		       word.ptr[end] != '-')
			end++;
		if (!num_parse_u64(str_sub(word, 0, end), UINT32_MAX, &n))
			return false;
		*out |= (uint32_t)n;
		word = str_sub(word, end + 1, word.len);
	}
	return *out != 0;
}

/* "zone [masks [action]]"; false: it is noted and left out. */
static bool
zone_of(struct plugin_setup *s, const struct config_line *line,
    enum action usual, struct uri_zone *out)
{
	struct str rest = line->text, mask = STR_EMPTY, action = STR_EMPTY;
	const char *wrong = NULL;
	(void)str_next_word(&rest, &out->name);
	(void)str_next_word(&rest, &mask);
	(void)str_next_word(&rest, &action);
	if (out->name.ptr[out->name.len - 1] == '.')
		out->name.len--;
	out->action = usual;
	if (!zone_name_is_valid(out->name))
		wrong = "the zone is no name that can be asked";
	else if (!mask_of(mask, &out->mask))
		wrong = "the masks are no numbers parted by commas";
	else if (action.len > 0 && !action_of(action, &out->action))
		wrong = "the action is none of add-header, deny, denysoft, log";
	if (wrong != NULL)
		config_note(s->config, LEVEL_WARN, line,
		    "'%.*s' is left out: %s", STR_ARG(line->text), wrong);
	return wrong == NULL;
}

static bool
load_zones(struct plugin_setup *s, enum action usual, struct uribl *data,
    struct err *e)
{
	struct config_lines lines;
	if (!config_lines(s->config, STR("uribl_zones"), &lines, e))
		return false;
	struct uri_zone *zones = plugin_array(s, lines.n, sizeof(*zones), e);
	if (zones == NULL)
		return false;
	for (size_t i = 0; i < lines.n; i++) {
		if (zone_of(s, &lines.lines[i], usual, &zones[data->n_zones]))
			data->n_zones++;
	}
	data->zones = zones;
	return true;
}

static bool
configure(struct plugin_setup *s, struct err *e)
{
	struct uribl *data = plugin_alloc(s, sizeof(*data), e);
	struct str word = plugin_argument(s, "action");
	enum action usual = ACTION_HEADER;
	s->instance->data = data;
	if (data == NULL)
		return false;
	if (word.len > 0 && !action_of(word, &usual))
		return config_refuse(s->line, e,
		    _("plugin '%s': action is add-header, deny, denysoft or "
		      "log, not '%.*s'"),
		    s->instance->written, STR_ARG(word));
	data->timeout_ms = MS_PER_S * plugin_argument_number(s, "timeout", 1,
					  TIMEOUT_MAX_S, TIMEOUT_S);
	data->with_header = plugin_argument_yes(s, "check-headers", false) ||
			    plugin_argument_yes(s, "scan-headers", false);
	data->with_addresses = plugin_argument_yes(s, "checkip", true);
	return load_zones(s, usual, data, e) &&
	       name_list_load(s, "uribl_whitelist_domains", &data->spared, e);
}

/* ---- asking ---- */

/* The lists' answer about one name; NULL: it is not known yet. */
static const struct dns_answer *
ask(struct plugin_call *c, struct str name, const struct uri_zone *zone,
    uint16_t type)
{
	enum {
		QUESTION_MAX = FACT_NAME_MAX + 1
	};
	const struct uribl *data = c->instance->data;
	struct buf b = BUF_INIT(QUESTION_MAX);
	buf_addf(&b, "%.*s.%.*s", STR_ARG(name), STR_ARG(zone->name));
	/* one that is too long becomes no name at all */
	struct str question = b.failed ? (struct str)STR_EMPTY : buf_str(&b);
	const struct dns_answer *a =
	    plugin_dns(c, question, type, data->timeout_ms);
	buf_clear(&b);
	return a;
}

/* FL-106 and FL-102: a bit of the mask, in a code that means a listing. */
static const struct net_addr *
listing(const struct uri_zone *zone, const struct dns_answer *a)
{
	const char *meaning;
	const struct dns_list *known = dns_list_find(zone->name);
	for (size_t i = 0; a != NULL && i < a->n; i++) {
		const struct net_addr *code = &a->records[i].as.addr;
		uint32_t value = 0;
		for (size_t k = 0; k < 4; k++)
			value = value << 8 | code->bytes[k];
		if ((value & zone->mask) != 0 &&
		    dns_list_judge(known, code, &meaning) == DNS_LIST_LISTED)
			return code;
	}
	return NULL;
}

/*
 * The registered domain and what stands before it, the shortest first; the
 * whole name last, when there are too many of them.
 */
static size_t
names_to_ask(const struct linked_name *n, struct str out[ASKED_MAX])
{
	size_t count = 0, at = n->name.len - n->registered.len;
	out[count++] = n->registered;
	while (at > 1 && count < ASKED_MAX) {
		at--; /* the dot */
		while (at > 0 && n->name.ptr[at - 1] != '.')
			at--;
		if (count == ASKED_MAX - 1)
			at = 0;
		out[count++] = str_sub(n->name, at, n->name.len);
	}
	return count;
}

/* One hit a name and zone: the shortest part of it that is listed. */
static void
look_up(struct plugin_call *c, const struct linked_name *n,
    const struct uri_zone *zone, struct uri_hit *hits, size_t *n_hits)
{
	struct str names[ASKED_MAX];
	size_t count = names_to_ask(n, names);
	bool found = false;
	for (size_t i = 0; i < count; i++) {
		const struct net_addr *code =
		    listing(zone, ask(c, names[i], zone, DNS_A));
		if (code == NULL || found || *n_hits == HITS_MAX)
			continue;
		found = true;
		bool is_address = !str_eq(n->shown, n->name);
		hits[(*n_hits)++] = (struct uri_hit){
			.name = names[i],
			.shown = is_address ? n->shown : names[i],
			.zone = zone,
			.code = code,
		};
	}
}

/* False: c->waits. */
static bool
ask_all(struct plugin_call *c, const struct linked *l, struct uri_hit *hits,
    size_t *n_hits)
{
	const struct uribl *data = c->instance->data;
	*n_hits = 0;
	for (size_t i = 0; i < l->n; i++) {
		for (size_t z = 0; z < data->n_zones; z++)
			look_up(c, &l->names[i], &data->zones[z], hits, n_hits);
	}
	if (c->waits)
		return false;
	for (size_t i = 0; i < *n_hits; i++)
		hits[i].txt = ask(c, hits[i].name, hits[i].zone, DNS_TXT);
	return !c->waits;
}

/* ---- judging ---- */

/* "NAME in ZONE: text" */
static void
describe(const struct uri_hit *hit, struct buf *out)
{
	char code[NET_ADDR_TEXT_SIZE];
	struct str text = STR_EMPTY;
	if (hit->txt != NULL && hit->txt->n > 0)
		text = str_trim(hit->txt->records[0].as.txt.text);
	if (text.len == 0)
		text = str_of(net_addr_format(hit->code, code));
	buf_addf(out, "%.*s in %.*s: %.*s", STR_ARG(hit->shown),
	    STR_ARG(hit->zone->name), STR_ARG(str_sub(text, 0, SHOWN_MAX)));
}

/* The first that denies decides, one for good before one for now. */
static const struct uri_hit *
decisive(const struct uri_hit *hits, size_t n)
{
	const struct uri_hit *soft = NULL;
	for (size_t i = 0; i < n; i++) {
		if (hits[i].zone->action == ACTION_DENY)
			return &hits[i];
		if (hits[i].zone->action == ACTION_DENYSOFT && soft == NULL)
			soft = &hits[i];
	}
	return soft;
}

static void
tell(struct plugin_call *c, const struct uri_hit *hit, bool decides)
{
	struct buf text = BUF_INIT(FILTER_TEXT_SIZE);
	describe(hit, &text);
	plugin_log(c, LEVEL_INFO, "fail, %s%s", decides ? "" : "tolerated, ",
	    buf_cstr(&text));
	if (hit->zone->action == ACTION_HEADER)
		plugin_add_field(c, field, "%s", buf_cstr(&text));
	if (decides)
		plugin_answer(c,
		    hit->zone->action == ACTION_DENY ? FILTER_DENY
						     : FILTER_DENYSOFT,
		    "%s", buf_cstr(&text));
	buf_clear(&text);
}

static void
judge(struct plugin_call *c, const struct uri_hit *hits, size_t n)
{
	const struct uri_hit *why = decisive(hits, n);
	for (size_t i = 0; i < n; i++) {
		if (&hits[i] != why)
			tell(c, &hits[i], false);
	}
	if (why != NULL)
		tell(c, why, true);
}

/* ---- the hook ---- */

static bool
is_spared(void *ctx, struct str registered)
{
	const struct uribl *data = ctx;
	return name_list_find(&data->spared, registered) != NULL;
}

/* The names of the message; NULL: no memory, or c->waits. */
static const struct linked *
read_message(struct plugin_call *c)
{
	const struct uribl *data = c->instance->data;
	const struct filter_message *m = c->input->message;
	struct linked *l = plugin_kept(c, sizeof(*l), linked_clear);
	if (l == NULL) {
		plugin_log(c, LEVEL_CRIT, "error, out of memory");
		return NULL;
	}
	if (!l->begun) {
		linked_init(l, plugin_scratch(c), c->session->psl);
		l->with_addresses = data->with_addresses;
		l->is_spared = is_spared;
		l->ctx = c->instance->data;
		if (data->with_header)
			linked_read_header(l, m);
	}
	if (l->read || linked_read(l, m))
		return l;
	plugin_pause(c);
	return NULL;
}

static void
on_data_post(struct plugin_call *c)
{
	const struct uribl *data = c->instance->data;
	struct uri_hit hits[HITS_MAX];
	size_t n = 0;
	if (c->input->message == NULL || data->n_zones == 0) {
		plugin_log(c, LEVEL_INFO, "skip, no zones");
		return;
	}
	const struct linked *l = read_message(c);
	if (l == NULL || !ask_all(c, l, hits, &n))
		return;
	plugin_drop_field(c, field);
	if (n > 0)
		judge(c, hits, n);
	else if (l->n == 0)
		plugin_log(c, LEVEL_INFO, "pass, no links");
	else
		plugin_log(c, LEVEL_INFO, "pass, %zu names", l->n);
}

static const char *const arguments[] = { "action", "timeout", "check-headers",
	"scan-headers", "checkip", NULL };

const struct plugin plugin_uribl = {
	.name = "uribl",
	.flags = PLUGIN_PAIRS | PLUGIN_SKIPS_IMMUNE,
	.configure = configure,
	.arguments = arguments,
	.hooks = {
		{ HOOK_DATA_POST, on_data_post },
	},
};
