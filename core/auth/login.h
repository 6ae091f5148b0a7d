/*
 * Asking others whether a name and a password belong together: a CVM server
 * (FL-83), a file of passwords (FL-84), Dovecot's authentication server, PAM.
 * All of it may wait, so it is for a process that has nothing else to do; a
 * limit of time is that process's.
 */
#ifndef CORE_AUTH_LOGIN_H
#define CORE_AUTH_LOGIN_H

#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"

#include <stdbool.h>

enum login_answer {
	LOGIN_OK,
	LOGIN_DENIED,
	LOGIN_DECLINED, /* nothing is known of that name: ask the next */
	LOGIN_LATER,    /* it could not be told */
};

/* Name and password are not empty and hold no NUL. */
struct login_question {
	struct str user;
	struct str password;
	const char *ip; /* of the client */
	bool secured;   /* the client came by TLS */
};

/* For all of them 'e' says why when it is LATER, or the server was not there.
 */
enum login_answer login_cvm(
    const char *socket, const struct login_question *q, struct err *e);
enum login_answer login_dovecot(
    const char *socket, const struct login_question *q, struct err *e);
enum login_answer login_pam(
    const char *service, const struct login_question *q, struct err *e);
/* 'passwords': lines "user@domain:password" (FL-84). */
enum login_answer login_file(
    struct str passwords, const struct login_question *q, struct err *e);

/* What the module "pam" does: the libraries of the system's own logins. */
struct login_calls {
	enum login_answer (*pam)(const char *service, const char *user,
	    const char *password, const char *ip, struct err *e);
	/* crypt(3); LATER when the kind of hash is not known here. */
	enum login_answer (*hash)(
	    const char *password, const char *hash, struct err *e);
};
enum {
	LOGIN_VERSION_OF_TABLE = 1
};

#endif
