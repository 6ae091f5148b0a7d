/* The module "maxminddb": databases of places, read by libmaxminddb. */
#include "core/base/i18n.h"
#include "core/base/utf8.h"
#include "core/net/endpoint.h"
#include "core/net/geo.h"
#include "core/sys/module.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <maxminddb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

/* not declared elsewhere: it is found by its name only */
extern const struct module_export smemail_module_export;

/* A database and the state of its file when it was opened. */
struct geo_file {
	char path[PATH_MAX];
	bool is_open;
	struct stat seen;
	MMDB_s mmdb;
};

struct geo_db {
	struct geo_file places;
	struct geo_file networks;
};

/* ---- files ---- */

static void
file_close(struct geo_file *f)
{
	if (f->is_open)
		MMDB_close(&f->mmdb);
	f->is_open = false;
}

/* False with the reason; e->sys_errno tells ENOENT apart. */
static bool
file_open(struct geo_file *f, struct err *e)
{
	if (stat(f->path, &f->seen) != 0)
		return err_set_errno(e, errno, _("cannot open '%s'"), f->path);
	int status = MMDB_open(f->path, MMDB_MODE_MMAP, &f->mmdb);
	f->is_open = status == MMDB_SUCCESS;
	return f->is_open ||
	       err_set(e, ERR_PERMANENT, _("cannot read the database '%s': %s"),
		   f->path, MMDB_strerror(status));
}

static bool
is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	       a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/*
 * A file that was cut while it is mapped must not be read: so its state is
 * looked at each time. What cannot be opened now may be tomorrow.
 */
static bool
file_is_current(struct geo_file *f)
{
	struct stat now;
	struct err unused = ERR_INIT;
	if (f->path[0] == '\0')
		return false;
	if (stat(f->path, &now) != 0) {
		file_close(f);
		return false;
	}
	if (is_same(&now, &f->seen))
		return f->is_open;
	file_close(f);
	return file_open(f, &unused);
}

static bool
set_path(struct geo_file *f, const char *folder, const char *name)
{
	int n = snprintf(f->path, sizeof(f->path), "%s/%s", folder, name);
	return n > 0 && (size_t)n < sizeof(f->path);
}

/* The first database of places; false when there is none, or it is bad. */
static bool
open_places(struct geo_file *f, const char *const *folders, size_t n,
    const char **folder, struct err *e)
{
	static const char *const names[] = { "GeoLite2-City.mmdb",
		"GeoLite2-Country.mmdb" };
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < ARRAY_LEN(names); k++) {
			if (!set_path(f, folders[i], names[k]))
				continue;
			*folder = folders[i];
			if (file_open(f, e))
				return true;
			if (e->sys_errno != ENOENT && e->sys_errno != ENOTDIR)
				return false;
		}
	}
	return err_set(e, ERR_PERMANENT,
	    _("no GeoLite2-City.mmdb or GeoLite2-Country.mmdb in '%s'"),
	    n > 0 ? folders[0] : "");
}

static void
geo_close(struct geo_db *db)
{
	if (db == NULL)
		return;
	file_close(&db->places);
	file_close(&db->networks);
	free(db);
}

static struct geo_db *
geo_open(const char *const *folders, size_t n, struct err *e)
{
	struct err missing = ERR_INIT;
	const char *folder = NULL;
	struct geo_db *db = calloc(1, sizeof(*db));
	if (db == NULL) {
		err_set_errno(e, errno, _("out of memory"));
		return NULL;
	}
	if (!open_places(&db->places, folders, n, &folder, e)) {
		geo_close(db);
		return NULL;
	}
	/* an extra; it may come later */
	if (set_path(&db->networks, folder, "GeoLite2-ASN.mmdb"))
		(void)file_open(&db->networks, &missing);
	return db;
}

/* ---- values ---- */

static bool
get(MMDB_entry_s *entry, const char *const *path, uint32_t type,
    MMDB_entry_data_s *out)
{
	return MMDB_aget_value(entry, out, path) == MMDB_SUCCESS &&
	       out->has_data && out->type == type;
}

static struct str
get_text(MMDB_entry_s *entry, const char *const *path)
{
	MMDB_entry_data_s d;
	if (!get(entry, path, MMDB_DATA_TYPE_UTF8_STRING, &d))
		return (struct str)STR_EMPTY;
	return str_n(d.utf8_string, d.data_size);
}

