/* SPDX-License-Identifier: Apache-2.0 */

/* Exceptions as a real broker's remoting layer lets them through to its clients
 * (RemotingHelper#exceptionSimpleDesc), and what leads to them. Pure. */

#include "rmq-java-exception.h"

#include "rmq-codes-private.h"

RmqRemotingCommand *
rmq_java_throw_text (const RmqRemotingCommand *request, const char *remark)
{
  RmqRemotingCommand *response =
      rmq_remoting_command_new_response (request, RMQ_RESPONSE_SYSTEM_ERROR, remark);
  rmq_remoting_command_set_serialize_type (response, RMQ_SERIALIZE_JSON);
  return response;
}

RmqRemotingCommand *
rmq_java_throw (const RmqRemotingCommand *request, const char *exception, const char *place)
{
  g_autofree char *remark =
      g_strconcat (exception, ", org.apache.rocketmq.broker.processor.", place, NULL);
  return rmq_java_throw_text (request, remark);
}

RmqRemotingCommand *
rmq_java_throw_null_key (const RmqRemotingCommand *request, const char *place)
{
  return rmq_java_throw (
      request,
      "java.lang.NullPointerException: Cannot invoke \"Object.hashCode()\" because \"key\" is null",
      place);
}

RmqRemotingCommand *
rmq_java_throw_heap_space (const RmqRemotingCommand *request, const char *place)
{
  return rmq_java_throw (request, "java.lang.OutOfMemoryError: Java heap space", place);
}

RmqRemotingCommand *
rmq_java_throw_null (const RmqRemotingCommand *request, const char *place)
{
  return rmq_java_throw (request, "java.lang.NullPointerException", place);
}

RmqRemotingCommand *
rmq_java_throw_json (const RmqRemotingCommand *request, const RmqMockProfile *profile)
{
  g_autofree char *remark = g_strdup_printf (
      "com.alibaba.fastjson.JSONException: syntax error, expect {, actual error, pos 0, "
      "fastjson-version %s, com.alibaba.fastjson.parser.DefaultJSONParser.parse"
      "(DefaultJSONParser.java:1503)",
      profile->consumer->fastjson_version);
  return rmq_java_throw_text (request, remark);
}
