/* SPDX-License-Identifier: Apache-2.0 */
/* Longer than 500 lines because every function carries its documentation. */
#pragma once

#include <gio/gio.h>

#include "rmq-message.h"
#include "rmq-send-result.h"

G_BEGIN_DECLS

#define RMQ_TYPE_PRODUCER (rmq_producer_get_type ())

/**
 * RmqProducer:
 *
 * Sends messages to RocketMQ brokers, which it finds through name servers. Made once, configured,
 * started once, used from any number of threads, shut down once. Mirrors
 * `org.apache.rocketmq.client.producer.DefaultMQProducer`.
 *
 * A started producer keeps itself alive until [method@Producer.shutdown]; forgetting that call
 * leaks it, but no callback ever finds it gone.
 *
 * Errors come in three domains: `RMQ_CLIENT_ERROR` (misuse, no name server, no route, all attempts
 * failed), `RMQ_REMOTING_ERROR` (the transport) and `RMQ_BROKER_ERROR` (a broker's own code).
 * [func@error_is_retriable] and [func@error_is_outcome_unknown] answer what usually matters: may
 * the caller try again, and may the message be stored all the same?
 *
 * Since: 0.1
 */
RMQ_EXPORT G_DECLARE_FINAL_TYPE (RmqProducer, rmq_producer, RMQ, PRODUCER, GObject)

    /**
     * RmqMessageQueueSelector:
     * @queues: (array length=n_queues): the topic's writable queues, by broker name, then by number
     * @n_queues: how many, at least 1
     * @message: the message to be sent
     * @data: what the caller of the send gave
     *
     * Chooses a queue. Runs on the thread that turns the client's loop, which may be any sender's:
     * it must not block or send, and has 64 KiB of stack. Mirrors `MessageQueueSelector#select`.
     *
     * Returns: an index below @n_queues
     *
     * Since: 0.1
     */
    typedef guint (*RmqMessageQueueSelector) (RmqMessageQueue *const *queues, guint n_queues,
                                              RmqMessage *message, gpointer data);

/**
 * RmqSendCallback:
 * @result: (nullable): what the broker said; %NULL if @error is set
 * @error: (nullable): why the send failed
 * @data: what the caller of the send gave
 *
 * Is told the end of a send, exactly once, also at shutdown. Runs on one of the client's callback
 * lanes (a thread of the library): it may block, send, and shut the producer down. Both arguments
 * are lent to it. Mirrors `SendCallback`.
 *
 * Since: 0.1
 */
typedef void (*RmqSendCallback) (RmqSendResult *result, const GError *error, gpointer data);

/**
 * RmqRpcCommand:
 *
 * A request or a response on its way through an RPC hook. Mirrors `RemotingCommand`.
 *
 * Since: 0.1
 */
typedef struct _RmqRemotingCommand RmqRpcCommand;

/**
 * rmq_rpc_command_get_code:
 * @command: a command
 *
 * Returns: the request or response code
 *
 * Since: 0.1
 */
RMQ_EXPORT gint rmq_rpc_command_get_code (RmqRpcCommand *command);

/**
 * rmq_rpc_command_get_ext_field:
 * @command: a command
 * @name: the wire name of a header field
 *
 * Returns: (transfer none) (nullable): its value
 *
 * Since: 0.1
 */
RMQ_EXPORT const char *rmq_rpc_command_get_ext_field (RmqRpcCommand *command, const char *name);

/**
 * rmq_rpc_command_add_ext_field:
 * @command: a request in its "before" hook
 * @name: the wire name of a header field
 * @value: its value
 *
 * Adds a field to a request before it is written: how signatures travel.
 *
 * Since: 0.1
 */
RMQ_EXPORT void rmq_rpc_command_add_ext_field (RmqRpcCommand *command, const char *name,
                                               const char *value);

/**
 * RmqRpcHookBefore:
 * @addr: (nullable): the address the request goes to; %NULL: a name server
 * @request: the request, which may still be changed
 * @data: what was given with the hook
 *
 * Sees every request of the client before it is written, each attempt anew. Runs on the thread that
 * turns the client's loop: it must not block, and has 64 KiB of stack. Mirrors
 * `RPCHook#doBeforeRequest`.
 *
 * Since: 0.1
 */
typedef void (*RmqRpcHookBefore) (const char *addr, RmqRpcCommand *request, gpointer data);

