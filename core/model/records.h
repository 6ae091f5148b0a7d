/*
 * The records a mail domain should publish: what they should say, what its
 * name servers say, and whether the world sees this server as it should.
 */
#ifndef CORE_MODEL_RECORDS_H
#define CORE_MODEL_RECORDS_H

#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/dns/dns.h"
#include "core/model/ctx.h"
#include "core/model/finding.h"
#include "core/model/own.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	RECORDS_MAX = 16
};

enum record_kind {
	RECORD_MX,
	RECORD_SPF,
	RECORD_DKIM,
	RECORD_DMARC,
	RECORD_TLS_RPT,
	RECORD_MTA_STS
};
/* "mx", "spf", "dkim", "dmarc", "tls-rpt", "mta-sts" */
const char *record_kind_word(enum record_kind k);

struct record_wanted {
	enum record_kind kind;
	bool offered; /* good to have; its absence is no failure */
	struct str name;
	uint16_t type;
	struct str value; /* "10 mail.example.com"; the whole text of a TXT */
};

struct records {
	struct str domain;
	struct own own;
	struct record_wanted rows[RECORDS_MAX];
	size_t n;
	const char *notes[RECORDS_MAX]; /* what to know, translated */
	size_t n_notes;
};

/*
 * What the settings and keys call for. 'domain' NULL is the primary one. The
 * name servers are asked for addresses only.
 */
MUST_USE bool records_wanted(const struct model_ctx *m, struct dns *dns,
    const char *domain, struct records *out, struct err *e);
/* The value in strings of at most 255 octets, each quoted; for zone files. */
struct str record_value_quoted(struct arena *a, const struct record_wanted *r);

/*
 * Compare with what every authoritative server publishes, asked at most
 * 'deadline_ms' each (0: the resolver's); findings go to 'f'.
 */
MUST_USE bool records_check(const struct model_ctx *m, struct dns *dns,
    const struct records *want, int64_t deadline_ms, struct findings *f,
    struct err *e);

/*
 * F008: reverse names of the addresses, their way back, and the HELO name.
 * 'address' and 'helo' NULL: those of this server.
 */
MUST_USE bool records_reverse(const struct model_ctx *m, struct dns *dns,
    const char *address, const char *helo, struct findings *f, struct err *e);

#endif
