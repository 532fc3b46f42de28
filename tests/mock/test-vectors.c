/* SPDX-License-Identifier: Apache-2.0 */

/* Requests recorded between Apache's own 4.9.7 peers, sent byte for byte to the mocks: their
 * answers are the recorded ones but for what differs in every recording. Sends are replayed in the
 * order of the recording, so that positions in the log must come out the same, too. */

#include "mock-lab.h"
#include "rmq-codes-private.h"
#include "vector.h"

typedef enum
{
  SAME = 0,
  MASK_QUEUE = 1 << 0,    /* the broker chose it */
  MASK_OFFSET = 1 << 1,   /* more was stored before it then */
  MASK_PRODUCER = 1 << 2, /* the remark ends with the client's address */
  MASK_TIMES = 1 << 3,    /* records in the body, as long and as many */
} Mask;

typedef struct
{
  const char *name;
  Mask mask;
} Replay;

typedef struct
{
  Lab *lab;
  RmqMockNameserver *nameserver;
  RmqMockBroker *broker;
  Client *client; /* of the broker */
} Fixture;

static void
set_up (Fixture *f, gconstpointer no_auto_create)
{
  g_autoptr (GError) error = NULL;
  f->lab = lab_new (1);
  f->nameserver = lab_start_nameserver (f->lab, "ns1");
  f->broker = rmq_mock_broker_new (&(RmqMockBrokerOptions){
      .name = "broker-a", .cluster = "LabCluster", .no_auto_create = no_auto_create != NULL });
  rmq_mock_broker_add_topic (f->broker, "RecTopic", 4, 4, 6);
  g_autoptr (RmqEnv) env = lab_add_host (f->lab, "broker-a", "127.0.0.1");
  g_assert_true (rmq_mock_broker_start (f->broker, env, "127.0.0.1:18211", &error));
  g_assert_no_error (error);
  f->client = lab_connect_from (f->lab, env, "127.0.0.1:18211");
}

static void
tear_down (Fixture *f, gconstpointer unused)
{
  client_free (f->client);
  rmq_mock_broker_free (f->broker);
  rmq_mock_nameserver_free (f->nameserver);
  lab_free (f->lab);
}

/* ---- comparing ----------------------------------------------------------- */

static gboolean
is_masked (const char *field, Mask mask)
{
  return (mask & MASK_QUEUE && g_str_equal (field, "queueId"))
         || (mask & (MASK_OFFSET | MASK_QUEUE) && g_str_equal (field, "queueOffset"))
         || (mask & MASK_OFFSET && g_str_equal (field, "msgId"));
}

static void
assert_same_fields (RmqRemotingCommand *got, RmqRemotingCommand *recorded, Mask mask)
{
  g_assert_cmpint (rmq_remoting_command_has_ext (got), ==, rmq_remoting_command_has_ext (recorded));
  g_assert_cmpuint (rmq_remoting_command_get_n_ext (got), ==,
                    rmq_remoting_command_get_n_ext (recorded));
  for (guint i = 0; i < rmq_remoting_command_get_n_ext (recorded); i++)
    {
      const char *name, *value;
      rmq_remoting_command_get_ext_at (recorded, i, &name, &value);
      if (is_masked (name, mask))
        g_assert_nonnull (rmq_remoting_command_get_ext (got, name));
      else
        g_assert_cmpstr (rmq_remoting_command_get_ext (got, name), ==, value);
    }
}

/* (transfer full) (nullable) */
static char *
get_remark (RmqRemotingCommand *command, Mask mask)
{
  char *remark = g_strdup (rmq_remoting_command_get_remark (command));
  static const char *const starts[] = { "Producer: ", "consumer:[" };
  for (guint i = 0; mask & MASK_PRODUCER && i < G_N_ELEMENTS (starts); i++)
    {
      char *address = remark != NULL ? strstr (remark, starts[i]) : NULL;
      if (address != NULL)
        *address = '\0';
    }
  return remark;
}

static void
assert_same_body (RmqRemotingCommand *got, RmqRemotingCommand *recorded, Mask mask)
{
  GBytes *got_body = rmq_remoting_command_get_body (got);
  GBytes *recorded_body = rmq_remoting_command_get_body (recorded);
  g_assert_cmpint (got_body != NULL, ==, recorded_body != NULL);
  if (got_body != NULL && mask & MASK_TIMES)
    g_assert_cmpuint (g_bytes_get_size (got_body), ==, g_bytes_get_size (recorded_body));
  else if (got_body != NULL)
    g_assert_cmpmem (g_bytes_get_data (got_body, NULL), g_bytes_get_size (got_body),
                     g_bytes_get_data (recorded_body, NULL), g_bytes_get_size (recorded_body));
}

