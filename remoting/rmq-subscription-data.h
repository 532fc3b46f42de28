/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "rmq-json-writer.h"

G_BEGIN_DECLS

/* SubscriptionData and ConsumerData: what a consumer group reads, and how, as its heartbeats say.
 * Texts may be NULL where a client left them out, as in Java. */

typedef struct
{
  char *topic;
  char *sub_string;
  char *expression_type;
  char **tags_set;  /* (nullable) */
  GArray *code_set; /* of gint32, String.hashCode of each tag (nullable) */
  gint64 sub_version;
  gboolean class_filter_mode;
} RmqSubscriptionData;

void rmq_subscription_data_free (RmqSubscriptionData *data);
RmqSubscriptionData *rmq_subscription_data_copy (const RmqSubscriptionData *data);
/* An object; what is NULL is left out. */
void rmq_subscription_data_write (const RmqSubscriptionData *data, RmqJsonWriter *out);

typedef struct
{
  char *group_name;               /* (nullable) */
  const char *consume_type;       /* "CONSUME_PASSIVELY" (nullable) */
  const char *message_model;      /* "CLUSTERING" (nullable) */
  const char *consume_from_where; /* "CONSUME_FROM_LAST_OFFSET" (nullable) */
  gboolean unit_mode;
  GPtrArray *subscriptions; /* of RmqSubscriptionData */
} RmqConsumerData;

/* consumerDataSet of a heartbeat. json (nullable): none. Of RmqConsumerData. */
GPtrArray *rmq_consumer_data_set_decode (const char *json, GError **error);

/* Body of 46. (nullable) *subscription: it has none. */
gboolean rmq_check_client_body_decode (GBytes *body, RmqSubscriptionData **subscription,
                                       GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RmqSubscriptionData, rmq_subscription_data_free)

G_END_DECLS
