/*
 * The decoder of packets: a program of its own, so that a packet that breaks
 * it, or gets into it, reaches nothing (it is started again). It reads from
 * descriptor 0 and writes to it, which is a socket: length (4 octets) and
 * packet; length and flat form, or a length of 0 for what is no packet.
 */
#include "cmd/codec/decode.h"
#include "cmd/codec/sandbox.h"
#include "core/dns/flat.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

enum {
	PACKET_MAX = 65535,
	LENGTH_SIZE = 4,
	CHANNEL = 0
};

static bool
read_all(char *to, size_t n)
{
	while (n > 0) {
		ssize_t got = read(CHANNEL, to, n);
		if (got == 0 || (got < 0 && errno != EINTR))
			return false;
		if (got > 0) {
			to += got;
			n -= (size_t)got;
		}
	}
	return true;
}

static bool
write_all(struct str s)
{
	while (s.len > 0) {
		ssize_t put = write(CHANNEL, s.ptr, s.len);
		if (put < 0 && errno != EINTR)
			return false;
		if (put > 0)
			s = str_sub(s, (size_t)put, s.len);
	}
	return true;
}

/* One packet; false at the end of work. */
static bool
serve(char *packet, struct buf *flat)
{
	char head[LENGTH_SIZE];
	struct str length = str_n(head, sizeof(head));
	if (!read_all(head, sizeof(head)))
		return false;
	size_t n = dns_get32(&length);
	if (n > PACKET_MAX || !read_all(packet, n))
		return false;
	buf_reset(flat);
	if (!codec_decode(str_n(packet, n), flat))
		buf_reset(flat);
	for (size_t i = 0; i < LENGTH_SIZE; i++)
		head[i] = (char)(flat->len >> (8 * (LENGTH_SIZE - 1 - i)));
	return write_all(str_n(head, sizeof(head))) && write_all(buf_str(flat));
}

/* Everything that is done once is done before the walls stand. */
static void
warm_up(struct buf *flat)
{
	/* a reply: one address record whose owner is compressed */
	static const char packet[] = "\0\1\x81\x80\0\1\0\1\0\0\0\0"
				     "\1a\0\0\1\0\1"
				     "\xc0\x0c\0\1\0\1\0\0\0\1\0\4\1\2\3\4";
	if (!codec_decode(str_n(packet, sizeof(packet) - 1), flat))
		_exit(1);
}

int
main(void)
{
	static char packet[PACKET_MAX];
	struct buf flat = BUF_INIT(DNS_FLAT_MAX);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGINT, SIG_IGN); /* ends with its parent, which asks */
	warm_up(&flat);
	if (!codec_sandbox())
		return 1;
	while (serve(packet, &flat))
		continue;
	buf_clear(&flat);
	return 0;
}
