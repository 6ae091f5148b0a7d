/*
 * Templates (ES-80 to ES-102): a generated file is put together from
 * fragments, merged by name from templates-custom, the native fragments
 * registered here (they stand for the server's own), and templates.
 */
#ifndef CORE_TEMPLATE_TEMPLATE_H
#define CORE_TEMPLATE_TEMPLATE_H

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/sys/root.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Releases as numbers: "9.1" is 901. */
enum {
	TEMPLATE_R7 = 700,
	TEMPLATE_R9_1 = 901,
	TEMPLATE_R9_2 = 902,
	TEMPLATE_R10 = 1000,
	TEMPLATE_R11 = 1100,
	TEMPLATE_FOREVER = 9999,
};

/* The number of "10.1"; TEMPLATE_R10 for what is not a release. */
int template_release(const char *text);

struct template_record {
	struct str key, type;
};
struct template_prop {
	struct str name, value;
};

/*
 * Where fragments read records from. The provider hands out only values that
 * are valid for their setting, and no name or value with LF, CR or NUL (EF-4).
 */
struct template_data {
	/* Stored property 'prop' of record 'key', or its whole value (NULL). */
	bool (*value)(void *ctx, const char *db, struct str key,
	    const char *prop, struct str *out);
	/* What holds when nothing valid is stored; may be NULL. */
	bool (*fallback)(void *ctx, const char *db, struct str key,
	    const char *prop, struct str *out);
	/* All records, and all properties of one, in byte order. */
	size_t (*records)(
	    void *ctx, const char *db, const struct template_record **out);
	size_t (*props)(void *ctx, const char *db, struct str key,
	    const struct template_prop **out);
	void *ctx;
};

/* What an expansion is given. */
struct template_env {
	const struct root *root;
	struct arena *arena;
	const struct template_data *data;
	int release;
	/* The tree runs below a folder of its own, on loopback, with the
	 * bundled daemon: paths in files carry the root. */
	bool embedded;
	/* Can the daemon of this root load that plugin? NULL: all. A native
	 * line for one it cannot load becomes a comment saying so. */
	bool (*plugin_built)(struct str name);
	/* Only roots looked into, instead of the default queue (ES-88);
	 * NULL-terminated, or NULL. */
	const char *const *queue;
	/* Evaluates { } blocks; NULL: such a fragment is an error. */
	struct template_perl *perl;
	/* Variables of fragments beside those of the configuration (ES-113). */
	const struct template_prop *more;
	size_t n_more;
	/* The database that $DB of fragments changes (ES-75), or NULL. */
	const char *writes_db;
	/* Told of each fragment's path before it is expanded; or NULL. */
	void (*announce)(void *ctx, const char *path);
	/* Told of skipped files (ES-82, EF-7), and of what fragments warn of
	 * and fail with (ES-97, ES-98); NULL: silent. */
	void (*note)(void *ctx, const char *text);
	void *note_ctx;
};

struct template_perl;
struct template_fragment;
typedef void template_emit(const struct template_env *env,
    const struct template_fragment *f, struct buf *out);

/* One native fragment. 'out' takes whole lines. */
struct template_fragment {
	const char *name; /* "10wbl_badmailfrom", as on the server */
	const char *also; /* other names a custom file may have (EF-7) */
	int since, until; /* 0: open */
	template_emit *emit;
	const void *arg; /* for an 'emit' that serves several */
};

enum {
	TEMPLATE_FLAT = 1 << 0,    /* a file, not a folder: no heading */
	TEMPLATE_BARE = 1 << 1,    /* its template-begin is empty */
	TEMPLATE_PLUGINS = 1 << 2, /* each line names a plugin */
};

/* One file that native fragments make. */
struct template_file {
	const char *path;
	const struct template_fragment *fragments;
	size_t n_fragments;
	int since, until; /* 0: open */
	unsigned flags;
};

/* Every native file of every release; NULL past the last. */
const struct template_file *template_file_at(size_t i);
/* NULL when no native file of that release has this path. */
const struct template_file *template_find(const char *path, int release);
bool template_on_release(int since, int until, int release);

/*
 * Is there anything to expand for 'path': native fragments, or files under
 * the roots?
 */
bool template_exists(const struct template_env *env, const char *path);

/*
 * Append the text of the file 'path' to 'out'. Fragments that fail (ES-97)
 * give ERR_PERMANENT; no fragments at all (ES-87) ERR_NO.
 */
MUST_USE bool template_expand(const struct template_env *env, const char *path,
    struct buf *out, struct err *e);

/*
 * One plain-text fragment (ES-90, ES-91): backslashes before braces removed.
 * False at a brace that stands for code, or is unmatched; '*why' tells.
 */
enum template_text {
	TEMPLATE_TEXT_OK,
	TEMPLATE_TEXT_CODE,
	TEMPLATE_TEXT_UNMATCHED
};
enum template_text template_text_copy(struct str text, struct buf *out);

/* Prefixes of a network for relayclients, dnsbl_allow and peers/ (EF-11). */
enum {
	TEMPLATE_PREFIXES_MAX = 256
};
/*
 * Call 'each' with every prefix, without a dot at its end: "192.168.1", or
 * a whole address. Nothing for what is not an address and a mask.
 */
void template_network_prefixes(struct str address, struct str mask,
    void (*each)(void *ctx, const char *prefix, bool whole), void *ctx);

#endif
