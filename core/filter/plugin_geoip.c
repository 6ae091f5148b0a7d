/*
 * Where clients are (FL-49): ident/geoip tells it in log and header,
 * check_badcountries denies some of it.
 */
#include "core/filter/geo_int.h"
#include "core/filter/lists_int.h"
#include "core/filter/plugins_int.h"

#include <stdio.h>

enum {
	KM_MAX = 20038 /* half around the earth */
};

struct geoip {
	struct geo_line line;
	int64_t too_far_km; /* 0: nowhere is */
	bool adds_headers;
};

struct badcountries {
	struct geo_line line;
	struct name_list countries; /* in lower case */
};

/* ---- loading ---- */

static bool
take_line(struct plugin_setup *s, struct geo_line *line, struct err *e)
{
	struct str folder = plugin_argument(s, "db_dir");
	struct str home = plugin_argument(s, "distance");
	s->instance->geo = line;
	if (folder.len > 0) {
		line->folder = plugin_cstr(s, folder, e);
		if (line->folder == NULL)
			return false;
	}
	line->has_home = home.len > 0 && net_addr_parse(home, &line->home);
	if (home.len > 0 && !line->has_home)
		config_note(s->config, LEVEL_WARN, s->line,
		    "plugin '%s': distance '%.*s' is no address",
		    s->instance->written, STR_ARG(home));
	return true;
}

static bool
configure_geoip(struct plugin_setup *s, struct err *e)
{
	struct geoip *data = plugin_alloc(s, sizeof(*data), e);
	s->instance->data = data;
	if (data == NULL || !take_line(s, &data->line, e))
		return false;
	data->too_far_km = plugin_argument_number(s, "too_far", 0, KM_MAX, 0);
	data->adds_headers = plugin_argument_yes(s, "add_headers", true);
	if (data->too_far_km > 0 && !data->line.has_home)
		config_note(s->config, LEVEL_WARN, s->line,
		    "plugin '%s': too_far needs distance, the address to "
		    "measure from",
		    s->instance->written);
	return true;
}

static bool
configure_badcountries(struct plugin_setup *s, struct err *e)
{
	struct badcountries *data = plugin_alloc(s, sizeof(*data), e);
	s->instance->data = data;
	return data != NULL && take_line(s, &data->line, e) &&
	       name_list_load(s, "badcountries", &data->countries, e);
}

/* ---- asking ---- */

/* What is known of the client; NULL: it was logged why nothing is. */
static const struct filter_place *
place_of(struct plugin_call *c)
{
	const struct filter_place *p = c->session->place;
	struct net_addr client;
	if (net_addr_parse(c->session->client_ip, &client) &&
	    net_addr_is_loopback(&client)) {
		plugin_log(c, LEVEL_INFO, "skip, loopback");
		return NULL;
	}
	/* FL-194 */
	if (p == NULL || p->state == FILTER_PLACE_NO_DATABASE) {
		plugin_log(c, LEVEL_CRIT, "error, no database of places");
		return NULL;
	}
	if (p->state == FILTER_PLACE_UNKNOWN) {
		plugin_log(c, LEVEL_INFO, "skip, place not known");
		return NULL;
	}
	return p;
}

static void
add_part(struct buf *out, const char *part)
{
	if (part[0] != '\0')
		buf_addf(out, "%s%s", out->len > 0 ? ", " : "", part);
}

/* "NA, US, Seattle, 7312 km, AS64500" */
static void
tell_place(struct plugin_call *c, const struct filter_place *p)
{
	char number[32];
	struct buf text = BUF_INIT(4 * GEO_NAME_SIZE);
	add_part(&text, p->is.continent);
	add_part(&text, p->is.country);
	add_part(&text, p->is.city);
	if (p->has_distance) {
		snprintf(number, sizeof(number), "%lu km",
		    (unsigned long)p->distance_km);
		add_part(&text, number);
	}
	if (p->is.as_number > 0) {
		snprintf(number, sizeof(number), "AS%lu",
		    (unsigned long)p->is.as_number);
		add_part(&text, number);
	}
	plugin_log(c, LEVEL_INFO, "%s", buf_cstr(&text));
	buf_clear(&text);
}

static void
on_connect(struct plugin_call *c)
{
	const struct geoip *data = c->instance->data;
	const struct filter_place *p = place_of(c);
	if (p == NULL)
		return;
	tell_place(c, p);
	if (data->too_far_km == 0 || !p->has_distance ||
	    p->distance_km <= data->too_far_km)
		return;
	c->session->karma--;
	plugin_log(c, LEVEL_INFO, "fail, tolerated, too far: %lu km",
	    (unsigned long)p->distance_km);
}

