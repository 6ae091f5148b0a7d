/* Limits of a process, chosen at run time. */
#ifndef CORE_SYS_RLIMIT_H
#define CORE_SYS_RLIMIT_H

#include <sys/resource.h>

/* What setrlimit names a limit by: glibc has an enumeration for it. */
#if defined(__GLIBC__) && defined(_GNU_SOURCE)
typedef __rlimit_resource_t rlimit_resource;
#else
typedef int rlimit_resource;
#endif

#endif
