/*
 * Fuzzes MTA-STS: any text is a record or a policy within bounds, or none.
 * Exercises core/auth/mtasts.c.
 */
#include "core/auth/mtasts.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool holds)
{
	if (!holds)
		abort();
}

static bool
is_within(struct str part, struct str text)
{
	return part.len == 0 || (part.ptr >= text.ptr &&
				    part.ptr + part.len <= text.ptr + text.len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = str_n((const char *)data, size), id;
	struct mtasts_policy p;
	if (mtasts_record_parse(text, &id))
		require(is_within(id, text) && id.len <= 32);
	if (mtasts_policy_parse(text, &p, NULL)) {
		require(p.n_mx > 0 || p.mode == MTASTS_NONE);
		require(p.n_mx <= MTASTS_MX_MAX);
		require(p.max_age_s <= MTASTS_AGE_MAX_S);
		for (size_t i = 0; i < p.n_mx; i++)
			require(p.mx[i].len > 0 && is_within(p.mx[i], text));
		(void)mtasts_policy_names(&p, STR("mx.example.test"));
	}
	return 0;
}