/**
 * RmqRpcHookAfter:
 * @addr: (nullable): as before the request
 * @request: the request
 * @response: its answer
 * @data: what was given with the hook
 *
 * Sees every answer that somebody waited for. Same rules as [callback@RpcHookBefore]. Mirrors
 * `RPCHook#doAfterResponse`.
 *
 * Since: 0.1
 */
typedef void (*RmqRpcHookAfter) (const char *addr, RmqRpcCommand *request, RmqRpcCommand *response,
                                 gpointer data);

/**
 * rmq_producer_new:
 * @producer_group: (nullable): the name under which this producer registers at brokers
 *
 * Makes a producer; nothing runs yet. All producers of a process share its loop and, where their
 * client ids are equal, connections and tables. The name is checked by [method@Producer.start].
 *
 * Returns: (transfer full): the producer
 *
 * Since: 0.1
 */
RMQ_EXPORT RmqProducer *rmq_producer_new (const char *producer_group);

/**
 * rmq_producer_set_producer_group:
 * @producer: a producer that was not started
 * @producer_group: another name
 *
 * Changes the group, for example after a start that failed because the name is taken.
 *
 * Since: 0.1
 */
RMQ_EXPORT void rmq_producer_set_producer_group (RmqProducer *producer, const char *producer_group);

/**
 * rmq_producer_set_namesrv_addr:
 * @producer: a producer that was not started
 * @namesrv_addr: (nullable): `host:port`, several separated by `;`
 *
 * Says where the name servers are. Without it the environment variable `NAMESRV_ADDR` counts, and
 * without that the address server is asked over HTTP, at start and every two minutes.
 *
 * Since: 0.1
 */
RMQ_EXPORT void rmq_producer_set_namesrv_addr (RmqProducer *producer, const char *namesrv_addr);

/**
 * rmq_producer_set_namesrv_domain:
 * @producer: a producer that was not started
 * @domain: (nullable): `host` (then port 8080) or `host:port`; %NULL: `jmenv.tbsite.net`
 *
 * Says which address server is asked for `http://DOMAIN/rocketmq/nsaddr` where no name server
 * address is set. Mirrors the property `rocketmq.namesrv.domain`.
 *
 * Since: 0.1
 */
RMQ_EXPORT void rmq_producer_set_namesrv_domain (RmqProducer *producer, const char *domain);

/**
 * rmq_producer_set_instance_name:
 * @producer: a producer that was not started
 * @instance_name: a name; producers of one process that have the same share one client
 *
 * Sets the second part of the client id. The default makes a client of its own for each producer.
 *
 * Since: 0.1
 */
RMQ_EXPORT void rmq_producer_set_instance_name (RmqProducer *producer, const char *instance_name);

/**
 * rmq_producer_set_send_msg_timeout_ms:
 * @producer: a producer that was not started
 * @timeout_ms: milliseconds for a whole send, all attempts together; 3000 unless set
 *
 * Sets the budget of sends that give none themselves.
 *
 * Since: 0.1
 */
RMQ_EXPORT void rmq_producer_set_send_msg_timeout_ms (RmqProducer *producer, guint timeout_ms);

/**
 * rmq_producer_set_send_msg_max_timeout_per_request_ms:
 * @producer: a producer that was not started
 * @timeout_ms: milliseconds for each attempt but the last; 0, the default: no limit
 *
 * Leaves time for a retry when a broker hangs.
 *
 * Since: 0.1
 */
RMQ_EXPORT void rmq_producer_set_send_msg_max_timeout_per_request_ms (RmqProducer *producer,
                                                                      guint timeout_ms);

/**
 * rmq_producer_set_retry_times_when_send_failed:
 * @producer: a producer that was not started
 * @times: further attempts of a blocking send; 2 unless set
 *
 * Concerns sends that choose their queue themselves; sends by selector and to a queue are never
 * repeated.
 *
 * Since: 0.1
 */
RMQ_EXPORT void rmq_producer_set_retry_times_when_send_failed (RmqProducer *producer, gint times);

/**
 * rmq_producer_set_retry_times_when_send_async_failed:
 * @producer: a producer that was not started
 * @times: further attempts of an asynchronous send; 2 unless set
 *
 * Concerns all asynchronous sends; those by selector and to a queue stay with their queue.
 *
 * Since: 0.1
 */
RMQ_EXPORT void rmq_producer_set_retry_times_when_send_async_failed (RmqProducer *producer,
                                                                     gint times);

