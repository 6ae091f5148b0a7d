/* Sends the stored DMARC results to the owners of the domains (RFC 9990). */
#ifndef CORE_MODEL_DMARC_SEND_H
#define CORE_MODEL_DMARC_SEND_H

#include "core/auth/dmarc.h"
#include "core/auth/dmarc_report.h"
#include "core/auth/dmarc_store.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/dns/dns.h"
#include "core/model/ctx.h"
#include "core/net/addr.h"

#include <stdbool.h>
#include <stddef.h>

struct dmarc_send {
	const struct model_ctx *model;
	struct dns *dns;
	enum report_form form;
	bool dry_run;      /* tell, send nothing, write nothing */
	struct str domain; /* reports of this domain only; empty: all */
	struct str from;   /* sender; empty: the one stored, or postmaster */
	const char *helo;  /* our name */
	struct net_addr server; /* that takes the mail */
	uint16_t port;
};

/* One report to one address, and what became of it. */
struct dmarc_send_row {
	struct str domain;
	int64_t begin; /* of the day, Unix seconds */
	struct str uri;
	enum dmarc_destination destination;
	enum dmarc_sent state;
	bool now;          /* sent, or tried, in this run */
	struct str reason; /* why not sent, or empty */
};

/*
 * Send what is due: reports of days that are over, each to each address once.
 * Rows in the order of days and domains. An error ends the run; what was sent
 * up to there stays recorded.
 */
MUST_USE bool dmarc_send_run(const struct dmarc_send *s,
    struct dmarc_send_row **rows, size_t *n, struct err *e);

#endif
