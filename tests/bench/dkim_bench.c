/*
 * DKIM sign and verify of one message with RSA 2048, beside what "openssl
 * speed" gives for the RSA operation and for hashing the message (goal: 90 %
 * of the two together), and beside libopendkim and python3-dkim. Public keys
 * are kept by their records from one message to the next, as mail of one sender
 * comes in numbers; "verify, alone" is the rate of reading the key for each
 * message. Peer and we take turns, both by the processor's time in the program;
 * the medians count, as other work on the machine moves single rounds. With the
 * argument "sign", "verify" or "alone" only that runs, for a profiler.
 */
#include "core/auth/dkim.h"
#include "core/base/num.h"
#include "core/sys/spawn.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum {
	BODY_LINES = 60, /* about 4 KiB */
	ROUNDS = 7,
	TURNS = 400,
	TURN_TIMES = 50
};

static const double ROUND_S = 0.5;

enum work {
	SIGN,
	VERIFY,
	VERIFY_ALONE,
	WORKS
};

/* A second, of each round: the peer's RSA and hashing, and what we did. */
struct rounds {
	double rsa_sign[ROUNDS], rsa_verify[ROUNDS], bytes[ROUNDS];
	double ours[WORKS][ROUNDS];
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
ask_openssl(struct rounds *r, size_t round)
{
	static const char *const argv[] = { "openssl", "speed", "-seconds", "1",
		"-bytes", "4096", "rsa2048", NULL };
	static const char *const sha[] = { "openssl", "speed", "-seconds", "1",
		"-bytes", "4096", "-evp", "sha256", NULL };
	const char *const *runs[] = { argv, sha };
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
				r->rsa_sign[round] = word_number(line, 5);
				r->rsa_verify[round] = word_number(line, 6);
			}
			/* in thousands of bytes a second */
			if (str_starts_nocase(line, STR("sha256 ")))
				r->bytes[round] = word_number(line, 1) * 1000;
		}
		buf_clear(&text);
	}
	return r->rsa_sign[round] > 0 && r->rsa_verify[round] > 0 &&
	       r->bytes[round] > 0;
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
verify_by(struct bench *b, struct dkim_judge *judge)
{
	struct dkim_message m;
	struct dkim_verdict v;
	struct dkim_key_answer key = { true, STR_EMPTY, &b->record, 1 };
	if (!dkim_message_parse(
		buf_str(&b->signed_message), b->arena, &m, NULL))
		die("cannot parse");
	dkim_judge_message(judge);
	dkim_judge_signature(judge, &m, &m.signatures[0], &key, 1774000000, &v);
	if (v.result != DKIM_PASS)
		die("does not verify");
	b->hashed = (double)(m.header.text.len - m.signatures[0].b_raw.len +
			     v.body_octets);
	arena_reset(b->arena);
}

/* As the daemon and the command for many messages do. */
static void
verify(struct bench *b)
{
	verify_by(b, b->judge);
}

/* As the command for one message does: the key is read anew. */
static void
verify_alone(struct bench *b)
{
	struct dkim_judge *judge = dkim_judge_new(b->crypto);
	if (judge == NULL)
		die("out of memory");
	verify_by(b, judge);
	dkim_judge_free(judge);
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

/* As openssl speed counts: the time of the processor in this program. */
static double
user_seconds(void)
{
	struct rusage u;
	getrusage(RUSAGE_SELF, &u);
	return (double)u.ru_utime.tv_sec + (double)u.ru_utime.tv_usec / 1e6;
}

static double
rate(struct bench *b, enum work what)
{
	struct buf field = BUF_INIT(65536);
	double began = user_seconds(), now = began;
	long n = 0;
	while (now - began < ROUND_S) {
		for (int i = 0; i < 20; i++, n++) {
			if (what == SIGN)
				sign(b, &field);
			else if (what == VERIFY)
				verify(b);
			else
				verify_alone(b);
		}
		now = user_seconds();
	}
	buf_clear(&field);
	return (double)n / (now - began);
}

static int
by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return x < y ? -1 : x > y;
}

static double
median(const double *all, size_t n)
{
	double sorted[TURNS];
	memcpy(sorted, all, n * sizeof(sorted[0]));
	qsort(sorted, n, sizeof(sorted[0]), by_size);
	return sorted[n / 2];
}

/* What the peer would do of our work in a second. */
static double
peer_rate(double rsa, double bytes, double hashed)
{
	return 1 / (1 / rsa + hashed / bytes);
}

static void
report(const struct bench *b, const struct rounds *r, enum work what)
{
	static const char *const words[] = { "sign", "verify",
		"verify, alone" };
	const double *rsa = what == SIGN ? r->rsa_sign : r->rsa_verify;
	double ours = median(r->ours[what], ROUNDS), ratios[ROUNDS];
	double peer =
	    peer_rate(median(rsa, ROUNDS), median(r->bytes, ROUNDS), b->hashed);
	for (size_t i = 0; i < ROUNDS; i++)
		ratios[i] = 100 * r->ours[what][i] /
			    peer_rate(rsa[i], r->bytes[i], b->hashed);
	qsort(ratios, ROUNDS, sizeof(ratios[0]), by_size);
	printf("%-13s %6.0f/s  openssl speed with hashing %6.0f/s  %3.0f %% "
	       "(rounds %.0f to %.0f)%s\n",
	    words[what], ours, peer, 100 * ours / peer, ratios[0],
	    ratios[ROUNDS - 1], what == VERIFY_ALONE ? "" : ", goal 90");
}

/*
 * The same two operations as openssl speed does them, in this process and in
 * turns of milliseconds: what disturbs the machine disturbs both alike.
 */
struct same {
	EVP_PKEY *key;
	EVP_PKEY_CTX *verifying;
	unsigned char signature[256];
};

