/*
 * Fuzzes DMARC records with their report addresses, and From fields. Exercises
 * core/auth/dmarc_record.c, dmarc_from.c, core/mail/idna.c.
 */
#include "core/auth/dmarc.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool holds)
{
	if (!holds)
		abort();
}

static void
check_record(struct str text)
{
	static const enum dmarc_policy lowest = DMARC_POLICY_NONE;
	struct dmarc_record r;
	struct buf address = BUF_INIT(4096);
	if (!dmarc_record_parse(text, &r))
		return;
	require(dmarc_record_is(text));
	require(r.p >= lowest && dmarc_policy_below(&r, false) >= lowest);
	require(r.pct <= DMARC_PCT_ALL && r.n_rua <= DMARC_URIS_MAX);
	for (size_t i = 0; i < r.n_rua; i++) {
		buf_reset(&address);
		if (!dmarc_uri_address(r.rua[i].uri, &address))
			continue;
		for (size_t k = 0; k < address.len; k++)
			require(
			    address.data[k] > ' ' && address.data[k] <= '~');
	}
	buf_clear(&address);
}

static void
check_from(struct str text)
{
	struct buf domain = BUF_INIT(FACT_NAME_MAX);
	if (dmarc_from_domain(text, &domain, NULL)) {
		require(fact_name_is_valid(buf_str(&domain)));
		for (size_t i = 0; i < domain.len; i++)
			require((unsigned char)domain.data[i] < 0x80);
	}
	buf_clear(&domain);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = str_n((const char *)data, size);
	check_record(text);
	check_from(text);
	return 0;
}
