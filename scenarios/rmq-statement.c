/* SPDX-License-Identifier: Apache-2.0 */

/* Statements as read: their end, and complaints about them. Pure. */

#include "rmq-reader.h"

static gboolean
is_end (const RmqArgument *row)
{
  return row->keyword == NULL && row->shown == NULL;
}

guint
rmq_arguments_count (const RmqArgument *rows)
{
  guint n = 0;
  while (!is_end (&rows[n]))
    n++;
  return n;
}

static void
clear_arguments (const RmqArgument *rows, gpointer statement)
{
  for (; !is_end (rows); rows++)
    rmq_argument_clear (rows, (char *)statement + rows->offset);
}

void
rmq_statement_free (RmqStatement *statement)
{
  if (statement == NULL)
    return;
  const RmqStatementForm *form = statement->form;
  clear_arguments (form->arguments, statement);
  if (form->targets != 0)
    g_strfreev (((RmqTimedStatement *)statement)->targets);
  if (form->group == RMQ_FORM_EXPECTATION)
    clear_arguments (rmq_where_arguments, statement);
  for (guint i = 0; i < rmq_arguments_count (form->arguments); i++)
    g_free (statement->said[i]);
  g_free (statement->said);
  g_free (statement->text);
  g_free (statement);
}

void
rmq_statement_complain (const RmqStatement *statement, RmqDiagnostics *diagnostics,
                        gboolean warning, char *message)
{
  g_autofree char *source =
      g_strdup_printf ("%*s%s", (int)statement->column - 1, "", statement->text);
  const RmqDiagnostic where = {
    .line = statement->line, .column = statement->column, .warning = warning, .source = source
  };
  rmq_diagnostics_add (diagnostics, &where, message, NULL);
}
