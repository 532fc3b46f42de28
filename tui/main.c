/* SPDX-License-Identifier: Apache-2.0 */

/* rmqlab, the front door: finds the subcommand in one table and hands over. Parses nothing else,
 * knows nothing of scenarios. */

#include <locale.h>

#include "rmq-command.h"
#include "rmq-options.h"
#include "rmq-suggest.h"

static const RmqCommand *const commands[] = {
  &rmq_command_run,   &rmq_command_lint,   &rmq_command_explain,
  &rmq_command_sweep, &rmq_command_shrink, &rmq_command_serve,
  &rmq_command_ctl,   &rmq_command_send,   &rmq_command_unsupported,
};

static void
print_help (void)
{
  g_print (
      "Usage: rmqlab [COMMAND] [OPTION…]\n\n"
      "A laboratory for the RocketMQ producer. Without a command: rmqlab run broker-a-dies\n\n");
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    g_print ("  %-12s %-24s %s\n", commands[i]->name, commands[i]->arguments, commands[i]->help);
  g_print ("\n`rmqlab COMMAND --help` lists the options of one.\n");
}

static const RmqCommand *
find_command (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    if (g_str_equal (commands[i]->name, name))
      return commands[i];
  return NULL;
}

static int
refuse_word (const char *word)
{
  const char *known[G_N_ELEMENTS (commands)];
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    known[i] = commands[i]->name;
  const char *nearest = rmq_suggest (word, known, G_N_ELEMENTS (commands));
  g_printerr ("rmqlab: error: unknown command \"%s\"", word);
  if (nearest != NULL)
    g_printerr ("; did you mean \"%s\"?\n", nearest);
  else
    g_printerr ("; rmqlab --help lists them\n");
  return RMQ_EXIT_UNUSABLE;
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  if (argc < 2)
    return rmq_command_run.run (1, (char *[]){ "run", NULL });
  if (g_str_equal (argv[1], "--help") || g_str_equal (argv[1], "help"))
    {
      print_help ();
      return RMQ_EXIT_OK;
    }
  if (g_str_equal (argv[argc > 2 ? 2 : 1], "--version")) /* every command has it */
    {
      g_print ("rmqlab %s\n", RMQLAB_VERSION);
      return RMQ_EXIT_OK;
    }
  if (g_str_has_prefix (argv[1], "--")) /* options of the default command */
    {
      argv[0] = (char *)"run";
      return rmq_command_run.run (argc, argv);
    }
  const RmqCommand *command = find_command (argv[1]);
  return command != NULL ? command->run (argc - 1, argv + 1) : refuse_word (argv[1]);
}
