/*
 * The words of AUTH (FL-80, FL-81): mechanisms, base64 as RFC 4954 has it, and
 * the message of PLAIN (RFC 4616).
 */
#ifndef CORE_SMTP_AUTH_H
#define CORE_SMTP_AUTH_H

#include "core/base/buf.h"
#include "core/base/compiler.h"
#include "core/base/str.h"

#include <stdbool.h>

enum smtp_mechanism {
	SMTP_PLAIN,
	SMTP_LOGIN,
};
/* False for one that is not taken. */
MUST_USE bool smtp_mechanism_of(struct str word, enum smtp_mechanism *out);
const char *smtp_mechanism_name(enum smtp_mechanism m);

/*
 * Append what 'text' stands for. False when it is no base64 to the last bit:
 * blanks, missing padding and bits behind the end are refused. What was
 * appended until then stays; it may be a secret.
 */
MUST_USE bool smtp_base64_decode(struct str text, struct buf *out);

/*
 * Identity, NUL, user, NUL, password; false when it is not so. All are views
 * and may be empty, none holds a NUL.
 */
struct smtp_plain {
	struct str identity;
	struct str user;
	struct str password;
};
MUST_USE bool smtp_plain_split(struct str message, struct smtp_plain *out);

#endif
