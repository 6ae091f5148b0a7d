/* Messages to and from perl; share/perl/fragments.pl is the other end. */
#ifndef CORE_TEMPLATE_PERL_INT_H
#define CORE_TEMPLATE_PERL_INT_H

#include "core/base/buf.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/sys/coprocess.h"
#include "core/template/perl.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	PERL_FIELDS_MAX = 256, /* of a message */
	PERL_MESSAGE_MAX = TEMPLATE_PERL_RESULT_MAX + 64 * 1024, /* bytes */
};

/* What perl sent. Fields are views of 'bytes'. */
struct perl_message {
	char type;
	struct buf bytes;
	struct str fields[PERL_FIELDS_MAX];
	size_t n;
};

/* A field behind those that are in the buffer. */
void perl_field_put(struct buf *b, struct str field);
/* Send fields that were put together so, until the deadline (clock_mono_ms). */
MUST_USE bool perl_message_send(struct coprocess *p, char type,
    const struct buf *fields, int64_t deadline, struct err *e);
/* The next message into 'm', whose buffer is made by the caller. */
MUST_USE bool perl_message_receive(struct coprocess *p, struct perl_message *m,
    int64_t deadline, struct err *e);
/* Its i-th field, empty when there is none. */
struct str perl_field(const struct perl_message *m, size_t i);

#endif
