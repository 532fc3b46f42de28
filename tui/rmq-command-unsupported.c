/* SPDX-License-Identifier: Apache-2.0 */

/* rmqlab unsupported: what the mocks don't do, generated from their processor tables. */

#include "rmq-command.h"
#include "rmq-mock-broker.h"
#include "rmq-mock-nameserver.h"
#include "rmq-options.h"
#include "rmq-unsupported.h"

typedef const RmqProcessor *(*ProcessorsFunc) (guint *n_processors);

static const struct
{
  RmqServerRole role;
  ProcessorsFunc get_processors;
} servers[] = {
  { RMQ_ROLE_NAMESERVER, rmq_mock_nameserver_get_processors },
  { RMQ_ROLE_BROKER, rmq_mock_broker_get_processors },
};

static void
print_feature (const RmqKnownFeature *feature)
{
  g_autofree char *code =
      feature->code != RMQ_NO_CODE ? g_strdup_printf ("%d", feature->code) : g_strdup ("-");
  g_print ("%-12s %6s  %-36s %s\n", rmq_server_role_get_name (feature->role), code, feature->name,
           feature->help);
}

static int
run_unsupported (int argc, char **argv)
{
  const GOptionEntry entries[] = { { NULL } };
  if (!rmq_options_parse (&rmq_command_unsupported, entries, argc, argv, NULL))
    return RMQ_EXIT_UNUSABLE;
  for (guint i = 0; i < G_N_ELEMENTS (servers); i++)
    {
      guint n_processors;
      const RmqProcessor *processors = servers[i].get_processors (&n_processors);
      g_autoptr (GPtrArray) list = rmq_unsupported_list (servers[i].role, processors, n_processors);
      for (guint n = 0; n < list->len; n++)
        print_feature (g_ptr_array_index (list, n));
    }
  return RMQ_EXIT_OK;
}

const RmqCommand rmq_command_unsupported = {
  .name = "unsupported",
  .arguments = "",
  .help = "Lists what the mocks don't do.",
  .run = run_unsupported,
};
