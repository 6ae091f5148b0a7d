/*
 * Entries of the journal in its export format as lines of a log: a label, the
 * program with its pid, and the message. Format: fields "NAME=value" a line;
 * binary ones "NAME", LF, length (64 bits, little-endian), bytes, LF; an empty
 * line ends the entry.
 */
#include "core/maillog/logread_int.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	READ_SIZE = 64 * 1024,
	FIELD_MAX = 2 * LOGREAD_LINE_MAX,
	SHORT_MAX = 256,
	US_PER_S = 1000000,
};

struct logjournal {
	int fd;
	struct buf in; /* not worked over yet */
	size_t at;
	struct buf line; /* ready to be given */
	size_t given;
	uint64_t skip; /* bytes of a value too long */
	bool ended;
	/* the entry so far */
	uint64_t time_us;
	struct buf message;
	char program[SHORT_MAX], pid[SHORT_MAX];
	bool has_identifier;
};

struct logjournal *
logjournal_new(int fd)
{
	struct logjournal *j = calloc(1, sizeof(*j));
	if (j == NULL)
		return NULL;
	j->fd = fd;
	buf_init(&j->in, FIELD_MAX + 2 * READ_SIZE);
	buf_init(&j->line, FIELD_MAX + READ_SIZE);
	buf_init(&j->message, FIELD_MAX);
	return j;
}

void
logjournal_free(struct logjournal *j)
{
	if (j == NULL)
		return;
	buf_clear(&j->in);
	buf_clear(&j->line);
	buf_clear(&j->message);
	free(j);
}

static void
keep_short(char out[SHORT_MAX], struct str value)
{
	size_t n = value.len < SHORT_MAX - 1 ? value.len : SHORT_MAX - 1;
	for (size_t i = 0; i < n; i++) /* it becomes one word of a line */
		out[i] = (unsigned char)value.ptr[i] > ' ' ? value.ptr[i] : '_';
	out[n] = '\0';
}

static void
take_field(struct logjournal *j, struct str name, struct str value)
{
	if (str_is(name, "__REALTIME_TIMESTAMP")) {
		j->time_us = 0;
		for (size_t i = 0; i < value.len && i < 18; i++)
			if (ascii_is_digit(value.ptr[i]))
				j->time_us = j->time_us * 10 +
					     (uint64_t)(value.ptr[i] - '0');
	} else if (str_is(name, "MESSAGE")) {
		buf_reset(&j->message);
		buf_add_str(&j->message, value);
	} else if (str_is(name, "SYSLOG_IDENTIFIER")) {
		keep_short(j->program, value);
		j->has_identifier = true;
	} else if (str_is(name, "_COMM") && !j->has_identifier) {
		keep_short(j->program, value);
	} else if (str_is(name, "_PID") || str_is(name, "SYSLOG_PID")) {
		keep_short(j->pid, value);
	}
}

/* The entry is whole: make its line. */
static void
end_entry(struct logjournal *j)
{
	char label[TAI64N_SIZE + 1];
	struct tai64n t = { .unix_s = (int64_t)(j->time_us / US_PER_S),
		.ns = (int32_t)(j->time_us % US_PER_S * 1000) };
	if (j->time_us != 0 || j->message.len > 0) {
		for (size_t i = 0; i < j->message.len; i++)
			if (j->message.data[i] == '\n')
				j->message.data[i] = ' ';
		buf_addf(&j->line, "%s %s", tai64n_format(t, label),
		    j->program[0] != '\0' ? j->program : "unknown");
		if (j->pid[0] != '\0')
			buf_addf(&j->line, "[%s]", j->pid);
		buf_add_cstr(&j->line, ": ");
		buf_add_str(&j->line, buf_str(&j->message));
		buf_add_char(&j->line, '\n');
	}
	j->time_us = 0;
	buf_reset(&j->message);
	j->program[0] = j->pid[0] = '\0';
	j->has_identifier = false;
}

static uint64_t
little_endian(const char *p)
{
	uint64_t v = 0;
	for (int i = 8; i-- > 0;)
		v = v << 8 | (unsigned char)p[i];
	return v;
}

/* One field or the end of an entry; false when more bytes are needed. */
static bool
step(struct logjournal *j)
{
	struct str in = str_sub(buf_str(&j->in), j->at, j->in.len);
	if (j->skip > 0) {
		size_t n = in.len < j->skip ? in.len : (size_t)j->skip;
		j->at += n;
		j->skip -= n;
		return n > 0;
	}
	size_t lf = str_find(in, '\n', 0);
	if (lf == in.len) {
		if (in.len < FIELD_MAX)
			return false;
		j->at += in.len; /* no such field is kept */
		return true;
	}
	struct str first = str_sub(in, 0, lf);
	size_t equal = str_find(first, '=', 0);
	if (first.len == 0) {
		end_entry(j);
	} else if (equal < first.len) {
		take_field(j, str_sub(first, 0, equal),
		    str_sub(first, equal + 1, first.len));
	} else {
		if (in.len < lf + 1 + 8)
			return false;
		uint64_t n = little_endian(in.ptr + lf + 1);
		if (n > FIELD_MAX / 2) {
			j->at += lf + 1 + 8;
			j->skip = n < UINT64_MAX ? n + 1 : n;
			return true;
		}
		if (in.len < lf + 1 + 8 + n + 1)
			return false;
		take_field(j, first, str_n(in.ptr + lf + 1 + 8, (size_t)n));
		lf += 8 + (size_t)n + 1;
	}
	j->at += lf + 1;
	return true;
}

static bool
read_more(struct logjournal *j)
{
	buf_consume(&j->in, j->at);
	j->at = 0;
	char *to = buf_reserve(&j->in, READ_SIZE);
	if (to == NULL)
		return false;
	ssize_t got;
	do
		got = read(j->fd, to, READ_SIZE);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return false;
	buf_used(&j->in, (size_t)got);
	if (got == 0) {
		j->ended = true;
		end_entry(j);
	}
	return true;
}

ssize_t
logjournal_read(struct logjournal *j, char *to, size_t n)
{
	if (j->given == j->line.len) {
		buf_reset(&j->line);
		j->given = 0;
		while (j->line.len < n && !j->ended) {
			if (step(j))
				continue;
			if (j->line.len > 0)
				break;
			if (!read_more(j))
				return -1;
		}
	}
	size_t left = j->line.len - j->given;
	size_t take = left < n ? left : n;
	if (take > 0)
		memcpy(to, j->line.data + j->given, take);
	j->given += take;
	return (ssize_t)take;
}
