/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-async-sender.h"
#include "rmq-callback-pool.h"
#include "rmq-client-instance.h"
#include "rmq-producer-private.h"
#include "rmq-send-operation.h"

G_BEGIN_DECLS

/* What the files of RmqProducer share. Options are written by the application before start and only
 * read afterwards; everything marked owner belongs to the host's loop. Mirrors
 * DefaultMQProducerImpl. */

typedef struct
{
  char *producer_group;
  char *namesrv_addr;   /* (nullable) */
  char *namesrv_domain; /* (nullable) */
  char *instance_name;  /* "DEFAULT" until it is changed to the pid's form */
  char *create_topic_key;
  guint default_topic_queue_nums;
  guint send_msg_timeout_ms;
  guint send_msg_max_timeout_per_request_ms; /* 0: off */
  gint retry_times_when_send_failed;
  gint retry_times_when_send_async_failed;
  gboolean retry_another_broker_when_not_store_ok;
  guint compress_msg_body_over_howmuch;
  guint max_message_size;
  RmqProfile profile;
} RmqProducerOptions;

struct _RmqProducer
{
  GObject parent_instance;
  RmqEnv *env;
  gboolean uses_process_env;
  RmqClientManager *manager;
  RmqProducerOptions options;
  RmqRpcHook hook;
  GDestroyNotify hook_destroy;

  gint service_state; /* RmqServiceState; written by the owner, read by any thread: atomic */
  gint stopping;      /* a shutdown has begun: atomic */

  /* owner */
  RmqClientInstance *instance; /* (nullable): not started */
  GHashTable
      *publish_infos_by_topic; /* topic (of the info) → RmqTopicPublishInfo; looked up only */
  GPtrArray *publish_infos;    /* topicPublishInfoTable, in order of first use */
  GQueue operations;           /* of RmqSendOperation: begun and not done */
  RmqAsyncSender *async_sender;
  RmqCallbackPool *callback_pool;
  gpointer start;    /* (nullable): the start under way */
  gpointer shutdown; /* (nullable): the shutdown under way */
};

void rmq_producer_options_init (RmqProducerOptions *options, const char *producer_group);
void rmq_producer_options_clear (RmqProducerOptions *options);

RmqServiceState rmq_producer_get_service_state (RmqProducer *producer);
/* FALSE with RMQ_CLIENT_ERROR_STATE: sends are refused in this state. Any thread. */
gboolean rmq_producer_check_running (RmqProducer *producer, GError **error);
void rmq_producer_set_service_state (RmqProducer *producer, RmqServiceState state);

/* topicPublishInfoTable */
RmqTopicPublishInfo *rmq_producer_find_publish_info (RmqProducer *producer,
                                                     const char *topic); /* (nullable), borrowed */
void rmq_producer_set_publish_info (RmqProducer *producer, RmqTopicPublishInfo *info);
void rmq_producer_ensure_publish_info (RmqProducer *producer, const char *topic);
guint rmq_producer_get_n_publish_infos (RmqProducer *producer);
RmqTopicPublishInfo *rmq_producer_get_publish_info (RmqProducer *producer, guint index);

/* Non-blocking, owner; done may run inside, and runs exactly once. */
void rmq_producer_begin_start (RmqProducer *producer, RmqProducerDone done, gpointer data);
void rmq_producer_begin_shutdown (RmqProducer *producer, RmqProducerDone done, gpointer data);
/* Ends everything at once, saying nothing to anybody; for a killed host. */
void rmq_producer_abandon (RmqProducer *producer);
/* An operation ended: a shutdown may wait for it. */
void rmq_producer_operation_ended (RmqProducer *producer);

G_END_DECLS
