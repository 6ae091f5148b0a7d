/* Files of a bundle as lines. */
#include "core/filter/config_int.h"

#include "core/base/buf.h"
#include "core/base/escape.h"
#include "core/base/i18n.h"
#include "core/filter/bundle_int.h"
#include "core/filter/level_int.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum {
	NOTE_SIZE = 512
};

bool
config_init(
    struct config *c, struct arena *arena, struct str bundle, struct err *e)
{
	*c = (struct config){ .arena = arena,
		.names = VEC_INIT(struct str),
		.notes = VEC_INIT(struct config_note) };
	struct bundle_record r;
	enum bundle_step step;
	while ((step = bundle_next(&bundle, &r)) == BUNDLE_RECORD) {
		struct str *content = ARENA_NEW(arena, struct str);
		if (content == NULL || r.name.len == 0 ||
		    c->names.len >= BUNDLE_RECORDS_MAX)
			break;
		*content = r.content;
		if (!vec_push(&c->names, &r.name) ||
		    !map_put(&c->files, r.name, content))
			break;
	}
	if (step == BUNDLE_END)
		return true;
	config_clear(c);
	return err_set(e, ERR_PERMANENT,
	    _("cannot read the configuration: broken bundle"));
}

void
config_clear(struct config *c)
{
	map_clear(&c->files);
	map_clear(&c->settings);
	vec_clear(&c->names);
	vec_clear(&c->notes);
}

struct str
config_raw(const struct config *c, struct str name)
{
	const struct str *content = map_get(&c->files, name);
	return content != NULL ? *content : (struct str)STR_EMPTY;
}

#if defined(__GNUC__)
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#endif

/* The same file read for several lists gives the same note each time. */
static bool
is_noted(const struct config *c, struct str text)
{
	for (size_t i = 0; i < c->notes.len; i++) {
		if (str_is(
			text, VEC_AT(&c->notes, struct config_note, i)->text))
			return true;
	}
	return false;
}

void
config_note(struct config *c, int level, const struct config_line *at,
    const char *fmt, ...)
{
	struct config_note note = { level, NULL };
	struct buf shown = BUF_INIT(4 * NOTE_SIZE);
	char text[NOTE_SIZE];
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (at != NULL)
		buf_addf(&shown, "%s line %u: ", at->file, at->number);
	/* a file may hold anything */
	if (n >= 0)
		escape_terminal(&shown, str_of(text));
	if (c->notes.len < CONFIG_NOTES_MAX && !is_noted(c, buf_str(&shown)))
		note.text = arena_cstr(c->arena, buf_str(&shown));
	buf_clear(&shown);
	/* a note that finds no room is the least of the troubles */
	if (note.text == NULL || !vec_push(&c->notes, &note))
		return;
}

bool
config_refuse(const struct config_line *at, struct err *e, const char *fmt, ...)
{
	char text[ERR_TEXT_MAX];
	va_list ap;
	va_start(ap, fmt);
	if (vsnprintf(text, sizeof(text), fmt, ap) < 0)
		text[0] = '\0';
	va_end(ap);
	return err_set(
	    e, ERR_PERMANENT, _("%s line %u: %s"), at->file, at->number, text);
}

/* The files being read, innermost first: a circle is seen by its name. */
struct frame {
	struct str name;
	const struct frame *outer;
	unsigned depth;
};

struct reading {
	struct config *config;
	struct vec lines; /* struct config_line */
	size_t visited;   /* lines seen, comments too: bounds the work */
	bool circle;      /* the file being read includes one that it is in */
	bool too_many;
	bool no_memory;
};

static bool
is_open(const struct frame *f, struct str name)
{
	for (; f != NULL; f = f->outer) {
		if (str_eq(f->name, name))
			return true;
	}
	return false;
}

static bool read_named(struct reading *r, struct str name,
    const struct frame *outer, const struct config_line *at);

static void
read_line(struct reading *r, struct config_line line, const struct frame *f)
{
	line.text = str_trim(line.text);
	if (line.text.len == 0 || line.text.ptr[0] == '#')
		return;
	struct str included = bundle_include_name(line.text);
	if (included.len > 0) {
		if (!read_named(r, included, f, &line))
			config_note(r->config, LEVEL_WARN, &line,
			    "cannot include '%.*s': no such file",
			    STR_ARG(included));
		return;
	}
	if (!vec_push(&r->lines, &line))
		r->no_memory = true;
}

