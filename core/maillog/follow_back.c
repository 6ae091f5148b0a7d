/* Looking back in a file: where its last lines begin, what stood at a place. */
#include "core/maillog/follow_int.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	SCAN_SIZE = 64 * 1024,
};

bool
follow_scan_back(int fd, off_t size, size_t *left, off_t *offset)
{
	char block[SCAN_SIZE];
	off_t end = size;
	while (end > 0) {
		off_t from = end > SCAN_SIZE ? end - SCAN_SIZE : 0;
		ssize_t got = pread(fd, block, (size_t)(end - from), from);
		if (got <= 0)
			break;
		const char *p = block + got;
		while (
		    (p = memrchr(block, '\n', (size_t)(p - block))) != NULL) {
			if (--*left == 0) {
				*offset = from + (p - block) + 1;
				return true;
			}
		}
		end = from;
	}
	return false;
}

/* Does the line that ends at 'offset' have the hash? */
static bool
line_before_is(int fd, uint64_t offset, uint64_t hash)
{
	char *block = malloc(FOLLOW_LINE_MAX + 2);
	uint64_t from =
	    offset > FOLLOW_LINE_MAX + 1 ? offset - FOLLOW_LINE_MAX - 1 : 0;
	size_t n = (size_t)(offset - from);
	bool same = block != NULL && n > 0 &&
		    pread(fd, block, n, (off_t)from) == (ssize_t)n &&
		    block[n - 1] == '\n';
	if (same) {
		const char *lf = memrchr(block, '\n', n - 1);
		size_t begin = lf != NULL ? (size_t)(lf - block) + 1 : 0;
		same = follow_hash(str_n(block + begin, n - 1 - begin)) == hash;
	}
	free(block);
	return same;
}

bool
follow_is_place(const struct follow_place *p, int fd)
{
	char head[FOLLOW_HEAD];
	struct stat st;
	if (fstat(fd, &st) != 0 || (uint64_t)st.st_dev != p->dev ||
	    (uint64_t)st.st_ino != p->ino || (uint64_t)st.st_size < p->offset)
		return false;
	/* the number of a deleted file is used again at once */
	return pread(fd, head, sizeof(head), 0) >= (ssize_t)p->head_len &&
	       memcmp(head, p->head, p->head_len) == 0 &&
	       (p->offset == 0 || line_before_is(fd, p->offset, p->hash));
}
