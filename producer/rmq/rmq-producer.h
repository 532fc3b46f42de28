/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "rmq-message.h"
#include "rmq-send-result.h"

G_BEGIN_DECLS

#define RMQ_TYPE_PRODUCER (rmq_producer_get_type ())
RMQ_EXPORT G_DECLARE_FINAL_TYPE (RmqProducer, rmq_producer, RMQ, PRODUCER, GObject)

/* Chooses one of queues (never empty; order: by broker name, then queue id). Runs on a borrowed caller: must
 * not block, 64 KiB of stack. Mirrors MessageQueueSelector#select. */
typedef guint (*RmqMessageQueueSelector) (RmqMessageQueue *const *queues, guint n_queues, RmqMessage *message,
                                          gpointer data);
/* Exactly once, on the client's callback lane. result NULL with error set. Mirrors SendCallback. */
typedef void (*RmqSendCallback) (RmqSendResult *result, const GError *error, gpointer data);

RMQ_EXPORT RmqProducer *rmq_producer_new (const char *producer_group);

/* Options; before start only. timeouts in ms. */
RMQ_EXPORT void rmq_producer_set_namesrv_addr (RmqProducer *producer, const char *namesrv_addr);
RMQ_EXPORT void rmq_producer_set_instance_name (RmqProducer *producer, const char *instance_name);
RMQ_EXPORT void rmq_producer_set_send_msg_timeout_ms (RmqProducer *producer, guint timeout_ms);
RMQ_EXPORT void rmq_producer_set_retry_times_when_send_failed (RmqProducer *producer, gint times);
RMQ_EXPORT void rmq_producer_set_retry_times_when_send_async_failed (RmqProducer *producer, gint times);
RMQ_EXPORT void rmq_producer_set_retry_another_broker_when_not_store_ok (RmqProducer *producer, gboolean on);
RMQ_EXPORT void rmq_producer_set_compress_msg_body_over_howmuch (RmqProducer *producer, guint size_bytes);
RMQ_EXPORT void rmq_producer_set_max_message_size (RmqProducer *producer, guint size_bytes);
RMQ_EXPORT void rmq_producer_set_create_topic_key (RmqProducer *producer, const char *topic);
RMQ_EXPORT void rmq_producer_set_default_topic_queue_nums (RmqProducer *producer, guint n);
/* FALSE: unknown profile ("4.5.1", "4.9", "5.3", "recommended") or row. */
RMQ_EXPORT gboolean rmq_producer_set_profile (RmqProducer *producer, const char *profile, GError **error);
RMQ_EXPORT gboolean rmq_producer_set_profile_row (RmqProducer *producer, const char *row, const char *value,
                                                  GError **error);

RMQ_EXPORT gboolean rmq_producer_start (RmqProducer *producer, GError **error);
RMQ_EXPORT void rmq_producer_shutdown (RmqProducer *producer);

/* Blocking. timeout_ms 0: the producer's. queue, selector (nullable): at most one of them. */
RMQ_EXPORT RmqSendResult *rmq_producer_send (RmqProducer *producer, RmqMessage *message, guint timeout_ms,
                                             GError **error);
RMQ_EXPORT RmqSendResult *rmq_producer_send_to_queue (RmqProducer *producer, RmqMessage *message,
                                                      RmqMessageQueue *queue, guint timeout_ms, GError **error);
RMQ_EXPORT RmqSendResult *rmq_producer_send_by_selector (RmqProducer *producer, RmqMessage *message,
                                                         RmqMessageQueueSelector selector, gpointer data,
                                                         guint timeout_ms, GError **error);
RMQ_EXPORT gboolean rmq_producer_send_oneway (RmqProducer *producer, RmqMessage *message, GError **error);
RMQ_EXPORT gboolean rmq_producer_send_oneway_to_queue (RmqProducer *producer, RmqMessage *message,
                                                       RmqMessageQueue *queue, GError **error);
RMQ_EXPORT gboolean rmq_producer_send_oneway_by_selector (RmqProducer *producer, RmqMessage *message,
                                                          RmqMessageQueueSelector selector, gpointer data,
                                                          GError **error);
/* Callback forms; TRUE: accepted, the callback comes exactly once. */
RMQ_EXPORT gboolean rmq_producer_send_with_callback (RmqProducer *producer, RmqMessage *message,
                                                     guint timeout_ms, RmqSendCallback callback, gpointer data,
                                                     GError **error);
RMQ_EXPORT gboolean rmq_producer_send_to_queue_with_callback (RmqProducer *producer, RmqMessage *message,
                                                              RmqMessageQueue *queue, guint timeout_ms,
                                                              RmqSendCallback callback, gpointer data,
                                                              GError **error);
RMQ_EXPORT gboolean rmq_producer_send_by_selector_with_callback (RmqProducer *producer, RmqMessage *message,
                                                                 RmqMessageQueueSelector selector,
                                                                 gpointer selector_data, guint timeout_ms,
                                                                 RmqSendCallback callback, gpointer data,
                                                                 GError **error);
/* GIO forms: complete on the caller's thread-default main context. */
RMQ_EXPORT void rmq_producer_send_async (RmqProducer *producer, RmqMessage *message, guint timeout_ms,
                                         GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data);
RMQ_EXPORT RmqSendResult *rmq_producer_send_finish (RmqProducer *producer, GAsyncResult *result, GError **error);
RMQ_EXPORT void rmq_producer_shutdown_async (RmqProducer *producer, GCancellable *cancellable,
                                             GAsyncReadyCallback callback, gpointer data);
RMQ_EXPORT gboolean rmq_producer_shutdown_finish (RmqProducer *producer, GAsyncResult *result, GError **error);

G_END_DECLS
