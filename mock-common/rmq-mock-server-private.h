/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-mock-exchange.h"

G_BEGIN_DECLS

/* What the server's files share: rmq-mock-server.c, rmq-mock-exchange.c, rmq-mock-server-push.c,
 * rmq-mock-server-state.c. */

#define RMQ_NO_RULE 0 /* in events: an outage of the whole mock */

struct _RmqMockServer
{
  char *name;
  RmqMockServerClass klass;
  gpointer mock;
  RmqEnv *env;                      /* (nullable): never started */
  char *address;                    /* (nullable) */
  RmqListener *listener;            /* (nullable): killed, or never started */
  GPtrArray *connections;           /* of RmqConnection, in order of arrival */
  GPtrArray *late;                  /* of LateAnswer */
  RmqResponseTable *response_table; /* (nullable): never started; what clients were asked */
  gint32 next_opaque;
  RmqOutageTable *outages;
  char *state_lines[RMQ_N_SERVER_STATES]; /* (nullable): the state is off */
  char *down_line;                        /* (nullable): no outage keeps it down */
  gboolean running;
  RmqRequestLog requests;
  guint64 executing;    /* sequence of the request whose processor runs, or ran last */
  RmqHeldRequest *held; /* (nullable): it is held; borrowed, valid when its processor returns */
};

/* Has the processor do its work; unknown codes by profile. (nullable) (transfer full) */
RmqRemotingCommand *rmq_mock_server_execute (RmqMockServer *server, RmqConnection *connection,
                                             RmqRemotingCommand *request, guint64 sequence);
/* Sends, unless there is nothing to say or nobody to hear it. */
void rmq_mock_server_answer (RmqMockServer *server, RmqConnection *connection,
                             RmqRemotingCommand *request, guint64 sequence,
                             RmqRemotingCommand *response);
/* How often a request of the mock's own is sent, outages considered: 0, 1 or 2 times. */
guint rmq_mock_server_count_pushes (RmqMockServer *server, RmqConnection *connection,
                                    const RmqRemotingCommand *request);
/* The version and the encoding that an answer of this mock has. */
void rmq_mock_server_dress_answer (RmqMockServer *server, RmqRemotingCommand *response);
/* An answer was sent on this connection: one that waited to be overtaken goes next. */
void rmq_mock_server_let_overtaken_go (RmqMockServer *server, RmqConnection *connection);
/* TRUE: an outage has the request in hand, the caller is done with it. */
gboolean rmq_mock_server_touch (RmqMockServer *server, RmqConnection *connection,
                                RmqRequestRecord *record);
/* Ends every state; apply: the host lives and should feel it. How many there were. */
guint rmq_mock_server_clear_states (RmqMockServer *server, gboolean apply);
void rmq_late_answer_free (gpointer late);

G_END_DECLS
