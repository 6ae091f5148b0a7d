/* Inside of the forwarding back ends: the connection and one message. */
#ifndef CORE_QUEUE_FORWARD_INT_H
#define CORE_QUEUE_FORWARD_INT_H

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/queue/forward.h"
#include "core/smtp/client.h"

struct queue_forward {
	const struct queue_forward_spec *spec;
	const struct clock *clock;
	const struct tls_calls *tls; /* NULL: not to be had */
	bool tls_tried;
	struct stream stream;
	bool connected;
	struct smtp_extensions offers;
	struct str xclient;       /* attributes that the server lists */
	struct arena *connection; /* what EHLO said */
	struct arena *message;    /* answers to one message */
};

enum {
	FORWARD_COMMAND_MAX = 2048
};

/* forward.c */
/* "MAIL FROM:<path>" in place of what 'line' held. */
void forward_path(
    struct buf *line, const char *verb, const struct mail_path *p);

/* forward_connect.c */
/* Connect, TLS when offered, EHLO or LHLO. */
MUST_USE bool forward_connect(
    struct queue_forward *f, int64_t deadline_ms, struct err *e);
void forward_disconnect(struct queue_forward *f);
/* The server has not closed the connection meanwhile, nor said anything. */
bool forward_is_usable(const struct queue_forward *f);
/* EHLO anew, after XCLIENT too. */
MUST_USE bool forward_hello(struct queue_forward *f, struct err *e);

/* forward_text.c */
/* The text as DATA has it: CRLF, dots stuffed, the final dot. */
MUST_USE bool forward_text(
    struct stream *s, const struct queue_message *m, struct err *e);
/* Value of an XCLIENT attribute: xtext (RFC 1891). */
void forward_xtext(struct buf *out, struct str value);

#endif
