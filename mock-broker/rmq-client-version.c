/* SPDX-License-Identifier: Apache-2.0 */

/* Names of old clients' versions: from V3_0_0 on each has a snapshot's ordinal and its own. Pure.
 */

#include "rmq-client-version.h"

#define FIRST_OF_3_0 14
#define FIRST_OF_3_1 46

char *
rmq_client_version_describe (gint version)
{
  if (version < FIRST_OF_3_0)
    return g_strdup ("V3_0_0_SNAPSHOT");
  gint minor = version < FIRST_OF_3_1 ? 0 : 1;
  gint place = version - (minor == 0 ? FIRST_OF_3_0 : FIRST_OF_3_1);
  return g_strdup_printf ("V3_%d_%d%s", minor, place / 2, place % 2 == 0 ? "_SNAPSHOT" : "");
}
