/* SPDX-License-Identifier: Apache-2.0 */

/* Runs a fuzz target over its committed corpus, as an ordinary test under any compiler. The
 * argument is the corpus folder, whose name is the target's. */

#include <string.h>

#include "fuzz.h"

static void
replay (gconstpointer path)
{
  g_autofree char *bytes = NULL;
  gsize size;
  g_autoptr (GError) error = NULL;
  g_file_get_contents (path, &bytes, &size, &error);
  g_assert_no_error (error);
  /* A copy of exactly this size lets a sanitizer see a read behind the end; of nothing there is
   * none. */
  g_autofree guint8 *data = size > 0 ? g_memdup2 (bytes, size) : g_malloc0 (1);
  g_assert_cmpint (LLVMFuzzerTestOneInput (data, size), ==, 0);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *)a, *(char *const *)b);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 2);
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) dir = g_dir_open (argv[1], 0, &error);
  g_assert_no_error (error);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const char *entry;
  while ((entry = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (names, g_strdup (entry));
  g_assert_cmpuint (names->len, >, 0);
  g_ptr_array_sort (names, compare_names);
  g_autofree char *target = g_path_get_basename (argv[1]);
  for (guint i = 0; i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);
      g_autofree char *path = g_strdup_printf ("/fuzz/%s/survives-%s", target, name);
      g_test_add_data_func_full (path, g_build_filename (argv[1], name, NULL), replay, g_free);
    }
  return g_test_run ();
}