static const unsigned char signed_bytes[36] = { 1 };

static void
same_prepare(struct same *s)
{
	size_t n = sizeof(s->signature);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_id(EVP_PKEY_RSA, NULL);
	s->key = NULL;
	if (ctx == NULL || EVP_PKEY_keygen_init(ctx) != 1 ||
	    EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, 2048) != 1 ||
	    EVP_PKEY_keygen(ctx, &s->key) != 1)
		die("cannot make a key");
	EVP_PKEY_CTX_free(ctx);
	ctx = EVP_PKEY_CTX_new(s->key, NULL);
	if (ctx == NULL || EVP_PKEY_sign_init(ctx) != 1 ||
	    EVP_PKEY_sign(
		ctx, s->signature, &n, signed_bytes, sizeof(signed_bytes)) != 1)
		die("cannot sign");
	EVP_PKEY_CTX_free(ctx);
	s->verifying = EVP_PKEY_CTX_new(s->key, NULL);
	if (s->verifying == NULL || EVP_PKEY_verify_init(s->verifying) != 1)
		die("cannot verify");
}

enum turn {
	TURN_RSA,
	TURN_SHA,
	TURN_OURS,
	TURNS_KINDS
};

/* Of the processor for this process, as turns are too short for getrusage. */
static double
process_seconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / NS_PER_S;
}

/* Seconds of one operation, from a short turn of it. */
static double
turn(struct bench *b, struct same *s, enum turn what)
{
	static const unsigned char block[4096];
	unsigned char digest[EVP_MAX_MD_SIZE];
	double began = process_seconds();
	for (int i = 0; i < TURN_TIMES; i++) {
		bool ok = true;
		if (what == TURN_RSA)
			ok = EVP_PKEY_verify(s->verifying, s->signature,
				 sizeof(s->signature), signed_bytes,
				 sizeof(signed_bytes)) == 1;
		else if (what == TURN_SHA)
			ok = EVP_Digest(block, sizeof(block), digest, NULL,
				 EVP_sha256(), NULL) == 1;
		else
			verify(b);
		if (!ok)
			die("openssl fails");
	}
	return (process_seconds() - began) / TURN_TIMES;
}

static void
in_turns(struct bench *b)
{
	static double took[TURNS_KINDS][TURNS];
	struct same s;
	double middle[TURNS_KINDS];
	same_prepare(&s);
	for (size_t i = 0; i < TURNS; i++) {
		for (enum turn what = TURN_RSA; what < TURNS_KINDS; what++)
			took[what][i] = turn(b, &s, what);
	}
	for (enum turn what = TURN_RSA; what < TURNS_KINDS; what++)
		middle[what] = median(took[what], TURNS);
	double peer = middle[TURN_RSA] + middle[TURN_SHA] * b->hashed / 4096;
	printf("verify, in turns of %d: %.1f us; RSA %.1f us, hashing %.1f us: "
	       "%.0f %%, goal 90\n",
	    TURN_TIMES, 1e6 * middle[TURN_OURS], 1e6 * middle[TURN_RSA],
	    1e6 * (peer - middle[TURN_RSA]), 100 * peer / middle[TURN_OURS]);
	EVP_PKEY_CTX_free(s.verifying);
	EVP_PKEY_free(s.key);
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

/* Built beside this program where its library is. */
static void
opendkim(struct bench *b, const char *self)
{
	char program[4096], record[1024];
	struct buf out = BUF_INIT(4096), pem = BUF_INIT(8192);
	const char *slash = strrchr(self, '/');
	int dir = slash != NULL ? (int)(slash - self) : 0;
	snprintf(program, sizeof(program), "%.*s/opendkim_peer",
	    dir > 0 ? dir : 1, dir > 0 ? self : ".");
	snprintf(record, sizeof(record), "%.*s", STR_ARG(b->record));
	struct err e = ERR_INIT;
	if (!b->crypto->key_write_private(b->key, &pem, &e))
		die(e.text);
	const char *argv[] = { program, record, buf_cstr(&pem), NULL };
	struct spawn s = { .argv = argv,
		.input = buf_str(&b->signed_message),
		.input_set = true,
		.output = &out };
	int status;
	if (spawn_run(&s, &clock_system, &status, NULL) && status == 0)
		printf("libopendkim %.*s\n", STR_ARG(str_trim(buf_str(&out))));
	else
		printf("libopendkim: not to be had\n");
	buf_clear(&out);
	buf_clear(&pem);
}

int
main(int argc, char **argv)
{
	static const char *const words[] = { "sign", "verify", "alone" };
	static struct rounds r;
	struct bench b;
	prepare(&b);
	for (enum work w = SIGN; argc > 1 && w < WORKS; w++) {
		if (strcmp(argv[1], words[w]) != 0)
			continue;
		printf("%s %.0f/s\n", argv[1], rate(&b, w));
		return 0;
	}
	if (argc > 1) {
		in_turns(&b);
		return 0;
	}
	for (size_t i = 0; i < ROUNDS; i++) {
		if (!ask_openssl(&r, i))
			die("openssl speed is not to be had");
		for (enum work w = SIGN; w < WORKS; w++)
			r.ours[w][i] = rate(&b, w);
	}
	printf("message of %zu bytes, %.0f hashed; openssl speed: sign %.0f/s, "
	       "verify %.0f/s, sha256 %.0f MB/s\n",
	    b.message.len, b.hashed, median(r.rsa_sign, ROUNDS),
	    median(r.rsa_verify, ROUNDS), median(r.bytes, ROUNDS) / 1e6);
	for (enum work w = SIGN; w < WORKS; w++)
		report(&b, &r, w);
	in_turns(&b);
	opendkim(&b, argv[0]);
	python(&b);
	return 0;
}
