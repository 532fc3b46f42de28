/* SPDX-License-Identifier: Apache-2.0 */

/* The names a scenario has declared, in order. Few enough for a linear search. Pure. */

#include "rmq-reader.h"

/* A slave is a broker, too. */
static const struct
{
  RmqNameKind kind;
  const char *word;
} kinds[] = {
  { RMQ_NAME_BROKER, "broker" }, { RMQ_NAME_NAMESERVER, "name server" },
  { RMQ_NAME_TOPIC, "topic" },   { RMQ_NAME_PRODUCER, "producer" },
  { RMQ_NAME_HOST, "host" },     { RMQ_NAME_LABEL, "workload as" },
};

static void
clear_name (gpointer data)
{
  g_free (((RmqName *)data)->name);
}

void
rmq_names_init (RmqNames *names)
{
  names->items = g_array_new (FALSE, FALSE, sizeof (RmqName));
  g_array_set_clear_func (names->items, clear_name);
}

void
rmq_names_clear (RmqNames *names)
{
  g_clear_pointer (&names->items, g_array_unref);
}

const RmqName *
rmq_names_find (const RmqNames *names, const char *name, guint wanted)
{
  for (guint i = 0; i < names->items->len; i++)
    {
      const RmqName *item = &g_array_index (names->items, RmqName, i);
      if ((item->kind & wanted) != 0 && g_str_equal (item->name, name))
        return item;
    }
  return NULL;
}

void
rmq_names_add (RmqNames *names, const char *name, RmqNameKind kind, guint line)
{
  const RmqName item = { .name = g_strdup (name), .kind = kind, .line = line };
  g_array_append_val (names->items, item);
}

void
rmq_names_truncate (RmqNames *names, guint n)
{
  g_assert (n <= names->items->len);
  g_array_set_size (names->items, n);
}

GPtrArray *
rmq_names_list (const RmqNames *names, guint wanted)
{
  GPtrArray *list = g_ptr_array_new ();
  for (guint i = 0; i < names->items->len; i++)
    {
      const RmqName *item = &g_array_index (names->items, RmqName, i);
      if ((item->kind & wanted) != 0)
        g_ptr_array_add (list, item->name);
    }
  g_ptr_array_add (list, NULL);
  return list;
}

char *
rmq_name_kinds_describe (guint wanted)
{
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if ((kinds[i].kind & wanted) != 0)
      g_string_append_printf (text, "%s%s", text->len > 0 ? " or " : "", kinds[i].word);
  return g_string_free (text, FALSE);
}
