/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Versions of clients that are too old for something. */

#define RMQ_CLIENT_VERSION_RESETS 28 /* V3_0_7_SNAPSHOT: takes 220 */
#define RMQ_CLIENT_VERSION_TELLS 62  /* V3_1_8_SNAPSHOT: takes 307 and 309 */

/* MQVersion#getVersionDesc of those: "V3_1_2_SNAPSHOT". (transfer full) */
char *rmq_client_version_describe (gint version);

G_END_DECLS
