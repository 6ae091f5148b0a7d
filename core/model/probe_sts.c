/*
 * MTA-STS (RFC 8461): the record that announces a policy, and the policy, got
 * by one small HTTPS request that takes no redirection.
 */
#include "core/auth/mtasts.h"
#include "core/base/i18n.h"
#include "core/model/probe_int.h"

enum {
	HTTPS_PORT = 443,
	LINE_MAX_BYTES = 4096,
	HEADERS_MAX = 64,
	WEEK_S = 7 * 86400
};

static const char *const label = "MTA-STS";

/*
 * The domain of the record: that of the host or the nearest one above it, as a
 * mail server is commonly named below the domain it serves. NULL: none. *n is
 * how many there are.
 */
static const char *
find_record(struct probe *p, struct str *id, size_t *n, bool *answered)
{
	struct str domain = str_of(p->host), rest;
	*answered = true;
	while (str_find(domain, '.', 0) < domain.len) {
		const char *name =
		    arena_printf(p->m->arena, "_mta-sts.%.*s", STR_ARG(domain));
		const struct dns_answer *a =
		    dns_ask(p->dns, p->m->arena, str_of(name), DNS_TXT, NULL);
		size_t found = 0;
		*answered =
		    *answered && a != NULL &&
		    (dns_is_answer(a->status) || a->status == DNS_NOT_A_NAME);
		for (size_t i = 0; a != NULL && a->status == DNS_OK && i < a->n;
		     i++)
			found +=
			    mtasts_record_parse(a->records[i].as.txt.text, id);
		*n = found;
		if (found > 0)
			return arena_cstr(p->m->arena, domain);
		str_cut(domain, '.', &rest);
		domain = rest;
	}
	return NULL;
}

/* Status line and fields; only 200 will do. */
static bool
read_head(struct stream *s, struct err *e)
{
	struct str line;
	if (!stream_read_line(s, LINE_MAX_BYTES, &line, e))
		return false;
	struct str rest = line, word = STR_EMPTY;
	if (!str_starts(line, STR("HTTP/1.")))
		return err_set(e, ERR_PERMANENT, _("the peer speaks no HTTP"));
	str_next_word(&rest, &word);
	if (!str_next_word(&rest, &word) || !str_is(word, "200"))
		return err_set(e, ERR_PERMANENT, _("the answer is %.*s"),
		    (int)(word.len < 16 ? word.len : 16), word.ptr);
	for (int i = 0; i < HEADERS_MAX; i++) {
		if (!stream_read_line(s, LINE_MAX_BYTES, &line, e))
			return false;
		if (line.len == 0)
			return true;
	}
	return err_set(e, ERR_PERMANENT, _("the answer has too many fields"));
}

static bool
ask_policy(struct probe *p, struct probe *web, struct buf *body, struct err *e)
{
	const struct tls_calls *calls = tls_load(e);
	struct tls_facts facts = { 0 };
	struct tls_wish wish = { .name = web->host,
		.verify = true,
		.trusted = p->trusted,
		.alpn = "http/1.1" };
	/* HTTP/1.0: no chunks, and the end of the connection ends the text */
	const char *ask = arena_printf(p->m->arena,
	    "GET /.well-known/mta-sts.txt HTTP/1.0\r\nHost: %s\r\n"
	    "Connection: close\r\n\r\n",
	    web->host);
	if (calls == NULL || !stream_tls(&web->stream, calls, &wish, e) ||
	    !calls->facts(web->stream.tls, p->m->arena, &facts, e))
		return false;
	if (!facts.name_matches)
		return err_set(e, ERR_PERMANENT,
		    _("the certificate is not for '%s'"), web->host);
	if (!facts.verified)
		return err_set(e, ERR_PERMANENT,
		    _("its certificate is not verified: %.*s"),
		    STR_ARG(facts.reason));
	return stream_write(&web->stream, str_of(ask), e) &&
	       read_head(&web->stream, e) &&
	       stream_read_all(&web->stream, body, e);
}

static bool
get_policy(struct probe *p, const char *domain, struct mtasts_policy *out,
    struct err *e)
{
	struct probe web = *p;
	struct findings quiet = { .watch = NULL };
	struct buf body = BUF_INIT(MTASTS_POLICY_MAX);
	findings_init(&quiet, p->m->arena);
	web.f = &quiet;
	web.host = arena_printf(p->m->arena, "mta-sts.%s", domain);
	web.port = HTTPS_PORT;
	stream_init(&web.stream, p->m->clock, p->deadline_ms);
	bool ok = probe_connect(&web, e) && ask_policy(p, &web, &body, e);
	struct str text = arena_str(p->m->arena, buf_str(&body));
	stream_close(&web.stream);
	buf_clear(&body);
	return ok && mtasts_policy_parse(text, out, e);
}

static void
judge(struct probe *p, const char *domain, const struct mtasts_policy *s)
{
	bool named = mtasts_policy_names(s, str_of(p->host));
	bool good = p->tls.verified && p->tls.name_matches;
	const char *mode = mtasts_mode_text(s->mode);
	enum finding_state bad =
	    s->mode == MTASTS_ENFORCE ? FINDING_FAIL : FINDING_WARN;
	if (s->mode == MTASTS_NONE)
		findings_add(p->f, FINDING_INFO, "mta-sts", label,
		    _("%s: mode none, nothing is asked of senders"), domain);
	else if (!named)
		findings_add(p->f, bad, "mta-sts", label,
		    _("%s: mode %s, but %s is not among its mx: senders "
		      "that check do not deliver here"),
		    domain, mode, p->host);
	else if (!good)
		findings_add(p->f, bad, "mta-sts", label,
		    _("%s: mode %s, but the certificate is not verified for "
		      "%s: senders that check do not deliver here"),
		    domain, mode, p->host);
	else
		findings_add(p->f,
		    s->max_age_s < WEEK_S ? FINDING_WARN : FINDING_OK,
		    "mta-sts", label,
		    _("%s: mode %s, this server is named, kept for %llu "
		      "days"),
		    domain, mode, (unsigned long long)(s->max_age_s / 86400));
}

void
probe_sts(struct probe *p)
{
	struct str id;
	struct net_addr addr;
	struct err e = ERR_INIT;
	struct mtasts_policy policy;
	size_t n = 0;
	bool answered;
	if (net_addr_parse(str_of(p->host), &addr))
		return;
	const char *domain = find_record(p, &id, &n, &answered);
	if (domain == NULL && answered)
		findings_add(p->f, FINDING_INFO, "mta-sts", label,
		    _("no record: senders may deliver without TLS"));
	else if (domain == NULL)
		findings_add(p->f, FINDING_UNKNOWN, "mta-sts", label,
		    _("the record could not be asked for"));
	else if (n > 1)
		findings_add(p->f, FINDING_FAIL, "mta-sts", label,
		    _("_mta-sts.%s has %zu records: senders take them for "
		      "none"),
		    domain, n);
	else if (id.len == 0)
		findings_add(p->f, FINDING_FAIL, "mta-sts", label,
		    _("_mta-sts.%s has no valid id="), domain);
	else if (!get_policy(p, domain, &policy, &e))
		findings_add(p->f, probe_state_of(&e), "mta-sts", label,
		    _("_mta-sts.%s announces a policy, but it cannot be got: "
		      "%s"),
		    domain, e.text);
	else
		judge(p, domain, &policy);
}
