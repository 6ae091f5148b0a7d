/*
 * Dovecot's authentication server: its client protocol (version 1), lines of
 * fields parted by tabs. The server greets, we greet, and ask once.
 */
#include "core/auth/dkim_base64.h"
#include "core/auth/login_int.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	LINE_MAX_BYTES = 8192,
	LINES_MAX = 100, /* of its greeting: more is no Dovecot */
	REQUEST_MAX = 64 * 1024
};

struct talk {
	int fd;
	struct buf in;
};

/* The next line, valid until the one after it. */
static bool
read_line(struct talk *t, size_t *taken, struct str *line)
{
	buf_consume(&t->in, *taken);
	for (;;) {
		size_t lf = str_find(buf_str(&t->in), '\n', 0);
		if (lf < t->in.len) {
			*line = str_sub(buf_str(&t->in), 0, lf);
			*taken = lf + 1;
			return true;
		}
		char block[1024];
		ssize_t n = recv(t->fd, block, sizeof(block), 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0 || !buf_add(&t->in, block, (size_t)n))
			return false;
	}
}

/* Its greeting, up to DONE; false when it is another server's. */
static bool
read_greeting(struct talk *t, size_t *taken)
{
	struct str line, rest;
	for (int i = 0; i < LINES_MAX && read_line(t, taken, &line); i++) {
		struct str word = str_cut(line, '\t', &rest);
		if (str_is(word, "DONE"))
			return true;
		if (str_is(word, "VERSION") &&
		    !str_is(str_cut(rest, '\t', &rest), "1"))
			return false;
	}
	return false;
}

/* Identity (none), user, password. */
static bool
add_plain(struct buf *out, const struct login_question *q)
{
	struct buf plain = BUF_INIT(REQUEST_MAX);
	bool ok =
	    buf_reserve(&plain, q->user.len + q->password.len + 2) != NULL;
	buf_add_char(&plain, '\0');
	buf_add_str(&plain, q->user);
	buf_add_char(&plain, '\0');
	buf_add_str(&plain, q->password);
	ok = ok && dkim_base64_encode(out, buf_str(&plain));
	buf_wipe(&plain);
	return ok;
}

static bool
ask(struct talk *t, const struct login_question *q)
{
	struct buf out = BUF_INIT(REQUEST_MAX);
	/* so that growing leaves no copy of the password behind */
	bool ok = buf_reserve(
		      &out, 2 * (q->user.len + q->password.len) + 512) != NULL;
	buf_addf(&out,
	    "VERSION\t1\t2\nCPID\t%lld\nAUTH\t1\tPLAIN\tservice=smtp\t"
	    "rip=%s%s\tnologin\tresp=",
	    (long long)getpid(), q->ip, q->secured ? "\tsecured" : "");
	ok = ok && add_plain(&out, q) && buf_add_char(&out, '\n') &&
	     login_write(t->fd, buf_str(&out));
	buf_wipe(&out);
	return ok;
}

static bool
has_field(struct str line, const char *name)
{
	while (line.len > 0) {
		if (str_is(str_cut(line, '\t', &line), name))
			return true;
	}
	return false;
}

static enum login_answer
read_answer(struct talk *t, size_t *taken, struct err *e)
{
	struct str line, rest;
	while (read_line(t, taken, &line)) {
		struct str word = str_cut(line, '\t', &rest);
		if (str_is(word, "OK"))
			return LOGIN_OK;
		if (str_is(word, "FAIL") && !has_field(rest, "temp"))
			return LOGIN_DENIED;
		if (str_is(word, "FAIL") || str_is(word, "CONT"))
			break;
	}
	err_set(e, ERR_TEMPORARY, "dovecot cannot tell at present");
	return LOGIN_LATER;
}

enum login_answer
login_dovecot(const char *socket, const struct login_question *q, struct err *e)
{
	struct talk t = { .fd = login_connect(socket, e),
		.in = BUF_INIT(LINE_MAX_BYTES) };
	enum login_answer answer = LOGIN_LATER;
	size_t taken = 0;
	if (t.fd < 0)
		return LOGIN_LATER;
	if (read_greeting(&t, &taken) && ask(&t, q))
		answer = read_answer(&t, &taken, e);
	else
		err_set(e, ERR_TEMPORARY,
		    "'%s' is no authentication server of Dovecot's", socket);
	close(t.fd);
	buf_clear(&t.in);
	return answer;
}
