/* UTF-8 decoding and display widths, independent of the locale. */
#ifndef CORE_BASE_UTF8_H
#define CORE_BASE_UTF8_H

#include "core/base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Decode the character at s.ptr[0]. Returns its length in bytes (1-4) and
 * sets *cp; 0 when the bytes are not UTF-8 (overlong, surrogate, cut), and
 * then the caller steps over one byte. s.len must be at least 1.
 */
size_t utf8_decode(struct str s, uint32_t *cp);
/* Is all of it characters? */
bool utf8_is_valid(struct str s);
/* The bytes of a code point into 'out'; returns how many, 1 to 4. */
size_t utf8_encode(uint32_t cp, char out[4]);
/* Columns of a code point on a terminal: 0 (combining), 1 or 2. */
int utf8_width(uint32_t cp);
/* Columns of a text; a byte that is not UTF-8 counts 1. */
size_t utf8_columns(struct str s);
/*
 * What stands for a code point outside ASCII where only ASCII can be shown:
 * plain neighbours of the letters of western languages, "?" for the others.
 */
const char *utf8_ascii_form(uint32_t cp);
/* The longest beginning of 's' of at most 'columns' columns. */
struct str utf8_prefix(struct str s, size_t columns);
/*
 * As many whole characters of it as 'to' has room for, always terminated;
 * 'size' > 0.
 */
void utf8_copy(char *to, size_t size, struct str s);

#endif
