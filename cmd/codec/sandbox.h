/* The walls around the decoder. */
#ifndef CMD_CODEC_SANDBOX_H
#define CMD_CODEC_SANDBOX_H

#include "core/base/compiler.h"

#include <stdbool.h>

/*
 * From here on only reading and writing what is open, and memory: no file, no
 * socket, no other program. False when the kernel refuses.
 */
MUST_USE bool codec_sandbox(void);

#endif
