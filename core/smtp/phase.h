/*
 * Phases of an SMTP session and what a phase can be answered with (FL-1,
 * FL-2). Shared by the session machine, which asks, and the policy, which
 * answers; it stands in this layer because the machine may not know the
 * policy.
 */
#ifndef CORE_SMTP_PHASE_H
#define CORE_SMTP_PHASE_H

/* Phases of a session (FL-1). */
enum filter_hook {
	HOOK_PRE_CONNECTION,
	HOOK_CONNECT,
	HOOK_HELO, /* HELO and EHLO */
	HOOK_AUTH,
	HOOK_MAIL,
	HOOK_RCPT,
	HOOK_DATA,
	HOOK_DATA_HEADERS_END,
	HOOK_DATA_POST_HEADERS,
	HOOK_DATA_POST,
	HOOK_QUEUE_PRE,
	HOOK_QUEUE,
	HOOK_QUEUE_POST,
	HOOK_NOOP,
	HOOK_VRFY,
	HOOK_HELP,
	HOOK_UNRECOGNIZED,
	HOOK_RESET,
	HOOK_QUIT,
	HOOK_DISCONNECT,
	HOOK_POST_CONNECTION,
	HOOK_COUNT,
};

/* What a listening port is for (FL-79). */
enum smtp_role {
	SMTP_ROLE_SMTP,       /* 25 */
	SMTP_ROLE_SUBMISSION, /* 587: a login first */
	SMTP_ROLE_SMTPS,      /* 465: TLS first */
	SMTP_ROLES,
};

/* Results and their numbers, as logs show them (FL-2). */
enum filter_result {
	FILTER_OK = 900,
	FILTER_DENY = 901,
	FILTER_DENYSOFT = 902,
	FILTER_DENY_DISCONNECT = 903,
	FILTER_DENYSOFT_DISCONNECT = 904,
	FILTER_DECLINED = 909,
	FILTER_DONE = 910,
};

#endif
