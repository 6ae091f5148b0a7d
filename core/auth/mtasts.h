/* Records and policies of MTA-STS (RFC 8461). Pure: no questions, no web. */
#ifndef CORE_AUTH_MTASTS_H
#define CORE_AUTH_MTASTS_H

#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	MTASTS_POLICY_MAX = 64 * 1024, /* bytes of a policy, RFC 8461 3.2 */
	MTASTS_MX_MAX = 64,
	MTASTS_AGE_MAX_S = 31557600 /* a year */
};

enum mtasts_mode {
	MTASTS_NONE,
	MTASTS_TESTING,
	MTASTS_ENFORCE
};

struct mtasts_policy {
	enum mtasts_mode mode;
	struct str mx[MTASTS_MX_MAX]; /* names and "*.NAME", in the text */
	size_t n_mx;
	uint64_t max_age_s;
};

/*
 * Is the text a record ("v=STSv1; id=20160831085700Z;")? *id is empty when it
 * has no valid one.
 */
bool mtasts_record_parse(struct str text, struct str *id);
/* False with the reason when the text is no policy. */
MUST_USE bool mtasts_policy_parse(
    struct str text, struct mtasts_policy *out, struct err *e);
/* The word of the policy. */
const char *mtasts_mode_text(enum mtasts_mode mode);
/* Is the host among the policy's mx? "*." stands for one label (4.1). */
bool mtasts_policy_names(const struct mtasts_policy *p, struct str host);

#endif
