/* SPDX-License-Identifier: Apache-2.0 */

/* SendMessageProcessor: codes 10, 310 and 320. Reads the header, lets the checks judge it and the
 * store have it; also words the answers that an outage invents. On the broker's loop, owner only.
 * It never looks at outages. */

#include "rmq-send-private.h"

#include "rmq-codes-private.h"

static gboolean
has_long_names (gint code)
{
  return code == RMQ_REQUEST_SEND_MESSAGE || code == RMQ_REQUEST_SEND_REPLY_MESSAGE;
}

void
rmq_send_init (RmqSend *send, RmqMockBroker *broker, RmqConnection *connection,
               RmqRemotingCommand *request)
{
  *send = (RmqSend){
    .broker = broker,
    .profile = broker->profile->send,
    .connection = connection,
    .request = request,
    .spelling = has_long_names (rmq_remoting_command_get_code (request)) ? RMQ_HEADER_LONG_NAMES
                                                                         : RMQ_HEADER_LETTERS,
  };
  /* what is missing or odd, the checks find */
  send->header_is_whole = rmq_header_decode (&rmq_send_message_request_header, send->spelling,
                                             request, &send->header, NULL);
}

void
rmq_send_clear (RmqSend *send)
{
  g_clear_pointer (&send->properties, rmq_properties_free);
}

/* (nullable): it goes out when a slave has the message, or hasn't in time. */
static RmqRemotingCommand *
answer_when_copied (const RmqSend *send, RmqRemotingCommand *response)
{
  RmqHaService *slaves = &send->broker->ha_service;
  if (!send->waits || rmq_remoting_command_is_oneway (send->request)
      || !rmq_ha_service_must_wait (slaves))
    return response;
  rmq_ha_service_hold (slaves, send->connection, send->request, response);
  return NULL;
}

RmqRemotingCommand *
rmq_mock_broker_send_message (gpointer mock, RmqConnection *connection, RmqRemotingCommand *request)
{
  RmqSend send;
  rmq_send_init (&send, mock, connection, request);
  RmqRemotingCommand *response = NULL;
  if (rmq_send_check (&send))
    {
      GBytes *given = rmq_remoting_command_get_body (request);
      g_autoptr (GBytes) body = given != NULL ? g_bytes_ref (given) : g_bytes_new_static (NULL, 0);
      response = send.header.batch ? rmq_send_store_batch (&send, body)
                                   : rmq_send_store_single (&send, body);
    }
  g_assert ((response != NULL) != (send.refusal != NULL));
  response = response != NULL ? answer_when_copied (&send, response) : send.refusal;
  rmq_send_clear (&send);
  return response;
}

static gboolean
is_send (gint code)
{
  return code == RMQ_REQUEST_SEND_MESSAGE || code == RMQ_REQUEST_SEND_MESSAGE_V2
         || code == RMQ_REQUEST_SEND_BATCH_MESSAGE;
}

/* An acknowledgement of what was never stored names the place it would have had. */
RmqRemotingCommand *
rmq_mock_broker_invent_answer (gpointer mock, RmqRemotingCommand *request, gint code,
                               const char *remark)
{
  RmqMockBroker *broker = mock;
  if (!is_send (rmq_remoting_command_get_code (request)))
    return rmq_remoting_command_new_response (request, code, remark);
  RmqRemotingCommand *response = rmq_send_new_answer (broker, request, code, remark);
  if (!rmq_answer_is_stored (code))
    return response;
  RmqSend send;
  rmq_send_init (&send, broker, NULL, request);
  gint queue_id = MAX (send.header.queue_id, 0);
  g_autofree char *id =
      rmq_offset_msg_id_encode (broker->address, broker->store.next_physical_offset);
  RmqSendMessageResponseHeader header = {
    .msg_id = id,
    .queue_id = queue_id,
    .queue_offset = send.header.topic != NULL ? rmq_message_store_get_max_offset (
                        &broker->store, send.header.topic, queue_id)
                                              : 0,
  };
  rmq_header_encode (&rmq_send_message_response_header, RMQ_HEADER_LONG_NAMES, &header, response);
  return response;
}
