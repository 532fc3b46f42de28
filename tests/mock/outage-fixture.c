/* SPDX-License-Identifier: Apache-2.0 */

/* Rules and sends for the tests of outages. */

#include "outage-fixture.h"

RmqOutageRule
new_rule (RmqOutageKind kind, RmqOutagePoint point)
{
  return (RmqOutageRule){
    .kind = kind,
    .point = point,
    .request_kind = (char *)"send",
    .queue_id = -1,
    .until_us = G_MAXINT64,
    .line = (char *)"broker-a drop all send responses",
  };
}

gboolean
send_one (Fixture *f, gint queue_id, const char *properties)
{
  g_autoptr (RmqRemotingCommand) response =
      client_call (f->lab, f->client, new_send ("Orders", queue_id, properties, "x"));
  return response != NULL;
}
