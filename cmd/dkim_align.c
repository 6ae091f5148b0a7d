/* The alignment with From, as dkim verify shows it. */
#include "cmd/dkim.h"

#include "cmd/render.h"
#include "core/base/i18n.h"

void
dkim_align_json(struct json *j, const struct dkim_message *m,
    const struct dkim_alignment *x)
{
	bool has_record = x->where.len > 0;
	json_key(j, "alignment");
	json_object_begin(j);
	json_key(j, "result");
	json_cstr(j, dkim_align_word(x->result));
	json_key(j, "from");
	json_str(j, x->from);
	json_key(j, "other_domains");
	json_bool(j, x->others);
	json_key(j, "mode");
	if (has_record)
		json_cstr(j, x->strict ? "strict" : "relaxed");
	else
		json_null(j);
	json_key(j, "record_domain");
	json_str(j, x->where);
	json_key(j, "signature");
	if (x->result == DKIM_ALIGN_PASS)
		json_int(j, (int64_t)x->signature + 1);
	else
		json_null(j);
	json_key(j, "domain");
	json_str(j, x->result == DKIM_ALIGN_PASS
			? m->signatures[x->signature].domain
			: str_n("", 0));
	json_key(j, "reason");
	json_str(j, x->reason);
	json_object_end(j);
}

void
dkim_align_show(struct app *app, const struct dkim_message *m,
    const struct dkim_alignment *x)
{
	const char *mode = x->strict ? "strict" : "relaxed";
	switch (x->result) {
	case DKIM_ALIGN_PASS:
		render_line(app,
		    _("alignment=pass: From '%.*s' and signature %zu of '%.*s' "
		      "(%s, as _dmarc.%.*s says)"),
		    STR_ARG(x->from), x->signature + 1,
		    STR_ARG(m->signatures[x->signature].domain), mode,
		    STR_ARG(x->where));
		break;
	case DKIM_ALIGN_FAIL:
		render_line(app,
		    _("alignment=fail: no signature that passes is aligned "
		      "with From '%.*s' (%s, as _dmarc.%.*s says)"),
		    STR_ARG(x->from), mode, STR_ARG(x->where));
		break;
	case DKIM_ALIGN_NONE:
	case DKIM_ALIGN_TEMPERROR:
		render_line(app, "alignment=%s: %.*s",
		    dkim_align_word(x->result), STR_ARG(x->reason));
		break;
	}
	if (x->others)
		render_note(
		    app, _("From has addresses of other domains too: the first "
			   "counts"));
}
