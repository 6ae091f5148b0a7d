/* The text to publish for a key. */
#include "core/auth/dkim_base64.h"
#include "core/base/i18n.h"
#include "core/model/dkim.h"

enum {
	RECORD_MAX = 8192
};

bool
dkim_own_record(const struct model_ctx *m, const struct crypto *c,
    const struct dkim_own *own, bool testing, struct str *out, struct err *e)
{
	struct buf der = BUF_INIT(RECORD_MAX), text = BUF_INIT(RECORD_MAX);
	bool ok = c->key_write_der(own->key, &der, e);
	buf_addf(&text, "v=DKIM1; k=%s;%s p=",
	    own->kind == CRYPTO_ED25519 ? "ed25519" : "rsa",
	    testing ? " t=y;" : "");
	if (ok && !dkim_base64_encode(&text, buf_str(&der)))
		ok = err_set(e, ERR_PERMANENT, _("the key is too long"));
	*out = arena_str(m->arena, buf_str(&text));
	buf_clear(&der);
	buf_clear(&text);
	return ok;
}

struct str
dkim_record_quoted(struct arena *a, struct str record, const char *between)
{
	struct buf text = BUF_INIT(2 * RECORD_MAX);
	for (size_t at = 0; at < record.len || at == 0; at += DKIM_STRING_MAX) {
		struct str part = str_sub(record, at, at + DKIM_STRING_MAX);
		buf_addf(
		    &text, "%s\"%.*s\"", at > 0 ? between : "", STR_ARG(part));
	}
	struct str out = arena_str(a, buf_str(&text));
	buf_clear(&text);
	return out;
}
