/*
 * DKIM sign and verify of one message with RSA 2048, beside what "openssl
 * speed" gives for the RSA operation and for hashing the message (goal: 90 %
 * of the two together), and beside python3-dkim. The key is kept from one
 * message to the next, as in the daemon. Peer and we take turns, and the middle
 * of the rounds counts, as other work on the machine moves single ones. With
 * the argument "sign" or "verify" only that runs, for a profiler.
 */
#include "core/auth/dkim.h"
#include "core/base/num.h"
#include "core/sys/spawn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	BODY_LINES = 60, /* about 4 KiB */
	ROUNDS = 3,
	ROUND_MS = 1000,
	GOAL_PERCENT = 90
};

/* Rates of the peer, a second. */
struct peer {
	double sign, verify, bytes;
};

static void
die(const char *what)
{
	fprintf(stderr, "%s\n", what);
	exit(1);
}

/* The n-th word of a line, without its final 'k' or 's', as a number. */
static double
word_number(struct str line, int n)
{
	struct str word = STR_EMPTY;
	for (int i = 0; i <= n; i++) {
		if (!str_next_word(&line, &word))
			return 0;
	}
	char text[32];
	snprintf(text, sizeof(text), "%.*s", STR_ARG(word));
	return strtod(text, NULL);
}

static bool
ask_openssl(struct peer *out)
{
	static const char *const argv[] = { "openssl", "speed", "-seconds", "1",
		"-bytes", "4096", "rsa2048", NULL };
	static const char *const sha[] = { "openssl", "speed", "-seconds", "1",
		"-bytes", "4096", "-evp", "sha256", NULL };
	const char *const *runs[] = { argv, sha };
	*out = (struct peer){ 0 };
	for (size_t i = 0; i < 2; i++) {
		struct buf text = BUF_INIT(1 << 20);
		struct spawn s = { .argv = runs[i], .output = &text };
		int status;
		struct str rest, line;
		if (!spawn_run(&s, &clock_system, &status, NULL))
			return false;
		rest = buf_str(&text);
		while (str_next_line(&rest, &line)) {
			/* rsa 2048 bits 0.00s 0.00s SIGN VERIFY */
			if (str_starts(line, STR("rsa 2048 bits")) ||
			    str_starts(line, STR("rsa  2048 bits"))) {
				out->sign = word_number(line, 5);
				out->verify = word_number(line, 6);
			}
			/* in thousands of bytes a second */
			if (str_starts_nocase(line, STR("sha256 ")))
				out->bytes = word_number(line, 1) * 1000;
		}
		buf_clear(&text);
	}
	return out->sign > 0 && out->verify > 0 && out->bytes > 0;
}

static void
make_message(struct buf *out)
{
	buf_add_cstr(out, "From: Anna <anna@example.com>\n"
			  "To: Bert <bert@example.org>\n"
			  "Subject: minutes of the meeting\n"
			  "Date: Mon, 02 Mar 2026 10:00:00 +0100\n"
			  "Message-ID: <1@example.com>\nMIME-Version: 1.0\n"
			  "Content-Type: text/plain; charset=UTF-8\n\n");
	for (int i = 0; i < BODY_LINES; i++)
		buf_addf(out,
		    "line %d of a text that people write, with words "
		    "and blanks between\n",
		    i);
}

struct bench {
	const struct crypto *crypto;
	struct crypto_key *key;
	struct buf message, signed_message;
	struct str record;
	struct arena *arena;
	struct dkim_judge *judge;
	double hashed; /* octets of one message: its body, the fields */
};

static void
sign(struct bench *b, struct buf *field)
{
	struct mail_header h;
	struct err e = ERR_INIT;
	struct dkim_sign how = { .crypto = b->crypto,
		.key = b->key,
		.domain = STR("example.com"),
		.selector = STR("s"),
		.header_canon = DKIM_RELAXED,
		.body_canon = DKIM_RELAXED,
		.now_s = 1774000000 };
	buf_reset(field);
	if (mail_header_parse(buf_str(&b->message), b->arena, &h) !=
		MAIL_HEADER_OK ||
	    !dkim_sign(&how, &h, b->arena, field, &e))
		die("cannot sign");
	arena_reset(b->arena);
}

static void
verify(struct bench *b)
{
	struct dkim_message m;
	struct dkim_verdict v;
	struct dkim_key_answer key = { true, STR_EMPTY, &b->record, 1 };
	if (!dkim_message_parse(
		buf_str(&b->signed_message), b->arena, &m, NULL))
		die("cannot parse");
	dkim_judge_message(b->judge);
	dkim_judge_signature(
	    b->judge, &m, &m.signatures[0], &key, 1774000000, &v);
	if (v.result != DKIM_PASS)
		die("does not verify");
	b->hashed = (double)(m.header.text.len - m.signatures[0].b_raw.len +
			     v.body_octets);
	arena_reset(b->arena);
}

