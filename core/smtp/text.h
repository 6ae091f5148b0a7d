/*
 * The text of a message as it comes after DATA (FL-24 to FL-30): finds its
 * end, undoes dot-stuffing and turns CRLF into LF. Feeding a text byte by
 * byte gives the same as feeding it whole.
 */
#ifndef CORE_SMTP_TEXT_H
#define CORE_SMTP_TEXT_H

#include "core/base/buf.h"
#include "core/base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum smtp_text_state {
	SMTP_TEXT_LINE_START,      /* after CRLF, or at the very beginning */
	SMTP_TEXT_LINE_START_BARE, /* after a bare LF: no dot here ends it */
	SMTP_TEXT_IN_LINE,
	SMTP_TEXT_CR,       /* CR within or at the start of a line */
	SMTP_TEXT_DOT,      /* "." at a line start */
	SMTP_TEXT_DOT_BARE, /* the same after a bare LF */
	SMTP_TEXT_DOT_CR,   /* "." CR */
	SMTP_TEXT_DOT_BARE_CR,
};

struct smtp_text {
	enum smtp_text_state state;
	bool lf_ends_line; /* a bare LF is let pass as a line end (FL-26) */
	uint64_t limit;    /* bytes, 0 for none (FL-14) */
	uint64_t size;     /* so far, with LF line ends */
	bool has_bare_lf;  /* only counted where it is not let pass */
	bool has_bare_cr;
	bool has_nul;
};

/*
 * Take bytes up to the end of the text; returns how many were taken, and
 * *ended tells that CRLF.CRLF was among them. What is stored is appended to
 * 'out'; once the message can only be refused nothing more is.
 */
size_t smtp_text_feed(
    struct smtp_text *t, struct str in, struct buf *out, bool *ended);

/* It can only be refused: a bare line end, a NUL, too big. */
bool smtp_text_is_refused(const struct smtp_text *t);

#endif
