/* Recipients whose servers have their message already. */
#include "cmd/filterd/keeper_shares.h"

#include "cmd/filterd/job.h"
#include "core/base/random.h"
#include "core/mail/header.h"

#include <errno.h>
#include <unistd.h>

enum {
	BLOCK = 16 * 1024
};

/* Nobody tries longer (RFC 5321 4.5.4.1: four to five days). */
#define KEEP_S ((int64_t)5 * 24 * 3600)

void
keeper_shares_init(struct keeper_shares *s)
{
	*s = (struct keeper_shares){ .record = { .fd = -1 } };
	random_bytes(s->key, sizeof(s->key));
}

static struct str
message_id(struct str head)
{
	struct filter_field f;
	return mail_header_find(head, "Message-Id", &f) ? str_trim(f.body)
							: (struct str)STR_EMPTY;
}

bool
keeper_shares_know(struct str head)
{
	return message_id(head).len > 0;
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
    uint16_t port, const struct mail_path *sender, const struct mail_path *rcpt)
{
	struct siphash h = *message;
	char number[8];
	snprintf(number, sizeof(number), "%u", (unsigned)port);
	siphash_add_text(&h, str_of(host));
	siphash_add_text(&h, str_of(number));
	siphash_add_text(&h, sender->local);
	siphash_add_text(&h, sender->domain);
	siphash_add_text(&h, rcpt->local);
	siphash_add_text(&h, rcpt->domain);
	return siphash_end(&h);
}

static size_t
set_of(const struct siphash_sum *sum)
{
	return sum->half[0] % SHARES_SETS;
}

static bool
is_it(const struct kept_share *kept, const struct siphash_sum *sum)
{
	return kept->at_s != 0 && siphash_same(&kept->sum, sum);
}

bool
keeper_shares_have(
    const struct keeper_shares *s, const struct siphash_sum *sum, int64_t now_s)
{
	const struct kept_share *set = s->kept[set_of(sum)];
	for (size_t i = 0; i < SHARES_PER_SET; i++) {
		if (is_it(&set[i], sum))
			return now_s - set[i].at_s < KEEP_S;
	}
	return false;
}

void
keeper_shares_keep(struct keeper_shares *s, const struct siphash_sum *sum,
    int64_t now_s, bool firm)
{
	struct kept_share *set = s->kept[set_of(sum)];
	size_t to = 0;
	for (size_t i = 0; i < SHARES_PER_SET && !is_it(&set[to], sum); i++) {
		if (is_it(&set[i], sum) || set[i].at_s < set[to].at_s)
			to = i;
	}
	set[to] = (struct kept_share){ *sum, now_s > 0 ? now_s : 1 };
	s->any = true;
	keeper_shares_write(s, set_of(sum), to);
	s->record.unsynced = s->record.unsynced || firm;
}

void
keeper_shares_forget(struct keeper_shares *s, const struct siphash_sum *sum)
{
	struct kept_share *set = s->kept[set_of(sum)];
	for (size_t i = 0; i < SHARES_PER_SET; i++) {
		if (!is_it(&set[i], sum))
			continue;
		set[i].at_s = 0;
		keeper_shares_write(s, set_of(sum), i);
	}
}
