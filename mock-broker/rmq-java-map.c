/* SPDX-License-Identifier: Apache-2.0 */

/* The order of Java's HashMap: brokers write properties as it has them. Pure. */

#include "rmq-java-map.h"

static guint
get_bucket (const char *name, guint buckets)
{
  guint32 hash = (guint32)rmq_java_hash (name);
  return (hash ^ hash >> 16) & (buckets - 1);
}

RmqProperties *
rmq_java_map_order (const RmqProperties *properties, guint buckets)
{
  RmqProperties *ordered = rmq_properties_new ();
  guint n = rmq_properties_get_n (properties);
  while (n > buckets / 4 * 3) /* its load factor */
    buckets *= 2;
  for (guint bucket = 0; bucket < buckets && rmq_properties_get_n (ordered) < n; bucket++)
    for (guint i = 0; i < n; i++)
      {
        const char *name, *value;
        rmq_properties_get_at (properties, i, &name, &value);
        if (get_bucket (name, buckets) == bucket)
          rmq_properties_add (ordered, name, value);
      }
  return ordered;
}
