/* Command lines (FL-5, FL-6, FL-11, FL-13): verb, argument, parameters. */
#ifndef CORE_SMTP_COMMAND_H
#define CORE_SMTP_COMMAND_H

#include "core/base/compiler.h"
#include "core/base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum smtp_verb {
	SMTP_UNKNOWN,
	SMTP_HELO,
	SMTP_EHLO,
	SMTP_MAIL,
	SMTP_RCPT,
	SMTP_DATA,
	SMTP_RSET,
	SMTP_NOOP,
	SMTP_VRFY,
	SMTP_HELP,
	SMTP_QUIT,
	SMTP_STARTTLS,
	SMTP_AUTH,
};

/* Views into the line. */
struct smtp_command {
	enum smtp_verb verb;
	struct str word;     /* the verb as sent */
	struct str argument; /* without blanks at its ends */
};

/* 'line' is without its line end. */
void smtp_command_parse(struct str line, struct smtp_command *out);
/* Bytes that a line beginning so may have, its line end counted. */
size_t smtp_command_limit(struct str start);
/*
 * It begins as AUTH does, letter case, blanks before it and what parts it from
 * the rest aside: passwords may stand in it.
 */
bool smtp_line_is_auth(struct str line);
/* A control character other than tab stands in it. */
bool smtp_line_has_control(struct str line);

/*
 * Cut "FROM:" or "TO:" (letter case aside) off the argument; false when it
 * does not begin so.
 */
MUST_USE bool smtp_argument_cut(
    struct str argument, const char *keyword, struct str *rest);

/*
 * What follows the path of MAIL (FL-13). *size is 0 when not told. 'auth':
 * AUTH= is known, and ignored. False: there is one that is not known, or not
 * with such a value.
 */
MUST_USE bool smtp_mail_params(struct str params, bool auth, uint64_t *size);

#endif
