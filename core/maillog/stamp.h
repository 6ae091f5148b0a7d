/*
 * Stamps at the start of log lines: TAI64N labels and the other forms that
 * writers of mail logs use (LG-8).
 */
#ifndef CORE_MAILLOG_STAMP_H
#define CORE_MAILLOG_STAMP_H

#include "core/base/str.h"
#include "core/maillog/tai64n.h"

#include <stddef.h>
#include <stdint.h>

enum stamp_kind {
	STAMP_NONE,
	STAMP_TAI64N, /* @400000005a1d7d9f19c9381c */
	STAMP_UNIX,   /* 1511882133.432617: old qmail logs */
	STAMP_LOCAL,  /* 2017-11-28 15:15:33.432617500: decoded already */
	STAMP_UTC,    /* 2017-11-28_15:15:33.43261, or T for _: svlogd */
	STAMP_SYSLOG, /* Nov 28 15:15:33: local, without a year */
};

struct stamp {
	enum stamp_kind kind;
	struct tai64n time; /* of STAMP_NONE: zeros */
	size_t len;         /* of the stamp itself */
	size_t text;        /* where the text begins: behind one space */
};

/*
 * Read the stamp of a line; 'now_s' gives a syslog stamp its year: the newest
 * that does not put it more than a day in the future.
 */
struct stamp stamp_parse(struct str line, int64_t now_s);

#endif
