/* PAM: authenticate, and may the account be used (pam_acct_mgmt). */
#include "core/auth/system_login.h"

#include <security/pam_appl.h>
#include <stdlib.h>
#include <string.h>

/* Each hidden prompt is answered by the password, nothing else by anything. */
static int
converse(int n, const struct pam_message **messages,
    struct pam_response **responses, void *ctx)
{
	char *const *password = ctx;
	struct pam_response *r = n > 0 && n <= PAM_MAX_NUM_MSG
				     ? calloc((size_t)n, sizeof(*r))
				     : NULL;
	if (r == NULL)
		return PAM_CONV_ERR;
	for (int i = 0; i < n; i++) {
		int style = messages[i]->msg_style;
		if (style == PAM_TEXT_INFO || style == PAM_ERROR_MSG)
			continue;
		if (style == PAM_PROMPT_ECHO_OFF)
			r[i].resp = strdup(*password);
		if (r[i].resp != NULL)
			continue;
		for (int j = 0; j < i; j++)
			free(r[j].resp);
		free(r);
		return PAM_CONV_ERR;
	}
	*responses = r;
	return PAM_SUCCESS;
}

static enum login_answer
answer_of(int said)
{
	switch (said) {
	case PAM_SUCCESS:
		return LOGIN_OK;
	case PAM_USER_UNKNOWN:
		return LOGIN_DECLINED;
	case PAM_AUTH_ERR:
	case PAM_ACCT_EXPIRED:
	case PAM_NEW_AUTHTOK_REQD:
	case PAM_PERM_DENIED:
	case PAM_MAXTRIES:
	case PAM_CRED_EXPIRED:
		return LOGIN_DENIED;
	default:
		return LOGIN_LATER;
	}
}

enum login_answer
pam_login_judge(const char *service, const char *user, const char *password,
    const char *ip, struct err *e)
{
	pam_handle_t *pam = NULL;
	char *told = strdup(password);
	struct pam_conv conv = { converse, &told };
	int said =
	    told != NULL ? pam_start(service, user, &conv, &pam) : PAM_BUF_ERR;
	if (said == PAM_SUCCESS)
		said = pam_set_item(pam, PAM_RHOST, ip);
	if (said == PAM_SUCCESS)
		said = pam_authenticate(
		    pam, PAM_SILENT | PAM_DISALLOW_NULL_AUTHTOK);
	if (said == PAM_SUCCESS)
		said = pam_acct_mgmt(pam, PAM_SILENT);
	enum login_answer answer = answer_of(said);
	if (answer == LOGIN_LATER)
		err_set(e, ERR_TEMPORARY, "service '%s' of PAM: %s", service,
		    pam_strerror(pam, said));
	if (pam != NULL)
		pam_end(pam, said);
	if (told != NULL)
		explicit_bzero(told, strlen(told));
	free(told);
	return answer;
}
