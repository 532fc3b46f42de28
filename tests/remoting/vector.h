/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "rmq-remoting-command.h"

/* Recorded exchanges (tests/vectors/README.md) and what tests need to lay frames side by side. */

typedef struct
{
  char *name; /* "4.9.7/route-known" */
  GBytes *request;
  GBytes *response; /* (nullable) */
} Vector;

Vector *vector_load (const char *name);
void vector_free (Vector *vector);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Vector, vector_free)

/* Names of all vectors in a folder whose name begins with prefix, sorted. */
char **vector_list (const char *folder, const char *prefix);

/* A whole frame, length word included. */
RmqRemotingCommand *vector_decode (GBytes *frame);
GBytes *vector_encode (const RmqRemotingCommand *command);
void vector_assert_equal (GBytes *a, GBytes *b, const char *name);
