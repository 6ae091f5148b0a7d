/*
 * The database of DMARC results that the filter keeps (FL-122), shared with
 * other tools, and a table of ours in it of what was sent to whom.
 */
#ifndef CORE_AUTH_DMARC_STORE_H
#define CORE_AUTH_DMARC_STORE_H

#include "core/auth/dmarc_report.h"
#include "core/base/arena.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DMARC_STORE_PATH "/var/lib/qpsmtpd/dmarc/reports.sqlite"

struct dmarc_store;

struct stored_report {
	int64_t id;
	struct dmarc_report report;
	struct str rua; /* addresses as published */
	int64_t messages, failed;
};

/*
 * 'path' is real, 'shown' for messages. With 'write' our own table is made when
 * missing; the database itself never is. A missing one is ERR_NO.
 */
MUST_USE bool dmarc_store_open(const char *path, const char *shown, bool write,
    struct dmarc_store **out, struct err *e);
void dmarc_store_close(struct dmarc_store *s); /* NULL allowed */

/* All reports in the order of their days and domains; texts in the arena. */
MUST_USE bool dmarc_store_reports(struct dmarc_store *s, struct arena *a,
    struct stored_report **out, size_t *n, struct err *e);
/* Fill the records of one of them. */
MUST_USE bool dmarc_store_records(struct dmarc_store *s, struct arena *a,
    struct stored_report *r, struct err *e);

/*
 * The addresses to which any of them goes, each once, in lower case, sorted by
 * str_cmp; in the arena.
 */
MUST_USE bool dmarc_store_addresses(struct dmarc_store *s, struct arena *a,
    struct str **out, size_t *n, struct err *e);

enum dmarc_sent {
	DMARC_SENT_NEVER,
	DMARC_SENT_RETRY,   /* failed for now, to be tried again at 'next_s' */
	DMARC_SENT_SENDING, /* begun; left so by a crash it may have arrived */
	DMARC_SENT_DONE,
	DMARC_SENT_REFUSED /* for good */
};

struct dmarc_sending {
	enum dmarc_sent state;
	int64_t attempts;
	int64_t next_s; /* Unix time */
	struct str error;
};

/* What is known of sending the report of this domain and day to 'uri'. */
MUST_USE bool dmarc_sent_get(struct dmarc_store *s, struct arena *a,
    const struct stored_report *r, struct str uri, struct dmarc_sending *out,
    struct err *e);
/*
 * Claim it: *claimed is true for exactly one caller, and only when it was never
 * tried or is due again. From then on it counts as sent until settled.
 */
MUST_USE bool dmarc_sent_claim(struct dmarc_store *s,
    const struct stored_report *r, struct str uri, int64_t now_s, bool *claimed,
    struct err *e);
/* How it ended. */
MUST_USE bool dmarc_sent_settle(struct dmarc_store *s,
    const struct stored_report *r, struct str uri, enum dmarc_sent state,
    int64_t next_s, struct str error, struct err *e);

/* For JSON as it is; marked for translation. */
const char *dmarc_sent_word(enum dmarc_sent state);

#endif
