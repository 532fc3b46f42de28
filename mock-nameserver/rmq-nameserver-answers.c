/* SPDX-License-Identifier: Apache-2.0 */

/* Answers of a name server, in the forms its processors share. Pure. */

#include "rmq-mock-nameserver-private.h"

/* As Java answers with a header object: its fields that are null are left out, the map is there. */
RmqRemotingCommand *
rmq_nameserver_answer (const RmqRemotingCommand *request, const RmqHeaderTable *table,
                       gconstpointer header)
{
  RmqRemotingCommand *response =
      rmq_remoting_command_new_response (request, RMQ_RESPONSE_SUCCESS, NULL);
  if (table == NULL)
    return response;
  rmq_remoting_command_add_ext_map (response);
  rmq_header_encode (table, RMQ_HEADER_LONG_NAMES, header, response);
  return response;
}

RmqRemotingCommand *
rmq_nameserver_answer_body (const RmqRemotingCommand *request, GBytes *body)
{
  RmqRemotingCommand *response =
      rmq_remoting_command_new_response (request, RMQ_RESPONSE_SUCCESS, NULL);
  rmq_remoting_command_set_body (response, body);
  return response;
}

RmqRemotingCommand *
rmq_nameserver_refuse (const RmqRemotingCommand *request, gint code, const char *remark)
{
  return rmq_remoting_command_new_response (request, code, remark);
}

/* What throws is answered by the server's core, in its own encoding whatever the request's was. */
static RmqRemotingCommand *
answer_exception (const RmqRemotingCommand *request, const char *remark)
{
  RmqRemotingCommand *response = rmq_nameserver_refuse (request, RMQ_RESPONSE_SYSTEM_ERROR, remark);
  rmq_remoting_command_set_serialize_type (response, RMQ_SERIALIZE_JSON);
  return response;
}

RmqRemotingCommand *
rmq_nameserver_throw (const RmqRemotingCommand *request, const char *what, const char *method)
{
  g_autofree char *remark =
      g_strdup_printf ("%s, org.apache.rocketmq.namesrv.processor.DefaultRequestProcessor.%s"
                       "(DefaultRequestProcessor.java)",
                       what, method);
  return answer_exception (request, remark);
}

RmqRemotingCommand *
rmq_nameserver_throw_outside (const RmqRemotingCommand *request, const char *what)
{
  return answer_exception (request, what);
}

RmqRemotingCommand *
rmq_nameserver_throw_null (const RmqRemotingCommand *request, const char *method)
{
  return rmq_nameserver_throw (request, "java.lang.NullPointerException", method);
}

gboolean
rmq_nameserver_has_number (const RmqRemotingCommand *request, const char *field)
{
  const char *text = rmq_remoting_command_get_ext (request, field);
  return text != NULL && g_ascii_string_to_signed (text, 10, G_MININT64, G_MAXINT64, NULL, NULL);
}
