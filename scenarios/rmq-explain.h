/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-scenario.h"

G_BEGIN_DECLS

/* What a scenario will do, in words and in the order in which it happens. (transfer full) */
char *rmq_explain (RmqScenario *scenario);

G_END_DECLS