/**
 * rmq_producer_set_retry_another_broker_when_not_store_ok:
 * @producer: a producer that was not started
 * @on: whether a status other than %RMQ_SEND_OK makes a blocking send try another broker
 *
 * Off unless set. Makes duplicates: the first broker has stored the message, too.
 *
 * Since: 0.1
 */
RMQ_EXPORT void rmq_producer_set_retry_another_broker_when_not_store_ok (RmqProducer *producer,
                                                                         gboolean on);

/**
 * rmq_producer_set_compress_msg_body_over_howmuch:
 * @producer: a producer that was not started
 * @size_bytes: bodies of at least so many bytes are compressed with zlib; 4096 unless set
 *
 * Since: 0.1
 */
RMQ_EXPORT void rmq_producer_set_compress_msg_body_over_howmuch (RmqProducer *producer,
                                                                 guint size_bytes);

/**
 * rmq_producer_set_max_message_size:
 * @producer: a producer that was not started
 * @size_bytes: largest body, before compression; 4 MiB unless set
 *
 * Since: 0.1
 */
RMQ_EXPORT void rmq_producer_set_max_message_size (RmqProducer *producer, guint size_bytes);

/**
 * rmq_producer_set_create_topic_key:
 * @producer: a producer that was not started
 * @topic: the template of topics that nobody knows yet; `TBW102` unless set
 *
 * Since: 0.1
 */
RMQ_EXPORT void rmq_producer_set_create_topic_key (RmqProducer *producer, const char *topic);

/**
 * rmq_producer_set_default_topic_queue_nums:
 * @producer: a producer that was not started
 * @n: queues per broker asked for when a topic is created by sending to it; 4 unless set
 *
 * Since: 0.1
 */
RMQ_EXPORT void rmq_producer_set_default_topic_queue_nums (RmqProducer *producer, guint n);

/**
 * rmq_producer_set_profile:
 * @producer: a producer that was not started
 * @profile: `4.5.1`, `4.9`, `5.3` or `recommended` (the default)
 * @error: return location for a `RMQ_CLIENT_ERROR`
 *
 * Makes the producer behave as the Java client of that version, quirks included.
 *
 * Returns: %FALSE for an unknown name
 *
 * Since: 0.1
 */
RMQ_EXPORT gboolean rmq_producer_set_profile (RmqProducer *producer, const char *profile,
                                              GError **error);

/**
 * rmq_producer_set_profile_row:
 * @producer: a producer that was not started
 * @row: the name of a row of the profile, `peer-fin` for example
 * @value: one of its values, `ignored` for example
 * @error: return location for a `RMQ_CLIENT_ERROR`
 *
 * Changes one behaviour of the profile.
 *
 * Returns: %FALSE for an unknown row or value
 *
 * Since: 0.1
 */
RMQ_EXPORT gboolean rmq_producer_set_profile_row (RmqProducer *producer, const char *row,
                                                  const char *value, GError **error);

/**
 * rmq_producer_set_rpc_hook:
 * @producer: a producer that was not started
 * @before: (nullable) (scope notified) (closure data) (destroy destroy): runs before each request
 * @after: (nullable) (scope forever) (closure data): runs after each answer
 * @data: given to both
 * @destroy: (nullable): frees @data when the producer goes
 *
 * Installs a hook around the requests of this producer's client. Of producers that share a client
 * the first one's hook counts, and it must outlive the others. Mirrors the `RPCHook` argument of
 * `DefaultMQProducer`.
 *
 * Since: 0.1
 */
RMQ_EXPORT void rmq_producer_set_rpc_hook (RmqProducer *producer, RmqRpcHookBefore before,
                                           RmqRpcHookAfter after, gpointer data,
                                           GDestroyNotify destroy);

/**
 * rmq_producer_start:
 * @producer: a producer
 * @error: return location for a `RMQ_CLIENT_ERROR`
 *
 * Starts the producer: it joins or makes the client of its client id. No connection is opened yet.
 * Blocks only where name servers are looked up over HTTP. After %RMQ_CLIENT_ERROR_STATE because the
 * group is taken it may be started again under another one; after any other error a new producer
 * is needed.
 *
 * Returns: %TRUE if it runs
 *
 * Since: 0.1
 */
RMQ_EXPORT gboolean rmq_producer_start (RmqProducer *producer, GError **error);

