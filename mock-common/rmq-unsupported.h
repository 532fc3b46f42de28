/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-mock-server.h"

G_BEGIN_DECLS

/* What the mocks don't do: request codes a 4.9 server knows and a mock has no processor for, and
 * behaviour behind codes it does have. */

typedef enum
{
  RMQ_ROLE_NAMESERVER,
  RMQ_ROLE_BROKER,
} RmqServerRole;

#define RMQ_NO_CODE (-1)

typedef struct
{
  RmqServerRole role;
  gint code; /* RMQ_NO_CODE: behaviour behind a code that is there */
  const char *name;
  const char *help; /* what it would do, or what happens instead */
} RmqKnownFeature;

/* Of const RmqKnownFeature*, by role and code: those the processors don't cover. (transfer full) */
GPtrArray *rmq_unsupported_list (RmqServerRole role, const RmqProcessor *processors,
                                 guint n_processors);
const char *rmq_server_role_get_name (RmqServerRole role);

G_END_DECLS
