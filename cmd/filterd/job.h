/* Parts of a message on its way between processes. */
#ifndef CMD_FILTERD_JOB_H
#define CMD_FILTERD_JOB_H

#include "cmd/filterd/wire.h"
#include "core/base/arena.h"
#include "core/base/compiler.h"
#include "core/queue/queue.h"

enum {
	JOB_HEAD_MAX = 1 << 20 /* bytes of a header */
};

/* Sender and recipients; false when they do not make sense. */
MUST_USE bool job_read_envelope(
    struct arena *a, struct wire *in, struct queue_message *m);
/* Write at *end, which moves on. */
MUST_USE bool job_append(int fd, struct str bytes, uint64_t *end);
/* Part of a file, at most 'max' bytes. */
MUST_USE bool job_read_part(struct arena *a, int fd, uint64_t at,
    uint64_t length, uint64_t max, struct str *out);

#endif