static void
assert_same (RmqRemotingCommand *got, RmqRemotingCommand *recorded, Mask mask)
{
#define SAME_NUMBER(get)                                                                           \
  g_assert_cmpint (rmq_remoting_command_##get (got), ==, rmq_remoting_command_##get (recorded))
  g_autofree char *got_remark = get_remark (got, mask);
  g_autofree char *recorded_remark = get_remark (recorded, mask);
  g_assert_cmpstr (got_remark, ==, recorded_remark);
  SAME_NUMBER (get_code);
  SAME_NUMBER (get_flag);
  SAME_NUMBER (get_language);
  SAME_NUMBER (get_version);
  SAME_NUMBER (get_opaque);
  SAME_NUMBER (get_serialize_type);
  assert_same_fields (got, recorded, mask);
  assert_same_body (got, recorded, mask);
}

/* Shorter than the recorded delay, whose message must not be delivered in between. */
#define STEP_US (50 * G_TIME_SPAN_MILLISECOND)

/* (nullable) the answer; 40, which comes before it, is none. */
static RmqRemotingCommand *
find_answer (const Client *client, guint from)
{
  for (guint i = from; i < client->received->len; i++)
    if (rmq_remoting_command_is_response (g_ptr_array_index (client->received, i)))
      return g_ptr_array_index (client->received, i);
  return NULL;
}

static void
replay (Lab *lab, Client *client, const Replay *row)
{
  g_autofree char *name = g_strconcat ("4.9.7/", row->name, NULL);
  g_autoptr (Vector) vector = vector_load (name);
  guint n_before = client->received->len;
  g_test_message ("%s", name);
  g_assert_true (rmq_connection_send_raw (client->connection, vector->request));
  lab_run_for (lab, STEP_US);
  RmqRemotingCommand *answer = find_answer (client, n_before);
  g_assert_cmpint (answer != NULL, ==, vector->response != NULL);
  if (answer == NULL)
    return;
  g_autoptr (RmqRemotingCommand) recorded = vector_decode (vector->response);
  assert_same (answer, recorded, row->mask);
}

/* ---- broker -------------------------------------------------------------- */

/* As recorded, one after the other, on a fresh broker. */
static const Replay sends[] = {
  { "send-v2-plain", SAME },
  { "send-v2-tags-keys-properties", SAME },
  { "send-v2-compressed", SAME },
  { "send-v2-oneway", SAME },
  { "send-batch-320", SAME },
  { "send-v2-delay-level", SAME },
  { "send-v2-async", SAME },
  { "send-v2-queue-1", SAME },
  { "send-v2-queue-negative", MASK_QUEUE },
  { "send-v2-auto-create", SAME },
  { "send-topic-tbw102", MASK_OFFSET },
  { "send-v1-10", MASK_OFFSET },
  { "refused-read-only", MASK_OFFSET },
};

static void
test_sends (Fixture *f, gconstpointer unused)
{
  for (guint i = 0; i < G_N_ELEMENTS (sends); i++)
    replay (f->lab, f->client, &sends[i]);
}

/* What consumers ask, after those sends. */
static const Replay reads[] = {
  { "max-offset", SAME },
  { "min-offset", SAME },
  { "pull-found", MASK_TIMES },
  { "pull-not-found", SAME },
  { "pull-held-to-the-end", SAME },
  { "pull-beyond-max", SAME },
  { "pull-tag-no-match", SAME },
  { "pull-queue-out-of-range", MASK_PRODUCER },
  { "pull-topic-absent", SAME },
  { "consumer-offset-unknown", SAME },
  { "push-query-consumer-offset", SAME },
  { "update-consumer-offset", SAME },
  { "query-consumer-offset", SAME },
  { "query-message-absent", SAME },
  { "view-message-absent", SAME },
};

static void
test_reads (Fixture *f, gconstpointer unused)
{
  test_sends (f, unused);
  for (guint i = 0; i < 2; i++) /* there were more then */
    {
      g_autoptr (RmqRemotingCommand) response =
          client_call (f->lab, f->client, new_send ("RecTopic", 0, NULL, "more"));
      assert_answer (response, RMQ_RESPONSE_SUCCESS, NULL);
    }
  for (guint i = 0; i < G_N_ELEMENTS (reads); i++)
    replay (f->lab, f->client, &reads[i]);
}

static const Replay refusals[] = {
  { "send-topic-blank", SAME },
  { "send-topic-illegal-characters", SAME },
  { "send-topic-too-long", SAME },
  { "send-topic-system", SAME },
  { "send-topic-self-test", SAME },
  { "send-default-topic-absent", SAME },
  { "send-v2-queue-out-of-range", MASK_PRODUCER },
  { "send-fields-missing", SAME },
  { "unknown-code-broker", SAME },
};

static void
test_refusals (Fixture *f, gconstpointer unused)
{
  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    replay (f->lab, f->client, &refusals[i]);
  g_assert_cmpuint (rmq_mock_broker_get_n_messages (f->broker), ==, 0);
}

static void
test_no_auto_creation (Fixture *f, gconstpointer unused)
{
  replay (f->lab, f->client, &(Replay){ "strict-topic-not-exist", SAME });
}

static const Replay clients[] = {
  { "heartbeat-producer", SAME },
  { "heartbeat-push-consumer", SAME },
  { "heartbeat-pull-consumer", SAME },
  { "lock-batch-mq", SAME },
  { "unlock-batch-mq", SAME },
  { "unregister-client-producer", SAME },
  { "unregister-client-consumer", SAME },
};

static void
test_clients (Fixture *f, gconstpointer unused)
{
  for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
    replay (f->lab, f->client, &clients[i]);
}

/* A client that writes ROCKETMQ headers is answered in kind. */
static const Replay in_kind[] = {
  { "client-rocketmq.send-v2", MASK_OFFSET },
  { "client-rocketmq.send-batch", MASK_OFFSET | MASK_QUEUE },
  { "client-rocketmq.queue-out-of-range", MASK_PRODUCER },
  { "client-rocketmq.heartbeat", SAME },
  { "client-rocketmq.unregister-client", SAME },
  { "client-rocketmq.unknown-code", SAME },
};

static void
test_in_kind (Fixture *f, gconstpointer unused)
{
  for (guint i = 0; i < G_N_ELEMENTS (in_kind); i++)
    replay (f->lab, f->client, &in_kind[i]);
}

/* ---- name server --------------------------------------------------------- */

typedef struct
{
  gboolean from_broker;
  Replay replay;
} Talk;

/* One broker's life: what it says, and what clients are told meanwhile. */
static const Talk talks[] = {
  { TRUE, { "register-broker-plain", SAME } },
  { FALSE, { "route-tbw102", SAME } },
  { FALSE, { "route-unknown", SAME } },
  { TRUE, { "register-broker-incremental", SAME } },
  { FALSE, { "route-known", SAME } },
  { FALSE, { "client-rocketmq.route-known", SAME } },
  { FALSE, { "client-rocketmq.route-unknown", SAME } },
  { FALSE, { "cluster-info", SAME } },
  { FALSE, { "client-rocketmq.cluster-info", SAME } },
  { TRUE, { "register-broker-auto-create", SAME } },
  { FALSE, { "route-auto-created", SAME } },
  { TRUE, { "register-broker-slave", SAME } },
  { TRUE, { "unregister-broker-slave", SAME } },
  { TRUE, { "register-broker-compressed", SAME } },
  { FALSE, { "unknown-code-nameserver", SAME } },
  { TRUE, { "unregister-broker", SAME } },
};

static void
test_name_server (Fixture *f, gconstpointer unused)
{
  const char *address = rmq_mock_nameserver_get_address (f->nameserver);
  Client *broker = lab_connect (f->lab, "apache-broker", address);
  Client *client = lab_connect (f->lab, "apache-client", address);
  for (guint i = 0; i < G_N_ELEMENTS (talks); i++)
    replay (f->lab, talks[i].from_broker ? broker : client, &talks[i].replay);
  g_assert_false (rmq_mock_nameserver_has_broker (f->nameserver, "broker-a"));
  client_free (client);
  client_free (broker);
}

static void
test_no_template (Fixture *f, gconstpointer unused)
{
  Client *client =
      lab_connect (f->lab, "client-2", rmq_mock_nameserver_get_address (f->nameserver));
  replay (f->lab, client, &(Replay){ "strict-route-fails", SAME });
  client_free (client);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, data, func)                                                                      \
  g_test_add ("/mock/vectors/" path, Fixture, data, set_up, func, tear_down)
  ADD ("broker/4.9/sends-are-answered-as-recorded", NULL, test_sends);
  ADD ("broker/4.9/reads-are-answered-as-recorded", NULL, test_reads);
  ADD ("broker/4.9/refusals-are-worded-as-recorded", NULL, test_refusals);
  ADD ("broker/4.9/without-template-as-recorded", GINT_TO_POINTER (TRUE), test_no_auto_creation);
  ADD ("broker/4.9/heartbeats-are-answered-as-recorded", NULL, test_clients);
  ADD ("broker/4.9/answers-come-in-the-requests-encoding", NULL, test_in_kind);
  ADD ("nameserver/4.9/a-brokers-life-as-recorded", NULL, test_name_server);
  ADD ("nameserver/4.9/no-template-as-recorded", NULL, test_no_template);
  return g_test_run ();
}
