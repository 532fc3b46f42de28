/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

/* A fuzz target: any bytes, no crash; what could be read can be written and read again. clang's
 * libFuzzer calls it with what it invents, replay.c with the corpus. Always returns 0. */
int LLVMFuzzerTestOneInput (const guint8 *data, size_t size);
