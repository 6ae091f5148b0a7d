/* Writing lines of the log, for the file that makes them. */
#ifndef CMD_FILTERD_LOG_INT_H
#define CMD_FILTERD_LOG_INT_H

#include "core/base/compiler.h"
#include "core/base/str.h"

#include <stdbool.h>
#include <stdint.h>

/* A line as it is written, in 'line', which has FILTERD_LOG_LINE_MAX bytes. */
struct str log_format(char *line, uint32_t number, const char *hook,
    const char *plugin, struct str text);
/* Is standard error a socket? */
bool log_is_socket(void);
/*
 * A whole line, or at most PIPE_BUF bytes of them, or nothing, without waiting
 * for a reader.
 */
MUST_USE bool log_write(bool to_socket, struct str lines);
/* So many, for the process that tells it. */
void log_count_lost(uint64_t n);

#endif
