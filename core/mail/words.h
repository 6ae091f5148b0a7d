/* Encoded words of header fields (RFC 2047). */
#ifndef CORE_MAIL_WORDS_H
#define CORE_MAIL_WORDS_H

#include "core/base/buf.h"
#include "core/base/str.h"

#include <stdbool.h>

/*
 * Append 'text' with the bytes that its encoded words stand for, in whatever
 * charset they are; what is none stays as it is. Blanks between two of them go.
 * False when the buffer has failed.
 */
bool mail_words_decode(struct buf *out, struct str text);

#endif
