/*
 * The second opinion on SPF: libspf2 in a program of its own, as it may abort
 * (T-37). It asks its parent for every fact of the DNS and reaches nothing
 * else. One check a run.
 */
#include "cmd/codec/sandbox.h"
#include "core/auth/spf_wire.h"

#include <sys/types.h>

#include <arpa/nameser.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* spf.h needs those above before it (T-35) */
#include <spf2/spf.h>

enum {
	IN = 0,
	OUT = 1,
	TYPE_SIZE = 2,
	NAME_MAX_BYTES = 1024
};

static void
read_all(void *to, size_t n)
{
	char *at = to;
	while (n > 0) {
		ssize_t got = read(IN, at, n);
		if (got == 0 || (got < 0 && errno != EINTR))
			_exit(1); /* the parent is gone */
		if (got > 0) {
			at += got;
			n -= (size_t)got;
		}
	}
}

static void
write_all(const void *from, size_t n)
{
	const char *at = from;
	while (n > 0) {
		ssize_t put = write(OUT, at, n);
		if (put < 0 && errno != EINTR)
			_exit(1);
		if (put > 0) {
			at += put;
			n -= (size_t)put;
		}
	}
}

static void
send_message(enum spf_wire type, const void *bytes, size_t n)
{
	unsigned char head[SPF_WIRE_HEAD] = { (unsigned char)type,
		(unsigned char)(n >> 24), (unsigned char)(n >> 16),
		(unsigned char)(n >> 8), (unsigned char)n };
	write_all(head, sizeof(head));
	write_all(bytes, n);
}

/* The body of the next message, which must be of this type. */
static size_t
receive_message(enum spf_wire type, unsigned char *body)
{
	unsigned char head[SPF_WIRE_HEAD];
	read_all(head, sizeof(head));
	size_t n = (size_t)head[1] << 24 | (size_t)head[2] << 16 |
		   (size_t)head[3] << 8 | head[4];
	if (head[0] != (unsigned char)type || n > SPF_WIRE_MAX)
		_exit(1);
	read_all(body, n);
	return n;
}

static SPF_dns_stat_t
status_of(unsigned char status)
{
	switch (status) {
	case SPF_WIRE_FOUND:
		return NETDB_SUCCESS;
	case SPF_WIRE_NO_DATA:
		return NO_DATA;
	case SPF_WIRE_NO_NAME:
		return HOST_NOT_FOUND;
	default:
		return TRY_AGAIN;
	}
}

/* Copy one record as the library wants it; false for what it cannot hold. */
static bool
put_record(SPF_dns_rr_t *rr, size_t i, ns_type type, const unsigned char *data,
    size_t n)
{
	size_t size = n + 1 > sizeof(SPF_dns_rr_data_t)
			  ? n + 1
			  : sizeof(SPF_dns_rr_data_t);
	/* T-38: its texts end with a NUL and hold none */
	if (type != ns_t_a && type != ns_t_aaaa && memchr(data, 0, n) != NULL)
		return false;
	if (SPF_dns_rr_buf_realloc(rr, (int)i, size) != SPF_E_SUCCESS)
		return false;
	char *to = rr->rr[i]->txt;
	memcpy(to, data, n);
	if (type != ns_t_a && type != ns_t_aaaa)
		to[n] = '\0';
	return true;
}

static void
fill(SPF_dns_rr_t *rr, ns_type type, const unsigned char *body, size_t n)
{
	size_t at = 1, count = 0;
	while (at + 2 <= n && count < SPF_WIRE_RECORDS) {
		size_t len = (size_t)body[at] << 8 | body[at + 1];
		at += 2;
		if (len > n - at)
			_exit(1);
		if (put_record(rr, count, type, body + at, len))
			count++;
		at += len;
	}
	rr->num_rr = (int)count;
	if (count == 0 && rr->herrno == NETDB_SUCCESS)
		rr->herrno = NO_DATA; /* T-37 */
}

