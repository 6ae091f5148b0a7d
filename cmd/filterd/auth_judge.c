/* One login: the plugins of the session's list are asked in their order. */
#include "cmd/filterd/auth_int.h"
#include "cmd/filterd/log.h"
#include "cmd/filterd/sandbox.h"
#include "core/base/escape.h"
#include "core/smtp/limits.h"
#include "core/sys/file.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
	PASSWORDS_MAX = 16 << 20,
	LOG_CRIT = 2,
	LOG_INFO = 6
};

/* The file of passwords: of the directory, else of qmail's (FL-36). */
static bool
read_passwords(const struct part_init *init, struct buf *out, struct err *e)
{
	const char *const dirs[] = { init->config, init->qmail_control };
	char path[PATH_MAX];
	for (size_t i = 0; i < ARRAY_LEN(dirs); i++) {
		int n =
		    snprintf(path, sizeof(path), "%s/flat_auth_pw", dirs[i]);
		if (n <= 0 || (size_t)n >= sizeof(path))
			continue;
		*e = (struct err)ERR_INIT;
		if (file_read(path, path, out, e))
			return true;
		if (e->sys_errno != ENOENT)
			return false;
	}
	return false;
}

static enum login_answer
ask_flat_file(const struct auth_place *place, const struct filter_login *l,
    const struct login_question *q, struct err *e)
{
	struct buf passwords = BUF_INIT(PASSWORDS_MAX);
	enum login_answer answer = LOGIN_LATER;
	(void)l;
	if (read_passwords(place->init, &passwords, e))
		answer = login_file(buf_str(&passwords), q, e);
	return answer; /* the process ends, and its memory with it */
}

static enum login_answer
ask_cvm(const struct auth_place *place, const struct filter_login *l,
    const struct login_question *q, struct err *e)
{
	(void)place;
	return login_cvm(l->place, q, e);
}

static enum login_answer
ask_pam(const struct auth_place *place, const struct filter_login *l,
    const struct login_question *q, struct err *e)
{
	(void)place;
	return login_pam(l->place, q, e);
}

static enum login_answer
ask_dovecot(const struct auth_place *place, const struct filter_login *l,
    const struct login_question *q, struct err *e)
{
	(void)place;
	return login_dovecot(l->place, q, e);
}

static enum login_answer (*const askers[])(const struct auth_place *,
    const struct filter_login *, const struct login_question *,
    struct err *) = {
	[FILTER_LOGIN_CVM] = ask_cvm,
	[FILTER_LOGIN_FLAT_FILE] = ask_flat_file,
	[FILTER_LOGIN_PAM] = ask_pam,
	[FILTER_LOGIN_DOVECOT] = ask_dovecot,
};

static void
tell(const struct auth_place *place, const struct auth_question *q,
    const struct filter_login *l, enum login_answer answer, const struct err *e)
{
	static const char *const words[] = {
		[LOGIN_OK] = "pass",
		[LOGIN_DENIED] = "fail",
		[LOGIN_DECLINED] = "skip, not known here",
		[LOGIN_LATER] = "skip, cannot tell",
	};
	struct buf text = BUF_INIT(FILTERD_LOG_LINE_MAX);
	int level = e->text[0] != '\0' ? LOG_CRIT : LOG_INFO;
	if (level > filter_policy_loglevel(place->policy))
		return;
	buf_addf(&text, "%s, login of ", words[answer]);
	escape_terminal(&text, str_sub(q->login.user, 0, SMTP_USER_SHOWN));
	if (e->text[0] != '\0')
		buf_addf(&text, ": %s", e->text);
	log_line(q->number, "auth", l->label, buf_str(&text));
	buf_clear(&text);
}

/*
 * The user that is asked as, and no more system calls than that needs; false
 * when it cannot be had. PAM asks as whoever we are, and may run a program
 * with another's rights; what the part itself gave up is all there.
 */
static bool
step_down(const struct auth_place *place, const struct filter_login **logins,
    size_t n)
{
	struct err e = ERR_INIT;
	const struct rlimit none = { 0, 0 };
	(void)setrlimit(RLIMIT_CORE, &none);
	for (size_t i = 0; i < n; i++) {
		if (logins[i]->kind == FILTER_LOGIN_PAM)
			return true;
	}
	if (place->init->has_user && geteuid() == 0 &&
	    !sandbox_become(place->init->uid, place->init->gid, &e)) {
		log_error(&e);
		return false;
	}
	/* where there are no filters other parts have told it, once */
	(void)!sandbox_seccomp(SANDBOX_JUDGE, &e);
	return true;
}

enum login_answer
auth_judge(const struct auth_place *place, struct auth_question *q)
{
	const struct filter_login *logins[FILTER_LOGINS_MAX];
	bool later = false;
	if (!filter_session_start(place->policy, &q->session))
		return LOGIN_DENIED;
	size_t n = filter_session_logins(place->policy, &q->session, logins);
	if (!step_down(place, logins, n))
		return LOGIN_LATER;
	for (size_t i = 0; i < n; i++) {
		struct err e = ERR_INIT;
		enum login_answer answer =
		    askers[logins[i]->kind](place, logins[i], &q->login, &e);
		tell(place, q, logins[i], answer, &e);
		if (answer == LOGIN_OK)
			return LOGIN_OK;
		if (answer == LOGIN_DENIED)
			return later ? LOGIN_LATER : LOGIN_DENIED;
		later = later || answer == LOGIN_LATER;
	}
	return later ? LOGIN_LATER : LOGIN_DENIED;
}

bool
auth_question_get(struct wire *in, struct auth_question *q)
{
	*q = (struct auth_question){ .asker = { .slot = wire_get_u32(in) } };
	q->asker.serial = wire_get_u32(in);
	q->number = wire_get_u32(in);
	uint32_t role = wire_get_u32(in);
	q->session.role = (enum smtp_role)role;
	q->session.tls = q->login.secured = wire_get_u32(in) != 0;
	struct str ip = wire_get_str(in);
	q->login.user = wire_get_str(in);
	q->login.password = wire_get_str(in);
	if (!wire_end(in) || role >= SMTP_ROLES || ip.len >= sizeof(q->ip))
		return false;
	memcpy(q->ip, ip.ptr != NULL ? ip.ptr : "", ip.len);
	q->login.ip = q->ip;
	q->session.client_ip = str_n(q->ip, ip.len);
	return true;
}
