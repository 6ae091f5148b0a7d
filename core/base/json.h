/*
 * Streaming JSON writer: commas, nesting and escaping are its business. Keys
 * and strings pass escape_json. Numbers are written without exponent.
 */
#ifndef CORE_BASE_JSON_H
#define CORE_BASE_JSON_H

#include "core/base/buf.h"
#include "core/base/str.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	JSON_DEPTH_MAX = 32
};

struct json {
	struct buf *out;
	int depth;
	bool started[JSON_DEPTH_MAX]; /* this level holds a value already */
	bool after_key;
};

/* 'out' is borrowed for as long as 'j' writes; its 'failed' tells of overflow.
 */
void json_init(struct json *j, struct buf *out);
/* Each begin has its end; at most JSON_DEPTH_MAX levels (asserted). */
void json_object_begin(struct json *j);
void json_object_end(struct json *j);
void json_array_begin(struct json *j);
void json_array_end(struct json *j);
/* In an object, before each value. */
void json_key(struct json *j, const char *key);
/* One that comes from outside: any bytes. */
void json_key_str(struct json *j, struct str key);
void json_str(struct json *j, struct str s);
void json_cstr(struct json *j, const char *c); /* NULL writes null */
void json_int(struct json *j, int64_t v);
void json_double(struct json *j, double v, int decimals);
void json_bool(struct json *j, bool v);
void json_null(struct json *j);
/* A key with its text; null where that is empty. */
void json_text(struct json *j, const char *key, struct str text);
/* A key with a C string; null where that is NULL. */
void json_word(struct json *j, const char *key, const char *word);

#endif
