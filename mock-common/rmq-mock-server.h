/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <json-glib/json-glib.h>

#include "rmq-connection.h"
#include "rmq-env.h"
#include "rmq-mock-events.h"
#include "rmq-mock-profile.h"
#include "rmq-outage-table.h"
#include "rmq-request-log.h"
#include "rmq-response-table.h"

G_BEGIN_DECLS

/* The half that every mock is built on: listener, connections, processor table, outages at the
 * edge, request record. Mirrors NettyRemotingServer with its processorTable. Owner only. */

typedef struct _RmqMockServer RmqMockServer;

/* NULL = no answer (a oneway, or what this version ignores). (transfer full) */
typedef RmqRemotingCommand *(*RmqProcessorFunc) (gpointer mock, RmqConnection *connection,
                                                 RmqRemotingCommand *request);

typedef struct
{
  gint code;
  RmqProcessorFunc process;
  const char *help;
  gint since; /* first of our profiles' versions that knows the code; 0: all */
} RmqProcessor;

typedef struct
{
  const RmqMockProfile *profile;
  const RmqProcessor *processors; /* processorTable; must outlive the server */
  guint n_processors;
  gboolean answers_unknown_codes;
  /* a connection ended, for whatever reason; not called at stop or kill (nullable) */
  void (*disconnected) (gpointer mock, RmqConnection *connection);
  /* An answer the outage "answer CODE" invents, as this mock would word it (nullable: code and
   * remark alone). (transfer full) */
  RmqRemotingCommand *(*invent) (gpointer mock, RmqRemotingCommand *request, gint code,
                                 const char *remark);
} RmqMockServerClass;

/* A client takes the message for stored: 0, 10, 11, 12. */
gboolean rmq_answer_is_stored (gint code);

RmqMockServer *rmq_mock_server_new (const char *name, const RmqMockServerClass *klass,
                                    gpointer mock);
void rmq_mock_server_free (RmqMockServer *server); /* nullable */
/* listen: "127.0.0.1:0". After a stop or kill: again, in any host. */
gboolean rmq_mock_server_start (RmqMockServer *server, RmqEnv *env, const char *listen,
                                GError **error);
/* Refuses, FIN on each connection; the port stays ours until the next start. */
void rmq_mock_server_stop (RmqMockServer *server);
void rmq_mock_server_kill (RmqMockServer *server, RmqCloseHow how); /* rmq_env_kill() of its host */
gboolean rmq_mock_server_is_running (RmqMockServer *server);
const char *rmq_mock_server_get_name (RmqMockServer *server);
RmqEnv *rmq_mock_server_get_env (RmqMockServer *server); /* (nullable): never started */
const char *
rmq_mock_server_get_address (RmqMockServer *server); /* (nullable); stays after a kill */

/* States of the whole mock. line (nullable): the outage as written, for OUTAGE_ON. All but close
 * and reset last until their opposite, heal, or a start. */
typedef enum
{
  RMQ_SERVER_REFUSE,               /* connects are refused, connections stay */
  RMQ_SERVER_IGNORES_CONNECTS,     /* connects never complete, connections stay */
  RMQ_SERVER_READS_NOTHING,        /* accepts, leaves all bytes where they are */
  RMQ_SERVER_IGNORES_REGISTRATION, /* a broker works, but says so to no name server */
  RMQ_SERVER_HANG,                 /* reads, never answers; a broker stops registering */
  RMQ_SERVER_PAUSE,                /* a stopped process */
  RMQ_N_SERVER_STATES,
} RmqServerState;
/* FALSE: it was so already, or the mock is down. */
gboolean rmq_mock_server_set_state (RmqMockServer *server, RmqServerState state, gboolean on,
                                    const char *line);
gboolean rmq_mock_server_get_state (RmqMockServer *server, RmqServerState state);
void rmq_mock_server_close_all (RmqMockServer *server, RmqCloseHow how, const char *line);
/* Down by "kill" or "stop": OUTAGE_ON with this line; its end is the next start. */
void rmq_mock_server_note_down (RmqMockServer *server, const char *line);
/* Gives the answers that "hold" keeps, in order; how many. */
guint rmq_mock_server_release (RmqMockServer *server);
/* Ends every rule and state, gives what was held; returns how many. */
guint rmq_mock_server_heal (RmqMockServer *server);
RmqOutageTable *rmq_mock_server_get_outages (RmqMockServer *server);
const char *rmq_mock_server_describe_state (RmqMockServer *server); /* "up" "down" "hung" … */

/* What arrived, for GET /v1/requests. */
const RmqRequestLog *rmq_mock_server_get_requests (RmqMockServer *server);
void rmq_mock_server_forget_requests (RmqMockServer *server);

typedef struct
{
  gint code;     /* -1: any */
  guint64 since; /* sequence: only later ones */
} RmqRequestQuery;
/* Adds an object a request to the array the builder is in. */
void rmq_mock_server_add_requests_json (RmqMockServer *server, const RmqRequestQuery *query,
                                        JsonBuilder *builder);

/* Ends one of the server's connections; the mock is told as of any other end. */
void rmq_mock_server_end_connection (RmqMockServer *server, RmqConnection *connection,
                                     RmqCloseHow how);
/* Requests of the mock's own to whoever holds the other end; opaque and version are filled in.
 * FALSE: the connection takes nothing more, func won't be called. A mock that hangs says nothing,
 * yet waits for the answer. */
gboolean rmq_mock_server_notify (RmqMockServer *server, RmqConnection *connection,
                                 RmqRemotingCommand *request); /* oneway */
gboolean rmq_mock_server_invoke (RmqMockServer *server, RmqConnection *connection,
                                 RmqRemotingCommand *request, gint64 timeout_us,
                                 RmqResponseFunc func, gpointer data);

/* A request that its processor answers later. */
typedef struct _RmqHeldRequest RmqHeldRequest;
/* Called by the processor, which then returns NULL. An outage that touched the request has its turn
 * when the answer comes. (transfer full) */
RmqHeldRequest *rmq_mock_server_hold (RmqMockServer *server, RmqConnection *connection,
                                      RmqRemotingCommand *request);
RmqConnection *rmq_held_request_get_connection (const RmqHeldRequest *held);
RmqRemotingCommand *rmq_held_request_get_request (const RmqHeldRequest *held);
/* Frees held. response (nullable): nothing is said after all. */
void rmq_held_request_answer (RmqHeldRequest *held, RmqRemotingCommand *response);
void rmq_held_request_free (RmqHeldRequest *held);

guint rmq_mock_server_get_n_connections (RmqMockServer *server);

G_END_DECLS