/* RFC 2047 where it is not ASCII. */
static void
add_name(struct plugin_call *c, const char *field, const char *name)
{
	struct buf out = BUF_INIT(4 * GEO_NAME_SIZE);
	bool plain = true;
	for (const char *at = name; *at != '\0'; at++)
		plain = plain && (unsigned char)*at < 0x80;
	buf_add_cstr(&out, plain ? name : "=?UTF-8?Q?");
	for (const char *at = name; !plain && *at != '\0'; at++) {
		if (ascii_is_alnum(*at))
			buf_add_char(&out, *at);
		else
			buf_addf(&out, "=%02X", (unsigned)(unsigned char)*at);
	}
	if (!plain)
		buf_add_cstr(&out, "?=");
	if (name[0] != '\0')
		plugin_add_field(c, field, "%s", buf_cstr(&out));
	buf_clear(&out);
}

static void
on_data_post(struct plugin_call *c)
{
	static const char country[] = "X-GeoIP-Country";
	static const char continent[] = "X-GeoIP-Continent";
	static const char city[] = "X-GeoIP-City";
	static const char asn[] = "X-GeoIP-ASN";
	const struct geoip *data = c->instance->data;
	const struct filter_place *p = c->session->place;
	if (!data->adds_headers)
		return;
	plugin_drop_field(c, country);
	plugin_drop_field(c, continent);
	plugin_drop_field(c, city);
	plugin_drop_field(c, asn);
	if (p == NULL || p->state != FILTER_PLACE_KNOWN)
		return;
	add_name(c, country, p->is.country);
	add_name(c, continent, p->is.continent);
	add_name(c, city, p->is.city);
	if (p->is.as_number > 0)
		plugin_add_field(c, asn, "%lu", (unsigned long)p->is.as_number);
}

/* The words that log readers look for (LG-62). */
static void
on_connect_badcountries(struct plugin_call *c)
{
	const struct badcountries *data = c->instance->data;
	const struct filter_place *p = place_of(c);
	char room[GEO_CODE_SIZE];
	if (p == NULL)
		return;
	if (p->is.country[0] == '\0') {
		plugin_log(c, LEVEL_INFO, "skip, country not known");
		return;
	}
	plugin_log(c, LEVEL_INFO, "GeoIP Country: %s", p->is.country);
	struct str code = fold_text(room, sizeof(room), str_of(p->is.country));
	if (name_list_find(&data->countries, code) != NULL)
		plugin_fail(c, p->is.country,
		    "mail from %s is not accepted here", p->is.country);
}

/* ---- what they need ---- */

static void
add_folder(struct filter_geo *out, const char *folder)
{
	for (size_t i = 0; i < out->n_folders; i++) {
		if (strcmp(out->folders[i], folder) == 0)
			return;
	}
	if (out->n_folders < GEO_FOLDERS_MAX)
		out->folders[out->n_folders++] = folder;
}

static bool
add_list(const struct plugin_list *l, struct filter_geo *out)
{
	bool any = false;
	for (size_t i = 0; i < l->n; i++) {
		const struct geo_line *line = l->instances[i].geo;
		if (line == NULL)
			continue;
		any = true;
		if (line->folder != NULL)
			add_folder(out, line->folder);
		if (line->has_home && !out->has_home) {
			out->has_home = true;
			out->home = line->home;
		}
	}
	return any;
}

bool
filter_policy_geo(const struct filter_policy *p, struct filter_geo *out)
{
	static const char *const usual[] = { "/usr/share/GeoIP",
		"/usr/local/share/GeoIP", "/var/lib/GeoIP" };
	*out = (struct filter_geo){ .n_folders = 0 };
	bool any = add_list(&p->main, out);
	for (size_t i = 0; i < p->peers.len; i++)
		any = add_list(VEC_AT(&p->peers, struct peer, i)->list, out) ||
		      any;
	for (size_t i = 0; any && i < ARRAY_LEN(usual); i++)
		add_folder(out, usual[i]);
	return any;
}

/* ---- the records ---- */

static const char *const geoip_arguments[] = { "db_dir", "distance", "too_far",
	"add_headers", NULL };
static const char *const badcountries_arguments[] = { "db_dir", NULL };

const struct plugin plugin_geoip = {
	.name = "ident/geoip",
	.flags = PLUGIN_PAIRS,
	.configure = configure_geoip,
	.arguments = geoip_arguments,
	.hooks = {
		{ HOOK_CONNECT, on_connect },
		{ HOOK_DATA_POST, on_data_post },
	},
};

const struct plugin plugin_check_badcountries = {
	.name = "check_badcountries",
	.flags = PLUGIN_PAIRS | PLUGIN_REJECTS,
	.configure = configure_badcountries,
	.arguments = badcountries_arguments,
	.hooks = {
		{ HOOK_CONNECT, on_connect_badcountries },
	},
};
