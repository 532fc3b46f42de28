/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <json-glib/json-glib.h>

#include "rmq-mock-broker.h"

G_BEGIN_DECLS

/* What brokers have stored, as GET /v1/messages tells it. */

#define RMQ_MESSAGE_QUERY_LIMIT 100 /* of messages, unless the query asks for more */

typedef struct
{
  const char *topic;  /* (nullable): any */
  const char *broker; /* (nullable): any */
  gint queue;         /* -1: any */
  gint64 from;        /* lowest queue offset */
  guint limit;
} RmqMessageQuery;

/* Adds members "total" (how many there are, whatever the limit) and "messages" (in the order they
 * were stored) to the object the builder is in. Owner only. */
void rmq_mock_brokers_add_messages_json (RmqMockBroker *const *brokers, guint n_brokers,
                                         const RmqMessageQuery *query, JsonBuilder *builder);

G_END_DECLS
