/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-client-instance.h"

G_BEGIN_DECLS

/* MQClientInstance#updateTopicRouteInfoFromNameServer. Owner only. */

/* error: a client exception (the name server answered that it doesn't know the topic), or why no
 * name server could be asked. */
typedef void (*RmqRouteDone) (gboolean changed, const GError *error, gpointer data);

typedef struct
{
  const char *topic;          /* whose route is wanted */
  const char *template_topic; /* (nullable): asked for instead; its route is taken for topic */
  guint template_queue_nums;  /* at most so many queues of each broker */
} RmqRouteQuery;

void rmq_route_update (RmqClientInstance *instance, const RmqRouteQuery *query, RmqRouteDone done,
                       gpointer data);
/* TRUE: Java would throw an unchecked error here, so the round, or the send, ends. */
gboolean rmq_route_error_aborts (RmqClientInstance *instance, const GError *error);
/* All known topics, one after the other; error (nullable): what ended the round early. */
void rmq_route_update_all (RmqClientInstance *instance, RmqClientInstanceDone done, gpointer data);
/* Ends what is under way with RMQ_CLIENT_ERROR_SHUT_DOWN. */
void rmq_route_updates_cancel (RmqClientInstance *instance);

G_END_DECLS
