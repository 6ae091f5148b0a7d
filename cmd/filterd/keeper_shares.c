/* Shares of messages that their servers have already. */
#include "cmd/filterd/keeper_shares.h"

#include "cmd/filterd/job.h"
#include "core/base/random.h"

#include <errno.h>
#include <unistd.h>

enum {
	BLOCK = 16 * 1024
};

/* Nobody tries longer (RFC 5321 4.5.4.1: four to five days). */
#define KEEP_MS ((int64_t)5 * 24 * 3600 * 1000)

void
keeper_shares_init(struct keeper_shares *s)
{
	*s = (struct keeper_shares){ .n = 0 };
	random_bytes(s->key, sizeof(s->key));
}

/* The value of the first such field, on its first line; empty: none. */
static struct str
message_id(struct str head)
{
	const struct str name = STR("message-id:");
	struct str line;
	while (str_next_line(&head, &line)) {
		if (str_starts_nocase(line, name))
			return str_trim(str_sub(line, name.len, line.len));
	}
	return (struct str)STR_EMPTY;
}

static bool
add_file(struct siphash *h, int fd, uint64_t at, uint64_t length)
{
	char block[BLOCK];
	while (length > 0) {
		size_t want = length < BLOCK ? (size_t)length : (size_t)BLOCK;
		ssize_t n = pread(fd, block, want, (off_t)at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		siphash_add(h, str_n(block, (size_t)n));
		at += (uint64_t)n;
		length -= (uint64_t)n;
	}
	return true;
}

bool
keeper_shares_message(const struct keeper_shares *s, struct arena *a, int fd,
    const uint64_t at[6], struct siphash *out)
{
	struct str head;
	if (!job_read_part(a, fd, at[2], at[3], JOB_HEAD_MAX, &head))
		return false;
	struct str id = message_id(head);
	siphash_init(out, s->key);
	siphash_add_text(out, id);
	return id.len > 0 && add_file(out, fd, at[4], at[5]);
}

struct siphash_sum
keeper_shares_sum(const struct siphash *message, const char *host,
    uint16_t port, struct str envelope)
{
	struct siphash h = *message;
	char number[8];
	snprintf(number, sizeof(number), "%u", (unsigned)port);
	siphash_add_text(&h, str_of(host));
	siphash_add_text(&h, str_of(number));
	siphash_add_text(&h, envelope);
	return siphash_end(&h);
}

static size_t
find(const struct keeper_shares *s, const struct siphash_sum *sum)
{
	size_t i = 0;
	while (i < s->n &&
	       (s->kept[i].at_ms == 0 || !siphash_same(&s->kept[i].sum, sum)))
		i++;
	return i;
}

bool
keeper_shares_have(const struct keeper_shares *s, const struct siphash_sum *sum,
    int64_t now_ms)
{
	size_t i = find(s, sum);
	return i < s->n && now_ms - s->kept[i].at_ms < KEEP_MS;
}

void
keeper_shares_keep(
    struct keeper_shares *s, const struct siphash_sum *sum, int64_t now_ms)
{
	size_t i = find(s, sum);
	if (i == s->n) {
		i = s->next;
		s->next = (s->next + 1) % SHARES_KEPT;
		if (s->n < SHARES_KEPT)
			s->n++;
	}
	s->kept[i] = (struct kept_share){ *sum, now_ms > 0 ? now_ms : 1 };
}

void
keeper_shares_forget(struct keeper_shares *s, const struct siphash_sum *sum)
{
	size_t i = find(s, sum);
	if (i < s->n)
		s->kept[i].at_ms = 0;
}
