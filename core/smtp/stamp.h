/*
 * What the daemon writes on top of a message (FL-34, FL-35), and what it
 * takes away from the header that came in: forged results of our own.
 */
#ifndef CORE_SMTP_STAMP_H
#define CORE_SMTP_STAMP_H

#include "core/base/buf.h"
#include "core/base/str.h"
#include "core/mail/header.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	SMTP_DROPS_MAX = 8
};

/* What the policy adds to the header; views. */
struct smtp_additions {
	struct str results; /* "spf=pass smtp.mailfrom=a.example; iprev=pass" */
	struct str fields;  /* whole fields with their line ends */
	/* fields of these names that came in go */
	const char *drop[SMTP_DROPS_MAX];
	size_t n_drop;
};

struct smtp_stamp {
	struct str me;
	struct str peer_name; /* "Unknown" when not known */
	struct str peer_ip;
	struct str helo;
	bool esmtp;
	struct str cipher;     /* under TLS, else empty */
	struct str auth_user;  /* logged in, or tried to; else empty */
	const char *mechanism; /* of that */
	bool logged_in;
	struct str auth_id; /* empty: no Authentication-Results at all */
	struct smtp_additions more;
	int64_t now_s;
};

/*
 * Append the whole header as it is to be queued: ours, then theirs, then the
 * empty line if there was one. LF line ends; a peer's words are made harmless.
 * False: 'out' is full.
 */
bool smtp_stamp_header(struct buf *out, const struct smtp_stamp *stamp,
    const struct mail_header *header, bool has_empty_line);

#endif
