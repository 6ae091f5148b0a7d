/* Compiler attributes, each with a fallback for compilers without them. */
#ifndef CORE_BASE_COMPILER_H
#define CORE_BASE_COMPILER_H

#if defined(__GNUC__) || defined(__clang__)
#define MUST_USE               __attribute__((warn_unused_result))
#define NORETURN               __attribute__((noreturn))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))
#define FORMAT_ARG(n)          __attribute__((format_arg(n)))
#define UNUSED                 __attribute__((unused))
#define NOINLINE               __attribute__((noinline))
#else
#define MUST_USE
#define NORETURN
#define PRINTF_LIKE(fmt, args)
#define FORMAT_ARG(n)
#define UNUSED
#define NOINLINE
#endif

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif
