/* SPDX-License-Identifier: Apache-2.0 */

/* LanguageCode: which language a peer says it is written in. Pure; the numbers of the ROCKETMQ
 * encoding are the places in the table.
 */

#include <string.h>

#include "rmq-remoting-command-private.h"

static const char *const language_names[] = {
  "JAVA",  "CPP",  "DOTNET", "PYTHON", "DELPHI", "ERLANG", "RUBY",
  "OTHER", "HTTP", "GO",     "PHP",    "OMS",    "RUST",   "NODE_JS",
};
G_STATIC_ASSERT (G_N_ELEMENTS (language_names) == RMQ_LANGUAGE_COUNT);
G_STATIC_ASSERT (RMQ_LANGUAGE_NODE_JS == RMQ_LANGUAGE_COUNT - 1);

const char *
rmq_language_get_name (RmqLanguage language)
{
  return (guint)language < RMQ_LANGUAGE_COUNT ? language_names[language] : NULL;
}

RmqLanguage
rmq_language_from_name (const char *name)
{
  for (guint i = 0; i < RMQ_LANGUAGE_COUNT; i++)
    if (language_names[i][0] == name[0] && strcmp (language_names[i], name) == 0)
      return (RmqLanguage)i;
  return RMQ_LANGUAGE_UNKNOWN;
}

RmqLanguage
rmq_language_from_number (gint number)
{
  return number >= 0 && number < RMQ_LANGUAGE_COUNT ? (RmqLanguage)number : RMQ_LANGUAGE_UNKNOWN;
}
