/* The functions behind the table of the module "pam". */
#ifndef CORE_AUTH_SYSTEM_LOGIN_H
#define CORE_AUTH_SYSTEM_LOGIN_H

#include "core/auth/login.h"

enum login_answer pam_login_judge(const char *service, const char *user,
    const char *password, const char *ip, struct err *e);
enum login_answer crypt_login_judge(
    const char *password, const char *hash, struct err *e);

#endif
