/*
 * The client's side of SMTP (RFC 5321) and LMTP, a step at a time: for probes,
 * for handing on messages and for our own. All waits end at the stream's
 * deadline; whoever gives up closes the stream.
 */
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

/* The service extensions that EHLO told (RFC 5321 2.2); views of its answer. */
struct smtp_extensions {
	bool starttls, pipelining, eight_bit, utf8, chunking, dsn, enhanced;
	bool has_size;
	uint64_t size;   /* bytes; 0: no limit told */
	struct str auth; /* "PLAIN LOGIN", or empty */
	struct str name; /* first word of the first line */
};

/*
 * Read an answer, its lines into the arena. One that is none (ERR_PERMANENT),
 * has too many lines or too long ones, or does not come, is an error.
 */
MUST_USE bool smtp_client_answer(
    struct stream *s, struct arena *a, struct smtp_answer *out, struct err *e);
/*
 * Send a command (CRLF added) and read its answer. A line end within the
 * command is refused.
 */
MUST_USE bool smtp_client_ask(struct stream *s, struct arena *a,
    const char *command, struct smtp_answer *out, struct err *e);
/* Of the answer to EHLO or LHLO; words that are not known are left out. */
void smtp_client_extensions(
    const struct smtp_answer *ehlo, struct smtp_extensions *out);
/* Does the list of mechanisms have this one? */
bool smtp_client_has_auth(
    const struct smtp_extensions *o, const char *mechanism);

#endif
