/* A condition taken apart. */
#ifndef CORE_MAILLOG_QUERY_INT_H
#define CORE_MAILLOG_QUERY_INT_H

#include "core/base/line_match.h"
#include "core/maillog/parse.h"
#include "core/maillog/query.h"
#include "core/net/addr.h"

#include <stdbool.h>
#include <stdint.h>

enum query_how {
	QUERY_HOW_FIELD,  /* the text is in the field, letter case aside */
	QUERY_HOW_IP,     /* address, block or beginning */
	QUERY_HOW_PLUGIN, /* any name of the plugin */
	QUERY_HOW_NUMBER, /* a number is it */
	QUERY_HOW_SCORE,  /* compared */
	QUERY_HOW_KIND,
	QUERY_HOW_VERDICT,
	QUERY_HOW_RESULT,
	QUERY_HOW_SEVERITY, /* at least */
	QUERY_HOW_TEXT,
};

struct query_key {
	const char *name;
	enum query_how how;
	enum maillog_field field;
	uint64_t (*number)(const struct maillog_event *ev);
};

enum query_compare {
	QUERY_IS_EQUAL,
	QUERY_IS_ABOVE,
	QUERY_IS_BELOW,
	QUERY_IS_AT_LEAST,
	QUERY_IS_AT_MOST,
};

struct query_item {
	const struct query_key *key; /* NULL: a text */
	bool not ;
	enum query_compare compare;
	char *value;
	/* as it may be written instead, or NULL: a domain as in the DNS, blanks
	   as qmail logs them */
	char *other;
	struct line_match other_match; /* of a text */
	uint64_t number;
	int64_t score; /* in hundredths */
	struct net_block block;
	bool has_block;
	struct line_match match;
	bool shown; /* a text that may stand in the line as shown only */
	size_t needle, needle_len; /* what of it must have been written */
};

#endif
