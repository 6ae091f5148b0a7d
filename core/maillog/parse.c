/* Which parser reads which service. */
#include "core/maillog/parse.h"

#include "core/base/compiler.h"
#include "core/maillog/parse_int.h"

#include <string.h>

static const struct {
	const char *service;
	maillog_parser *parse;
} parsers[] = {
	{ "qpsmtpd", parse_qpsmtpd },
	{ "sqpsmtpd", parse_qpsmtpd },
	{ "uqpsmtpd", parse_qpsmtpd },
};

static const char *const kind_names[] = {
	[MAILLOG_OTHER] = "other",
	[MAILLOG_CORE] = "core",
	[MAILLOG_PLUGIN] = "plugin",
	[MAILLOG_LOGTERSE] = "logterse",
	[MAILLOG_LOGTERSE_SHORT] = "logterse-short",
};

const char *
maillog_kind_name(enum maillog_kind kind)
{
	return kind_names[kind];
}

void
maillog_parse(const char *service, struct str text, struct maillog_event *out)
{
	memset(out, 0, sizeof(*out));
	out->kind = MAILLOG_OTHER;
	out->text = text;
	for (size_t i = 0; i < ARRAY_LEN(parsers); i++) {
		if (strcmp(parsers[i].service, service) == 0) {
			parsers[i].parse(text, out);
			return;
		}
	}
}

bool
maillog_recipient_next(struct str *recipients, struct str *address)
{
	struct str s = *recipients;
	if (s.len == 0)
		return false;
	/* an address may hold a comma, in quotes: only ">,<" parts two */
	size_t end = str_find_str(s, STR(">,<"));
	struct str one = str_sub(s, 0, end);
	*recipients = str_sub(s, end + 2, s.len);
	if (str_starts(one, STR("<")))
		one = str_sub(one, 1, one.len);
	if (str_ends(one, STR(">")))
		one = str_sub(one, 0, one.len - 1);
	*address = one;
	return true;
}
