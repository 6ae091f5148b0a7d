/* The client's side of SMTP, a step at a time, for probes. */
#ifndef CORE_SMTP_CLIENT_H
#define CORE_SMTP_CLIENT_H

#include "core/base/arena.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/net/stream.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a peer may send: more is an error, so a banner has an end. */
enum {
	SMTP_CLIENT_LINE_MAX = 4096, /* RFC 5321 4.5.3.1.5 has 512 */
	SMTP_CLIENT_LINES_MAX = 128
};

struct smtp_answer {
	unsigned code;     /* 220 */
	struct str *lines; /* without code; in the arena */
	size_t n;
	int64_t elapsed_ms; /* from the command to the last line */
};

/* What EHLO told. */
struct smtp_offers {
	bool starttls, pipelining, eight_bit, utf8, chunking, dsn, enhanced;
	bool has_size;
	uint64_t size;   /* 0: no limit told */
	struct str auth; /* "PLAIN LOGIN", or empty */
	struct str name; /* first word of the first line */
};

/* Read an answer; a malformed one is an error. */
MUST_USE bool smtp_client_answer(
    struct stream *s, struct arena *a, struct smtp_answer *out, struct err *e);
/*
 * Send a command (CRLF added) and read its answer. A line end within the
 * command is refused.
 */
MUST_USE bool smtp_client_ask(struct stream *s, struct arena *a,
    const char *command, struct smtp_answer *out, struct err *e);
void smtp_client_offers(
    const struct smtp_answer *ehlo, struct smtp_offers *out);
/* Does the list of mechanisms have this one? */
bool smtp_client_has_auth(const struct smtp_offers *o, const char *mechanism);

#endif
