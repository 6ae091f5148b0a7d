/*
 * What a log holds when it is opened. Records follow each other from the tail
 * on, each with the next number. Where one is missing the whole file is looked
 * through for a later one: there is none behind the true end, one of the same
 * batch when the batch was being written as all stopped (nobody was answered
 * then), and one of a later batch only if something that was durable has been
 * damaged.
 */
#include "core/queue/log_int.h"

#include <stdlib.h>
#include <string.h>

enum {
	CHUNK = 1 << 20
};

struct scan {
	const struct log_file *f;
	struct log_scan *out;
	char *chunk;   /* CHUNK bytes */
	char *content; /* QUEUE_LOG_MESSAGE_MAX bytes */
	bool ahead;    /* look no further than the first that is missing */
};

static bool
body_is_good(const struct scan *s, uint64_t at, const struct log_head *h)
{
	if (h->kind == LOG_PAD)
		return true;
	if (!log_file_read(
		s->f, at + sizeof(*h), s->content, (size_t)h->length))
		return false;
	return log_crc(s->f, str_n(s->content, (size_t)h->length)) ==
	       h->body_crc;
}

/* The record that should stand here, whole. */
static bool
get_at(const struct scan *s, uint64_t at, uint64_t seq, struct log_head *h)
{
	return log_file_to_end(s->f, at) >= sizeof(*h) &&
	       log_file_read(s->f, at, h, sizeof(*h)) &&
	       log_head_is_good(s->f, h) && h->seq == seq &&
	       log_padded(h->length) <= log_file_to_end(s->f, at) &&
	       body_is_good(s, at, h);
}

/* A record found by looking through. */
struct later {
	bool found;
	uint64_t at;
	struct log_head head;
};

/* Candidates of one piece of the file that begins at position 'at'. */
static void
look_in(const struct scan *s, uint64_t at, size_t n, uint64_t seq,
    struct later *best)
{
	for (size_t i = 0; i + sizeof(struct log_head) <= n; i += LOG_ALIGN) {
		struct log_head h;
		memcpy(&h, s->chunk + i, sizeof(h));
		if (!log_head_is_good(s->f, &h) || h.seq < seq ||
		    (best->found && h.seq >= best->head.seq))
			continue;
		if (log_padded(h.length) <= log_file_to_end(s->f, at + i) &&
		    body_is_good(s, at + i, &h))
			*best = (struct later){ true, at + i, h };
	}
}

/* The record with the lowest number from 'seq' on, anywhere. */
static struct later
look_for_later(const struct scan *s, uint64_t from, uint64_t seq)
{
	struct later best = { .found = false };
	uint64_t end = from + s->f->room;
	for (uint64_t at = from; at < end;) {
		uint64_t n = log_file_to_end(s->f, at);
		n = n < CHUNK ? n : CHUNK;
		n = n < end - at ? n : end - at;
		if (log_file_read(s->f, at, s->chunk, (size_t)n))
			look_in(s, at, (size_t)n, seq, &best);
		at += n;
	}
	return best;
}

static bool
note(const struct scan *s, uint64_t at, const struct log_head *h)
{
	struct log_scan *out = s->out;
	struct log_start start = { .head = *h };
	struct log_span span = {
		.at = at, .seq = h->seq, .length = h->length, .again = true
	};
	if (h->kind == LOG_MESSAGE) {
		(void)!log_file_read(s->f, at, &start, sizeof(start));
		span.taken_s = log_start_s(&start);
		if (!vec_push(&out->found, &span))
			return false;
	}
	out->head = at + log_padded(h->length);
	out->seq = h->seq + 1;
	return true;
}

static bool
scan_all(struct scan *s)
{
	struct log_scan *out = s->out;
	uint64_t first = out->head;
	for (;;) {
		struct log_head h;
		uint64_t at = out->head;
		if (at - first < s->f->room && get_at(s, at, out->seq, &h)) {
			if (!note(s, at, &h))
				return false;
			continue;
		}
		if (s->ahead)
			return true;
		struct later l = look_for_later(s, at, out->seq);
		if (!l.found)
			return true;
		if (l.head.batch > out->seq)
			out->lost += l.head.seq - out->seq;
		else
			out->torn = true;
		if (!note(s, l.at, &l.head))
			return false;
	}
}

static bool
scan(const struct log_file *f, uint64_t tail, uint64_t seq, bool ahead,
    struct log_scan *out)
{
	*out = (struct log_scan){
		.found = VEC_INIT(struct log_span), .head = tail, .seq = seq
	};
	struct scan s = { f, out, malloc(CHUNK), malloc(QUEUE_LOG_MESSAGE_MAX),
		ahead };
	bool ok = s.chunk != NULL && s.content != NULL && scan_all(&s);
	free(s.chunk);
	free(s.content);
	if (!ok)
		vec_clear(&out->found);
	return ok;
}

bool
log_scan(
    const struct log_file *f, uint64_t tail, uint64_t seq, struct log_scan *out)
{
	return scan(f, tail, seq, false, out);
}

bool
log_scan_ahead(
    const struct log_file *f, uint64_t tail, uint64_t seq, struct log_scan *out)
{
	return scan(f, tail, seq, true, out);
}
