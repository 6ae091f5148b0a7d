/* The alignment of signatures with From, by the published DMARC record. */
#include "core/model/dkim_align.h"

#include "core/auth/dmarc.h"
#include "core/base/i18n.h"
#include "core/mail/header.h"

static const char *const words[] = {
	[DKIM_ALIGN_PASS] = "pass",
	[DKIM_ALIGN_FAIL] = "fail",
	[DKIM_ALIGN_NONE] = "none",
	[DKIM_ALIGN_TEMPERROR] = "temperror",
};

const char *
dkim_align_word(enum dkim_align_result r)
{
	return words[r];
}

/* False with the reason when the message names no one author's domain. */
static bool
from_read(
    const struct mail_header *h, struct arena *a, struct dkim_alignment *out)
{
	size_t n = mail_fields_count(h->fields, h->n_fields, "from");
	const struct filter_field *f =
	    mail_fields_find(h->fields, h->n_fields, "from");
	struct buf name = BUF_INIT(DNS_NAME_TEXT_SIZE);
	bool found = n == 1 && dmarc_from_domain(f->body, &name, &out->others);
	if (found)
		out->from = arena_str(a, buf_str(&name));
	else if (n == 1)
		out->reason = str_of(_("From names no domain"));
	else if (n == 0)
		out->reason = str_of(_("the message has no From field"));
	else
		out->reason = str_of(arena_printf(a,
		    _("the message has %zu From fields: none of them counts"),
		    n));
	buf_clear(&name);
	return found;
}

static void
outcome_read(const struct dmarc_outcome *o, struct dkim_alignment *out)
{
	/* without a policy there is no record, whatever was looked at last */
	if (o->tag != NULL)
		out->where = o->where;
	out->strict = o->parsed.strict_dkim;
	out->reason = o->reason;
	if (o->dkim_aligned >= 0) {
		out->result = DKIM_ALIGN_PASS;
		out->signature = (size_t)o->dkim_aligned;
		return;
	}
	out->result = o->result == DMARC_TEMPERROR ? DKIM_ALIGN_TEMPERROR
		      : o->result == DMARC_NONE    ? DKIM_ALIGN_NONE
						   : DKIM_ALIGN_FAIL;
}

void
dkim_align(const struct dkim_message *m, const struct dkim_verdict *v,
    struct dns *dns, struct arena *a, struct dkim_alignment *out)
{
	size_t n = m->n_signatures;
	struct dmarc_signature *s =
	    ARENA_ARRAY(a, n + 1, struct dmarc_signature);
	struct dmarc_outcome outcome;
	struct facts facts;
	*out = (struct dkim_alignment){ .result = DKIM_ALIGN_NONE };
	if (!from_read(&m->header, a, out) || s == NULL)
		return;
	for (size_t i = 0; i < n; i++)
		s[i] = (struct dmarc_signature){
			.result = str_of(dkim_result_word(v[i].result)),
			.domain = m->signatures[i].domain,
		};
	struct dmarc_request q = {
		.from = out->from, .view = DMARC_RFC9989, .dkim = s, .n_dkim = n
	};
	facts_init(&facts, a);
	dmarc_check_wait(&q, &facts, a, dns, NULL, &outcome);
	facts_clear(&facts);
	outcome_read(&outcome, out);
}
