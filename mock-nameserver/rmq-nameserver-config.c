/* SPDX-License-Identifier: Apache-2.0 */

/* Settings of a name server, and the reader of Java's properties texts. Pure: who changes them and
 * who obeys is the processors' business. */

#include "rmq-nameserver-config.h"

#include <string.h>

/* ---- properties texts ---------------------------------------------------- */

static gboolean
unescape_unicode (const char **at, GString *out)
{
  gunichar value = 0;
  for (gint i = 0; i < 4; i++)
    {
      gint digit = g_ascii_xdigit_value ((*at)[1]);
      if (digit < 0)
        return FALSE;
      value = value * 16 + (gunichar)digit;
      (*at)++;
    }
  g_string_append_unichar (out, value);
  return TRUE;
}

/* One character or escape at *at, which moves to its last byte. FALSE: a broken \u. */
static gboolean
unescape (const char **at, GString *out)
{
  static const char letters[] = "tnrf";
  static const char meant[] = "\t\n\r\f";
  if (**at != '\\' || (*at)[1] == '\0')
    {
      g_string_append_c (out, **at);
      return TRUE;
    }
  (*at)++;
  if (**at == 'u')
    return unescape_unicode (at, out);
  const char *letter = strchr (letters, **at);
  g_string_append_c (out, letter != NULL ? meant[letter - letters] : **at);
  return TRUE;
}

/* The key ends at an unescaped =, : or blank. */
static gboolean
parse_line (const char *line, RmqProperties *found)
{
  g_autoptr (GString) key = g_string_new (NULL);
  g_autoptr (GString) value = g_string_new (NULL);
  const char *at = line;
  for (; *at != '\0' && strchr ("=: \t", *at) == NULL; at++)
    if (!unescape (&at, key))
      return FALSE;
  at += strspn (at, " \t");
  if (*at == '=' || *at == ':')
    at++;
  at += strspn (at, " \t");
  for (; *at != '\0'; at++)
    if (!unescape (&at, value))
      return FALSE;
  rmq_properties_set (found, key->str, value->str);
  return TRUE;
}

/* (nullable): a broken escape. */
static RmqProperties *
parse (const char *text)
{
  RmqProperties *found = rmq_properties_new ();
  g_auto (GStrv) lines = g_strsplit_set (text, "\r\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      const char *line = lines[i] + strspn (lines[i], " \t\f");
      if (*line == '\0' || *line == '#' || *line == '!')
        continue;
      if (!parse_line (line, found))
        {
          rmq_properties_free (found);
          return NULL;
        }
    }
  return found;
}

/* ---- settings ------------------------------------------------------------ */

RmqProperties *
rmq_nameserver_config_new (const RmqNameserverProfile *profile)
{
  RmqProperties *config = parse (profile->settings);
  g_assert (config != NULL);
  return config;
}

static gboolean
is_number (const char *text)
{
  return g_ascii_string_to_signed (text, 10, G_MININT32, G_MAXINT32, NULL, NULL);
}

static gboolean
is_boolean (const char *text)
{
  return g_str_equal (text, "true") || g_str_equal (text, "false");
}

/* By the type of what is there, as the reference sets fields: a number that is none stays, any
 * text but "true" is false. */
static void
set (RmqProperties *config, const char *name, const char *value)
{
  const char *old = rmq_properties_get (config, name);
  if (old == NULL || (is_number (old) && !is_number (value)))
    return;
  if (is_boolean (old))
    value = g_ascii_strcasecmp (value, "true") == 0 ? "true" : "false";
  rmq_properties_set (config, name, value);
}

static gboolean
names_fixed (const RmqProperties *wanted, const char *fixed)
{
  g_auto (GStrv) names = g_strsplit (fixed != NULL ? fixed : "", ";", -1);
  for (guint i = 0; names[i] != NULL; i++)
    if (rmq_properties_get (wanted, names[i]) != NULL)
      return TRUE;
  return FALSE;
}

RmqConfigUpdate
rmq_nameserver_config_update (RmqProperties *config, const RmqNameserverProfile *profile,
                              const char *text)
{
  RmqProperties *wanted = parse (text);
  RmqConfigUpdate result = RMQ_CONFIG_UPDATED;
  if (wanted == NULL)
    return RMQ_CONFIG_UNREADABLE;
  if (names_fixed (wanted, profile->fixed_settings)
      || names_fixed (wanted, rmq_properties_get (config, "configBlackList")))
    result = RMQ_CONFIG_REFUSED;
  else
    for (guint i = 0; i < rmq_properties_get_n (wanted); i++)
      {
        const char *name, *value;
        rmq_properties_get_at (wanted, i, &name, &value);
        set (config, name, value);
      }
  rmq_properties_free (wanted);
  return result;
}

gboolean
rmq_nameserver_config_is_on (const RmqProperties *config, const char *name)
{
  return g_strcmp0 (rmq_properties_get (config, name), "true") == 0;
}

gboolean
rmq_nameserver_config_is_off (const RmqProperties *config, const char *name)
{
  return g_strcmp0 (rmq_properties_get (config, name), "false") == 0;
}

gint64
rmq_nameserver_config_get_number (const RmqProperties *config, const char *name)
{
  const char *value = rmq_properties_get (config, name);
  return value != NULL ? g_ascii_strtoll (value, NULL, 10) : 0;
}

char *
rmq_nameserver_config_format (const RmqProperties *config)
{
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < rmq_properties_get_n (config); i++)
    {
      const char *name, *value;
      rmq_properties_get_at (config, i, &name, &value);
      g_string_append_printf (text, "%s=%s\n", name, value);
    }
  return g_string_free (text, FALSE);
}
