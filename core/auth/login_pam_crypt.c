/* Hashed passwords: crypt(3). */
#include "core/auth/system_login.h"

#include <crypt.h>
#include <stdlib.h>
#include <string.h>

enum login_answer
crypt_login_judge(const char *password, const char *hash, struct err *e)
{
	struct crypt_data *room = calloc(1, sizeof(*room));
	enum login_answer answer = LOGIN_LATER;
	/* crypt_r is a name that sanitizers take over and cannot follow here */
	const char *made =
	    room != NULL ? crypt_rn(password, hash, room, (int)sizeof(*room))
			 : NULL;
	/* "*0" or "*1" is how a failure looks */
	if (made == NULL || made[0] == '*')
		err_set(e, ERR_PERMANENT,
		    "a stored password is no hash that this system knows");
	else
		answer = str_eq_secret(str_of(made), str_of(hash))
			     ? LOGIN_OK
			     : LOGIN_DENIED;
	if (room != NULL)
		explicit_bzero(room, sizeof(*room));
	free(room);
	return answer;
}
