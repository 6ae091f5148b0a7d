/* Users and groups of a root. */
#include "core/sys/owner.h"

#include "core/base/num.h"
#include "core/sys/file.h"

enum {
	FILE_MAX = 4 << 20,
	ID_MAX = INT32_MAX,
	FIELDS = 4 /* name, password, uid, gid */
};

/* The fields of the line that begins with the name. */
static bool
line_find(const struct root *root, const char *file, struct str name,
    struct buf *text, struct str fields[FIELDS])
{
	char path[SYS_PATH_MAX];
	struct str rest, line;
	if (name.len == 0 || !root_path(root, file, path, NULL) ||
	    !file_read(path, NULL, text, NULL))
		return false;
	for (rest = buf_str(text); str_next_line(&rest, &line);) {
		for (size_t i = 0; i < FIELDS; i++)
			fields[i] = str_cut(line, ':', &line);
		if (str_eq(fields[0], name))
			return true;
	}
	return false;
}

static bool
id_parse(struct str field, int64_t *id)
{
	return num_parse_i64(field, 0, ID_MAX, id);
}

bool
owner_user(const struct root *root, struct str name, uid_t *uid, gid_t *gid)
{
	struct buf text = BUF_INIT(FILE_MAX);
	struct str f[FIELDS];
	int64_t u = 0, g = 0;
	bool ok = line_find(root, "/etc/passwd", name, &text, f) &&
		  id_parse(f[2], &u) && id_parse(f[3], &g);
	buf_clear(&text);
	if (!ok)
		return false;
	*uid = (uid_t)u;
	if (gid != NULL)
		*gid = (gid_t)g;
	return true;
}

bool
owner_group(const struct root *root, struct str name, gid_t *gid)
{
	struct buf text = BUF_INIT(FILE_MAX);
	struct str f[FIELDS];
	int64_t g = 0;
	bool ok =
	    line_find(root, "/etc/group", name, &text, f) && id_parse(f[2], &g);
	buf_clear(&text);
	if (ok)
		*gid = (gid_t)g;
	return ok;
}
