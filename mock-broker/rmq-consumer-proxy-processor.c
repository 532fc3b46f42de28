/* SPDX-License-Identifier: Apache-2.0 */

/* Questions to one consumer that a tool asks through the broker: its figures (307), or to take one
 * message (309). The request goes on as it came, the answer comes back as it is. A part of
 * AdminBrokerProcessor. On the broker's loop, owner only. */

#include "rmq-admin-processors.h"
#include "rmq-client-version.h"
#include "rmq-codes-private.h"
#include "rmq-java-exception.h"

#define TIMEOUT_US (10 * G_TIME_SPAN_SECOND)

typedef struct
{
  RmqHeldRequest *held;
  char *group;
  char *client_id;
} Question;

static void
question_free (Question *question)
{
  g_free (question->group);
  g_free (question->client_id);
  g_free (question);
}

static void
copy_fields (const RmqRemotingCommand *from, RmqRemotingCommand *to)
{
  for (guint i = 0; i < rmq_remoting_command_get_n_ext (from); i++)
    {
      const char *name, *value;
      rmq_remoting_command_get_ext_at (from, i, &name, &value);
      rmq_remoting_command_add_ext (to, name, value);
    }
  rmq_remoting_command_set_body (to, rmq_remoting_command_get_body (from));
}

static void
answered_cb (RmqRemotingCommand *response, const GError *error, gpointer data)
{
  Question *question = data;
  RmqRemotingCommand *request = rmq_held_request_get_request (question->held);
  RmqRemotingCommand *answer;
  if (response != NULL)
    {
      answer = rmq_remoting_command_new_response (request, rmq_remoting_command_get_code (response),
                                                  rmq_remoting_command_get_remark (response));
      copy_fields (response, answer);
    }
  else
    answer = rmq_admin_answer (request, RMQ_RESPONSE_CONSUME_MSG_TIMEOUT,
                               "consumer <%s> <%s> Timeout: %s", question->group,
                               question->client_id, error->message);
  rmq_held_request_answer (question->held, answer);
  rmq_remoting_command_unref (answer);
  question_free (question);
}

static const RmqClientChannel *
find_member (RmqMockBroker *self, const char *group, const char *client_id)
{
  g_autoptr (GPtrArray) members = rmq_broker_clients_list (&self->clients, group, TRUE);
  for (guint i = 0; i < members->len; i++)
    {
      const RmqClientChannel *member = g_ptr_array_index (members, i);
      if (g_strcmp0 (member->client_id, client_id) == 0)
        return member;
    }
  return NULL;
}

static RmqRemotingCommand *
ask (RmqMockBroker *self, const RmqClientChannel *member, RmqConnection *connection,
     RmqRemotingCommand *request)
{
  g_autoptr (RmqRemotingCommand) push =
      rmq_remoting_command_new_request (rmq_remoting_command_get_code (request));
  copy_fields (request, push);
  Question *question = g_new0 (Question, 1);
  question->held = rmq_mock_server_hold (self->server, connection, request);
  question->group = g_strdup (member->group);
  question->client_id = g_strdup (member->client_id);
  if (rmq_mock_server_invoke (self->server, member->connection, push, TIMEOUT_US, answered_cb,
                              question))
    return NULL;
  rmq_held_request_free (question->held);
  question_free (question);
  return rmq_admin_answer (request, RMQ_RESPONSE_SYSTEM_ERROR,
                           "invoke consumer <%s> <%s> Exception: "
                           "org.apache.rocketmq.remoting.exception.RemotingSendRequestException",
                           member->group, member->client_id);
}

RmqRemotingCommand *
rmq_mock_broker_ask_consumer (gpointer mock, RmqConnection *connection, RmqRemotingCommand *request)
{
  RmqMockBroker *self = mock;
  const char *group = rmq_remoting_command_get_ext (request, "consumerGroup");
  const char *client_id = rmq_remoting_command_get_ext (request, "clientId");
  if (group == NULL)
    return rmq_java_throw_null (
        request, "AdminBrokerProcessor.callConsumer(AdminBrokerProcessor.java:1320)");
  const RmqClientChannel *member = find_member (self, group, client_id);
  if (member == NULL)
    return rmq_admin_answer (request, RMQ_RESPONSE_SYSTEM_ERROR,
                             "The Consumer <%s> <%s> not online", group,
                             client_id != NULL ? client_id : "null");
  g_autofree char *version = rmq_client_version_describe (member->version);
  if (member->version < RMQ_CLIENT_VERSION_TELLS)
    return rmq_admin_answer (
        request, RMQ_RESPONSE_SYSTEM_ERROR,
        "The Consumer <%s> Version <%s> too low to finish, please upgrade it to "
        "V3_1_8_SNAPSHOT",
        client_id, version);
  return ask (self, member, connection, request);
}
