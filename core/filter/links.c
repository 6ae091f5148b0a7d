/* From a message to the names it links to. */
#include "core/filter/links_int.h"

#include "core/mail/header.h"
#include "core/mail/words.h"

enum {
	DECODE_AT_ONCE = 4096,
	TWO_LABELS = 2
};

/* ---- names ---- */

static bool
is_listed(struct str word, const char *const *words)
{
	for (; *words != NULL; words++) {
		if (str_is(word, *words))
			return true;
	}
	return false;
}

/* Without the list of public suffixes: those that are used most. */
static const char *const tops[] = { "aero", "app", "arpa", "asia", "biz", "cat",
	"click", "club", "com", "coop", "dev", "edu", "gov", "icu", "info",
	"int", "jobs", "link", "live", "mil", "mobi", "museum", "name", "net",
	"online", "org", "pro", "shop", "site", "store", "tel", "top", "travel",
	"vip", "work", "xyz", NULL };
/* Second labels below a country under which domains are registered. */
static const char *const seconds[] = { "ac", "co", "com", "edu", "go", "gob",
	"gouv", "gov", "govt", "id", "in", "info", "ltd", "me", "mil", "ne",
	"net", "nom", "or", "org", "plc", "sch", NULL };

/* The last 'n' labels. */
static struct str
last_labels(struct str name, unsigned n)
{
	size_t i = name.len;
	while (i > 0 && (name.ptr[i - 1] != '.' || --n > 0))
		i--;
	return str_sub(name, i, name.len);
}

struct str
linked_registered(const struct psl *psl, struct str name)
{
	struct buf out = BUF_INIT(LINK_HOST_MAX + 1);
	struct str found = last_labels(name, TWO_LABELS);
	if (psl != NULL) {
		/* what is a public suffix itself is asked for as it is */
		size_t n = psl->organization(name, &out) ? out.len : name.len;
		found =
		    str_sub(name, n < name.len ? name.len - n : 0, name.len);
		buf_clear(&out);
		return found;
	}
	struct str top, second = str_cut(found, '.', &top);
	if (top.len == 2 && is_listed(second, seconds))
		return last_labels(name, TWO_LABELS + 1);
	return found;
}

/* FL-107: a bare name counts with a known top-level domain, or two letters. */
static bool
has_known_top(const struct linked *l, struct str name)
{
	struct str top = last_labels(name, 1);
	if (top.len == 2)
		return ascii_is_alpha(top.ptr[0]) && ascii_is_alpha(top.ptr[1]);
	return l->psl != NULL ? l->psl->is_top(top) : is_listed(top, tops);
}

static void
add(struct linked *l, const struct link *link, struct str shown)
{
	struct linked_name *n = &l->names[l->n];
	n->shown = shown;
	if (link->kind == LINK_ADDRESS) {
		n->name = n->registered = dns_reversed(l->arena, &link->addr);
	} else {
		n->name = shown;
		n->registered = linked_registered(l->psl, shown);
		if (l->is_spared != NULL && l->is_spared(l->ctx, n->registered))
			return;
	}
	if (fact_name_is_valid(n->name))
		l->n++;
}

static bool
on_link(void *ctx, const struct link *link)
{
	struct linked *l = ctx;
	char text[NET_ADDR_TEXT_SIZE];
	struct str shown = link->host;
	/* one address, however it is written */
	if (link->kind == LINK_ADDRESS)
		shown = str_of(net_addr_format(&link->addr, text));
	if (link->kind == LINK_ADDRESS && !l->with_addresses)
		return true;
	if (link->kind == LINK_BARE && !has_known_top(l, shown))
		return true;
	if (map_has(&l->seen, shown))
		return true;
	shown = arena_str(l->arena, shown);
	if (shown.ptr == NULL || !map_put(&l->seen, shown, l))
		return false;
	add(l, link, shown);
	return l->n < LINKED_MAX && l->seen.len < LINKED_SEEN_MAX;
}

/* ---- the message ---- */

void
linked_init(struct linked *l, struct arena *a, const struct psl *psl)
{
	l->begun = true;
	l->arena = a;
	l->psl = psl;
	links_init(&l->finder, on_link, l);
}

void
linked_clear(void *linked)
{
	struct linked *l = linked;
	map_clear(&l->seen);
}

void
linked_read_header(struct linked *l, const struct filter_message *m)
{
	struct buf line = BUF_INIT(MAIL_HEADER_MAX);
	struct buf text = BUF_INIT(MAIL_HEADER_MAX);
	for (size_t i = 0; i < m->n_fields; i++) {
		buf_reset(&line);
		buf_reset(&text);
		if (!mail_field_unfold(&line, &m->fields[i]) ||
		    !mail_words_decode(&text, buf_str(&line)))
			continue;
		links_begin(&l->finder, true);
		(void)links_add(&l->finder, buf_str(&text));
		links_end(&l->finder);
	}
	buf_clear(&line);
	buf_clear(&text);
}

/* What a mail program shows, or opens in a browser. */
static bool
is_text(const struct mime_part *part)
{
	static const char *const types[] = { "text/", "message/", "multipart/",
		NULL };
	static const char *const endings[] = { "htm", "html", "shtml", "xht",
		"xhtml", "xml", "svg", "txt", "ics", "eml", "url", NULL };
	struct str type = str_of(part->type);
	for (size_t i = 0; types[i] != NULL; i++) {
		if (str_starts(type, str_of(types[i])))
			return true;
	}
	return is_listed(str_of(part->ending), endings) ||
	       str_ends(type, STR("xml"));
}

static void
begin_part(struct linked *l)
{
	links_end(&l->finder);
	l->is_text = is_text(&l->reader.part);
	mime_decoder_init(&l->decoder, l->reader.part.coding);
	links_begin(&l->finder, l->reader.part.coding == MIME_QUOTED_PRINTABLE);
}

/* False: enough is found. */
static bool
read_bytes(struct linked *l, struct str bytes)
{
	char decoded[DECODE_AT_ONCE + 2];
	while (bytes.len > 0) {
		struct str some = str_sub(bytes, 0, DECODE_AT_ONCE);
		size_t n = mime_decode(&l->decoder, some, decoded);
		if (!links_add(&l->finder, str_n(decoded, n)))
			return false;
		bytes = str_sub(bytes, some.len, bytes.len);
	}
	return true;
}

bool
linked_read(struct linked *l, const struct filter_message *m)
{
	struct mime_piece piece;
	if (l->reader.rest.ptr == NULL)
		mime_init(&l->reader, m->text);
	size_t before = l->reader.rest.len;
	while (before - l->reader.rest.len < LINKED_TURN) {
		if (!mime_next(&l->reader, &piece)) {
			links_end(&l->finder);
			l->read = true;
			break;
		}
		if (piece.begins)
			begin_part(l);
		if (l->is_text && !read_bytes(l, piece.bytes)) {
			l->read = true;
			break;
		}
	}
	return l->read;
}
