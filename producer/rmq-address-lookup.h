/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-env.h"

G_BEGIN_DECLS

/* Gives env a lookup that asks over HTTP, with libsoup. In a library of its own, so that a program
 * which never looks name servers up doesn't carry libsoup: the client uses it where it is linked
 * (librmq-1 has it; a program on the static libraries adds producer_lookup_dep). */
void rmq_address_lookup_install (RmqEnv *env);

G_END_DECLS
