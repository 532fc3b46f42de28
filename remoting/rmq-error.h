/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#ifndef RMQ_EXPORT
#define RMQ_EXPORT __attribute__ ((visibility ("default")))
#endif

/**
 * RMQ_CLIENT_ERROR:
 *
 * Errors the client finds by itself: misuse, no name server, no route. Mirrors `MQClientException`.
 */
#define RMQ_CLIENT_ERROR (rmq_client_error_quark ())
/**
 * rmq_client_error_quark:
 *
 * Names the domain; %RMQ_CLIENT_ERROR is the short form.
 *
 * Returns: the domain
 * Since: 0.1
 */
RMQ_EXPORT GQuark rmq_client_error_quark (void);

/**
 * RmqClientError:
 * @RMQ_CLIENT_ERROR_STATE: the call does not fit the service state, or an argument is unusable
 * (Java: −1)
 * @RMQ_CLIENT_ERROR_CONNECT_BROKER: every attempt ended at a broker that could not be reached
 * (10001)
 * @RMQ_CLIENT_ERROR_ACCESS_BROKER_TIMEOUT: the last permitted attempt timed out (10002)
 * @RMQ_CLIENT_ERROR_BROKER_NOT_EXIST: the queue's broker has no known address (10003)
 * @RMQ_CLIENT_ERROR_NO_NAME_SERVER: no name server address is known (10004)
 * @RMQ_CLIENT_ERROR_NOT_FOUND_TOPIC: no name server knows a route for the topic (10005)
 * @RMQ_CLIENT_ERROR_ILLEGAL_MESSAGE: topic, group or body break a rule (13)
 * @RMQ_CLIENT_ERROR_NAME_SERVER: the name server could not be asked (4.9, 5.3: an unchecked error)
 * @RMQ_CLIENT_ERROR_SHUT_DOWN: the producer was shut down while the call was under way
 */
typedef enum
{
  RMQ_CLIENT_ERROR_STATE = -1,
  RMQ_CLIENT_ERROR_ILLEGAL_MESSAGE = 13,
  RMQ_CLIENT_ERROR_CONNECT_BROKER = 10001,
  RMQ_CLIENT_ERROR_ACCESS_BROKER_TIMEOUT = 10002,
  RMQ_CLIENT_ERROR_BROKER_NOT_EXIST = 10003,
  RMQ_CLIENT_ERROR_NO_NAME_SERVER = 10004,
  RMQ_CLIENT_ERROR_NOT_FOUND_TOPIC = 10005,
  RMQ_CLIENT_ERROR_NAME_SERVER = 10100,
  RMQ_CLIENT_ERROR_SHUT_DOWN = 10101,
} RmqClientError;

/**
 * RMQ_REMOTING_ERROR:
 *
 * Errors of the transport. Mirrors `RemotingException` and its subclasses.
 */
#define RMQ_REMOTING_ERROR (rmq_remoting_error_quark ())
/**
 * rmq_remoting_error_quark:
 *
 * Names the domain; %RMQ_REMOTING_ERROR is the short form.
 *
 * Returns: the domain
 * Since: 0.1
 */
RMQ_EXPORT GQuark rmq_remoting_error_quark (void);

/**
 * RmqRemotingError:
 * @RMQ_REMOTING_ERROR_CONNECT: refused, unreachable or timed out (`RemotingConnectException`)
 * @RMQ_REMOTING_ERROR_SEND_REQUEST: the connection broke under the request
 * (`RemotingSendRequestException`)
 * @RMQ_REMOTING_ERROR_TIMEOUT: no answer in time (`RemotingTimeoutException`)
 * @RMQ_REMOTING_ERROR_TOO_MUCH_REQUEST: no permit or no budget left
 * (`RemotingTooMuchRequestException`)
 * @RMQ_REMOTING_ERROR_BAD_FRAME: bytes that are no frame (`RemotingCommandException`)
 * @RMQ_REMOTING_ERROR_CLOSED: this side closed the connection
 * @RMQ_REMOTING_ERROR_IDLE: nothing was read or written for the idle time
 * @RMQ_REMOTING_ERROR_PEER_CLOSED: the peer closed or reset the connection
 */
typedef enum
{
  RMQ_REMOTING_ERROR_CONNECT,
  RMQ_REMOTING_ERROR_SEND_REQUEST,
  RMQ_REMOTING_ERROR_TIMEOUT,
  RMQ_REMOTING_ERROR_TOO_MUCH_REQUEST,
  RMQ_REMOTING_ERROR_BAD_FRAME,
  RMQ_REMOTING_ERROR_CLOSED,
  RMQ_REMOTING_ERROR_IDLE,
  RMQ_REMOTING_ERROR_PEER_CLOSED,
} RmqRemotingError;

/**
 * RMQ_BROKER_ERROR:
 *
 * A broker's answer that is not a success; the error code is the wire's response code. Mirrors
 * `MQBrokerException`.
 */
#define RMQ_BROKER_ERROR (rmq_broker_error_quark ())
/**
 * rmq_broker_error_quark:
 *
 * Names the domain; %RMQ_BROKER_ERROR is the short form.
 *
 * Returns: the domain
 * Since: 0.1
 */
RMQ_EXPORT GQuark rmq_broker_error_quark (void);

/* All three domains are extended errors: they carry what happened beside the text. The getters take
 * any GError and answer NULL, 0 or FALSE for foreign domains. Texts belong to the error. */

/**
 * rmq_error_get_remark:
 * @error: (nullable): any error
 *
 * Gives the server's own words, as they came in its answer.
 *
 * Returns: (nullable) (transfer none): the remark
 * Since: 0.1
 */
RMQ_EXPORT const char *rmq_error_get_remark (const GError *error);

/**
 * rmq_error_get_broker_name:
 * @error: (nullable): any error
 *
 * Tells which broker the last attempt was meant for.
 *
 * Returns: (nullable) (transfer none): the broker name
 * Since: 0.1
 */
RMQ_EXPORT const char *rmq_error_get_broker_name (const GError *error);

/**
 * rmq_error_get_broker_addr:
 * @error: (nullable): any error
 *
 * Tells which address the last attempt went to.
 *
 * Returns: (nullable) (transfer none): host:port
 * Since: 0.1
 */
RMQ_EXPORT const char *rmq_error_get_broker_addr (const GError *error);

/**
 * rmq_error_get_attempts:
 * @error: (nullable): any error
 *
 * Counts the attempts that were made before the error was given up to.
 *
 * Returns: the number of attempts; 0: none, or not known
 * Since: 0.1
 */
RMQ_EXPORT guint rmq_error_get_attempts (const GError *error);

/**
 * rmq_error_is_retriable:
 * @error: (nullable): any error
 *
 * Says whether trying again later, or elsewhere, can be of use.
 *
 * Returns: %TRUE if it can; %FALSE: the message, the setup or the state must change first
 * Since: 0.1
 */
RMQ_EXPORT gboolean rmq_error_is_retriable (const GError *error);

/**
 * rmq_error_is_outcome_unknown:
 * @error: (nullable): any error
 *
 * Says whether the message may have been stored although the call failed: bytes had left, and no
 * answer came. Sending it again may then store it twice.
 *
 * Returns: %TRUE if it may be stored; %FALSE: it was not
 * Since: 0.1
 */
RMQ_EXPORT gboolean rmq_error_is_outcome_unknown (const GError *error);

G_END_DECLS
