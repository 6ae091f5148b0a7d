/* What handlers and the queue agree on. */
#ifndef CORE_EVENT_EVENT_INT_H
#define CORE_EVENT_EVENT_INT_H

/* Set in the environment of handlers. */
#define EVENT_HANDLER_MARK "SMEMAIL_EVENT_HANDLER"

#endif
