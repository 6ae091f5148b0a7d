/* Asks the helper around libspf2, and answers what it asks. */
#include "core/auth/spf_second.h"

#include "core/auth/spf_wire.h"
#include "core/base/i18n.h"
#include "core/sys/coprocess.h"
#include "core/sys/libexec.h"

#include <stdlib.h>

enum {
	LIMIT_MS = 60000,     /* for all, DNS included */
	QUESTIONS_MAX = 2000, /* it knows no limit across includes */
	TYPE_SIZE = 2
};

struct talk {
	struct coprocess program;
	struct facts *facts;
	struct dns *dns;
	const struct dns_how *how;
	struct buf in, out;
	int64_t deadline;
};

static void
put16(struct buf *b, size_t n)
{
	buf_add_char(b, (char)(n >> 8));
	buf_add_char(b, (char)(n & 0xff));
}

static bool
send_message(struct talk *t, enum spf_wire type, struct str body, struct err *e)
{
	struct buf head = BUF_INIT(SPF_WIRE_HEAD);
	buf_add_char(&head, (char)type);
	put16(&head, body.len >> 16);
	put16(&head, body.len & 0xffff);
	bool ok = coprocess_send(&t->program, buf_str(&head), t->deadline, e) &&
		  coprocess_send(&t->program, body, t->deadline, e);
	buf_clear(&head);
	return ok;
}

static bool
receive_message(struct talk *t, char *type, struct err *e)
{
	buf_reset(&t->in);
	if (!coprocess_receive(
		&t->program, SPF_WIRE_HEAD, &t->in, t->deadline, e))
		return false;
	const unsigned char *head = (const unsigned char *)t->in.data;
	size_t n = (size_t)head[1] << 24 | (size_t)head[2] << 16 |
		   (size_t)head[3] << 8 | head[4];
	*type = (char)head[0];
	buf_reset(&t->in);
	if (n > SPF_WIRE_MAX)
		return err_set(e, ERR_PERMANENT, _("the helper sent too much"));
	return coprocess_receive(&t->program, n, &t->in, t->deadline, e);
}

static void
add_record(struct buf *out, const struct dns_record *r)
{
	struct str data;
	switch (r->type) {
	case DNS_A:
	case DNS_AAAA:
		data = str_n(
		    (const char *)r->as.addr.bytes, r->type == DNS_A ? 4 : 16);
		break;
	case DNS_MX:
		data = r->as.mx.host;
		break;
	case DNS_PTR:
		data = r->as.host;
		break;
	default:
		data = r->as.txt.text;
		break;
	}
	if (data.len > UINT16_MAX)
		return;
	put16(out, data.len);
	buf_add_str(out, data);
}

static void
answer_make(struct buf *out, const struct fact *fact)
{
	enum spf_wire_status status = SPF_WIRE_NO_NAME;
	size_t n = 0;
	if (fact != NULL && fact->answer == NULL)
		status = SPF_WIRE_FAILED; /* out of memory */
	else if (fact != NULL && fact_is_failed(fact))
		status = SPF_WIRE_FAILED;
	else if (fact != NULL && fact->answer->status == DNS_NODATA)
		status = SPF_WIRE_NO_DATA;
	else if (fact != NULL && fact->answer->status == DNS_OK) {
		status = SPF_WIRE_FOUND;
		n = fact->answer->n;
	}
	buf_reset(out);
	buf_add_char(out, (char)status);
	for (size_t i = 0; i < n && i < SPF_WIRE_RECORDS; i++)
		add_record(out, &fact->answer->records[i]);
}

static bool
answer(struct talk *t, struct err *e)
{
	const struct fact *fact = NULL;
	struct str body = buf_str(&t->in);
	if (body.len > TYPE_SIZE) {
		uint16_t type = (uint16_t)((unsigned char)body.ptr[0] << 8 |
					   (unsigned char)body.ptr[1]);
		bool known = type == DNS_A || type == DNS_AAAA ||
			     type == DNS_MX || type == DNS_PTR ||
			     type == DNS_TXT;
		if (known)
			fact = facts_ask(
			    t->facts, str_sub(body, TYPE_SIZE, body.len), type);
		if (fact != NULL && fact->answer == NULL)
			facts_fetch(t->facts, t->dns, t->how);
	}
	answer_make(&t->out, fact);
	if (t->out.failed)
		return err_set(
		    e, ERR_PERMANENT, _("an answer is too large to hand on"));
	return send_message(t, SPF_WIRE_ANSWER, buf_str(&t->out), e);
}

static bool
ask(struct talk *t, const struct spf_request *q, enum spf_result *out,
    struct err *e)
{
	char ip[NET_ADDR_TEXT_SIZE], type;
	net_addr_format(&q->ip, ip);
	buf_add(&t->out, ip, strlen(ip) + 1);
	buf_add_str(&t->out, q->sender);
	buf_add_char(&t->out, '\0');
	buf_add_str(&t->out, q->helo);
	buf_add_char(&t->out, '\0');
	if (!send_message(t, SPF_WIRE_CHECK, buf_str(&t->out), e))
		return false;
	for (unsigned i = 0; i < QUESTIONS_MAX; i++) {
		if (!receive_message(t, &type, e))
			return false;
		if (type == SPF_WIRE_RESULT &&
		    spf_result_parse(buf_str(&t->in), out))
			return true;
		if (type != SPF_WIRE_ASK)
			return err_set(e, ERR_PERMANENT,
			    _("the helper does not say what it should"));
		if (!answer(t, e))
			return false;
	}
	return err_set(
	    e, ERR_PERMANENT, _("more than %d questions"), QUESTIONS_MAX);
}

bool
spf_second_check(const struct spf_request *request, struct facts *facts,
    struct dns *d, const struct dns_how *how, const struct clock *clock,
    enum spf_result *out, struct err *e)
{
	char path[SYS_PATH_MAX];
	libexec_find("spf2", path);
	const char *const argv[] = { path, NULL };
	struct talk t = { .facts = facts,
		.dns = d,
		.how = how,
		.in = BUF_INIT(SPF_WIRE_MAX),
		.out = BUF_INIT(SPF_WIRE_MAX),
		.deadline = clock_mono_ms(clock) + LIMIT_MS };
	if (!coprocess_start(&t.program, argv, clock, e))
		return err_context(e, _("cannot ask libspf2"));
	bool ok = ask(&t, request, out, e);
	coprocess_stop(&t.program);
	buf_clear(&t.in);
	buf_clear(&t.out);
	return ok || err_context(e, _("cannot ask libspf2"));
}
