/* A message as facts: its text and its header fields. */
#ifndef CORE_MAIL_MESSAGE_H
#define CORE_MAIL_MESSAGE_H

#include "core/base/str.h"

#include <stddef.h>
#include <stdint.h>

/* A header field; views into the text. */
struct filter_field {
	struct str name;  /* without colon; empty: a line that is no field */
	struct str body;  /* behind the colon, still folded, no final LF */
	struct str whole; /* the field with its line ends */
};

/* A message as it came, line ends LF (FL-27), before our own headers. */
struct filter_message {
	struct str text;                   /* header and body */
	struct str body;                   /* what follows the empty line */
	const struct filter_field *fields; /* in order */
	size_t n_fields;
	int64_t now_s; /* Unix time for date checks */
};

#endif
