/*
 * Fuzzes packets of the domain name system: taking apart by ldns and by hand,
 * judging the flat form (which a decoder taken over could write as it likes),
 * matching of replies. Exercises cmd/codec/decode.c, core/dns/answer.c, flat.c,
 * record.c, packet.c, name.c.
 */
#include "cmd/codec/decode.h"
#include "core/dns/dns_int.h"
#include "core/dns/flat.h"
#include "core/dns/packet_int.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	MEMORY = 64 << 20
};

static void
require(bool holds)
{
	if (!holds)
		abort();
}

/* Whatever is accepted keeps its bounds, and copies to the same. */
static void
check_answer(struct arena *a, const struct dns_answer *answer)
{
	require(answer->n <= DNS_RECORDS_MAX);
	require(answer->n_chain <= DNS_CHAIN_MAX);
	require(answer->canonical.len < DNS_NAME_TEXT_SIZE);
	for (size_t i = 0; i < answer->n; i++) {
		const struct dns_record *r = &answer->records[i];
		require(r->ttl <= 24 * 3600);
		for (size_t k = 0; k < r->name.len; k++)
			require(r->name.ptr[k] > ' ' && r->name.ptr[k] < 0x7f);
		if (r->type == DNS_TXT)
			require(
			    r->as.txt.n > 0 && r->as.txt.text.len < r->raw.len);
	}
	const struct dns_answer *copy = dns_answer_dup(a, answer);
	require(copy != NULL && copy->n == answer->n);
}

static void
judge(struct str flat, uint16_t type)
{
	char reason[DNS_REASON_SIZE];
	struct dns_name name;
	struct arena *a = arena_new(MEMORY, NULL, NULL);
	struct dns_answer answer = { .type = type };
	require(a != NULL && dns_name_from_text(STR("a.test"), &name));
	if (dns_answer_build(
		a, &answer, str_n(name.wire, name.len), flat, 0, reason))
		check_answer(a, &answer);
	else
		require(reason[0] != '\0');
	(void)dns_flat_ttl(flat);
	arena_free(a);
}

static void
match(struct str reply)
{
	struct dns_packet p;
	struct dns_name name;
	require(dns_name_from_text(STR("a.test"), &name));
	dns_packet_make(&p, &name, DNS_A, true, true);
	if (reply.len >= 2)
		p.id = (uint16_t)((unsigned char)reply.ptr[0] << 8 |
				  (unsigned char)reply.ptr[1]);
	if (dns_packet_match(&p, reply) != DNS_MATCH_NOT) {
		require(reply.len >= DNS_HEADER_SIZE);
		(void)dns_packet_rcode(reply);
		(void)dns_packet_is_cut(reply);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint16_t types[] = { DNS_A, DNS_TXT, DNS_MX, DNS_SOA,
		DNS_CAA, DNS_ANY };
	struct str bytes = str_n((const char *)data, size);
	struct buf flat = BUF_INIT(DNS_FLAT_MAX);
	bool whole = codec_decode(bytes, &flat);
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		judge(bytes, types[i]);
		if (whole)
			judge(buf_str(&flat), types[i]);
	}
	match(bytes);
	buf_clear(&flat);
	return 0;
}
