/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The known word nearest to what somebody typed, for "did you mean". (nullable): none is near. */
const char *rmq_suggest (const char *word, const char *const *known, guint n_known);

G_END_DECLS
