/*
 * FL-36: settings are read for each session anew, plugin lists only at start
 * and at HUP. A bundle read in between keeps the lists of the one in force.
 */
#include "core/filter/bundle_int.h"
#include "core/filter/filter.h"

static bool
is_list(struct str name)
{
	return str_is(name, "plugins") || str_starts(name, STR("peers/"));
}

static bool
copy_records(struct str from, bool lists, struct buf *out)
{
	struct bundle_record r;
	while (bundle_next(&from, &r) == BUNDLE_RECORD) {
		if (is_list(r.name) == lists)
			bundle_add(out, &r);
	}
	return !out->failed;
}

bool
filter_bundle_merge(struct str settings, struct str lists, struct buf *out)
{
	return copy_records(settings, false, out) &&
	       copy_records(lists, true, out);
}
