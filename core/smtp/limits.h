/*
 * Bounds of a session. Reaching one gives a defined answer (FL-6, FL-14,
 * FL-18, FL-19, FL-29).
 */
#ifndef CORE_SMTP_LIMITS_H
#define CORE_SMTP_LIMITS_H

enum {
	SMTP_LINE_MAX = 512,            /* a command with its line end */
	SMTP_PATH_LINE_MAX = 1024,      /* MAIL and RCPT */
	SMTP_AUTH_LINE_MAX = 12288,     /* AUTH, and answers within it */
	SMTP_WORD_MAX = 32,             /* of an unknown verb, as told on */
	SMTP_HELO_MAX = 512,            /* more than any line can bring */
	SMTP_REPLY_LINE_MAX = 500,      /* text of one reply line */
	SMTP_RCPTS_MAX = 1000,          /* unless the policy says otherwise */
	SMTP_TEXT_MEMORY = 64 * 1024,   /* more goes to the spool */
	SMTP_TRANSACTION_MAX = 1 << 20, /* memory of addresses and fields */
	SMTP_OUT_PAUSE = 16 * 1024,     /* unsent replies: read no more */
	SMTP_OUT_MAX = 64 * 1024,       /* unsent replies: give up */
	SMTP_MESSAGE_ID_MAX = 250,      /* as shown in replies and logs */
	SMTP_IDLE_S = 1200,             /* no byte from the peer */
	SMTP_SESSION_S = 2 * 60 * 60,   /* whatever it does */
	SMTP_SLOW_WINDOW_S = 600,       /* of text ... */
	SMTP_SLOW_BYTES = 600,          /* ... at least so much in it */
	SMTP_QUEUE_S = 300,             /* for the queue to answer */
	SMTP_TLS_S = 30,                /* for a handshake */
	SMTP_USER_SHOWN = 256,          /* of a login's name, as told on */
	SMTP_LOGIN_S = 20,              /* for an answer about a login */
	SMTP_LOGIN_DELAY_MS = 1000,     /* of each that failed */
	SMTP_LOGINS_MAX = 5,            /* failed ones: the session ends */
};

#endif