static void
prepare(struct bench *b)
{
	struct err e = ERR_INIT;
	struct buf field = BUF_INIT(65536), der = BUF_INIT(4096);
	static struct buf record = BUF_INIT(8192);
	*b = (struct bench){ .crypto = crypto_load(&e),
		.arena = arena_new(64 << 20, NULL, NULL),
		.message = BUF_INIT(1 << 20),
		.signed_message = BUF_INIT(1 << 20) };
	if (b->crypto == NULL)
		die(e.text);
	b->judge = dkim_judge_new(b->crypto);
	b->key = b->crypto->key_generate(CRYPTO_RSA, 2048, &e);
	make_message(&b->message);
	sign(b, &field);
	buf_add_str(&b->signed_message, buf_str(&field));
	buf_add_str(&b->signed_message, buf_str(&b->message));
	static const char letters[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	b->crypto->key_write_der(b->key, &der, &e);
	buf_add_cstr(&record, "v=DKIM1; k=rsa; p=");
	for (size_t i = 0; i < der.len; i += 3) {
		unsigned w = 0;
		for (size_t k = 0; k < 3; k++)
			w = w << 8 |
			    (i + k < der.len ? (unsigned char)der.data[i + k]
					     : 0);
		for (size_t k = 0; k < 4; k++)
			buf_add_char(&record,
			    i + k <= der.len ? letters[w >> (18 - 6 * k) & 63]
					     : '=');
	}
	b->record = buf_str(&record);
	verify(b);
	buf_clear(&field);
	buf_clear(&der);
}

/* As openssl speed counts: the time of the processor, not of the clock. */
static int64_t
cpu_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * NS_PER_S + t.tv_nsec;
}

static double
rate(struct bench *b, bool signing)
{
	struct buf field = BUF_INIT(65536);
	int64_t began = cpu_ns(), now = began;
	long n = 0;
	while (now - began < (int64_t)ROUND_MS * NS_PER_MS) {
		for (int i = 0; i < 20; i++, n++) {
			if (signing)
				sign(b, &field);
			else
				verify(b);
		}
		now = cpu_ns();
	}
	buf_clear(&field);
	return (double)n * NS_PER_S / (double)(now - began);
}

/* Of one round: what we did a second, and what the peer would have done. */
struct round {
	double ours, peer;
};

static struct round
round_of(struct bench *b, const struct peer *p, bool signing)
{
	double rsa = signing ? p->sign : p->verify;
	return (struct round){ rate(b, signing),
		1 / (1 / rsa + b->hashed / p->bytes) };
}

static int
by_ratio(const void *a, const void *b)
{
	const struct round *x = a, *y = b;
	double d = x->ours / x->peer - y->ours / y->peer;
	return d < 0 ? -1 : d > 0;
}

static void
report(const char *what, struct round rounds[ROUNDS])
{
	qsort(rounds, ROUNDS, sizeof(rounds[0]), by_ratio);
	const struct round *r = &rounds[ROUNDS / 2];
	printf("%-7s %9.0f/s   openssl speed with hashing %9.0f/s   %3.0f %% "
	       "(%.0f to %.0f, goal %d)\n",
	    what, r->ours, r->peer, 100 * r->ours / r->peer,
	    100 * rounds[0].ours / rounds[0].peer,
	    100 * rounds[ROUNDS - 1].ours / rounds[ROUNDS - 1].peer,
	    GOAL_PERCENT);
}

static void
python(struct bench *b)
{
	static const char code[] =
	    "import sys,time,dkim\n"
	    "m=sys.stdin.buffer.read();r=sys.argv[1].encode()\n"
	    "f=lambda n,timeout=5:r\n"
	    "t=time.time();n=0\n"
	    "while time.time()-t<1.5:\n"
	    " assert dkim.verify(m,dnsfunc=f);n+=1\n"
	    "print(round(n/(time.time()-t)))\n";
	char record[1024];
	snprintf(record, sizeof(record), "%.*s", STR_ARG(b->record));
	const char *argv[] = { "/usr/bin/python3", "-c", code, record, NULL };
	struct buf out = BUF_INIT(4096);
	struct spawn s = { .argv = argv,
		.input = buf_str(&b->signed_message),
		.input_set = true,
		.output = &out };
	int status;
	if (spawn_run(&s, &clock_system, &status, NULL) && status == 0)
		printf("python3-dkim verifies %.*s/s\n",
		    STR_ARG(str_trim(buf_str(&out))));
	else
		printf("python3-dkim: not to be had\n");
	buf_clear(&out);
}

int
main(int argc, char **argv)
{
	struct bench b;
	struct peer p;
	struct round signing[ROUNDS], verifying[ROUNDS];
	prepare(&b);
	if (argc > 1) {
		bool sign_only = strcmp(argv[1], "sign") == 0;
		printf("%s %.0f/s\n", argv[1], rate(&b, sign_only));
		return 0;
	}
	for (int i = 0; i < ROUNDS; i++) {
		if (!ask_openssl(&p))
			die("openssl speed is not to be had");
		signing[i] = round_of(&b, &p, true);
		verifying[i] = round_of(&b, &p, false);
	}
	printf("message of %zu bytes; openssl speed: sign %.0f/s, verify "
	       "%.0f/s, sha256 %.0f MB/s\n",
	    b.message.len, p.sign, p.verify, p.bytes / 1e6);
	report("sign", signing);
	report("verify", verifying);
	python(&b);
	return 0;
}
