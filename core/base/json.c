/* Streaming JSON writer. */
#include "core/base/json.h"

#include "core/base/escape.h"

#include <assert.h>

void
json_init(struct json *j, struct buf *out)
{
	*j = (struct json){ .out = out, .depth = 0 };
}

static void
before_value(struct json *j)
{
	if (j->after_key) {
		j->after_key = false;
		return;
	}
	if (j->started[j->depth])
		buf_add_char(j->out, ',');
	j->started[j->depth] = true;
}

static void
level_begin(struct json *j, char open)
{
	before_value(j);
	buf_add_char(j->out, open);
	assert(j->depth + 1 < JSON_DEPTH_MAX);
	j->started[++j->depth] = false;
}

static void
level_end(struct json *j, char close)
{
	assert(j->depth > 0 && !j->after_key);
	j->depth--;
	buf_add_char(j->out, close);
}

void
json_object_begin(struct json *j)
{
	level_begin(j, '{');
}

void
json_object_end(struct json *j)
{
	level_end(j, '}');
}

void
json_array_begin(struct json *j)
{
	level_begin(j, '[');
}

void
json_array_end(struct json *j)
{
	level_end(j, ']');
}

void
json_key_str(struct json *j, struct str key)
{
	before_value(j);
	escape_json(j->out, key);
	buf_add_char(j->out, ':');
	j->after_key = true;
}

void
json_key(struct json *j, const char *key)
{
	json_key_str(j, str_of(key));
}

void
json_str(struct json *j, struct str s)
{
	before_value(j);
	escape_json(j->out, s);
}

void
json_cstr(struct json *j, const char *c)
{
	if (c == NULL)
		json_null(j);
	else
		json_str(j, str_of(c));
}

void
json_int(struct json *j, int64_t v)
{
	before_value(j);
	buf_addf(j->out, "%lld", (long long)v);
}

void
json_double(struct json *j, double v, int decimals)
{
	before_value(j);
	buf_addf(j->out, "%.*f", decimals, v);
}

void
json_bool(struct json *j, bool v)
{
	before_value(j);
	buf_add_cstr(j->out, v ? "true" : "false");
}

void
json_null(struct json *j)
{
	before_value(j);
	buf_add_cstr(j->out, "null");
}

void
json_text(struct json *j, const char *key, struct str text)
{
	json_key(j, key);
	if (text.len > 0)
		json_str(j, text);
	else
		json_null(j);
}

void
json_word(struct json *j, const char *key, const char *word)
{
	json_key(j, key);
	json_cstr(j, word);
}
