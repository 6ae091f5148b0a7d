/*
 * tls CERT KEY CA [DHPARAM] (FL-76): the daemon does what it says; here are
 * its words and the settings tls_ciphers and tls_protocols.
 */
#include "core/base/i18n.h"
#include "core/filter/plugins_int.h"

static const struct protocol {
	const char *word;
	bool is_old;
	bool is_tls12, is_tls13;
} protocols[] = {
	{ "SSLv23", false, true, true }, /* all there are */
	{ "SSLv2", true, false, false },
	{ "SSLv3", true, false, false },
	{ "TLSv1", true, false, false },
	{ "TLSv1_1", true, false, false },
	{ "TLSv1.1", true, false, false },
	{ "TLSv1_2", false, true, false },
	{ "TLSv1.2", false, true, false },
	{ "TLSv1_3", false, false, true },
	{ "TLSv1.3", false, false, true },
};

static const struct protocol *
protocol_of(struct str word)
{
	for (size_t i = 0; i < ARRAY_LEN(protocols); i++) {
		if (str_is_nocase(word, protocols[i].word))
			return &protocols[i];
	}
	return NULL;
}

/* What is wanted of TLS 1.2, by the words so far. */
struct wanted {
	bool tls12, tls13, refused;
};

static void
read_protocol(struct plugin_setup *s, const struct config_line *line,
    struct str word, struct wanted *w)
{
	bool excluded = word.len > 0 && word.ptr[0] == '!';
	const struct protocol *p =
	    protocol_of(excluded ? str_sub(word, 1, word.len) : word);
	if (p == NULL)
		config_note(s->config, LEVEL_WARN, line,
		    "'%.*s' is no protocol", STR_ARG(word));
	else if (p->is_old && !excluded)
		config_note(s->config, LEVEL_WARN, line,
		    "'%.*s' is ignored: TLS 1.2 is the lowest", STR_ARG(word));
	else if (p->is_tls12 && !p->is_tls13 && excluded)
		w->refused = true;
	else if (!excluded && !p->is_old) {
		w->tls12 = w->tls12 || p->is_tls12;
		w->tls13 = w->tls13 || p->is_tls13;
	}
}

/* "SSLv23:!SSLv2:!SSLv3"; TLS 1.3 is always on. */
static bool
read_protocols(struct plugin_setup *s, struct tls_line *t, struct err *e)
{
	struct config_lines lines;
	struct wanted w = { false, false, false };
	if (!config_lines(s->config, STR("tls_protocols"), &lines, e))
		return false;
	struct str text =
	    lines.n > 0 ? lines.lines[0].text : (struct str)STR_EMPTY;
	while (text.len > 0) {
		struct str word = str_trim(str_cut(text, ':', &text));
		read_protocol(s, &lines.lines[0], word, &w);
	}
	t->only_tls13 = w.refused || (w.tls13 && !w.tls12);
	return true;
}

static bool
read_ciphers(struct plugin_setup *s, struct tls_line *t, struct err *e)
{
	struct config_lines lines;
	if (!config_lines(s->config, STR("tls_ciphers"), &lines, e))
		return false;
	t->ciphers = "HIGH";
	if (lines.n > 0)
		t->ciphers = plugin_cstr(s, lines.lines[0].text, e);
	return t->ciphers != NULL;
}

static bool
configure(struct plugin_setup *s, struct err *e)
{
	struct tls_line *t = plugin_alloc(s, sizeof(*t), e);
	if (t == NULL)
		return false;
	const char **paths[] = { &t->certificate, &t->key, &t->authorities,
		&t->dh };
	if (s->n_words < ARRAY_LEN(paths) - 1 || s->n_words > ARRAY_LEN(paths))
		return config_refuse(s->line, e,
		    _("plugin 'tls': the files of certificate, key and "
		      "authorities are wanted, all three"));
	for (size_t i = 0; i < s->n_words; i++) {
		*paths[i] = plugin_cstr(s, s->words[i], e);
		if (*paths[i] == NULL)
			return false;
	}
	s->instance->data = t;
	return read_ciphers(s, t, e) && read_protocols(s, t, e);
}

const struct plugin plugin_tls = {
	.name = "tls",
	.configure = configure,
};
