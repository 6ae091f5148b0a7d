/* Databases of places: opened, asked, and what crosses between the parts. */
#include "cmd/filterd/places.h"

#include "cmd/filterd/log.h"

#include <limits.h>
#include <string.h>

void
places_put_folders(struct buf *out, const struct filter_policy *p)
{
	struct filter_geo geo = { .n_folders = 0 };
	if (!filter_policy_geo(p, &geo))
		geo.n_folders = 0;
	wire_put_u32(out, (uint32_t)geo.n_folders);
	for (size_t i = 0; i < geo.n_folders; i++)
		wire_put_str(out, str_of(geo.folders[i]));
}

void
places_clear(struct places *p)
{
	if (p->geo != NULL)
		p->geo->close(p->db);
	p->db = NULL;
}

static void
open_folders(struct places *p, const char *const *folders, size_t n)
{
	struct err e = ERR_INIT;
	if (p->geo == NULL)
		p->geo = geo_load(&e);
	if (p->geo != NULL)
		p->db = p->geo->open(folders, n, &e);
	if (p->db == NULL)
		log_own("where clients are is not known: %s", e.text);
}

bool
places_renew(struct places *p, struct wire *in)
{
	char room[GEO_FOLDERS_MAX][PATH_MAX];
	const char *folders[GEO_FOLDERS_MAX];
	uint32_t n = wire_get_u32(in);
	if (n > GEO_FOLDERS_MAX)
		return false;
	for (uint32_t i = 0; i < n; i++) {
		struct str s = wire_get_str(in);
		if (s.len >= sizeof(room[i]))
			return false;
		snprintf(room[i], sizeof(room[i]), "%.*s", STR_ARG(s));
		folders[i] = room[i];
	}
	if (!wire_end(in))
		return false;
	places_clear(p);
	if (n > 0)
		open_folders(p, folders, n);
	return true;
}

/* ---- questions ---- */

void
places_put_question(struct buf *out, const struct places_question *q)
{
	wire_put_u32(out, q->slot);
	wire_put_u32(out, q->serial);
	wire_put_str(out, q->client);
	wire_put_str(out, q->home);
}

static void
put_place(struct buf *out, const struct filter_place *p)
{
	wire_put_u32(out, p->state);
	wire_put_str(out, str_of(p->is.continent));
	wire_put_str(out, str_of(p->is.country));
	wire_put_str(out, str_of(p->is.city));
	wire_put_str(out, str_of(p->is.network));
	wire_put_u32(out, p->is.as_number);
	wire_put_u32(out, p->has_distance);
	wire_put_u32(out, p->distance_km);
}

bool
places_answer(struct places *p, struct wire *in, struct buf *out)
{
	struct places_question q = { .slot = wire_get_u32(in) };
	struct filter_place place;
	struct net_addr client, home;
	q.serial = wire_get_u32(in);
	q.client = wire_get_str(in);
	q.home = wire_get_str(in);
	if (!wire_end(in) || !net_addr_parse(q.client, &client) ||
	    (q.home.len > 0 && !net_addr_parse(q.home, &home)))
		return false;
	filter_place_find(
	    p->geo, p->db, &client, q.home.len > 0 ? &home : NULL, &place);
	wire_put_u32(out, q.slot);
	wire_put_u32(out, q.serial);
	put_place(out, &place);
	return true;
}

/* ---- answers ---- */

static void
get_text(struct wire *in, char *out, size_t size)
{
	struct str s = wire_get_str(in);
	if (s.len >= size)
		in->bad = true;
	else if (s.len > 0)
		memcpy(out, s.ptr, s.len);
}

bool
places_get(struct wire *in, struct filter_place *out)
{
	*out = (struct filter_place){ .has_distance = false };
	uint32_t state = wire_get_u32(in);
	get_text(in, out->is.continent, sizeof(out->is.continent));
	get_text(in, out->is.country, sizeof(out->is.country));
	get_text(in, out->is.city, sizeof(out->is.city));
	get_text(in, out->is.network, sizeof(out->is.network));
	out->is.as_number = wire_get_u32(in);
	out->has_distance = wire_get_u32(in) != 0;
	out->distance_km = wire_get_u32(in);
	if (!wire_end(in) || state > FILTER_PLACE_KNOWN)
		return false;
	out->state = (enum filter_place_state)state;
	return true;
}
