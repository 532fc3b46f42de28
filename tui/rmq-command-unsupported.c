/* SPDX-License-Identifier: Apache-2.0 */

/* rmqlab unsupported: what the mocks don't do, generated from their processor tables. */

#include "rmq-command.h"
#include "rmq-mocks-unsupported.h"
#include "rmq-options.h"

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
  g_autoptr (GPtrArray) list = rmq_mocks_list_unsupported ();
  for (guint i = 0; i < list->len; i++)
    print_feature (g_ptr_array_index (list, i));
  return RMQ_EXIT_OK;
}

const RmqCommand rmq_command_unsupported = {
  .name = "unsupported",
  .arguments = "",
  .help = "Lists what the mocks don't do.",
  .run = run_unsupported,
};
