/* The runit back end: files and FIFOs of /service/NAME/supervise. */
#include "core/service/service.h"

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/vec.h"
#include "core/sys/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum {
	STATUS_MAX = 64,
	POLL_MS = 20
};

static bool
runit_list(const struct root *root, struct arena *a, const char *const **names,
    size_t *count, struct err *e)
{
	char dir[SYS_PATH_MAX], one[SYS_PATH_MAX];
	struct vec found = VEC_INIT(const char *);
	struct dirent *entry;
	bool ok = root_path(root, SERVICE_DIR, dir, e);
	DIR *d = ok ? opendir(dir) : NULL;
	if (ok && d == NULL)
		ok = errno == ENOENT || err_set_errno(e, errno,
					    _("cannot open '%s'"), SERVICE_DIR);
	while (d != NULL && ok && (entry = readdir(d)) != NULL) {
		const char *name = entry->d_name;
		if (name[0] == '.' ||
		    !root_pathf(root, one, NULL, SERVICE_DIR "/%s", name) ||
		    !file_is_dir(one))
			continue;
		name = arena_cstr(a, str_of(name));
		ok = vec_push(&found, &name) ||
		     err_set_errno(e, ENOMEM, _("cannot list services"));
	}
	if (d != NULL)
		closedir(d);
	vec_sort(&found, str_cstr_order);
	const char **copy = ARENA_ARRAY(a, found.len + 1, const char *);
	if (found.len > 0)
		memcpy(copy, found.data, found.len * sizeof(*copy));
	*names = copy;
	*count = found.len;
	vec_clear(&found);
	return ok;
}

/* ES-140: only a supervisor holds the reading end of supervise/ok. */
static bool
is_supervised(const struct root *root, const char *service)
{
	char path[SYS_PATH_MAX];
	if (!root_pathf(
		root, path, NULL, SERVICE_DIR "/%s/supervise/ok", service))
		return false;
	int fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static bool
service_known(const struct root *root, const char *service, struct err *e)
{
	char path[SYS_PATH_MAX];
	if (service[0] != '\0' && service[0] != '.' &&
	    strstr(service, "..") == NULL &&
	    root_pathf(root, path, NULL, SERVICE_DIR "/%s", service) &&
	    file_is_dir(path))
		return true;
	err_set(e, ERR_USAGE, _("there is no service '%s'"), service);
	return err_next(e, "smemail service list");
}

static bool
runit_status(const struct root *root, const char *service,
    struct service_status *out, struct err *e)
{
	char path[SYS_PATH_MAX];
	struct buf bytes = BUF_INIT(STATUS_MAX);
	struct err why = ERR_INIT;
	*out = (struct service_status){ .state = SERVICE_DOWN };
	if (!service_known(root, service, e) ||
	    !root_pathf(
		root, path, e, SERVICE_DIR "/%s/supervise/status", service))
		return false;
	bool ok = file_read(path, NULL, &bytes, &why);
	if (ok)
		ok = service_status_parse(buf_str(&bytes), out, e);
	else if (why.sys_errno == ENOENT)
		ok = true; /* never started */
	else if (e != NULL)
		*e = why;
	buf_clear(&bytes);
	out->supervised = is_supervised(root, service);
	if (!out->supervised) {
		out->state = SERVICE_DOWN;
		out->pid = 0;
	}
	return ok;
}

static bool
runit_control(
    const struct root *root, const char *service, char byte, struct err *e)
{
	char path[SYS_PATH_MAX];
	if (!service_known(root, service, e) ||
	    !root_pathf(
		root, path, e, SERVICE_DIR "/%s/supervise/control", service))
		return false;
	/* a blocking open would wait for a supervisor for ever (ES-128) */
	int fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 && (errno == ENXIO || errno == ENOENT)) {
		err_set(e, ERR_NO, _("cannot control '%s': no supervisor runs"),
		    service);
		return err_next(e, "smemail up");
	}
	ssize_t n = fd < 0 ? -1 : write(fd, &byte, 1);
	int saved = errno;
	if (fd >= 0)
		close(fd);
	return n == 1 ||
	       err_set_errno(e, saved, _("cannot control '%s'"), service);
}

const struct supervisor supervisor_runit = {
	.name = "runit",
	.list = runit_list,
	.status = runit_status,
	.control = runit_control,
};

static bool
is_later(const struct service_status *s, const struct service_status *than)
{
	return s->since_s != than->since_s ||
	       s->since_nano != than->since_nano || s->pid != than->pid;
}

bool
service_wait(const struct root *root, const char *service, bool up,
    const struct service_status *after, int64_t limit_ms,
    const struct clock *clock)
{
	int64_t deadline = clock_mono_ms(clock) + limit_ms;
	for (;;) {
		struct service_status s;
		bool known = runit_status(root, service, &s, NULL);
		bool there = up ? s.supervised && s.state == SERVICE_UP
				: s.state == SERVICE_DOWN && !s.want_up;
		if (known && there && (after == NULL || is_later(&s, after)))
			return true;
		if (clock_mono_ms(clock) >= deadline)
			return false;
		clock_sleep_ms(clock, POLL_MS);
	}
}
