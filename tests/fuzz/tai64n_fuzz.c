/*
 * Fuzzes the decoder of labelled lines: whatever the bytes and however they
 * are cut into blocks, the output is that of a slow decoder that looks at one
 * line after the other. Exercises core/maillog/decode_block.c and
 * core/maillog/tai64n.c.
 */
#include "core/base/buf.h"
#include "core/maillog/decode.h"
#include "core/maillog/tai64n.h"

#include <stdint.h>
#include <stdlib.h>
#include <time.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	OUT_MAX = 1 << 26
};

static void
require(bool holds)
{
	if (!holds)
		abort();
}

/* Line by line, by the rules alone. */
static void
decode_slowly(struct str in, enum tai64n_style style, struct buf *out)
{
	struct tai64n_zone zone = { 0 };
	char text[TAI64N_TEXT_SIZE], label[TAI64N_SIZE + 1];
	struct tai64n t;
	while (in.len > 0) {
		size_t end = str_find(in, '\n', 0);
		struct str line = str_sub(in, 0, end);
		size_t n = 0;
		if (tai64n_parse(line, &t)) {
			n = tai64n_time_text(&zone, t, style, text);
			tai64n_format(t, label); /* LG-4 */
			require(memcmp(label, line.ptr, TAI64N_SIZE) == 0);
		}
		buf_add(out, text, n);
		buf_add_str(out, str_sub(in, n > 0 ? TAI64N_SIZE : 0,
				     end < in.len ? end + 1 : end));
		in = str_sub(in, end + 1, in.len);
	}
}

/* In blocks of 'step' bytes, each in memory of its own. */
static void
decode_blocks(
    struct str in, size_t step, enum decode_style style, struct buf *out)
{
	struct decode_options options = { .style = style };
	struct decoder *d = decoder_new(&options);
	struct buf held = BUF_INIT(OUT_MAX);
	require(d != NULL);
	for (size_t at = 0; at < in.len; at += step) {
		size_t used;
		buf_add_str(&held, str_sub(in, at, at + step));
		char *block = malloc(held.len + DECODE_PAD);
		char *text = malloc(DECODE_OUT_SIZE(held.len) + DECODE_PAD);
		require(block != NULL && text != NULL);
		memcpy(block, held.data, held.len);
		memset(block + held.len, '\n', DECODE_PAD);
		size_t n = decoder_block(
		    d, block, held.len, at + step >= in.len, &used, text);
		require(used <= held.len && n <= DECODE_OUT_SIZE(held.len));
		buf_add(out, text, n);
		buf_consume(&held, used);
		free(block);
		free(text);
	}
	require(held.len == 0 && !out->failed);
	buf_clear(&held);
	decoder_free(d);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const zones[] = { "UTC", "Europe/Paris",
		"America/St_Johns", "right/UTC" };
	if (size < 2)
		return 0;
	bool iso = (data[0] & 1) != 0;
	struct str in = str_n((const char *)data + 2, size - 2);
	struct buf want = BUF_INIT(OUT_MAX), got = BUF_INIT(OUT_MAX);
	setenv("TZ", zones[data[0] / 2 % 4], 1);
	tzset();
	decode_slowly(in, iso ? TAI64N_ISO : TAI64N_LOCAL, &want);
	decode_blocks(
	    in, (size_t)data[1] + 1, iso ? DECODE_ISO : DECODE_LOCAL, &got);
	require(str_eq(buf_str(&want), buf_str(&got)));
	buf_reset(&got);
	decode_blocks(in, in.len + 1, DECODE_RELATIVE, &got);
	buf_clear(&want);
	buf_clear(&got);
	return 0;
}
