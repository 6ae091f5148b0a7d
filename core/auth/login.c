/* CVM, the file of passwords, and what the ways to ask share. */
#include "core/auth/login_int.h"

#include "core/sys/module.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	CVM_REQUEST_MAX = 32 * 1024,
	CVM_PROTOCOL = 1,
	CVM_DENIED = 100
};

int
login_connect(const char *path, struct err *e)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	size_t n = strlen(path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (n >= sizeof(a.sun_path)) {
		errno = ENAMETOOLONG;
	} else {
		memcpy(a.sun_path, path, n + 1);
		if (fd >= 0 &&
		    connect(fd, (struct sockaddr *)(void *)&a, sizeof(a)) == 0)
			return fd;
	}
	err_set_errno(e, errno, "cannot connect to '%s'", path);
	if (fd >= 0)
		close(fd);
	return -1;
}

bool
login_write(int fd, struct str bytes)
{
	while (bytes.len > 0) {
		ssize_t n = send(fd, bytes.ptr, bytes.len, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		bytes = str_sub(bytes, (size_t)n, bytes.len);
	}
	return true;
}

static void
login_forget(char *copy)
{
	if (copy != NULL)
		explicit_bzero(copy, strlen(copy));
	free(copy);
}

/* Protocol, user, host and password, each ended by a NUL, and one more. */
static bool
cvm_request(const struct login_question *q, struct buf *out)
{
	struct str host;
	struct str user = str_cut(q->user, '@', &host);
	if (buf_reserve(out, q->user.len + q->password.len + 16) == NULL)
		return false;
	buf_add_char(out, CVM_PROTOCOL);
	buf_add_str(out, user);
	buf_add_char(out, '\0');
	buf_add_str(out, host.ptr != NULL ? host : STR("localhost"));
	buf_add_char(out, '\0');
	buf_add_str(out, q->password);
	buf_add(out, "\0", 2);
	return !out->failed;
}

/* The first byte back, or -1. */
static int
cvm_exchange(int fd, struct str request)
{
	unsigned char first;
	ssize_t n = -1;
	if (!login_write(fd, request) || shutdown(fd, SHUT_WR) != 0)
		return -1;
	do
		n = recv(fd, &first, 1, 0);
	while (n < 0 && errno == EINTR);
	return n == 1 ? first : -1;
}

enum login_answer
login_cvm(const char *socket, const struct login_question *q, struct err *e)
{
	struct buf request = BUF_INIT(CVM_REQUEST_MAX);
	int fd = login_connect(socket, e);
	if (fd < 0)
		return LOGIN_DENIED; /* FL-83 */
	int said =
	    cvm_request(q, &request) ? cvm_exchange(fd, buf_str(&request)) : -1;
	buf_wipe(&request);
	close(fd);
	if (said == 0)
		return LOGIN_OK;
	return said == CVM_DENIED ? LOGIN_DENIED : LOGIN_DECLINED;
}

static const struct login_calls *
module(struct err *e)
{
	return module_table("pam", "login", LOGIN_VERSION_OF_TABLE,
	    sizeof(struct login_calls), e);
}

enum login_answer
login_pam(const char *service, const struct login_question *q, struct err *e)
{
	const struct login_calls *calls = module(e);
	char *user = str_dup(q->user);
	char *password = str_dup(q->password);
	enum login_answer answer = LOGIN_LATER;
	if (calls != NULL && user != NULL && password != NULL)
		answer = calls->pam(service, user, password, q->ip, e);
	login_forget(user);
	login_forget(password);
	return answer;
}

static enum login_answer
judge_hash(struct str stored, struct str password, struct err *e)
{
	const struct login_calls *calls = module(e);
	char *hash = str_dup(stored);
	char *told = str_dup(password);
	enum login_answer answer = LOGIN_LATER;
	if (calls != NULL && hash != NULL && told != NULL)
		answer = calls->hash(told, hash, e);
	login_forget(hash);
	login_forget(told);
	return answer;
}

enum login_answer
login_file(struct str passwords, const struct login_question *q, struct err *e)
{
	struct str line;
	if (str_find(q->user, '@', 0) == q->user.len)
		return LOGIN_DECLINED;
	while (str_next_line(&passwords, &line)) {
		struct str stored;
		line = str_trim(line);
		if (line.len == 0 || line.ptr[0] == '#')
			continue;
		struct str user = str_cut(line, ':', &stored);
		if (stored.len == 0 || !str_eq_nocase(user, q->user))
			continue;
		if (stored.ptr[0] == '$')
			return judge_hash(stored, q->password, e);
		return str_eq_secret(stored, q->password) ? LOGIN_OK
							  : LOGIN_DENIED;
	}
	return LOGIN_DECLINED;
}
