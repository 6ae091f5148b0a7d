/* Base64 as tags of DKIM have it (RFC 6376 2.10): blanks anywhere. */
#ifndef CORE_AUTH_DKIM_BASE64_H
#define CORE_AUTH_DKIM_BASE64_H

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/str.h"

#include <stdbool.h>

/* Decoded, in the arena; false when it is none or memory is out. */
bool dkim_base64_decode(struct str text, struct arena *a, struct str *out);
/* Append without line ends; false when the buffer failed. */
bool dkim_base64_encode(struct buf *out, struct str bytes);

#endif
