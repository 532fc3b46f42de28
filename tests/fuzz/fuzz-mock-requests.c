/* SPDX-License-Identifier: Apache-2.0 */

/* Frames that one connection sends to a mock broker or a mock name server, in a simulated world:
 * whatever a peer says, the server lives and answers the next one. The first byte chooses server
 * and profile, the rest is the stream. */

#include "fuzz.h"
#include "mock-lab.h"
#include "rmq-frame-reader.h"

#define FRAMES_MAX 32
/* Long enough for transaction checks, delay levels and held pulls to come due. */
#define AFTERWARDS_US (90 * G_TIME_SPAN_SECOND)

typedef struct
{
  Lab *lab;
  RmqMockNameserver *nameserver;
  RmqMockBroker *broker;
  Client *client;
} Session;

static void
session_open (Session *self, guint choice)
{
  const char *names[] = { "4.5.1", "4.9", "5.3" };
  const RmqMockProfile *profile = rmq_mock_profile_find (names[choice % G_N_ELEMENTS (names)]);
  gboolean to_broker = choice / G_N_ELEMENTS (names) % 2 == 0;
  g_autoptr (GError) error = NULL;
  self->lab = lab_new (1);
  g_autoptr (RmqEnv) ns_env = lab_add_host (self->lab, "ns1", "10.0.0.1");
  self->nameserver = rmq_mock_nameserver_new ("ns1", profile);
  g_assert_true (rmq_mock_nameserver_start (self->nameserver, ns_env, "10.0.0.1:9876", &error));
  g_autoptr (RmqEnv) env = lab_add_host (self->lab, "broker-a", "10.0.0.2");
  self->broker = rmq_mock_broker_new (&(RmqMockBrokerOptions){
      .name = "broker-a", .namesrv = "10.0.0.1:9876", .profile = profile });
  g_assert_true (rmq_mock_broker_start (self->broker, env, "10.0.0.2:10911", &error));
  rmq_mock_broker_add_topic (self->broker, "Orders", 4, 4, 6);
  self->client = lab_connect (self->lab, "client", to_broker ? "10.0.0.2:10911" : "10.0.0.1:9876");
}

static void
session_close (Session *self)
{
  client_free (self->client);
  rmq_mock_broker_free (self->broker);
  rmq_mock_nameserver_free (self->nameserver);
  lab_free (self->lab);
}

static void
send_all (Session *self, RmqFrameReader *reader)
{
  g_autoptr (GError) error = NULL;
  for (guint i = 0; i < FRAMES_MAX && self->client->end == NULL; i++)
    {
      g_autoptr (RmqRemotingCommand) command = rmq_frame_reader_next (reader, &error);
      if (command == NULL)
        return;
      rmq_connection_send (self->client->connection, command);
      lab_run_for (self->lab, 10 * G_TIME_SPAN_MILLISECOND);
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  if (size == 0)
    return 0;
  Session session;
  session_open (&session, data[0]);
  RmqFrameReader reader;
  rmq_frame_reader_init (&reader);
  rmq_frame_reader_feed (&reader, data + 1, size - 1);
  send_all (&session, &reader);
  rmq_frame_reader_clear (&reader);
  lab_run_for (session.lab, AFTERWARDS_US);

  Client *other = lab_connect (session.lab, "other", "10.0.0.1:9876");
  g_autoptr (RmqRemotingCommand) answer =
      client_call (session.lab, other, new_route_query ("Elsewhere"));
  g_assert_nonnull (answer);
  client_free (other);
  session_close (&session);
  return 0;
}
