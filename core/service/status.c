/* State of a supervised service, and words of control. */
#include "core/service/service.h"

#include "core/base/i18n.h"

enum {
	BYTES_RUNIT = 20,
	BYTES_DAEMONTOOLS = 18
};

/* TAI64 of the Unix epoch, with the leap offset the supervisors use. */
#define TAI_EPOCH UINT64_C(4611686018427387914)

static uint64_t
big_endian(const char *bytes, size_t n)
{
	uint64_t v = 0;
	for (size_t i = 0; i < n; i++)
		v = v << 8 | (unsigned char)bytes[i];
	return v;
}

bool
service_status_parse(
    struct str bytes, struct service_status *out, struct err *e)
{
	if (bytes.len != BYTES_RUNIT && bytes.len != BYTES_DAEMONTOOLS)
		return err_set(e, ERR_PERMANENT,
		    _("a service status has %zu bytes, not 18 or 20"),
		    bytes.len);
	const char *p = bytes.ptr;
	uint64_t seconds = big_endian(p, 8);
	uint32_t pid = 0;
	for (size_t i = 0; i < 4; i++)
		pid |= (uint32_t)(unsigned char)p[12 + i] << (8 * i);
	out->since_s =
	    seconds >= TAI_EPOCH ? (int64_t)(seconds - TAI_EPOCH) : 0;
	out->since_nano = (uint32_t)big_endian(p + 8, 4);
	out->pid = (pid_t)pid;
	out->paused = p[16] != 0;
	out->want_up = p[17] == 'u';
	out->got_term = false;
	out->state = pid != 0 ? SERVICE_UP : SERVICE_DOWN;
	if (bytes.len == BYTES_RUNIT) {
		out->got_term = p[18] != 0;
		out->state = p[19] == 0   ? SERVICE_DOWN
			     : p[19] == 1 ? SERVICE_UP
					  : SERVICE_FINISHING;
	}
	return true;
}

int64_t
service_uptime_s(const struct service_status *s, int64_t now_s)
{
	return now_s > s->since_s ? now_s - s->since_s : 0;
}

static const struct {
	const char *word;
	char byte;
} words[] = {
	{ "down", 'd' },
	{ "stop", 'd' },
	{ "d", 'd' },
	{ "up", 'u' },
	{ "start", 'u' },
	{ "u", 'u' },
	{ "restart", 't' },
	{ "sigterm", 't' },
	{ "t", 't' },
	{ "adjust", 'h' },
	{ "reload", 'h' },
	{ "sighup", 'h' },
	{ "h", 'h' },
	{ "sigusr1", '1' },
	{ "sigusr2", '2' },
	{ "once", 'o' },
	{ "o", 'o' },
	{ "pause", 'p' },
	{ "p", 'p' },
	{ "alarm", 'a' },
	{ "a", 'a' },
	{ "interrupt", 'i' },
	{ "i", 'i' },
	{ "quit", 'q' },
	{ "q", 'q' },
	{ "kill", 'k' },
	{ "k", 'k' },
	{ "exit", 'x' },
	{ "x", 'x' },
};

char
service_word_byte(struct str word)
{
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (str_is(word, words[i].word))
			return words[i].byte;
	return 0;
}

bool
service_word_stops(struct str word)
{
	char byte = service_word_byte(word);
	return byte == 'd' || byte == 'o';
}
