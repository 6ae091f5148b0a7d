/*
 * Envelope paths, as MAIL and RCPT carry them (RFC 5321 4.1.2, FL-12). The
 * views point into the text that was parsed.
 */
#ifndef CORE_MAIL_PATH_H
#define CORE_MAIL_PATH_H

#include "core/base/buf.h"
#include "core/base/compiler.h"
#include "core/base/str.h"

#include <stdbool.h>

enum {
	MAIL_LOCAL_MAX = 64,
	MAIL_DOMAIN_MAX = 255,
	MAIL_ADDRESS_MAX = MAIL_LOCAL_MAX + 1 + MAIL_DOMAIN_MAX,
	MAIL_LABEL_MAX = 63,
	MAIL_PATH_MAX = 256, /* with its brackets and source route */
	MAIL_LITERAL_MAX = 64
};

/*
 * An address. 'domain' is empty for <postmaster>; both are empty for the null
 * sender.
 */
struct mail_path {
	struct str local;  /* as sent, quotes and backslashes kept */
	struct str domain; /* as sent; a literal with its brackets */
};

enum mail_path_role {
	MAIL_PATH_SENDER,
	MAIL_PATH_RECIPIENT
};

/*
 * Parse what stands behind "FROM:" or "TO:": white space, a path in angle
 * brackets, parameters. A source route is dropped. *params is what follows
 * the path, trimmed. On failure *why (NULL allowed) is a short reason in
 * ASCII for the reply.
 */
MUST_USE bool mail_path_parse(struct str text, enum mail_path_role role,
    struct mail_path *out, struct str *params, const char **why);

/* "<>", the sender of bounces. */
bool mail_path_is_null(const struct mail_path *p);

/* Dot-parted labels of letters, digits and inner hyphens, no final dot. */
bool mail_domain_is_valid(struct str s);
/* Is 'name' the domain or below it, letter case aside? */
bool mail_domain_is_within(struct str name, struct str domain);
/* "[192.0.2.1]" or "[IPv6:2001:db8::1]". */
bool mail_domain_is_literal(struct str s);

/* Append "local@domain", "local" or nothing; quotes as sent. */
bool mail_path_format(struct buf *out, const struct mail_path *p);
/* The same in angle brackets: "<>" of none. */
bool mail_path_format_bracketed(struct buf *out, const struct mail_path *p);
/*
 * Append the address for comparing it with lists: quotes undone, letters in
 * lower case. "Joe"@X.example and joe@x.example come out the same.
 */
bool mail_path_fold(struct buf *out, const struct mail_path *p);
/* The local part alone, in the same form. */
bool mail_local_fold(struct buf *out, struct str local);

#endif
