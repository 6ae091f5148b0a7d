/*
 * Labels and the decoder: the 320 recorded pairs of tai64nlocal (LG-1 to
 * LG-7), and the real program beside ours where it is installed.
 */
#include "core/base/buf.h"
#include "core/maillog/decode.h"
#include "core/maillog/tai64n.h"
#include "core/sys/file.h"
#include "core/sys/spawn.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char vectors[] = "tests/data/logs/tai64n.tsv";

static void
set_zone(const char *zone)
{
	assert_int_equal(setenv("TZ", zone, 1), 0);
	tzset();
}

/* Decode in blocks of at most 'step' bytes. */
static void
decode_by(struct str in, size_t step, enum decode_style style, struct buf *out,
    struct decode_count *count)
{
	struct decode_options options = { .style = style };
	struct decoder *d = decoder_new(&options);
	struct buf pending = BUF_INIT((size_t)1 << 24);
	assert_non_null(d);
	for (size_t at = 0; at < in.len || at == 0; at += step) {
		bool final = at + step >= in.len;
		struct str part = str_sub(in, at, at + step);
		buf_add_str(&pending, part);
		char *pad = buf_reserve(&pending, DECODE_PAD);
		assert_non_null(pad);
		memset(pad, '\n', DECODE_PAD); /* may be read, never shown */
		char *text = malloc(DECODE_OUT_SIZE(pending.len) + DECODE_PAD);
		size_t used;
		assert_non_null(text);
		size_t n = decoder_block(
		    d, pending.data, pending.len, final, &used, text);
		assert_true(n <= DECODE_OUT_SIZE(pending.len));
		assert_true(buf_add(out, text, n));
		free(text);
		buf_consume(&pending, used);
	}
	assert_int_equal(pending.len, 0);
	if (count != NULL)
		*count = *decoder_count(d);
	buf_clear(&pending);
	decoder_free(d);
}

/* \n \t \\ \xHH of the vector file. */
static void
unescape(struct str s, struct buf *out)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] != '\\') {
			buf_add_char(out, s.ptr[i]);
			continue;
		}
		char c = s.ptr[++i];
		if (c == 'x') {
			char hex[3] = { s.ptr[i + 1], s.ptr[i + 2], 0 };
			buf_add_char(out, (char)strtoul(hex, NULL, 16));
			i += 2;
		} else {
			buf_add_char(out, c == 'n'   ? '\n'
					  : c == 't' ? '\t'
						     : c);
		}
	}
}

/* LG-1 written once more, slowly. */
static bool
is_label(struct str line)
{
	if (line.len < 25 || line.ptr[0] != '@')
		return false;
	for (size_t i = 1; i < 25; i++)
		if (strchr("0123456789abcdef", line.ptr[i]) == NULL ||
		    line.ptr[i] == '\0')
			return false;
	if (strchr("01234567", line.ptr[1]) == NULL)
		return false;
	char ns[9] = { 0 };
	memcpy(ns, line.ptr + 17, 8);
	return strtoul(ns, NULL, 16) < 1000000000 &&
	       (line.len == 25 || line.ptr[25] == ' ' || line.ptr[25] == '\n');
}

struct tally {
	int equal;      /* as tai64nlocal */
	int crash;      /* tai64nlocal died; ours copies */
	int invalid;    /* LG-6: tai64nlocal guesses, ours copies */
	int no_year;    /* valid, but beyond the calendar: copied */
	int leap;       /* right/: as in the plain zone (LG-2) */
	int unfinished; /* LG-7: label as last line without newline */
};

