/*
 * Perl-like patterns with bounded effort (FL-190): compiled once at policy
 * load, matched against short texts of a peer.
 */
#ifndef CORE_FILTER_PATTERN_H
#define CORE_FILTER_PATTERN_H

#include "core/base/compiler.h"
#include "core/base/str.h"

#include <stddef.h>

enum {
	PATTERN_LENGTH_MAX = 1000,
	PATTERN_WHY_SIZE = 160
};

struct pattern;

/*
 * NULL when the pattern is broken; 'why' then says where and how. Letter case
 * counts.
 */
MUST_USE struct pattern *pattern_new(
    struct str text, char why[PATTERN_WHY_SIZE]);
void pattern_free(struct pattern *p); /* NULL allowed */

enum pattern_result {
	PATTERN_NO,
	PATTERN_YES,
	PATTERN_TOO_HARD /* the step limit ended it; counts as no match */
};
/* Search in 'subject'. */
enum pattern_result pattern_search(const struct pattern *p, struct str subject);

#endif
