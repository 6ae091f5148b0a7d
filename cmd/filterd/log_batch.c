/* Lines of the log that are written together. */
#include "cmd/filterd/log.h"

#include "cmd/filterd/limits.h"
#include "cmd/filterd/log_int.h"

#include <string.h>

static void
write_or_count(bool to_socket, struct str lines)
{
	struct str line;
	uint64_t n = 0;
	if (lines.len == 0 || log_write(to_socket, lines))
		return;
	while (str_next_line(&lines, &line))
		n++;
	log_count_lost(n);
}

void
log_batch_begin(struct log_batch *b)
{
	b->to_socket = log_is_socket();
	atomic_store(&b->length, 0);
}

void
log_batch_line(struct log_batch *b, uint32_t number, const char *hook,
    const char *plugin, struct str text)
{
	char room[FILTERD_LOG_LINE_MAX];
	struct str line = log_format(room, number, hook, plugin, text);
	if (line.len > LOG_BATCH_MAX - atomic_load(&b->length))
		log_batch_write(b);
	if (line.len > LOG_BATCH_MAX) {
		write_or_count(b->to_socket, line);
		return;
	}
	unsigned length = atomic_load(&b->length);
	memcpy(b->text + length, line.ptr, line.len);
	/* whoever finds us dead finds whole lines */
	atomic_store(&b->length, length + (unsigned)line.len);
}

void
log_batch_write(struct log_batch *b)
{
	write_or_count(b->to_socket, str_n(b->text, atomic_load(&b->length)));
	atomic_store(&b->length, 0);
}

void
log_batch_write_left(const struct log_batch *b)
{
	unsigned length = atomic_load(&b->length);
	if (length > LOG_BATCH_MAX)
		return;
	while (length > 0 && b->text[length - 1] != '\n')
		length--;
	write_or_count(log_is_socket(), str_n(b->text, length));
}