static void
check_pair(struct str zone, struct str in, struct str status, struct str want,
    struct tally *tally)
{
	struct buf got = BUF_INIT(65536), plain = BUF_INIT(65536);
	char name[64];
	snprintf(name, sizeof(name), "%.*s", STR_ARG(zone));
	set_zone(name);
	decode_by(in, in.len + 1, DECODE_LOCAL, &got, NULL);
	bool label = is_label(in);
	if (str_starts(zone, STR("right/")) && label) {
		set_zone(name + strlen("right/"));
		decode_by(in, in.len + 1, DECODE_LOCAL, &plain, NULL);
		assert_true(str_eq(buf_str(&got), buf_str(&plain)));
		tally->leap++;
	} else if (str_is(status, "signal 11")) {
		assert_true(str_eq(buf_str(&got), in));
		tally->crash++;
	} else if (label && str_starts(want, STR("18446744"))) {
		/* the peer's year of type int ran over */
		assert_true(str_eq(buf_str(&got), in));
		tally->no_year++;
	} else if (label && in.len == TAI64N_SIZE) {
		assert_int_equal(got.len, 29);
		tally->unfinished++;
	} else if (!label && in.ptr[0] == '@') {
		assert_true(str_eq(buf_str(&got), in));
		tally->invalid++;
	} else {
		assert_true(str_eq(buf_str(&got), want));
		tally->equal++;
	}
	buf_clear(&got);
	buf_clear(&plain);
}

static void
test_recorded_pairs(void **state)
{
	(void)state;
	struct buf file = BUF_INIT(1 << 20), in = BUF_INIT(65536);
	struct buf want = BUF_INIT(65536);
	struct tally tally = { 0 };
	assert_true(file_read(vectors, NULL, &file, NULL));
	struct str text = buf_str(&file), line, rest;
	while (str_next_line(&text, &line)) {
		if (str_starts(line, STR("#")))
			continue;
		struct str zone = str_cut(line, '\t', &rest);
		struct str input = str_cut(rest, '\t', &rest);
		struct str status = str_cut(rest, '\t', &rest);
		buf_reset(&in);
		buf_reset(&want);
		unescape(input, &in);
		unescape(rest, &want);
		check_pair(zone, buf_str(&in), status, buf_str(&want), &tally);
	}
	print_message(
	    "# %d equal, %d died, %d guessed, %d beyond the calendar, "
	    "%d leap seconds, %d unfinished\n",
	    tally.equal, tally.crash, tally.invalid, tally.no_year, tally.leap,
	    tally.unfinished);
	assert_int_equal(tally.equal + tally.crash + tally.invalid +
			     tally.no_year + tally.leap + tally.unfinished,
	    320);
	buf_clear(&file);
	buf_clear(&in);
	buf_clear(&want);
}

/* Lines with labels, junk and long text: n of them, from a fixed sequence. */
static void
make_lines(struct buf *out, size_t n, unsigned seed)
{
	uint64_t x = 88172645463325252u + seed;
	struct tai64n t = { 1511740800 + (int64_t)seed * 1000, 0 };
	char label[TAI64N_SIZE + 1];
	for (size_t i = 0; i < n; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		t.ns = (int32_t)(x % 1000000000);
		t.unix_s += (int64_t)(x >> 40) % 3;
		tai64n_format(t, label);
		if (x % 11 == 0)
			label[x % 25] = "gA@ -"[x / 11 % 5];
		if (x % 13 != 0)
			buf_add_cstr(out, label);
		if (x % 17 != 0)
			buf_addf(out, " %llu ", (unsigned long long)x);
		for (uint64_t k = x >> 20 & 63; k > 0; k--)
			buf_add_char(out, "@abcdef0123\0 "[x >> k & 12]);
		buf_add_char(out, '\n');
	}
	assert_false(out->failed);
}

/* However the input is cut into blocks, the output is the same. */
static void
test_blocks_of_any_size(void **state)
{
	(void)state;
	static const size_t steps[] = { 1, 2, 7, 24, 25, 26, 27, 31, 100,
		4096 };
	struct buf in = BUF_INIT(1 << 20), whole = BUF_INIT(1 << 21);
	struct decode_count want, got;
	set_zone("Europe/Paris");
	make_lines(&in, 600, 1);
	buf_truncate(&in, in.len - 1); /* LG-7: no newline at the end */
	decode_by(buf_str(&in), in.len, DECODE_LOCAL, &whole, &want);
	assert_int_equal(want.labelled + want.unlabelled, 600);
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		struct buf out = BUF_INIT(1 << 21);
		decode_by(buf_str(&in), steps[i], DECODE_LOCAL, &out, &got);
		assert_true(str_eq(buf_str(&out), buf_str(&whole)));
		assert_int_equal(got.labelled, want.labelled);
		assert_int_equal(got.unlabelled, want.unlabelled);
		buf_clear(&out);
	}
	buf_clear(&in);
	buf_clear(&whole);
}