/**
 * rmq_producer_shutdown:
 * @producer: a producer
 *
 * Ends the producer: no new sends are taken, those under way may end within the send timeout, the
 * rest ends with %RMQ_CLIENT_ERROR_SHUT_DOWN; brokers are told; when the call returns all callbacks
 * have run. Does nothing unless the producer runs. Called from one of its own callbacks it only
 * begins the shutdown.
 *
 * Since: 0.1
 */
RMQ_EXPORT void rmq_producer_shutdown (RmqProducer *producer);

/**
 * rmq_producer_send:
 * @producer: a running producer
 * @message: what to send
 * @timeout_ms: milliseconds for all attempts together; 0: the producer's
 * @error: return location for an error of any of the three domains
 *
 * Sends a message and waits until a broker has stored it, walking the topic's queues round robin
 * and trying other brokers if one fails. Any thread, also inside a callback; not inside a hook or
 * selector.
 *
 * Returns: (transfer full): what the broker said, or %NULL with @error set
 *
 * Since: 0.1
 */
RMQ_EXPORT RmqSendResult *rmq_producer_send (RmqProducer *producer, RmqMessage *message,
                                             guint timeout_ms, GError **error);

/**
 * rmq_producer_send_to_queue:
 * @producer: a running producer
 * @message: what to send
 * @queue: the queue that shall hold it; of the message's topic
 * @timeout_ms: milliseconds; 0: the producer's
 * @error: return location for an error of any of the three domains
 *
 * Sends a message to one queue and waits until it is stored. One attempt only.
 *
 * Returns: (transfer full): what the broker said, or %NULL with @error set
 *
 * Since: 0.1
 */
RMQ_EXPORT RmqSendResult *rmq_producer_send_to_queue (RmqProducer *producer, RmqMessage *message,
                                                      RmqMessageQueue *queue, guint timeout_ms,
                                                      GError **error);

/**
 * rmq_producer_send_by_selector:
 * @producer: a running producer
 * @message: what to send
 * @selector: (scope call) (closure data): chooses the queue
 * @data: given to @selector
 * @timeout_ms: milliseconds; 0: the producer's
 * @error: return location for an error of any of the three domains
 *
 * Sends a message to the queue that @selector chooses and waits until it is stored. One attempt
 * only: this is the form for ordered messages.
 *
 * Returns: (transfer full): what the broker said, or %NULL with @error set
 *
 * Since: 0.1
 */
RMQ_EXPORT RmqSendResult *rmq_producer_send_by_selector (RmqProducer *producer, RmqMessage *message,
                                                         RmqMessageQueueSelector selector,
                                                         gpointer data, guint timeout_ms,
                                                         GError **error);

/**
 * rmq_producer_send_oneway:
 * @producer: a running producer
 * @message: what to send
 * @error: return location for an error
 *
 * Writes a message and asks for no answer: whether it is stored will never be known.
 *
 * Returns: %TRUE if it was handed to the transport
 *
 * Since: 0.1
 */
RMQ_EXPORT gboolean rmq_producer_send_oneway (RmqProducer *producer, RmqMessage *message,
                                              GError **error);

/**
 * rmq_producer_send_oneway_to_queue:
 * @producer: a running producer
 * @message: what to send
 * @queue: the queue that shall hold it; of the message's topic
 * @error: return location for an error
 *
 * As [method@Producer.send_oneway], to one queue.
 *
 * Returns: %TRUE if it was handed to the transport
 *
 * Since: 0.1
 */
RMQ_EXPORT gboolean rmq_producer_send_oneway_to_queue (RmqProducer *producer, RmqMessage *message,
                                                       RmqMessageQueue *queue, GError **error);

/**
 * rmq_producer_send_oneway_by_selector:
 * @producer: a running producer
 * @message: what to send
 * @selector: (scope call) (closure data): chooses the queue
 * @data: given to @selector
 * @error: return location for an error
 *
 * As [method@Producer.send_oneway], to the queue that @selector chooses.
 *
 * Returns: %TRUE if it was handed to the transport
 *
 * Since: 0.1
 */
RMQ_EXPORT gboolean rmq_producer_send_oneway_by_selector (RmqProducer *producer,
                                                          RmqMessage *message,
                                                          RmqMessageQueueSelector selector,
                                                          gpointer data, GError **error);

/**
 * rmq_producer_send_with_callback:
 * @producer: a running producer
 * @message: what to send; not to be changed before the callback
 * @timeout_ms: milliseconds from this call on, for all attempts together; 0: the producer's
 * @callback: (nullable) (scope async) (closure data): told the end
 * @data: given to @callback
 * @error: return location for an error
 *
 * Sends a message without waiting. Any thread, hooks and selectors included.
 *
 * Returns: %TRUE if it was accepted: @callback runs exactly once; %FALSE with @error set: it never
 *   runs
 *
 * Since: 0.1
 */
