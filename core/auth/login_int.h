/* Shared by the files of login.h. */
#ifndef CORE_AUTH_LOGIN_INT_H
#define CORE_AUTH_LOGIN_INT_H

#include "core/auth/login.h"
#include "core/base/buf.h"

/* A blocking Unix stream socket; -1 with the reason. */
int login_connect(const char *path, struct err *e);
MUST_USE bool login_write(int fd, struct str bytes);

#endif