/* Bytes through decoder_run by way of two files. */
static void
run_files(struct str in, const struct decode_options *options, off_t skip,
    struct buf *out, struct decode_count *count)
{
	FILE *from = tmpfile(), *to = tmpfile();
	struct err e = ERR_INIT;
	struct decoder *d = decoder_new(options);
	assert_true(from != NULL && to != NULL && d != NULL);
	assert_true(file_write_all(fileno(from), in));
	assert_int_equal(lseek(fileno(from), skip, SEEK_SET), skip);
	assert_int_equal(
	    decoder_run(d, fileno(from), fileno(to), "x", &e), DECODE_EOF);
	assert_int_equal(lseek(fileno(to), 0, SEEK_SET), 0);
	assert_true(file_read_fd(fileno(to), NULL, out, &e));
	*count = *decoder_count(d);
	decoder_free(d);
	fclose(from);
	fclose(to);
}

/*
 * Several threads print what one prints: labels across every block border,
 * lines longer than blocks, a start in mid-file.
 */
static void
test_threads_agree(void **state)
{
	(void)state;
	enum {
		MIB = 1 << 20,
		MAX = 64 * MIB
	};
	set_zone("Asia/Kathmandu");
	for (unsigned seed = 0; seed < 3; seed++) {
		struct buf in = BUF_INIT(MAX), one = BUF_INIT(MAX);
		struct buf four = BUF_INIT(MAX);
		struct decode_count a, b;
		struct decode_options options = { .threads = 1 };
		if (seed == 2) { /* a line of 3 MiB, then many bare labels */
			for (int i = 0; i < 3 * MIB; i++)
				buf_add_char(&in, 'x');
			for (int i = 0; i < 100000; i++)
				buf_add_cstr(
				    &in, "\n@400000005a1d7d9f19c9381c");
		}
		make_lines(&in, 40000, seed);
		run_files(buf_str(&in), &options, seed, &one, &a);
		options.threads = 4;
		run_files(buf_str(&in), &options, seed, &four, &b);
		assert_true(in.len > 2 * MIB);
		assert_int_equal(one.len, four.len);
		assert_true(str_eq(buf_str(&one), buf_str(&four)));
		assert_int_equal(a.labelled, b.labelled);
		assert_int_equal(a.unlabelled, b.unlabelled);
		buf_clear(&in);
		buf_clear(&one);
		buf_clear(&four);
	}
}

/* What tai64nlocal makes of 'in' in the zone set; false when not installed. */
static bool
peer(struct str in, struct buf *out)
{
	static const char *const argv[] = { "tai64nlocal", NULL };
	struct spawn s = { .argv = argv,
		.input = in,
		.input_set = true,
		.output = out,
		.limit_ms = 60000 };
	struct err e = ERR_INIT;
	int status;
	return spawn_run(&s, &clock_system, &status, &e) && WIFEXITED(status) &&
	       WEXITSTATUS(status) == 0;
}

