/* Lines of an SPF tree, for both interfaces. */
#include "core/auth/spf_tree.h"
#include "core/base/buf.h"
#include "core/base/i18n.h"

enum {
	CELL_MAX = 8192
};

/* Lines of the tree, and the same without UTF-8. */
static const char *const lines_utf8[] = { "│  ", "   ", "├─ ", "└─ " };
static const char *const lines_ascii[] = { "|  ", "   ", "|- ", "`- " };

static const char *const state_words[] = {
	[SPF_NODE_OK] = "ok",
	[SPF_NODE_VOID] = "void",
	[SPF_NODE_DEPENDS] = "?",
	[SPF_NODE_UNTESTED] = "?",
	[SPF_NODE_UNREACHED] = "skip",
	[SPF_NODE_WRONG] = "FAIL",
};

struct str
spf_node_line(
    struct arena *arena, const struct spf_node *n, const bool *last, bool ascii)
{
	struct buf cell = BUF_INIT(CELL_MAX);
	const char *const *lines = ascii ? lines_ascii : lines_utf8;
	for (unsigned i = 0; i < n->depth; i++)
		buf_add_cstr(&cell, lines[last[i] ? 1 : 0]);
	buf_add_cstr(&cell, lines[n->last ? 3 : 2]);
	buf_add_str(&cell, n->text);
	struct str out = arena_str(arena, buf_str(&cell));
	buf_clear(&cell);
	return out;
}

struct str
spf_node_note(struct arena *arena, const struct spf_node *n)
{
	if (n->state == SPF_NODE_OK)
		return n->note.len > 0 ? n->note : STR("");
	if (n->note.len == 0)
		return str_of(_("never reached"));
	return str_of(arena_printf(
	    arena, "%s  %.*s", state_words[n->state], STR_ARG(n->note)));
}
