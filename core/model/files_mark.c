/*
 * The mark that keeps a domain's mail unsigned (FL-116): an empty file
 * 'disabled' in its folder of keys, from the domain's property DKIMSigning.
 */
#include "core/model/files_int.h"

#include "core/mail/path.h"
#include "core/model/dkim.h"
#include "core/sys/file.h"

#include <string.h>

#define MARK "# smemail: dkim.domain-signing\n"

enum {
	MARK_MAX = 4096
};

/* What one domain's mark is and should be; nothing to do: not added. */
static bool
mark_add(const struct model_ctx *m, struct str domain, bool wanted,
    struct vec *entries, struct err *e)
{
	struct buf text = BUF_INIT(MARK_MAX);
	char real[SYS_PATH_MAX];
	struct files_entry f = {
		.kind = wanted ? FILES_TEXT : FILES_UNLINK,
		.path = arena_printf(
		    m->arena, DKIM_KEYS_DIR "/%.*s/disabled", STR_ARG(domain)),
		.after = wanted ? STR(MARK) : (struct str)STR_EMPTY,
		.old_mode = 0644,
	};

	if (!root_path(m->root, f.path, real, e))
		return false;
	bool there = file_exists(real);
	bool own = there && file_read(real, f.path, &text, NULL) &&
		   str_is(buf_str(&text), MARK);
	buf_clear(&text);
	if (own == wanted || (there && !own)) /* one made by hand stays */
		return true;
	f.existed = there;
	f.before = there ? STR(MARK) : (struct str)STR_EMPTY;
	f.differs = true;
	return vec_push(entries, &f) || files_out_of_memory(e);
}

bool
files_marks(const struct model_ctx *m, const struct expand *x,
    struct vec *entries, struct err *e)
{
	const struct template_data *d = expand_env(x)->data;
	const struct template_record *r;
	size_t n = d->records(d->ctx, "domains", &r);
	bool ok = true;

	if (template_release(m->release) < TEMPLATE_R9_2)
		return true;
	for (size_t i = 0; ok && i < n; i++) {
		struct str key = r[i].key, value;
		if (!str_is(r[i].type, "domain") || !mail_domain_is_valid(key))
			continue;
		bool off =
		    d->value(d->ctx, "domains", key, "DKIMSigning", &value) &&
		    str_is(value, "disabled");
		ok = mark_add(m, key, off, entries, e);
	}
	return ok;
}