/* LG-5: random labels of the years 1000 to 9999 in many zones. */
static void
test_as_tai64nlocal(void **state)
{
	(void)state;
	static const char *const zones[] = { "UTC", "Europe/Paris",
		"America/New_York", "Asia/Kolkata", "Africa/Monrovia",
		"Pacific/Apia", "Australia/Lord_Howe", "Asia/Kathmandu",
		"America/St_Johns", "Europe/Amsterdam", "Antarctica/Troll",
		"Africa/Casablanca", "EST5EDT,M3.2.0,M11.1.0", "<+0330>-3:30" };
	uint64_t x = 0x9e3779b97f4a7c15u;
	for (size_t z = 0; z < ARRAY_LEN(zones); z++) {
		struct buf in = BUF_INIT(1 << 20), want = BUF_INIT(1 << 20);
		struct buf got = BUF_INIT(1 << 20);
		char label[TAI64N_SIZE + 1];
		set_zone(zones[z]);
		for (int i = 0; i < 4000; i++) {
			x = x * 6364136223846793005u + 1442695040888963407u;
			/* half of them of our time, where zones change most */
			int64_t span = i % 2 ? 4000000000 : 284000000000;
			int64_t low = i % 2 ? -2000000000 : -30600000000;
			struct tai64n t = { low + (int64_t)(x >> 20) % span,
				(int32_t)((x >> 3) % 1000000000) };
			buf_addf(&in, "%s %d\n", tai64n_format(t, label), i);
		}
		if (!peer(buf_str(&in), &want)) {
			print_message("# tai64nlocal is not installed\n");
			buf_clear(&in);
			skip();
		}
		decode_by(buf_str(&in), 65536, DECODE_LOCAL, &got, NULL);
		assert_true(str_eq(buf_str(&got), buf_str(&want)));
		buf_clear(&in);
		buf_clear(&want);
		buf_clear(&got);
	}
}

static void
check_text(enum decode_style style, const char *in, const char *want)
{
	struct buf out = BUF_INIT(65536);
	decode_by(str_of(in), strlen(in), style, &out, NULL);
	assert_string_equal(buf_cstr(&out), want);
	buf_clear(&out);
}

static void
test_styles(void **state)
{
	(void)state;
	set_zone("Europe/Paris");
	/* LG-9: the hour that comes twice is told apart by its offset */
	check_text(DECODE_ISO,
	    "@4000000059f51dca00000001 a\n@4000000059f52bda00000002 b\n",
	    "2017-10-29T02:16:00.000000001+02:00 a\n"
	    "2017-10-29T02:16:00.000000002+01:00 b\n");
	check_text(DECODE_RELATIVE,
	    "@4000000059f51dca00000001 a\n@4000000059f51dcb00000000 b\n"
	    "c\n@4000000059f51dc900000001 d\n",
	    "+0.000000000 a\n+0.999999999 b\nc\n-1.000000000 d\n");
}

static void
test_escape_for_terminals(void **state)
{
	(void)state;
	struct decode_options options = { .escape = true };
	struct decode_count count;
	struct buf out = BUF_INIT(65536);
	set_zone("UTC");
	run_files(STR("@400000005a1d7d9f19c9381c \x1b[31mr\xc3\xa9\xff\t\r\nx"),
	    &options, 0, &out, &count);
	assert_string_equal(buf_cstr(&out),
	    "2017-11-28 15:15:33.432617500 \\x1b[31mr\xc3\xa9\\xff\t\\x0d\nx");
	buf_clear(&out);
}

/* LG-3, LG-4, and the calendar against the C library's. */
static void
test_labels_round_trip(void **state)
{
	(void)state;
	uint64_t x = 1;
	char before[TAI64N_SIZE + 1] = "";
	struct tai64n was = { 0, 0 };
	for (int i = 0; i < 20000; i++) {
		x = x * 6364136223846793005u + 1442695040888963407u;
		struct tai64n t = { (int64_t)(x >> 20) - ((int64_t)1 << 43),
			(int32_t)((x >> 7) % 1000000000) };
		struct tai64n back;
		char label[TAI64N_SIZE + 1];
		assert_true(
		    tai64n_parse(str_of(tai64n_format(t, label)), &back));
		assert_int_equal(tai64n_cmp(t, back), 0);
		if (before[0] != '\0')
			assert_true((strcmp(label, before) > 0) ==
				    (tai64n_cmp(t, was) > 0));
		memcpy(before, label, sizeof(before));
		was = t;
		struct tm tm;
		time_t s = (time_t)t.unix_s;
		assert_non_null(gmtime_r(&s, &tm));
		assert_int_equal(tai64n_utc_seconds((int64_t)tm.tm_year + 1900,
				     tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
				     tm.tm_min, tm.tm_sec),
		    t.unix_s);
	}
}

