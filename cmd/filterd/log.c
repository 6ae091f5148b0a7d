/* The log on standard error: its lines. */
#include "cmd/filterd/log.h"

#include "cmd/filterd/limits.h"
#include "cmd/filterd/log_int.h"
#include "core/base/buf.h"

#include <inttypes.h>
#include <stdarg.h>
#include <unistd.h>

struct str
log_format(char *line, uint32_t number, const char *hook, const char *plugin,
    struct str text)
{
	int n = snprintf(line, FILTERD_LOG_LINE_MAX, "%u", (unsigned)number);
	size_t len = n > 0 ? (size_t)n : 0;
	if (hook != NULL && plugin != NULL) {
		n = snprintf(line + len, FILTERD_LOG_LINE_MAX - len,
		    " (%s) %s:", hook, plugin);
		if (n > 0 && (size_t)n < FILTERD_LOG_LINE_MAX - len)
			len += (size_t)n;
	}
	size_t room = FILTERD_LOG_LINE_MAX - len - 2;
	line[len++] = ' ';
	if (text.len > room)
		text.len = room;
	memcpy(line + len, text.ptr != NULL ? text.ptr : "", text.len);
	len += text.len;
	line[len++] = '\n';
	return str_n(line, len);
}

static bool
put_line(uint32_t number, const char *hook, const char *plugin, struct str text)
{
	char line[FILTERD_LOG_LINE_MAX];
	return log_write(
	    log_is_socket(), log_format(line, number, hook, plugin, text));
}

void
log_line(uint32_t number, const char *hook, const char *plugin, struct str text)
{
	if (!put_line(number, hook, plugin, text))
		log_count_lost(1);
}

bool
log_tell_lost(uint64_t n)
{
	char text[128];
	int len = snprintf(text, sizeof(text),
	    "%" PRIu64 " lines of the log were lost: its reader took none", n);
	return put_line(
	    (uint32_t)getpid(), NULL, NULL, str_n(text, (size_t)len));
}

void
log_own(const char *fmt, ...)
{
	struct buf text;
	buf_init(&text, FILTERD_LOG_LINE_MAX);
	va_list ap;
	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	log_line((uint32_t)getpid(), NULL, NULL, buf_str(&text));
	buf_clear(&text);
}

void
log_error(const struct err *e)
{
	log_own("%s", e->text);
	if (e->next[0] != '\0')
		log_own("next: %s", e->next);
}
