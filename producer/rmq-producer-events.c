/* SPDX-License-Identifier: Apache-2.0 */

/* The kinds of events the client emits, one row each: the index of what can be learned about a send
 * afterwards. What each field means stands in the header. */

#include "rmq-producer-events.h"

#include "rmq-error.h"
#include "rmq-producer-private.h"

static const char *const modes[] = { "sync", "async", "oneway", NULL };
static const char *const domains[] = { "none", "client", "remoting", "broker", NULL };
static const char *const ends[] = {
  "timeout", "peer-fin", "reset", "idle", "bad-frame", "send", "dropped", "shutdown", "race", NULL,
};

#define CLIENT_EVENT(symbol, kind_name, is_hot, kind_help, ...)                                    \
  CLIENT_EVENT_NICKS (symbol, kind_name, is_hot, kind_help, 0, NULL, __VA_ARGS__)
/* The values of one field have names. */
#define CLIENT_EVENT_NICKS(symbol, kind_name, is_hot, kind_help, index, names, ...)                \
  const RmqEventKind rmq_event_##symbol = { .name = kind_name,                                     \
                                            .part = RMQ_HASH_CLIENT,                               \
                                            .hot = is_hot,                                         \
                                            .field_names = { __VA_ARGS__ },                        \
                                            .nicks = { [index] = names },                          \
                                            .help = kind_help };

CLIENT_EVENT_NICKS (send, "SEND", TRUE, "a send was asked for; text: topic", 1, modes, "tag",
                    "mode", "timeout_us", "bytes")
CLIENT_EVENT (pick, "PICK", TRUE, "a queue was chosen; text: BROKER:QUEUE", "tag", "task",
              "counter", "position", "skipped", "size")
CLIENT_EVENT (attempt, "ATTEMPT", TRUE, "an attempt begins; text: broker name", "tag", "attempt",
              "queue", "left_us")
CLIENT_EVENT (sent, "SENT", TRUE, "the request left over a connection; text: broker name", "tag",
              "attempt", "opaque", "connection")
CLIENT_EVENT_NICKS (attempt_failed, "ATTEMPT_FAILED", FALSE,
                    "an attempt ended without a stored message; text: the error", 3, domains, "tag",
                    "attempt", "sent", "domain", "code")
CLIENT_EVENT (retry, "RETRY", FALSE, "another attempt follows; text: the broker that is avoided",
              "tag", "attempt", "left_us")
CLIENT_EVENT (send_ok, "SEND_OK", TRUE, "the send ended, stored; text: broker name", "tag",
              "status", "attempts", "queue", "offset", "took_us")
CLIENT_EVENT (send_oneway, "SEND_ONEWAY", TRUE,
              "a oneway send was written, nothing more will be known; text: broker name", "tag",
              "attempts", "took_us")
CLIENT_EVENT_NICKS (send_error, "SEND_ERROR", FALSE,
                    "the send ended with an error; text: the error", 1, domains, "tag", "domain",
                    "code", "attempts", "unknown", "took_us")
CLIENT_EVENT (callback, "CALLBACK", TRUE, "a callback was handed to its lane; text: lane", "tag",
              "ok", "backlog")
CLIENT_EVENT (route, "ROUTE", FALSE, "the client's picture of a topic changed; text: topic",
              "queues", "brokers", "template")
CLIENT_EVENT_NICKS (route_error, "ROUTE_ERROR", FALSE,
                    "a route could not be had; text: TOPIC: error", 0, domains, "domain", "code")
CLIENT_EVENT (task, "TASK", TRUE, "a scheduled task starts; text: task", "run", "late_us", "missed")
CLIENT_EVENT (task_done, "TASK_DONE", TRUE, "a scheduled task is done; text: task", "run",
              "took_us", "failed")
CLIENT_EVENT (heartbeat, "HEARTBEAT", FALSE, "a heartbeat was answered, or not; text: address",
              "ok", "version")
CLIENT_EVENT (unregister, "UNREGISTER", FALSE, "a group was taken back at a broker; text: address",
              "ok")
CLIENT_EVENT (channel_open, "CHANNEL_OPEN", FALSE, "a connection is up; text: address",
              "connection", "took_us")
CLIENT_EVENT (channel_refused, "CHANNEL_REFUSED", FALSE, "a connect failed; text: ADDRESS: reason",
              "took_us")
CLIENT_EVENT_NICKS (channel_close, "CHANNEL_CLOSE", FALSE, "a connection ended; text: address", 1,
                    ends, "connection", "by", "failed", "waiting")
CLIENT_EVENT (namesrv_chosen, "NAMESRV_CHOSEN", FALSE,
              "a name server was chosen for the next queries; text: address", "index")
CLIENT_EVENT (namesrv_list, "NAMESRV_LIST", FALSE,
              "the list of name servers was replaced; text: the list", "length")
CLIENT_EVENT (late_response, "LATE_RESPONSE", FALSE, "an answer nobody waits for; text: address",
              "connection", "opaque", "code")
CLIENT_EVENT (service_state, "SERVICE_STATE", FALSE,
              "a producer changed its service state; text: GROUP: STATE", NULL)

/* A list has the NULL besides. */
G_STATIC_ASSERT (G_N_ELEMENTS (modes) == RMQ_SEND_ONEWAY + 2);
G_STATIC_ASSERT (G_N_ELEMENTS (domains) == RMQ_EVENT_DOMAIN_BROKER + 2);
G_STATIC_ASSERT (G_N_ELEMENTS (ends) == RMQ_CHANNEL_END_RACE + 2);

RmqEventDomain
rmq_event_domain_of (const GError *error)
{
  if (error == NULL)
    return RMQ_EVENT_DOMAIN_NONE;
  return error->domain == RMQ_BROKER_ERROR     ? RMQ_EVENT_DOMAIN_BROKER
         : error->domain == RMQ_REMOTING_ERROR ? RMQ_EVENT_DOMAIN_REMOTING
                                               : RMQ_EVENT_DOMAIN_CLIENT;
}
