/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* Small scenarios, one to a word of the language: each shows what the word does, and its
 * expectations fail where it doesn't. */

typedef struct
{
  const char *name; /* a claim */
  gboolean live;    /* holds over TCP as well, within some seconds */
  const char *text; /* after stories_head; settles in 200 ms unless it says otherwise */
} Story;

/* Two brokers, 4 queues of Orders on each; P gives up after 500 ms. */
extern const char stories_head[];
extern const Story stories[]; /* ends with a NULL name */
