/*
 * Reading a configuration directory into a bundle (FL-36): each known setting
 * from the directory or else from qmail's control directory, the peer lists,
 * and whatever $include lines name. Secrets (passwords, signing keys) are
 * never part of it.
 */
#include "core/filter/bundle_int.h"

#include "core/base/i18n.h"
#include "core/base/map.h"
#include "core/filter/filter.h"
#include "core/filter/limit.h"
#include "core/sys/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Its lines name files (FL-125). */
#define EXCLUDE_FILES "greylist_exclude_files"

/* FL-37, but limits, and what only the keeper of secrets may read. */
static const char *const settings[] = { "me", "me-auth-results", "IP",
	"smtpgreeting", "plugins", "logging", "loglevel", "databytes",
	"size_threshold", "spool_dir", "spool_perms", "rcpthosts",
	"relayclients", "morerelayclients", "norelayclients", "goodrcptto",
	"badhelo", "badmailfrom", "badmailfromto", "badrcptto",
	"badrcptto_patterns", "dnsbl_zones", "dnsbl_allow", "dnsbl_rejectmsg",
	"rhsbl_zones", "uribl_zones", "uribl_whitelist_domains", "badcountries",
	"whitelist_zones", "spfbehavior", "invalid_resolvable_fromhost",
	"require_resolvable_fromhost", "hosts_allow", "tls_before_auth",
	"tls_ciphers", "tls_protocols", "whitelisthosts", "whitelisthelo",
	"whitelistsenders", "whitelistrcpt", "bare_lf", "smtproutes", "locals",
	"virtualdomains", "aliases", "sortspam", "bcc", "bcc_ignore_mailfrom",
	"bcc_ignore_rcptto", "karma_tlds", "denysoft_greylist", "queuelifetime",
	EXCLUDE_FILES };
/* Taken as they are, without looking for $include lines. */
static const char *const raw_settings[] = { "morercpthosts.cdb" };

enum {
	HOST_NAME_SIZE = 256,
	READER_ARENA_MAX = 8 * 1024 * 1024
};

struct reader {
	const char *dir;
	const char *qmail_control;       /* may be NULL */
	const struct filter_onlooker *o; /* may be NULL */
	struct buf *bundle;
	struct arena *arena;
	struct map seen;     /* names asked for, found or not */
	struct vec includes; /* struct str: names still to be read */
	size_t n_records;
	struct buf content; /* scratch */
};

/* What reading one name came to. */
enum found {
	FOUND_FILE,
	FOUND_DIR,
	FOUND_NOTHING,
	FOUND_ERROR
};

/* The content of 'path' into r->content, if it is a plain file. */
static enum found
read_path(struct reader *r, const char *path, struct err *e)
{
	struct stat st;
	buf_reset(&r->content);
	if (r->o != NULL)
		r->o->file(r->o->ctx, path);
	/* O_NONBLOCK: a named pipe must not hold up the start */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return FOUND_NOTHING;
	if (fd < 0) {
		err_set_errno(e, errno, _("cannot open '%s'"), path);
		return FOUND_ERROR;
	}
	enum found found = FOUND_ERROR;
	if (fstat(fd, &st) != 0)
		err_set_errno(e, errno, _("cannot read '%s'"), path);
	else if (S_ISDIR(st.st_mode))
		found = FOUND_DIR;
	else if (!S_ISREG(st.st_mode))
		err_set(e, ERR_PERMANENT,
		    _("cannot read '%s': not a plain file"), path);
	else if (file_read_fd(fd, path, &r->content, e))
		found = FOUND_FILE;
	close(fd);
	return found;
}

/* Remember the files that the lines of 'content' name. */
static bool
collect_names(
    struct reader *r, struct str content, struct str (*name_in)(struct str))
{
	struct str line;
	while (str_next_line(&content, &line)) {
		struct str name = name_in(line);
		if (name.len == 0)
			continue;
		name = arena_str(r->arena, name);
		if (name.ptr == NULL || !vec_push(&r->includes, &name))
			return false;
	}
	return true;
}