/* Two capital letters, or nothing: it goes into logs and headers. */
static void
take_code(char out[GEO_CODE_SIZE], struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.len != GEO_CODE_SIZE - 1 || s.ptr[i] < 'A' ||
		    s.ptr[i] > 'Z')
			return;
	}
	if (s.len > 0)
		memcpy(out, s.ptr, s.len);
}

/* What fits of it, whole characters, none of them a control. */
static void
take_name(char out[GEO_NAME_SIZE], struct str s)
{
	size_t n = 0;
	while (s.len > 0) {
		uint32_t cp;
		size_t len = utf8_decode(s, &cp);
		size_t taken = len > 0 ? len : 1;
		if (n + taken >= GEO_NAME_SIZE)
			return;
		bool fit = len > 0 && cp >= ' ' && (cp < 0x7f || cp > 0x9f);
		memcpy(out + n, fit ? s.ptr : "?", fit ? len : 1);
		n += fit ? len : 1;
		s = str_sub(s, taken, s.len);
	}
}

static bool
take_degree(MMDB_entry_s *entry, const char *which, double most, double *out)
{
	const char *path[] = { "location", which, NULL };
	MMDB_entry_data_s d;
	if (!get(entry, path, MMDB_DATA_TYPE_DOUBLE, &d) ||
	    !(d.double_value >= -most && d.double_value <= most))
		return false;
	*out = d.double_value;
	return true;
}

static void
take_place(MMDB_entry_s *entry, struct geo_place *out)
{
	static const char *const continent[] = { "continent", "code", NULL };
	static const char *const country[] = { "country", "iso_code", NULL };
	static const char *const registered[] = { "registered_country",
		"iso_code", NULL };
	static const char *const city[] = { "city", "names", "en", NULL };
	take_code(out->continent, get_text(entry, continent));
	take_code(out->country, get_text(entry, country));
	if (out->country[0] == '\0')
		take_code(out->country, get_text(entry, registered));
	take_name(out->city, get_text(entry, city));
	out->has_point = take_degree(entry, "latitude", 90, &out->latitude) &&
			 take_degree(entry, "longitude", 180, &out->longitude);
}

static void
take_network(MMDB_entry_s *entry, struct geo_place *out)
{
	static const char *const number[] = { "autonomous_system_number",
		NULL };
	static const char *const name[] = { "autonomous_system_organization",
		NULL };
	MMDB_entry_data_s d;
	if (get(entry, number, MMDB_DATA_TYPE_UINT32, &d))
		out->as_number = d.uint32;
	take_name(out->network, get_text(entry, name));
}

/* ---- addresses ---- */

static bool
look_up(struct geo_file *f, const struct net_addr *a,
    void (*take)(MMDB_entry_s *entry, struct geo_place *out),
    struct geo_place *out)
{
	union net_endpoint at;
	int error;
	if (!file_is_current(f))
		return false;
	(void)net_endpoint_make(a, 0, &at);
	MMDB_lookup_result_s r =
	    MMDB_lookup_sockaddr(&f->mmdb, &at.any, &error);
	if (error != MMDB_SUCCESS || !r.found_entry)
		return false;
	take(&r.entry, out);
	return true;
}

static bool
geo_find(struct geo_db *db, const struct net_addr *a, struct geo_place *out)
{
	*out = (struct geo_place){ .as_number = 0 };
	bool placed = look_up(&db->places, a, take_place, out);
	return look_up(&db->networks, a, take_network, out) || placed;
}

/* The great circle on a sphere of the earth's size. */
static bool
geo_distance(const struct geo_place *a, const struct geo_place *b, uint32_t *km)
{
	const double radian = acos(-1) / 180, radius_km = 6371;
	if (!a->has_point || !b->has_point)
		return false;
	double north = sin((b->latitude - a->latitude) * radian / 2);
	double east = sin((b->longitude - a->longitude) * radian / 2);
	double h = north * north + cos(a->latitude * radian) *
				       cos(b->latitude * radian) * east * east;
	*km = (uint32_t)(2 * radius_km * asin(sqrt(h < 1 ? h : 1)) + 0.5);
	return true;
}

static const struct geo table = {
	.open = geo_open,
	.close = geo_close,
	.find = geo_find,
	.distance = geo_distance,
};

static const struct module_part parts[] = {
	{ "geo", GEO_TABLE_VERSION, sizeof(struct geo), &table },
	{ NULL, 0, 0, NULL },
};

const struct module_export smemail_module_export = {
	.release = SMEMAIL_VERSION,
	.parts = parts,
};
