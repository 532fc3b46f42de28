/* SPDX-License-Identifier: Apache-2.0 */

/* The properties of a message: an ordered list of names and values, and the string it travels as.
 * Pure; one owner. A message has a handful of them, so a linear search is all it needs.
 */

#include "rmq-message-codec.h"

#include <string.h>

#define NAME_VALUE_SEPARATOR '\001'
#define PROPERTY_SEPARATOR '\002'

typedef struct
{
  char *name;
  char *value;
} Property;

struct _RmqProperties
{
  GArray *list; /* of Property */
};

static void
property_clear (gpointer data)
{
  Property *property = data;
  g_free (property->name);
  g_free (property->value);
}

RmqProperties *
rmq_properties_new (void)
{
  RmqProperties *self = g_new (RmqProperties, 1);
  self->list = g_array_new (FALSE, FALSE, sizeof (Property));
  g_array_set_clear_func (self->list, property_clear);
  return self;
}

void
rmq_properties_free (RmqProperties *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->list);
  g_free (self);
}

static Property *
at (const RmqProperties *self, guint index)
{
  return &g_array_index (self->list, Property, index);
}

/* -1: not there. name may be part of a longer text. */
static gint
find (const RmqProperties *self, const char *name, gsize name_size)
{
  for (guint i = 0; i < self->list->len; i++)
    if (strncmp (at (self, i)->name, name, name_size) == 0 && at (self, i)->name[name_size] == '\0')
      return (gint)i;
  return -1;
}

/* Takes value. */
static void
set (RmqProperties *self, const char *name, gsize name_size, char *value)
{
  gint index = find (self, name, name_size);
  if (index < 0)
    {
      Property property = { g_strndup (name, name_size), value };
      g_array_append_val (self->list, property);
      return;
    }
  g_free (at (self, (guint)index)->value);
  at (self, (guint)index)->value = value;
}

void
rmq_properties_set (RmqProperties *self, const char *name, const char *value)
{
  g_assert (value != NULL);
  set (self, name, strlen (name), g_strdup (value));
}

void
rmq_properties_remove (RmqProperties *self, const char *name)
{
  gint index = find (self, name, strlen (name));
  if (index >= 0)
    g_array_remove_index (self->list, (guint)index);
}

const char *
rmq_properties_get (const RmqProperties *self, const char *name)
{
  gint index = find (self, name, strlen (name));
  return index >= 0 ? at (self, (guint)index)->value : NULL;
}

guint
rmq_properties_get_n (const RmqProperties *self)
{
  return self->list->len;
}

void
rmq_properties_get_at (const RmqProperties *self, guint index, const char **name,
                       const char **value)
{
  g_assert (index < self->list->len);
  *name = at (self, index)->name;
  *value = at (self, index)->value;
}

RmqProperties *
rmq_properties_copy (const RmqProperties *self)
{
  RmqProperties *copy = rmq_properties_new ();
  for (guint i = 0; i < self->list->len; i++)
    {
      Property property = { g_strdup (at (self, i)->name), g_strdup (at (self, i)->value) };
      g_array_append_val (copy->list, property);
    }
  return copy;
}

char *
rmq_properties_encode (const RmqProperties *self, gboolean last_separator)
{
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < self->list->len; i++)
    {
      g_string_append (text, at (self, i)->name);
      g_string_append_c (text, NAME_VALUE_SEPARATOR);
      g_string_append (text, at (self, i)->value);
      g_string_append_c (text, PROPERTY_SEPARATOR);
    }
  if (!last_separator && text->len > 0)
    g_string_truncate (text, text->len - 1);
  return g_string_free (text, FALSE);
}

/* As 4.9 and 5.3 read it: the first separator ends the name, and neither part may be empty. */
static void
decode_piece (RmqProperties *self, const char *piece, gsize size)
{
  const char *separator = memchr (piece, NAME_VALUE_SEPARATOR, size);
  if (separator == NULL || separator == piece || separator == piece + size - 1)
    return;
  gsize name_size = (gsize)(separator - piece);
  set (self, piece, name_size, g_strndup (separator + 1, size - name_size - 1));
}

RmqProperties *
rmq_properties_decode (const char *text)
{
  RmqProperties *self = rmq_properties_new ();
  while (text != NULL && *text != '\0')
    {
      const char *end = strchrnul (text, PROPERTY_SEPARATOR);
      decode_piece (self, text, (gsize)(end - text));
      text = *end != '\0' ? end + 1 : end;
    }
  return self;
}