RMQ_EXPORT gboolean rmq_producer_send_with_callback (RmqProducer *producer, RmqMessage *message,
                                                     guint timeout_ms, RmqSendCallback callback,
                                                     gpointer data, GError **error);

/**
 * rmq_producer_send_to_queue_with_callback:
 * @producer: a running producer
 * @message: what to send; not to be changed before the callback
 * @queue: the queue that shall hold it; of the message's topic
 * @timeout_ms: milliseconds from this call on; 0: the producer's
 * @callback: (nullable) (scope async) (closure data): told the end
 * @data: given to @callback
 * @error: return location for an error
 *
 * As [method@Producer.send_with_callback], to one queue; retries stay with it.
 *
 * Returns: %TRUE if it was accepted
 *
 * Since: 0.1
 */
RMQ_EXPORT gboolean rmq_producer_send_to_queue_with_callback (
    RmqProducer *producer, RmqMessage *message, RmqMessageQueue *queue, guint timeout_ms,
    RmqSendCallback callback, gpointer data, GError **error);

/**
 * rmq_producer_send_by_selector_with_callback:
 * @producer: a running producer
 * @message: what to send; not to be changed before the callback
 * @selector: (scope async) (closure selector_data): chooses the queue, later
 * @selector_data: given to @selector
 * @timeout_ms: milliseconds from this call on; 0: the producer's
 * @callback: (nullable) (scope async) (closure data): told the end
 * @data: given to @callback
 * @error: return location for an error
 *
 * As [method@Producer.send_with_callback], to the queue that @selector chooses; retries stay with
 * it.
 *
 * Returns: %TRUE if it was accepted
 *
 * Since: 0.1
 */
RMQ_EXPORT gboolean rmq_producer_send_by_selector_with_callback (
    RmqProducer *producer, RmqMessage *message, RmqMessageQueueSelector selector,
    gpointer selector_data, guint timeout_ms, RmqSendCallback callback, gpointer data,
    GError **error);

/**
 * rmq_producer_send_async:
 * @producer: a running producer
 * @message: what to send; not to be changed before the end
 * @timeout_ms: milliseconds from this call on, for all attempts together; 0: the producer's
 * @cancellable: (nullable): looked at before the send begins; one under way is not taken back
 * @callback: (scope async) (closure data): runs on the caller's thread-default main context
 * @data: given to @callback
 *
 * Sends a message as GIO programs do.
 *
 * Since: 0.1
 */
RMQ_EXPORT void rmq_producer_send_async (RmqProducer *producer, RmqMessage *message,
                                         guint timeout_ms, GCancellable *cancellable,
                                         GAsyncReadyCallback callback, gpointer data);

/**
 * rmq_producer_send_finish:
 * @producer: the producer
 * @result: what the callback got
 * @error: return location for an error of any of the three domains, or `G_IO_ERROR_CANCELLED`
 *
 * Ends [method@Producer.send_async].
 *
 * Returns: (transfer full): what the broker said, or %NULL with @error set
 *
 * Since: 0.1
 */
RMQ_EXPORT RmqSendResult *rmq_producer_send_finish (RmqProducer *producer, GAsyncResult *result,
                                                    GError **error);

/**
 * rmq_producer_shutdown_async:
 * @producer: a producer
 * @cancellable: (nullable): ignored; a shutdown can't be taken back
 * @callback: (scope async) (closure data): runs on the caller's thread-default main context
 * @data: given to @callback
 *
 * As [method@Producer.shutdown], without blocking; completes after all callbacks.
 *
 * Since: 0.1
 */
RMQ_EXPORT void rmq_producer_shutdown_async (RmqProducer *producer, GCancellable *cancellable,
                                             GAsyncReadyCallback callback, gpointer data);

/**
 * rmq_producer_shutdown_finish:
 * @producer: the producer
 * @result: what the callback got
 * @error: return location for an error; none occurs
 *
 * Ends [method@Producer.shutdown_async].
 *
 * Returns: %TRUE
 *
 * Since: 0.1
 */
RMQ_EXPORT gboolean rmq_producer_shutdown_finish (RmqProducer *producer, GAsyncResult *result,
                                                  GError **error);

G_END_DECLS
