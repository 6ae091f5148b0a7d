/*
 * libopendkim doing the work of dkim_bench, as a program of its own: its names
 * are those of our functions. Reads a signed message with the line ends of a
 * file; argv: the key's record, its private key (PEM). Prints how often a
 * second it signs and verifies it, by the processor's time in the program.
 */
#include <sys/types.h>

#include <dkim.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum {
	MESSAGE_MAX = 1 << 20,
	AT_ONCE = 20
};

static const double ROUND_S = 1.5;

/* The callback of the key lookup has no argument of ours. */
static const char *record;

static void
die(const char *what)
{
	fprintf(stderr, "%s\n", what);
	exit(1);
}

static DKIM_CBSTAT
give_key(DKIM *d, DKIM_SIGINFO *sig, unsigned char *buf, size_t size)
{
	(void)d;
	(void)sig;
	snprintf((char *)buf, size, "%s", record);
	return DKIM_CBSTAT_CONTINUE;
}

static double
user_seconds(void)
{
	struct rusage u;
	getrusage(RUSAGE_SELF, &u);
	return (double)u.ru_utime.tv_sec + (double)u.ru_utime.tv_usec / 1e6;
}

/* With the line ends of SMTP, which the library asks for. */
static size_t
read_message(unsigned char *out)
{
	size_t n = 0;
	for (int c; (c = getchar()) != EOF && n + 2 < MESSAGE_MAX;) {
		if (c == '\n')
			out[n++] = '\r';
		out[n++] = (unsigned char)c;
	}
	return n;
}

static void
run(DKIM *d, unsigned char *text, size_t n)
{
	bool test_key = false;
	if (d == NULL || dkim_chunk(d, text, n) != DKIM_STAT_OK ||
	    dkim_chunk(d, NULL, 0) != DKIM_STAT_OK ||
	    dkim_eom(d, &test_key) != DKIM_STAT_OK)
		die("opendkim fails");
}

static void
verify(DKIM_LIB *lib, unsigned char *text, size_t n)
{
	DKIM_STAT status;
	DKIM *d = dkim_verify(lib, (const unsigned char *)"v", NULL, &status);
	run(d, text, n);
	dkim_free(d);
}

static void
sign(DKIM_LIB *lib, char *pem, unsigned char *text, size_t n)
{
	DKIM_STAT status;
	unsigned char *field;
	size_t length;
	DKIM *d = dkim_sign(lib, (const unsigned char *)"s", NULL,
	    (unsigned char *)pem, (const unsigned char *)"s",
	    (const unsigned char *)"example.com", DKIM_CANON_RELAXED,
	    DKIM_CANON_RELAXED, DKIM_SIGN_RSASHA256, -1, &status);
	run(d, text, n);
	if (dkim_getsighdr_d(d, 0, &field, &length) != DKIM_STAT_OK)
		die("opendkim does not sign");
	dkim_free(d);
}

int
main(int argc, char **argv)
{
	static unsigned char text[MESSAGE_MAX];
	DKIM_LIB *lib = dkim_init(NULL, NULL);
	size_t n = read_message(text);
	double rates[2];
	if (argc != 3 || lib == NULL ||
	    dkim_set_key_lookup(lib, give_key) != DKIM_STAT_OK)
		die("usage: opendkim_peer RECORD KEY <MESSAGE");
	record = argv[1];
	for (int what = 0; what < 2; what++) {
		double began = user_seconds(), now = began;
		long times = 0;
		for (; now - began < ROUND_S; now = user_seconds())
			for (int i = 0; i < AT_ONCE; i++, times++) {
				if (what == 0)
					sign(lib, argv[2], text, n);
				else
					verify(lib, text, n);
			}
		rates[what] = (double)times / (now - began);
	}
	printf("signs %.0f/s, verifies %.0f/s\n", rates[0], rates[1]);
	return 0;
}
