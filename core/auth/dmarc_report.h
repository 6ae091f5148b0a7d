/*
 * Aggregate reports: as others send them (read by a helper program behind
 * walls, as mail, packed or plain XML), and as we write them.
 */
#ifndef CORE_AUTH_DMARC_REPORT_H
#define CORE_AUTH_DMARC_REPORT_H

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	REPORT_RECORDS_MAX = 100000,
	REPORT_RESULTS_MAX = 20, /* of DKIM, SPF, reasons of one record */
	REPORT_LIMIT_MS = 20000  /* to take a report apart */
};

/* One DKIM or SPF result, or a reason. */
struct report_result {
	struct str domain;   /* reason: its type */
	struct str selector; /* SPF: scope; reason: its comment */
	struct str result;
	struct str human_result;
};

struct report_record {
	struct str source_ip;
	int64_t count;
	struct str disposition, dkim, spf; /* policy_evaluated */
	struct str header_from, envelope_from, envelope_to;
	struct report_result *dkims, *spfs, *reasons;
	size_t n_dkims, n_spfs, n_reasons;
};

struct dmarc_report {
	struct str org_name, email, extra, id, domain;
	int64_t begin, end; /* Unix seconds, 0: not told */
	struct str adkim, aspf, p, sp, np, pct, t, psd, fo;
	struct report_record *records;
	size_t n_records;
	bool well_formed; /* false: read as far as it could be */
};

/*
 * Every report in 'bytes', in the arena. No report in it is an error that
 * tells what it is, ERR_NO; a reader that dies or hangs ERR_PERMANENT.
 */
MUST_USE bool dmarc_report_read(struct arena *a, const struct clock *clock,
    struct str bytes, struct dmarc_report **out, size_t *n, struct err *e);

enum report_form {
	REPORT_RFC9990,
	REPORT_RFC7489
};
/*
 * Append the XML, valid by the schema of the form. 'r' is one of ours: values
 * that the schema does not know are replaced by the nearest that it does.
 */
MUST_USE bool dmarc_report_write(
    struct buf *out, const struct dmarc_report *r, enum report_form form);

#endif
