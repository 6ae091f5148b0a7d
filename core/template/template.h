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
	TEMPLATE_R8 = 800,
	TEMPLATE_R9 = 900,
	TEMPLATE_R9_1 = 901,
	TEMPLATE_R9_2 = 902,
	TEMPLATE_R10 = 1000,
	TEMPLATE_R11 = 1100,
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
	/* Can the daemon of this root load that line of plugins? NULL: all. A
	 * native one that it cannot load becomes a comment saying so. */
	bool (*line_built)(struct str line);
	/* Only roots looked into, instead of the default queue (ES-88);
	 * NULL-terminated, or NULL. */
	const char *const *queue;
	/* Evaluates { } blocks; NULL: such a fragment is an error. */
	struct template_perl *perl;
	/* The user or group that the file is made for; set by the expansion. */
	struct str name;
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
struct template_file;
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
	TEMPLATE_FLAT = 1 << 0,     /* a file, not a folder: no heading */
	TEMPLATE_BARE = 1 << 1,     /* its template-begin is empty */
	TEMPLATE_PLUGINS = 1 << 2,  /* each line names a plugin */
	TEMPLATE_DENSE = 1 << 3,    /* blank lines are taken out */
	TEMPLATE_HOME = 1 << 4,     /* roots are those of templates-user */
	TEMPLATE_EXTENDED = 1 << 5, /* a link "…-default" leads to it */
	TEMPLATE_SECRET = 1 << 6,   /* holds passwords */
	TEMPLATE_OPTIONAL = 1 << 7, /* nothing said in it: no file */
	TEMPLATE_EMBEDDED = 1 << 8, /* only where smemail runs the services */
};

/* Whom a file is made for once each. */
enum template_each {
	TEMPLATE_ONCE,
	TEMPLATE_USERS,
	TEMPLATE_GROUPS,
};

/* One file that native fragments make. */
struct template_file {
	const char *path; /* with '*' where the name of 'each' stands */
	const struct template_fragment *fragments;
	size_t n_fragments;
	int since, until; /* 0: open */
	unsigned flags;
	mode_t mode; /* 0: 0644, or as the file has it */
	/* The mode where records decide it; NULL: as above. */
	mode_t (*mode_of)(
	    const struct template_env *env, const struct template_file *f);
	const char *owner, *group; /* NULL: root; "*": the name of 'each' */
	enum template_each each;
	const char *source; /* path of its template; NULL: as 'path' */
	const char *name;   /* of the one it is for, where each is ONCE */
};

/* Every native file of every release; NULL past the last. */
const struct template_file *template_file_at(size_t i);
/* NULL when no native file of that release has this path. */
const struct template_file *template_find(const char *path, int release);
/* The path of a file of 'each' for one name, in the arena. */
const char *template_file_path(
    const struct template_file *f, struct str name, struct arena *a);
/* Whom the file at 'path' is made for; empty where it is made once. */
struct str template_file_name(
    const struct template_file *f, const char *path, struct arena *a);
/*
 * Can the name of an account stand in a path? Nobody's file is made from one
 * that would lead elsewhere.
 */
bool template_name_fits(struct str name);
/* Is there a file of 'each' for an account of that type and name? */
bool template_is_for(
    const struct template_file *f, struct str type, struct str name);
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

/*
 * Prefixes of a network for relayclients, dnsbl_allow and peers/ (EF-11): call
 * 'each' with every prefix, without a dot at its end: "192.168.1", or
 * a whole address. Nothing for what is not an address and a mask.
 */
void template_network_prefixes(struct str address, struct str mask,
    void (*each)(void *ctx, const char *prefix, bool whole), void *ctx);

#endif
