/* Parsing of command lines. */
#include "core/smtp/command.h"

#include "core/base/num.h"
#include "core/smtp/limits.h"

static const struct {
	const char *word;
	enum smtp_verb verb;
} verbs[] = {
	{ "HELO", SMTP_HELO },
	{ "EHLO", SMTP_EHLO },
	{ "MAIL", SMTP_MAIL },
	{ "RCPT", SMTP_RCPT },
	{ "DATA", SMTP_DATA },
	{ "RSET", SMTP_RSET },
	{ "NOOP", SMTP_NOOP },
	{ "VRFY", SMTP_VRFY },
	{ "HELP", SMTP_HELP },
	{ "QUIT", SMTP_QUIT },
	{ "STARTTLS", SMTP_STARTTLS },
	{ "AUTH", SMTP_AUTH },
};

void
smtp_command_parse(struct str line, struct smtp_command *out)
{
	struct str rest;
	/* RFC 5321 4.1.1: white space before the line end is let pass */
	while (line.len > 0 && ascii_is_space(line.ptr[line.len - 1]))
		line.len--;
	out->word = str_cut(line, ' ', &rest);
	out->argument = str_trim(rest);
	out->verb = SMTP_UNKNOWN;
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
		if (str_is_nocase(out->word, verbs[i].word))
			out->verb = verbs[i].verb;
	}
}

size_t
smtp_command_limit(struct str start)
{
	if (str_starts_nocase(start, STR("AUTH ")))
		return SMTP_AUTH_LINE_MAX;
	return str_starts_nocase(start, STR("MAIL ")) ||
		       str_starts_nocase(start, STR("RCPT "))
		   ? SMTP_PATH_LINE_MAX
		   : SMTP_LINE_MAX;
}

bool
smtp_line_is_auth(struct str line)
{
	line = str_trim(line);
	return str_starts_nocase(line, STR("AUTH")) &&
	       (line.len == 4 || !ascii_is_alnum(line.ptr[4]));
}

bool
smtp_line_has_control(struct str line)
{
	for (size_t i = 0; i < line.len; i++) {
		unsigned char c = (unsigned char)line.ptr[i];
		if ((c < ' ' && c != '\t') || c == 0x7f)
			return true;
	}
	return false;
}

bool
smtp_argument_cut(struct str argument, const char *keyword, struct str *rest)
{
	struct str head = str_of(keyword);
	if (!str_starts_nocase(argument, head))
		return false;
	*rest = str_sub(argument, head.len, argument.len);
	return true;
}

/* More than a number can hold is above any limit (RFC 1870: 20 digits). */
static bool
param_size(struct str value, uint64_t *size)
{
	size_t digits = 0;
	while (digits < value.len && ascii_is_digit(value.ptr[digits]))
		digits++;
	if (!num_parse_u64(value, INT64_MAX, size))
		*size = INT64_MAX;
	return digits > 0 && digits == value.len;
}

static bool
param_body(struct str value, uint64_t *size)
{
	(void)size;
	return str_is_nocase(value, "7BIT") || str_is_nocase(value, "8BITMIME");
}

static bool
param_auth(struct str value, uint64_t *size)
{
	(void)value;
	(void)size;
	return true;
}

static const struct {
	const char *name;
	bool (*read)(struct str value, uint64_t *size);
	bool of_auth; /* known only where AUTH is offered (FL-13) */
} mail_params[] = {
	{ "SIZE", param_size, false },
	{ "BODY", param_body, false },
	{ "AUTH", param_auth, true },
};

bool
smtp_mail_params(struct str params, bool auth, uint64_t *size)
{
	struct str word;
	*size = 0;
	while (str_next_word(&params, &word)) {
		struct str value;
		struct str name = str_cut(word, '=', &value);
		bool known = false;
		for (size_t i = 0; i < ARRAY_LEN(mail_params); i++) {
			if (str_is_nocase(name, mail_params[i].name) &&
			    (auth || !mail_params[i].of_auth))
				known = mail_params[i].read(value, size);
		}
		if (!known)
			return false;
	}
	return true;
}
