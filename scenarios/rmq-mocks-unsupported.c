/* SPDX-License-Identifier: Apache-2.0 */

/* Holds the mocks' processor tables against what real servers know. Pure. */

#include "rmq-mocks-unsupported.h"

#include "rmq-mock-broker.h"
#include "rmq-mock-nameserver.h"

typedef const RmqProcessor *(*ProcessorsFunc) (guint *n_processors);

static const struct
{
  RmqServerRole role;
  ProcessorsFunc get_processors;
} servers[] = {
  { RMQ_ROLE_NAMESERVER, rmq_mock_nameserver_get_processors },
  { RMQ_ROLE_BROKER, rmq_mock_broker_get_processors },
};

GPtrArray *
rmq_mocks_list_unsupported (void)
{
  GPtrArray *all = g_ptr_array_new ();
  for (guint i = 0; i < G_N_ELEMENTS (servers); i++)
    {
      guint n_processors;
      const RmqProcessor *processors = servers[i].get_processors (&n_processors);
      g_autoptr (GPtrArray) list = rmq_unsupported_list (servers[i].role, processors, n_processors);
      for (guint n = 0; n < list->len; n++)
        g_ptr_array_add (all, g_ptr_array_index (list, n));
    }
  return all;
}