/* LG-1: of every byte at every place only 0-9 and a-f make a label. */
static void
test_each_digit(void **state)
{
	(void)state;
	for (size_t at = 0; at < TAI64N_SIZE; at++)
		for (int c = 0; c < 256; c++) {
			char label[] = "@400000005a1d7d9f19c9381c";
			struct tai64n t, recent;
			label[at] = (char)c;
			bool digit =
			    (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
			/* places 1 and 17 have limits of their own */
			bool want = at == 0    ? c == '@'
				    : at == 1  ? digit && c < '8'
				    : at == 17 ? c >= '0' && c <= '3'
					       : digit;
			assert_int_equal(tai64n_read(label, &t), want);
			bool is_recent = tai64n_read_recent(label, &recent);
			assert_int_equal(is_recent,
			    want && memcmp(label, "@40000000", 9) == 0);
			assert_true(!is_recent || tai64n_cmp(t, recent) == 0);
		}
}

/* LG-1: what may follow the digits, and how many nanoseconds there are. */
static void
test_label_ends(void **state)
{
	(void)state;
	static const struct {
		const char *line;
		bool valid;
	} cases[] = {
		{ "@400000005a1d7d9f3b9ac9ff", true }, /* 999 999 999 */
		{ "@400000005a1d7d9f3b9aca00", false },
		{ "@400000005a1d7d9f3b9ac9ff x", true },
		{ "@400000005a1d7d9f3b9ac9ff\tx", false },
		{ "@400000005a1d7d9f3b9ac9ffx", false },
		{ "@400000005a1d7d9f3b9ac9ff0", false },
		{ "@400000005a1d7d9f3b9ac9f", false },
		{ "@7fffffffffffffff00000000 x", true },
		{ "@8000000000000000000000000", false },
		{ "@800000000000000000000000 x", false },
		{ " @400000005a1d7d9f3b9ac9ff", false },
	};
	set_zone("UTC");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf out = BUF_INIT(65536);
		struct str line = str_of(cases[i].line);
		struct decode_count n;
		struct tai64n t;
		assert_int_equal(tai64n_parse(line, &t), cases[i].valid);
		decode_by(line, line.len, DECODE_LOCAL, &out, &n);
		bool changed = !str_eq(buf_str(&out), line);
		/* the last label there is has no calendar year */
		assert_int_equal(changed, cases[i].valid && line.ptr[1] == '4');
		assert_int_equal(n.labelled, changed);
		buf_clear(&out);
	}
}

/* A reader that went away and an unreadable input end the run. */
static void
test_ends(void **state)
{
	(void)state;
	struct decode_options options = { .threads = 2 };
	struct decoder *d = decoder_new(&options);
	struct err e = ERR_INIT;
	int ends[2];
	FILE *from = tmpfile();
	assert_true(d != NULL && from != NULL && pipe(ends) == 0);
	for (int i = 0; i < 300000; i++)
		fputs("@400000005a1d7d9f19c9381c x\n", from);
	rewind(from);
	close(ends[0]);
	assert_int_equal(
	    decoder_run(d, fileno(from), ends[1], "x", &e), DECODE_NO_READER);
	assert_int_equal(
	    decoder_run(d, ends[1], fileno(from), "gone", &e), DECODE_FAILED);
	assert_string_equal(e.text, "cannot read 'gone': bad file descriptor");
	close(ends[1]);
	fclose(from);
	decoder_free(d);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_recorded_pairs),
		cmocka_unit_test(test_blocks_of_any_size),
		cmocka_unit_test(test_threads_agree),
		cmocka_unit_test(test_as_tai64nlocal),
		cmocka_unit_test(test_styles),
		cmocka_unit_test(test_escape_for_terminals),
		cmocka_unit_test(test_labels_round_trip),
		cmocka_unit_test(test_each_digit),
		cmocka_unit_test(test_label_ends),
		cmocka_unit_test(test_ends),
	};
	signal(SIGPIPE, SIG_IGN);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
