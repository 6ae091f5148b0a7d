/* Commands and answers of an SMTP client. */
#include "core/smtp/client.h"

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/num.h"

#include <string.h>

enum {
	CODE_LENGTH = 3,
	CODE_MIN = 200, /* RFC 5321 4.2.1: the first digit is 2 to 5 */
	CODE_MAX = 599,
	SHOWN_MAX = 80 /* of what is no answer */
};

/* "250-text", "250 text", "250": the code, whether more comes, the text. */
static bool
split(struct str line, unsigned *code, bool *more, struct str *text)
{
	uint64_t n;
	char mark = line.len > CODE_LENGTH ? line.ptr[CODE_LENGTH] : ' ';
	if (line.len < CODE_LENGTH || (mark != '-' && mark != ' ') ||
	    !num_parse_u64(str_sub(line, 0, CODE_LENGTH), CODE_MAX, &n) ||
	    n < CODE_MIN)
		return false;
	*code = (unsigned)n;
	*more = mark == '-';
	*text = str_sub(line, CODE_LENGTH + 1, line.len);
	return true;
}

bool
smtp_client_answer(
    struct stream *s, struct arena *a, struct smtp_answer *out, struct err *e)
{
	int64_t began = clock_mono_ms(s->clock);
	struct str lines[SMTP_CLIENT_LINES_MAX];
	bool more = true;
	*out = (struct smtp_answer){ .code = 0 };
	while (more) {
		struct str line = STR_EMPTY, text;
		unsigned code;
		if (!stream_read_line(s, SMTP_CLIENT_LINE_MAX, &line, e))
			return false;
		if (!split(line, &code, &more, &text) ||
		    (out->n > 0 && code != out->code))
			return err_set(e, ERR_PERMANENT,
			    _("this is no answer of SMTP: '%.*s'"),
			    STR_ARG(str_sub(line, 0, SHOWN_MAX)));
		if (out->n == SMTP_CLIENT_LINES_MAX)
			return err_set(e, ERR_PERMANENT,
			    _("the answer has more than %d lines"),
			    SMTP_CLIENT_LINES_MAX);
		out->code = code;
		lines[out->n] = arena_str(a, text);
		if (lines[out->n++].ptr == NULL)
			return err_no_memory(e);
	}
	/* no more than was said: answers to thousands of recipients are kept */
	out->lines = ARENA_ARRAY(a, out->n, struct str);
	if (out->lines == NULL)
		return err_no_memory(e);
	memcpy(out->lines, lines, out->n * sizeof(*lines));
	out->elapsed_ms = clock_mono_ms(s->clock) - began;
	return true;
}

bool
smtp_client_ask(struct stream *s, struct arena *a, const char *command,
    struct smtp_answer *out, struct err *e)
{
	size_t n = strlen(command);
	struct buf line = BUF_INIT(n + sizeof("\r\n"));
	if (strpbrk(command, "\r\n") != NULL)
		return err_set(e, ERR_USAGE, _("a command is one line"));
	buf_addf(&line, "%s\r\n", command);
	bool ok = (!line.failed || err_no_memory(e)) &&
		  stream_write(s, buf_str(&line), e) &&
		  smtp_client_answer(s, a, out, e);
	buf_clear(&line);
	return ok;
}

void
smtp_client_extensions(
    const struct smtp_answer *ehlo, struct smtp_extensions *out)
{
	*out = (struct smtp_extensions){ 0 };
	const struct {
		const char *word;
		bool *flag;
	} flags[] = {
		{ "STARTTLS", &out->starttls },
		{ "PIPELINING", &out->pipelining },
		{ "8BITMIME", &out->eight_bit },
		{ "SMTPUTF8", &out->utf8 },
		{ "CHUNKING", &out->chunking },
		{ "DSN", &out->dsn },
		{ "ENHANCEDSTATUSCODES", &out->enhanced },
		{ "SIZE", &out->has_size },
	};
	for (size_t i = 0; i < ehlo->n; i++) {
		struct str rest = ehlo->lines[i], word = STR_EMPTY;
		if (!str_next_word(&rest, &word))
			continue;
		if (i == 0) {
			out->name = word;
			continue;
		}
		for (size_t k = 0; k < ARRAY_LEN(flags); k++)
			*flags[k].flag = *flags[k].flag ||
					 str_is_nocase(word, flags[k].word);
		if (str_is_nocase(word, "SIZE") &&
		    !num_parse_u64(str_trim(rest), UINT64_MAX, &out->size))
			out->size = 0;
		if (str_is_nocase(word, "AUTH"))
			out->auth = str_trim(rest);
	}
}

bool
smtp_client_has_auth(const struct smtp_extensions *o, const char *mechanism)
{
	struct str rest = o->auth, word;
	while (str_next_word(&rest, &word)) {
		if (str_is_nocase(word, mechanism))
			return true;
	}
	return false;
}
