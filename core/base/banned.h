/*
 * Functions that the house forbids: naming one is a compile error. The
 * Makefile includes this file before every source (-include), after the
 * system headers that declare them.
 */
#ifndef CORE_BASE_BANNED_H
#define CORE_BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__GNUC__)
#pragma GCC poison strcpy strcat sprintf vsprintf strncpy strncat strtok gets
#pragma GCC poison atoi atol atof system popen tmpnam mktemp
#endif

#endif
