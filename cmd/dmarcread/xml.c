/*
 * The XML of a report. libxml2 is used, not expat, as it can go on behind what
 * is not well-formed: many reports in the wild are not. Neither entities nor
 * anything outside is loaded. What is told does not follow the tree to the
 * letter, but the containers known, so that a stray tag spoils one value only.
 */
#include "cmd/dmarcread/read.h"

#include "core/base/utf8.h"

#include <libxml/parser.h>

/* Where a container may stand: its level, and what it must be in. */
static const struct container {
	const char *name;
	unsigned level;
	const char *within; /* NULL: anywhere */
} containers[] = {
	{ "report_metadata", 1, NULL },
	{ "date_range", 2, "report_metadata" },
	{ "policy_published", 1, NULL },
	{ "record", 1, NULL },
	{ "row", 2, "record" },
	{ "policy_evaluated", 3, "row" },
	{ "reason", 4, "policy_evaluated" },
	{ "identifiers", 2, "record" },
	{ "auth_results", 2, "record" },
	{ "dkim", 3, "auth_results" },
	{ "spf", 3, "auth_results" },
};

enum {
	LEVELS = 5
};

struct xml {
	struct reading *r;
	const char *path[LEVELS]; /* containers, [1] is the outermost */
	unsigned level;
	struct buf text;
	bool leaf;     /* nothing but text since the last start */
	bool feedback; /* the root was seen */
	size_t records;
};

static const char *
local_name(const xmlChar *name)
{
	const char *s = (const char *)name;
	const char *colon = strchr(s, ':');
	return colon != NULL ? colon + 1 : s;
}

static bool
is_within(const struct xml *x, const struct container *c)
{
	if (c->within == NULL)
		return true;
	for (unsigned i = c->level - 1; i > 0; i--)
		if (i <= x->level && strcmp(x->path[i], c->within) == 0)
			return i == c->level - 1;
	return false;
}

static const struct container *
container_find(const struct xml *x, const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(containers); i++)
		if (strcmp(name, containers[i].name) == 0 &&
		    is_within(x, &containers[i]))
			return &containers[i];
	return NULL;
}

static void
path_add(struct xml *x)
{
	for (unsigned i = 1; i <= x->level; i++)
		buf_addf(x->r->out, "%s/", x->path[i]);
}

static void
on_start(void *ctx, const xmlChar *name, const xmlChar **attributes)
{
	struct xml *x = ctx;
	const char *local = local_name(name);
	(void)attributes;
	buf_reset(&x->text);
	x->leaf = true;
	if (strcmp(local, "feedback") == 0 && !x->feedback) {
		x->feedback = true;
		buf_add_cstr(x->r->out, "+feedback\n");
		return;
	}
	const struct container *c = container_find(x, local);
	if (!x->feedback || c == NULL || x->records > READ_RECORDS_MAX)
		return;
	x->level = c->level;
	x->path[c->level] = c->name;
	x->records += c->level == 1 && strcmp(c->name, "record") == 0;
	buf_add_char(x->r->out, '+');
	path_add(x);
	buf_add_char(x->r->out, '\n');
	x->leaf = false;
}

/* A value on one line: LF, tab and backslash escaped, the rest as it is. */
static void
value_add(struct buf *out, struct str s)
{
	s = str_trim(s);
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		if (c == '\n' || c == '\t' || c == '\r')
			c = ' ';
		buf_add_char(out, c);
	}
}

static void
on_end(void *ctx, const xmlChar *name)
{
	struct xml *x = ctx;
	const char *local = local_name(name);
	bool value = x->leaf && x->feedback && x->level > 0;
	if (x->records <= READ_RECORDS_MAX && value) {
		buf_add_char(x->r->out, '=');
		path_add(x);
		buf_addf(x->r->out, "%s\t", local);
		value_add(x->r->out, buf_str(&x->text));
		buf_add_char(x->r->out, '\n');
	}
	x->leaf = false;
	if (!value && x->level > 0 && strcmp(x->path[x->level], local) == 0)
		x->level--;
}

static void
on_text(void *ctx, const xmlChar *text, int n)
{
	struct xml *x = ctx;
	if (n > 0)
		buf_add(&x->text, text, (size_t)n);
}

static void
on_error(void *ctx, const char *fmt, ...)
{
	(void)ctx;
	(void)fmt;
}

static int
options(void)
{
	return XML_PARSE_RECOVER | XML_PARSE_NONET | XML_PARSE_NOERROR |
	       XML_PARSE_NOWARNING | XML_PARSE_NOCDATA;
}

/*
 * The text without its declaration, as UTF-8: an encoding that is named there
 * would make the library load tables from files, and is often not the truth.
 * Bytes that are no UTF-8 are taken for Latin-1.
 */
static struct str
as_utf8(struct reading *r, struct str s, bool *changed)
{
	uint32_t cp;
	*changed = false;
	if (str_starts(s, STR("<?xml"))) {
		size_t end = str_find_str(s, STR("?>"));
		s = str_sub(s, end + 2, s.len);
	}
	char *out = arena_alloc(r->arena, 2 * s.len + 1);
	size_t n = 0;
	while (out != NULL && s.len > 0) {
		size_t step = utf8_decode(s, &cp);
		if (step == 0) {
			*changed = true;
			n += utf8_encode((unsigned char)s.ptr[0], out + n);
			step = 1;
		} else {
			memcpy(out + n, s.ptr, step);
			n += step;
		}
		s = str_sub(s, step, s.len);
	}
	return str_n(out, n);
}

bool
read_xml(struct reading *r, struct str bytes)
{
	bool changed;
	struct xml x = { .r = r, .text = BUF_INIT(READ_TEXT_MAX) };
	xmlSAXHandler sax = { .startElement = on_start,
		.endElement = on_end,
		.characters = on_text,
		.ignorableWhitespace = on_text,
		.cdataBlock = on_text,
		.warning = on_error,
		.error = on_error,
		.fatalError = on_error };
	size_t before = r->out->len;
	bytes = as_utf8(r, bytes, &changed);
	xmlParserCtxtPtr p = xmlCreatePushParserCtxt(&sax, &x, NULL, 0, NULL);
	if (p == NULL) {
		r->problem = "out of memory";
		return false;
	}
	xmlCtxtUseOptions(p, options());
	enum {
		PIECE = 16 * 1024
	};
	for (size_t at = 0; at < bytes.len; at += PIECE) {
		struct str piece = str_sub(bytes, at, at + PIECE);
		if (xmlParseChunk(p, piece.ptr, (int)piece.len, 0) != 0 &&
		    p->disableSAX)
			break; /* beyond recovery, or a bomb */
	}
	xmlParseChunk(p, NULL, 0, 1);
	bool whole = p->wellFormed && !changed;
	if (p->myDoc != NULL)
		xmlFreeDoc(p->myDoc);
	xmlFreeParserCtxt(p);
	buf_clear(&x.text);
	if (!x.feedback) {
		buf_truncate(r->out, before);
		return false;
	}
	buf_addf(r->out, "=well_formed\t%s\n", whole ? "yes" : "no");
	buf_add_cstr(r->out, "-feedback\n");
	r->reports++;
	return true;
}
