/*
 * A connection to a peer that is not trusted: every wait ends at one deadline,
 * lines and their number are bounded, and TLS may begin in between.
 */
#ifndef CORE_NET_STREAM_H
#define CORE_NET_STREAM_H

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/net/addr.h"
#include "core/net/tls.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	STREAM_BUFFER_MAX = 64 * 1024
};

struct stream {
	int fd; /* -1: not connected */
	const struct clock *clock;
	int64_t deadline_ms; /* of clock_mono_ms: for everything */
	const struct tls_calls *calls;
	struct tls *tls; /* NULL: in clear */
	struct buf in;   /* read, not yet taken */
	size_t taken;    /* of 'in': the line that was given out */
};

/* Nothing connected; stream_close may follow. */
void stream_init(
    struct stream *s, const struct clock *clock, int64_t deadline_ms);
/* To one address; on failure too the stream is to be closed. */
MUST_USE bool stream_connect(struct stream *s, const struct net_addr *addr,
    uint16_t port, struct err *e);
/*
 * Next line without its LF or CRLF, at most 'max' bytes; borrowed until the
 * next call. Too long a line, which is thrown away as far as it came, the end
 * of the connection and the deadline are errors.
 */
MUST_USE bool stream_read_line(
    struct stream *s, size_t max, struct str *line, struct err *e);
/* Append what comes until the peer closes, at most out->max bytes. */
MUST_USE bool stream_read_all(struct stream *s, struct buf *out, struct err *e);
/* All of them, or an error: then nobody knows how many arrived. */
MUST_USE bool stream_write(struct stream *s, struct str bytes, struct err *e);
/* Bytes that came before they were asked for. */
size_t stream_waiting(const struct stream *s);
/*
 * Begin TLS here. What was read in clear and not taken is thrown away: it must
 * not pass for what came under TLS (design: nothing before STARTTLS survives).
 */
MUST_USE bool stream_tls(struct stream *s, const struct tls_calls *calls,
    const struct tls_wish *wish, struct err *e);
/* Close and free. */
void stream_close(struct stream *s);

#endif
