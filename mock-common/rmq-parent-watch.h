/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* --exit-with-parent: a test suite that crashes leaves no server behind. Main thread. */

/* As early as possible: a parent that ends from now on is noticed. */
void rmq_parent_watch_begin (void);
/* A source that is dispatched once the parent has ended. NULL: nobody is watched. (nullable)
 * (transfer full) */
GSource *rmq_parent_watch_new (void);

G_END_DECLS
