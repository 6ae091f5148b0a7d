/*
 * Fields of messages between the parts of the daemon: written into a buffer,
 * read back with checked lengths. Parts run on one machine: host byte order.
 */
#ifndef CMD_FILTERD_WIRE_H
#define CMD_FILTERD_WIRE_H

#include "core/base/buf.h"
#include "core/base/str.h"
#include "core/mail/path.h"

#include <stdbool.h>
#include <stdint.h>

void wire_put_u32(struct buf *out, uint32_t v);
void wire_put_u64(struct buf *out, uint64_t v);
void wire_put_str(struct buf *out, struct str s);
void wire_put_path(struct buf *out, const struct mail_path *p);

/* A message being read. Anything that does not fit sets 'bad' for good. */
struct wire {
	struct str rest;
	bool bad;
};
uint32_t wire_get_u32(struct wire *w);
uint64_t wire_get_u64(struct wire *w);
struct str wire_get_str(struct wire *w);        /* a view */
struct mail_path wire_get_path(struct wire *w); /* views */
struct str wire_get_bytes(struct wire *w, size_t n);
/* Everything was read and fitted. */
bool wire_end(const struct wire *w);

#endif
