/*
 * Where addresses are, by databases in the format of MaxMind (GeoLite2 and
 * others). libmaxminddb stands behind it, in the module "maxminddb", loaded
 * when first needed. It maps files that others write: only a part that may die
 * should ask it.
 */
#ifndef CORE_NET_GEO_H
#define CORE_NET_GEO_H

#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/net/addr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	GEO_TABLE_VERSION = 1,
	GEO_CODE_SIZE = 3,  /* two capital letters */
	GEO_NAME_SIZE = 96, /* UTF-8 without control characters */
	GEO_FOLDERS_MAX = 8
};

/* What is not known is empty, or 0. */
struct geo_place {
	char continent[GEO_CODE_SIZE]; /* "EU" */
	char country[GEO_CODE_SIZE];   /* "DE"; ISO 3166 */
	char city[GEO_NAME_SIZE];      /* in English */
	char network[GEO_NAME_SIZE];   /* who runs the autonomous system */
	uint32_t as_number;
	bool has_point;
	double latitude, longitude; /* degrees */
};

struct geo_db;

struct geo {
	/*
	 * Open what is in the first of the folders that has
	 * GeoLite2-City.mmdb or GeoLite2-Country.mmdb, with GeoLite2-ASN.mmdb
	 * if it is there too. NULL with the reason when there is none, or it is
	 * damaged.
	 */
	struct geo_db *(*open)(
	    const char *const *folders, size_t n, struct err *e);
	void (*close)(struct geo_db *db); /* NULL allowed */
	/*
	 * A file that was replaced meanwhile is opened anew. False: the
	 * address is in none of them.
	 */
	bool (*find)(
	    struct geo_db *db, const struct net_addr *a, struct geo_place *out);
	/* As the crow flies; false when a point is not known. */
	bool (*distance)(
	    const struct geo_place *a, const struct geo_place *b, uint32_t *km);
};

/* NULL with the reason when the module cannot be loaded. */
MUST_USE const struct geo *geo_load(struct err *e);

#endif