static void
read_file(struct reading *r, struct str name, struct str content,
    const struct frame *outer)
{
	struct frame f = { name, outer, outer != NULL ? outer->depth + 1 : 0 };
	struct config_line line = { 0 };
	size_t before = r->lines.len;
	line.file = arena_printf(r->config->arena, "%s%.*s",
	    name.ptr[0] == '/' ? "" : "config/", STR_ARG(name));
	if (line.file == NULL)
		r->no_memory = true;
	while (!r->no_memory && !r->too_many && !r->circle &&
	       str_next_line(&content, &line.text)) {
		line.number++;
		r->too_many = ++r->visited > CONFIG_LINES_MAX;
		if (!r->too_many)
			read_line(r, line, &f);
	}
	if (r->circle) /* FL-36: then it counts as empty */
		r->lines.len = before;
	r->circle = false;
}

/* The name of a file directly in directory 'dir'. */
static bool
is_entry_of(struct str name, struct str dir)
{
	return name.len > dir.len + 1 && str_starts(name, dir) &&
	       name.ptr[dir.len] == '/' &&
	       str_find(name, '/', dir.len + 1) == name.len;
}

/*
 * Read the file 'name', or all files of the directory of that name in the
 * order of the bundle. 'at' is the $include line, if one asked. False when
 * there is neither.
 */
static bool
read_named(struct reading *r, struct str name, const struct frame *outer,
    const struct config_line *at)
{
	const struct str *content = map_get(&r->config->files, name);
	if (is_open(outer, name) ||
	    (outer != NULL && outer->depth >= CONFIG_INCLUDE_DEPTH_MAX)) {
		config_note(r->config, LEVEL_ERROR, at,
		    "cannot include '%.*s': files include each other, this "
		    "one counts as empty",
		    STR_ARG(name));
		r->circle = true;
		return true;
	}
	if (content != NULL) {
		read_file(r, name, *content, outer);
		return true;
	}
	bool found = false;
	/* a frame for the directory, so that a file in it cannot include it */
	struct frame dir = { name, outer,
		outer != NULL ? outer->depth + 1 : 0 };
	for (size_t i = 0; i < r->config->names.len; i++) {
		struct str entry = *VEC_AT(&r->config->names, struct str, i);
		if (!is_entry_of(entry, name))
			continue;
		found = true;
		read_file(r, entry, config_raw(r->config, entry), &dir);
	}
	return found;
}

/* Move the lines into the arena and remember them under the name. */
static bool
keep_lines(struct reading *r, struct str name, struct config_lines *out)
{
	struct config *c = r->config;
	struct config_lines *kept = ARENA_NEW(c->arena, struct config_lines);
	struct config_line *lines =
	    ARENA_ARRAY(c->arena, r->lines.len, struct config_line);
	struct str key = arena_str(c->arena, name);
	if (kept == NULL || key.ptr == NULL ||
	    (lines == NULL && r->lines.len > 0))
		return false;
	if (r->lines.len > 0)
		memcpy(lines, r->lines.data,
		    r->lines.len * sizeof(struct config_line));
	*kept = (struct config_lines){ lines, r->lines.len };
	*out = *kept;
	return map_put(&c->settings, key, kept);
}

bool
config_lines(
    struct config *c, struct str name, struct config_lines *out, struct err *e)
{
	if (map_has(&c->settings, name)) {
		*out = config_kept(c, name);
		return true;
	}
	*out = (struct config_lines){ NULL, 0 };
	struct reading r = { .config = c,
		.lines = VEC_INIT(struct config_line) };
	(void)read_named(&r, name, NULL, NULL);
	bool ok = !r.too_many && !r.no_memory && keep_lines(&r, name, out);
	vec_clear(&r.lines);
	if (ok)
		return true;
	if (r.too_many)
		return err_set(e, ERR_PERMANENT,
		    _("cannot read 'config/%.*s': more than %d lines"),
		    STR_ARG(name), CONFIG_LINES_MAX);
	return err_set_errno(
	    e, ENOMEM, _("cannot read 'config/%.*s'"), STR_ARG(name));
}

struct config_lines
config_kept(const struct config *c, struct str name)
{
	const struct config_lines *kept = map_get(&c->settings, name);
	return kept != NULL ? *kept : (struct config_lines){ NULL, 0 };
}