static SPF_dns_rr_t *
lookup(SPF_dns_server_t *server, const char *domain, ns_type type, int cache)
{
	static unsigned char body[SPF_WIRE_MAX];
	char ask[TYPE_SIZE + NAME_MAX_BYTES];
	size_t len = strlen(domain);
	(void)cache;
	unsigned char status = SPF_WIRE_NO_NAME;
	size_t n = 1;
	if (len > 0 && len <= NAME_MAX_BYTES) {
		ask[0] = (char)((unsigned)type >> 8);
		ask[1] = (char)((unsigned)type & 0xff);
		memcpy(ask + TYPE_SIZE, domain, len);
		send_message(SPF_WIRE_ASK, ask, TYPE_SIZE + len);
		n = receive_message(SPF_WIRE_ANSWER, body);
		status = n > 0 ? body[0] : SPF_WIRE_FAILED;
	}
	SPF_dns_rr_t *rr =
	    SPF_dns_rr_new_init(server, domain, type, 60, status_of(status));
	if (rr == NULL)
		_exit(1); /* NULL would make the library abort (T-37) */
	if (status == SPF_WIRE_FOUND)
		fill(rr, type, body, n);
	return rr;
}

/* T-39: the code tells what the result does not. */
static const char *
verdict(SPF_errcode_t code, SPF_result_t result)
{
	switch (result) {
	case SPF_RESULT_NEUTRAL:
		return "neutral";
	case SPF_RESULT_PASS:
		return "pass";
	case SPF_RESULT_FAIL:
		return "fail";
	case SPF_RESULT_SOFTFAIL:
		return "softfail";
	case SPF_RESULT_NONE:
		return "none";
	case SPF_RESULT_TEMPERROR:
		return "temperror";
	case SPF_RESULT_PERMERROR:
		return "permerror";
	case SPF_RESULT_INVALID:
	default:
		return code == SPF_E_DNS_ERROR ? "temperror"
		       : code == SPF_E_NOT_SPF ? "none"
					       : "permerror";
	}
}

static const char *
check(
    SPF_server_t *server, const char *ip, const char *sender, const char *helo)
{
	SPF_response_t *response = NULL;
	SPF_request_t *request = SPF_request_new(server);
	if (request == NULL)
		return "temperror";
	SPF_errcode_t code = strchr(ip, ':') != NULL
				 ? SPF_request_set_ipv6_str(request, ip)
				 : SPF_request_set_ipv4_str(request, ip);
	if (code == SPF_E_SUCCESS && helo[0] != '\0')
		code = SPF_request_set_helo_dom(request, helo);
	if (code == SPF_E_SUCCESS && sender[0] != '\0')
		SPF_request_set_env_from(request, sender);
	if (code != SPF_E_SUCCESS)
		return "permerror";
	code = SPF_request_query_mailfrom(request, &response);
	if (response == NULL)
		return "temperror";
	return verdict(code, SPF_response_result(response));
}

int
main(void)
{
	static unsigned char body[SPF_WIRE_MAX + 1];
	SPF_dns_server_t dns = { .lookup = lookup, .name = "smemail" };
	signal(SIGPIPE, SIG_IGN);
	SPF_server_t *server = SPF_server_new_dns(&dns, 0);
	if (server == NULL ||
	    SPF_server_set_rec_dom(server, "localhost") != SPF_E_SUCCESS)
		return 1;
	if (!codec_sandbox())
		return 1;
	size_t n = receive_message(SPF_WIRE_CHECK, body);
	const char *text = (const char *)body;
	body[n] = '\0';
	const char *sender = text + strlen(text) + 1;
	if (sender > text + n)
		return 1;
	const char *helo = sender + strlen(sender) + 1;
	if (helo > text + n)
		return 1;
	const char *said = check(server, text, sender, helo);
	send_message(SPF_WIRE_RESULT, said, strlen(said));
	return 0;
}
