/* The log lines of a change, which wait for its commit (ES-28 to ES-30). */
#include "core/db/db_int.h"

static bool
is_secret(const struct db_change *c, struct str name)
{
	for (size_t i = 0; c->env.secrets[i] != NULL; i++)
		if (str_is(name, c->env.secrets[i]))
			return true;
	return false;
}

/* The raw value with the values of secret properties left out. */
static struct str
hide_secrets(struct db_change *c, struct str raw)
{
	struct buf out = BUF_INIT(DB_SIZE_MAX);
	struct str rest = raw, name, value;
	if (c->env.secrets == NULL)
		return raw;
	db_field_next(&rest, &name); /* the type */
	buf_add_str(&out, name);
	while (db_field_next(&rest, &name)) {
		buf_add_char(&out, '|');
		buf_add_str(&out, name);
		if (!db_field_next(&rest, &value))
			break;
		buf_add_char(&out, '|');
		buf_add_str(&out, is_secret(c, name) ? STR("(secret)") : value);
	}
	struct str shown = arena_str(c->arena, buf_str(&out));
	buf_clear(&out);
	return shown;
}

/* Bytes over 127 become '_' (ES-30). */
void
db_log_add(struct db_change *c, const char *word, struct str key,
    const struct str *raw, bool after)
{
	struct str value =
	    raw != NULL ? hide_secrets(c, *raw) : STR("(undefined)");
	struct str parts[] = { str_of(c->shown), STR(": "), str_of(word),
		STR(" "), key, STR("="), value };
	size_t len = 0, at = 0;
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		len += parts[i].len;
	char *text = arena_alloc(c->arena, len);
	struct log_line line = { .text = str_n(text, len), .after = after };
	if (text == NULL || !vec_push(&c->lines, &line)) {
		c->failed = true;
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		for (size_t k = 0; k < parts[i].len; k++) {
			char byte = parts[i].ptr[k];
			text[at++] = (unsigned char)byte > 127 ? '_' : byte;
		}
	}
}
