/*
 * Reads one received report from its standard input and tells what it says on
 * its standard output. All input is read before the walls go up, all parsing
 * is done behind them.
 */
#include "cmd/codec/sandbox.h"
#include "cmd/dmarcread/read.h"

#include <errno.h>
#include <libxml/parser.h>
#include <unistd.h>

enum {
	MEMORY = 64 << 20,
	IN = 0,
	OUT = 1
};

static bool
read_input(struct buf *in)
{
	for (;;) {
		enum {
			PIECE = 64 * 1024
		};
		char *to = buf_reserve(in, PIECE);
		if (to == NULL)
			return false;
		ssize_t n = read(IN, to, PIECE);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0;
		buf_used(in, (size_t)n);
	}
}

static void
write_all(struct str s)
{
	while (s.len > 0) {
		ssize_t n = write(OUT, s.ptr, s.len);
		if (n < 0 && errno != EINTR)
			_exit(1);
		if (n > 0)
			s = str_sub(s, (size_t)n, s.len);
	}
}

int
main(void)
{
	struct buf in = BUF_INIT(READ_INPUT_MAX);
	struct buf out = BUF_INIT(READ_OUTPUT_MAX);
	struct reading r = { .out = &out };
	/* everything that is done once is done before the walls stand */
	xmlInitParser();
	bool whole = read_input(&in);
	r.arena = arena_new(MEMORY, NULL, NULL);
	if (r.arena == NULL || !codec_sandbox())
		return 1;
	if (whole)
		read_any(&r, buf_str(&in), 0);
	else
		r.problem = "the file is too large";
	if (out.failed) {
		buf_reset(&out);
		r.problem = "there is too much in it";
	}
	if (r.problem != NULL)
		buf_addf(&out, "!%s\n", r.problem);
	write_all(buf_str(&out));
	_exit(0);
}
