/* Attachment patterns. */
#include "core/model/patterns.h"

#include "core/base/i18n.h"
#include "core/model/settings_int.h"

#include <string.h>

enum {
	SIGNATURE_MIN = 6,
	SIGNATURE_MAX = 64,
	SAMPLE_BYTES = 9, /* 12 letters */
	SAMPLE_MIN = 6,
};

/* What Windows programs and archives begin with. */
static const struct {
	const char *signature, *description;
	bool archive;
} known[] = {
	{ "TVqQAAMAA", "exe: Windows program", false },
	{ "TVpQAAIAA", "exe: Windows program, Delphi", false },
	{ "TVpAALQAc", "exe: Windows program, variant", false },
	{ "TVpyAXkAX", "exe: Windows program, packed", false },
	{ "TVrmAU4AA", "exe: Windows program, packed", false },
	{ "TVrhARwAk", "exe: Windows program, packed", false },
	{ "TVoFAQUAA", "exe: DOS program", false },
	{ "TVoAAAQAA", "exe: DOS program", false },
	{ "TVoIARMAA", "exe: DOS program", false },
	{ "TVouARsAA", "exe: DOS program", false },
	{ "TVrQAT8AA", "exe: DOS program", false },
	{ "UEsDBBQAA", "zip: archive", true },
	{ "UEsDBAoAA", "zip: archive, stored", true },
};

static bool
has_word(struct str text, const char *word)
{
	struct str w = str_of(word);

	for (size_t i = 0; i + w.len <= text.len; i++)
		if (str_eq_nocase(str_sub(text, i, i + w.len), w))
			return true;
	return false;
}

/* "UEsD" are the letters of a zip archive's first bytes. */
static bool
is_archive(const struct pattern *p)
{
	return has_word(str_of(p->description), "zip") ||
	       has_word(str_of(p->key), "zip") ||
	       str_starts(str_of(p->body), STR("UEsD"));
}

static const char *
prop(struct settings_store *st, const struct db_record *r, const char *name,
    const char *otherwise)
{
	struct str value;

	if (!db_record_prop(r, str_of(name), st->m->arena, &value) ||
	    value.len == 0)
		return otherwise;
	return arena_cstr(st->m->arena, value);
}

bool
patterns_list(
    struct settings_store *st, struct pattern **out, size_t *n, struct err *e)
{
	const struct setting *s = setting_find(STR("attachments.pattern"));
	const char *const *keys;
	const struct db *db;

	if (!settings_targets(st, s, false, &keys, n, e) ||
	    !settings_db(st, s->db, &db, e))
		return false;
	*out = ARENA_ARRAY(st->m->arena, *n + 1, struct pattern);
	for (size_t i = 0; i < *n; i++) {
		struct pattern *p = &(*out)[i];
		const struct db_record *r = db_find(db, str_of(keys[i]));
		p->key = keys[i];
		p->body = prop(st, r, "Body", keys[i]);
		p->description = prop(st, r, "Description", "");
		p->blocked = strcmp(prop(st, r, "Status", ""), "enabled") == 0;
		p->archive = is_archive(p);
	}
	return true;
}

static void
wish(struct settings_wish *w, size_t *n, const char *id, const char *target,
    const char *value)
{
	w[(*n)++] = (struct settings_wish){
		.setting = setting_find(str_of(id)),
		.target = target,
		.value = value,
	};
}

/* New records, and of those that are executables the state. */
static void
wish_known(struct settings_wish *w, size_t *n)
{
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		wish(w, n, "attachments.pattern-add", known[i].signature,
		    "pattern");
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		wish(w, n, "attachments.pattern-description",
		    known[i].signature, known[i].description);
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (!known[i].archive)
			wish(w, n, "attachments.pattern", known[i].signature,
			    "enabled");
}

bool
patterns_block_executables(struct settings_store *st,
    struct settings_wish **out, size_t *n, struct err *e)
{
	struct pattern *have;
	size_t n_have, max;

	*n = 0;
	if (!patterns_list(st, &have, &n_have, e))
		return false;
	max = n_have + 3 * ARRAY_LEN(known);
	*out = ARENA_ARRAY(st->m->arena, max, struct settings_wish);
	for (size_t i = 0; i < n_have; i++)
		if (!have[i].archive)
			wish(*out, n, "attachments.pattern", have[i].key,
			    "enabled");
	if (n_have == 0)
		wish_known(*out, n);
	return true;
}

bool
patterns_find(struct settings_store *st, const char *name,
    const char *const **keys, size_t *n, struct err *e)
{
	struct pattern *have;
	const char **found;
	size_t n_have;

	*n = 0;
	if (!patterns_list(st, &have, &n_have, e))
		return false;
	found = ARENA_ARRAY(st->m->arena, n_have + 1, const char *);
	for (size_t i = 0; i < n_have; i++)
		if (strcmp(have[i].key, name) == 0 ||
		    str_is_nocase(str_of(have[i].description), name))
			found[(*n)++] = have[i].key;
	*keys = found;
	if (*n > 0)
		return true;
	err_set(e, ERR_USAGE, _("there is no pattern '%s'"), name);
	return err_next(e, "smemail attachments show");
}

bool
patterns_check(struct str signature, struct err *e)
{
	bool ok =
	    signature.len >= SIGNATURE_MIN && signature.len <= SIGNATURE_MAX;

	for (size_t i = 0; ok && i < signature.len; i++)
		ok = ascii_is_alnum(signature.ptr[i]) ||
		     signature.ptr[i] == '+' || signature.ptr[i] == '/';
	return ok || err_set(e, ERR_USAGE,
			 _("'%.*s' is no signature: %d to %d letters of "
			   "base64, as the attachment begins in the mail"),
			 STR_ARG(signature), SIGNATURE_MIN, SIGNATURE_MAX);
}

bool
patterns_of_bytes(struct str bytes, struct buf *out, struct err *e)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz0123456789+/";

	if (bytes.len < SAMPLE_MIN)
		return err_set(e, ERR_USAGE,
		    _("the sample is shorter than %d bytes"), SAMPLE_MIN);
	bytes = str_sub(bytes, 0, SAMPLE_BYTES);
	for (size_t i = 0; i + 3 <= bytes.len; i += 3) {
		unsigned v = (unsigned)(unsigned char)bytes.ptr[i] << 16 |
			     (unsigned)(unsigned char)bytes.ptr[i + 1] << 8 |
			     (unsigned)(unsigned char)bytes.ptr[i + 2];
		for (int shift = 18; shift >= 0; shift -= 6)
			(void)buf_add_char(out, letters[v >> shift & 63]);
	}
	return true;
}
