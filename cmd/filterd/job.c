/* Reading and writing the parts of a message. */
#include "cmd/filterd/job.h"

#include <errno.h>
#include <unistd.h>

/* A line end or a NUL would be more than an address to whoever gets it. */
static struct str
get_part(struct wire *in)
{
	struct str s = wire_get_str(in);
	for (size_t i = 0; i < s.len; i++)
		in->bad = in->bad || (unsigned char)s.ptr[i] < ' ' ||
			  s.ptr[i] == 0x7f;
	return s;
}

bool
job_read_envelope(struct arena *a, struct wire *in, struct queue_message *m)
{
	m->sender.local = get_part(in);
	m->sender.domain = get_part(in);
	m->n_rcpts = wire_get_u32(in);
	/* each needs two lengths at least */
	if (in->bad || m->n_rcpts == 0 ||
	    m->n_rcpts > in->rest.len / (2 * sizeof(uint32_t)))
		return false;
	struct mail_path *rcpts = ARENA_ARRAY(a, m->n_rcpts, struct mail_path);
	if (rcpts == NULL)
		return false;
	for (size_t i = 0; i < m->n_rcpts; i++) {
		rcpts[i].local = get_part(in);
		rcpts[i].domain = get_part(in);
	}
	m->rcpts = rcpts;
	return !in->bad;
}

bool
job_append(int fd, struct str bytes, uint64_t *end)
{
	while (bytes.len > 0) {
		ssize_t n = pwrite(fd, bytes.ptr, bytes.len, (off_t)*end);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		bytes = str_sub(bytes, (size_t)n, bytes.len);
		*end += (uint64_t)n;
	}
	return true;
}

bool
job_read_part(struct arena *a, int fd, uint64_t at, uint64_t length,
    uint64_t max, struct str *out)
{
	if (length > max)
		return false;
	char *to = arena_alloc(a, (size_t)length);
	size_t got = 0;
	while (to != NULL && got < length) {
		ssize_t n = pread(
		    fd, to + got, (size_t)length - got, (off_t)(at + got));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		got += (size_t)n;
	}
	*out = str_n(to, (size_t)length);
	return to != NULL;
}