/* A line that is a name, or empty. */
static struct str
whole_line(struct str line)
{
	line = str_trim(line);
	if (line.len == 0 || line.ptr[0] == '#' || line.ptr[0] == '$')
		return (struct str)STR_EMPTY;
	return line;
}

/* Put r->content in the bundle under 'name'. */
static bool
add_record(struct reader *r, struct str name, bool is_raw, struct err *e)
{
	struct bundle_record record = { name, buf_str(&r->content) };
	if (++r->n_records > BUNDLE_RECORDS_MAX)
		return err_set(e, ERR_PERMANENT,
		    _("cannot read configuration '%s': more than %d files"),
		    r->dir, BUNDLE_RECORDS_MAX);
	if (!bundle_add(r->bundle, &record))
		return err_set(e, ERR_PERMANENT,
		    _("cannot read configuration '%s': larger than %zu bytes"),
		    r->dir, r->bundle->max);
	if (!is_raw &&
	    (!collect_names(r, record.content, bundle_include_name) ||
		(str_is(name, EXCLUDE_FILES) &&
		    !collect_names(r, record.content, whole_line))))
		return err_set_errno(
		    e, ENOMEM, _("cannot read configuration '%s'"), r->dir);
	return true;
}

static int
skip_hidden(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

static int
by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static bool read_entries(struct reader *r, const char *path, struct str name,
    bool deep, struct err *e);

/* One entry of a directory; 'deep': a directory in it is read too. */
static bool
read_entry(struct reader *r, const char *path, struct str name, bool deep,
    struct err *e)
{
	switch (read_path(r, path, e)) {
	case FOUND_FILE:
		return add_record(r, name, false, e);
	case FOUND_DIR:
		return !deep || read_entries(r, path, name, false, e);
	case FOUND_NOTHING: /* a link to nowhere */
		return true;
	case FOUND_ERROR:
		break;
	}
	return false;
}

/*
 * The plain files of directory 'path' in byte order, as "name/entry"; names
 * with a leading dot are left out.
 */
static bool
read_entries(struct reader *r, const char *path, struct str name, bool deep,
    struct err *e)
{
	struct dirent **entries = NULL;
	if (r->o != NULL)
		r->o->folder(r->o->ctx, path);
	int n = scandir(path, &entries, skip_hidden, by_bytes);
	if (n < 0)
		return errno == ENOENT ||
		       err_set_errno(e, errno, _("cannot read '%s'"), path);
	bool ok = true;
	for (int i = 0; i < n; i++) {
		char *entry_path =
		    arena_printf(r->arena, "%s/%s", path, entries[i]->d_name);
		char *entry_name = arena_printf(
		    r->arena, "%.*s/%s", STR_ARG(name), entries[i]->d_name);
		if (entry_path == NULL || entry_name == NULL)
			ok = err_set_errno(
			    e, ENOMEM, _("cannot read '%s'"), path);
		ok = ok &&
		     read_entry(r, entry_path, str_of(entry_name), deep, e);
		free(entries[i]);
	}
	free(entries);
	return ok;
}

/* Look for 'name' below 'dir' (NULL: it is absolute). */
static enum found
read_below(struct reader *r, const char *dir, struct str name, bool is_raw,
    struct err *e)
{
	char *path =
	    dir == NULL ? arena_cstr(r->arena, name)
			: arena_printf(r->arena, "%s/%.*s", dir, STR_ARG(name));
	if (path == NULL) {
		err_set_errno(e, ENOMEM, _("cannot read '%s'"), r->dir);
		return FOUND_ERROR;
	}
	enum found found = read_path(r, path, e);
	bool ok = true;
	if (found == FOUND_FILE)
		ok = add_record(r, name, is_raw, e);
	else if (found == FOUND_DIR)
		ok = read_entries(r, path, name, false, e);
	return ok ? found : FOUND_ERROR;
}

/*
 * A setting, or the target of an $include: in the directory, else in qmail's
 * (FL-36). What is nowhere is no error.
 */
static bool
read_name(struct reader *r, struct str name, bool is_raw, struct err *e)
{
	if (map_has(&r->seen, name))
		return true;
	if (!map_put(&r->seen, name, r))
		return err_set_errno(e, ENOMEM, _("cannot read '%s'"), r->dir);
	if (name.ptr[0] == '/')
		return read_below(r, NULL, name, is_raw, e) != FOUND_ERROR;
	enum found found = read_below(r, r->dir, name, is_raw, e);
	if (found == FOUND_NOTHING && r->qmail_control != NULL)
		found = read_below(r, r->qmail_control, name, is_raw, e);
	return found != FOUND_ERROR;
}

/* A line that counts (FL-36). */
static bool
has_line(struct str content)
{
	struct str line;
	while (str_next_line(&content, &line)) {
		line = str_trim(line);
		if (line.len > 0 && line.ptr[0] != '#')
			return true;
	}
	return false;
}

/* FL-37: without 'me', or with one that says nothing, it is the host's name. */
static bool
add_host_name(struct reader *r, struct err *e)
{
	char name[HOST_NAME_SIZE];
	if (has_line(buf_str(&r->content)))
		return true;
	if (gethostname(name, sizeof(name) - 1) != 0)
		return err_set_errno(e, errno, _("cannot get the host name"));
	name[sizeof(name) - 1] = '\0';
	buf_reset(&r->content);
	buf_add_cstr(&r->content, name);
	buf_add_char(&r->content, '\n');
	return add_record(r, STR("me"), false, e);
}

static bool
read_settings(struct reader *r, struct err *e)
{
	for (size_t i = 0; i < ARRAY_LEN(settings); i++) {
		buf_reset(&r->content);
		if (!read_name(r, str_of(settings[i]), false, e))
			return false;
		if (strcmp(settings[i], "me") == 0 && !add_host_name(r, e))
			return false;
	}
	for (size_t i = 0; i < FILTER_LIMITS; i++) {
		enum filter_limit limit = (enum filter_limit)i;
		struct str name = str_of(filter_limit_range(limit)->file);
		if (!read_name(r, name, false, e))
			return false;
	}
	for (size_t i = 0; i < ARRAY_LEN(raw_settings); i++) {
		if (!read_name(r, str_of(raw_settings[i]), true, e))
			return false;
	}
	return true;
}

static bool
read_all(struct reader *r, struct err *e)
{
	struct stat st;
	if (stat(r->dir, &st) != 0)
		return err_set_errno(
		    e, errno, _("cannot read configuration '%s'"), r->dir);
	if (!S_ISDIR(st.st_mode))
		return err_set(e, ERR_PERMANENT,
		    _("cannot read configuration '%s': not a directory"),
		    r->dir);
	char *peers = arena_printf(r->arena, "%s/peers", r->dir);
	if (peers == NULL)
		return err_set_errno(e, ENOMEM, _("cannot read '%s'"), r->dir);
	if (!read_settings(r, e) ||
	    !read_entries(r, peers, STR("peers"), true, e))
		return false;
	/* the vector grows while included files name others */
	for (size_t i = 0; i < r->includes.len; i++) {
		struct str name = *VEC_AT(&r->includes, struct str, i);
		if (!read_name(r, name, false, e))
			return false;
	}
	return true;
}

bool
filter_bundle_read_shown(const char *dir, const char *qmail_control,
    const struct filter_onlooker *o, struct buf *bundle, struct err *e)
{
	struct reader r = {
		.dir = dir,
		.qmail_control = qmail_control,
		.o = o,
		.bundle = bundle,
		.arena = arena_new(READER_ARENA_MAX, NULL, NULL),
		.includes = VEC_INIT(struct str),
	};
	buf_init(&r.content, BUNDLE_FILE_MAX);
	bool ok = false;
	if (r.arena == NULL)
		err_set_errno(e, ENOMEM, _("cannot read '%s'"), dir);
	else
		ok = read_all(&r, e);
	buf_clear(&r.content);
	vec_clear(&r.includes);
	map_clear(&r.seen);
	arena_free(r.arena);
	return ok;
}

bool
filter_bundle_read(const char *dir, const char *qmail_control,
    struct buf *bundle, struct err *e)
{
	return filter_bundle_read_shown(dir, qmail_control, NULL, bundle, e);
}
