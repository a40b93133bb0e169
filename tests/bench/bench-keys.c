/* What looking a tree up by its key costs: of so many flat trees, shuffled, in a store; nanoseconds a look-up, the best
 * of some rounds. Keys that are there, that are not, by find and by a condition. Where SQLite is installed, the same
 * documents in its table, a row each, are looked up in between by their primary key, by a prepared statement.
 *
 *   bench-keys [TREES]
 */

#include <arbor/arbor.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifdef HAVE_SQLITE
#include <sqlite3.h>
#endif

#define ROUNDS 40
#define LOOKS  2500u

typedef ArborTree *(*LookFunc) (ArborArbor *arbor, guint number, GError **error);

static ArborTree *
find_text (ArborArbor *arbor, guint number, GError **error)
{
  char key[32];

  g_snprintf (key, sizeof key, "key-%u", number);
  return arbor_arbor_find_string (arbor, key, error);
}

static ArborTree *
find_condition (ArborArbor *arbor, guint number, GError **error)
{
  g_autoptr (ArborExpr) expr = arbor_expr_parsef ("id == %s", error, "key-7");

  return arbor_arbor_find_one (arbor, expr, error);
}

/* The peer */

typedef struct _Peer Peer;

#ifdef HAVE_SQLITE
struct _Peer
{
  sqlite3 *db;
  sqlite3_stmt *look;
};

static void
run_sql (Peer *self, const char *sql)
{
  g_assert_cmpint (sqlite3_exec (self->db, sql, NULL, NULL, NULL), ==, SQLITE_OK);
}

/* Of lines of JSON that begin with {"id":"KEY". */
static Peer *
peer_new (const char *path, const char *lines)
{
  Peer *self = g_new0 (Peer, 1);
  sqlite3_stmt *insert = NULL;

  g_assert_cmpint (sqlite3_open (path, &self->db), ==, SQLITE_OK);
  run_sql (self, "pragma journal_mode = wal; create table t (id text primary key, doc text); begin");
  sqlite3_prepare_v2 (self->db, "insert into t values (?, ?)", -1, &insert, NULL);
  for (const char *line = lines, *end; *line != '\0'; line = end + 1)
    {
      const char *key = line + strlen ("{\"id\":\"");

      end = strchr (line, '\n');
      sqlite3_bind_text (insert, 1, key, (int) (strchr (key, '"') - key), SQLITE_STATIC);
      sqlite3_bind_text (insert, 2, line, (int) (end - line), SQLITE_STATIC);
      g_assert_cmpint (sqlite3_step (insert), ==, SQLITE_DONE);
      sqlite3_reset (insert);
    }
  sqlite3_finalize (insert);
  run_sql (self, "commit; pragma wal_checkpoint (truncate); pragma mmap_size = 1000000000");
  sqlite3_prepare_v2 (self->db, "select doc from t where id = ?", -1, &self->look, NULL);
  return self;
}

static void
peer_free (Peer *self)
{
  sqlite3_finalize (self->look);
  sqlite3_close (self->db);
  g_free (self);
}

static gboolean
peer_look (Peer *self, guint number)
{
  gboolean is_found;
  char key[32];

  g_snprintf (key, sizeof key, "key-%u", number);
  sqlite3_bind_text (self->look, 1, key, -1, SQLITE_STATIC);
  is_found = sqlite3_step (self->look) == SQLITE_ROW && sqlite3_column_text (self->look, 0) != NULL;
  sqlite3_reset (self->look);
  return is_found;
}
#else
static Peer *
peer_new (const char *path, const char *lines)
{
  return NULL;
}

static void
peer_free (Peer *self)
{
}

static gboolean
peer_look (Peer *self, guint number)
{
  return FALSE;
}
#endif

static guint
choose (guint i, guint32 n)
{
  return (guint) ((guint64) i * 2654435761u % n);
}

/* Microseconds of this thread alone: others may be at work. */
static gint64
get_time (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return (gint64) now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static gint64
time_ours (ArborArbor *arbor, LookFunc look, guint32 n, guint first, guint32 offset,
           gboolean found)
{
  gint64 start = get_time ();

  for (guint i = 0; i < LOOKS; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (ArborTree) tree = look (arbor, choose (first + i, n) + offset, &error);

      g_assert_no_error (error);
      g_assert_true ((tree != NULL) == found);
    }
  return get_time () - start;
}

static gint64
time_theirs (Peer *peer, guint32 n, guint first, guint32 offset, gboolean found)
{
  gint64 start = get_time ();

  for (guint i = 0; i < LOOKS; i++)
    g_assert_true (peer_look (peer, choose (first + i, n) + offset) == found);
  return get_time () - start;
}

/* In turn, so that both have the same machine. */
static void
measure (const char *what, ArborArbor *arbor, Peer *peer, LookFunc look, guint32 n, guint32 offset,
         gboolean found)
{
  gint64 best = G_MAXINT64, peer_best = G_MAXINT64;

  for (int round = 0; round < ROUNDS; round++)
    {
      best = MIN (best, time_ours (arbor, look, n, (guint) round * LOOKS, offset, found));
      if (peer != NULL)
        peer_best = MIN (peer_best, time_theirs (peer, n, (guint) round * LOOKS, offset, found));
    }
  g_print ("%-24s %7.0f ns", what, (double) best * 1000 / LOOKS);
  if (peer != NULL)
    g_print ("   sqlite %7.0f ns   ratio %5.2f", (double) peer_best * 1000 / LOOKS,
             (double) best / (double) peer_best);
  g_print ("\n");
}

int
main (int argc, char **argv)
{
  guint32 n = argc > 1 ? (guint32) strtoul (argv[1], NULL, 10) : 1000000;
  g_autofree guint32 *order = g_new (guint32, n);
  g_autoptr (GString) lines = g_string_new (NULL);
  g_autofree char *folder = g_dir_make_tmp ("arbor-keys-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "k.arbor", NULL);
  g_autofree char *lock = g_strconcat (path, "-lock", NULL);
  g_autofree char *peer_path = g_build_filename (folder, "k.db", NULL);
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  const char *const keys[] = { "id", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborArbor) read = NULL, arbor = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (ArborStore) store = NULL;
  Peer *peer;

  for (guint32 i = 0; i < n; i++)
    order[i] = i;
  for (guint32 i = n; i > 1; i--)
    {
      guint32 other = (guint32) g_rand_int_range (random, 0, (gint32) i);
      guint32 moved = order[i - 1];

      order[i - 1] = order[other];
      order[other] = moved;
    }
  for (guint32 i = 0; i < n; i++)
    g_string_append_printf (lines, "{\"id\":\"key-%u\",\"n\":%u,\"country\":\"C%u\"}\n", order[i], i, i % 97);
  peer = peer_new (peer_path, lines->str);
  bytes = g_string_free_to_bytes (g_steal_pointer (&lines));
  read = arbor_read_jsonl (bytes, &error);
  g_assert_no_error (error);
  store = arbor_store_open (path, NULL, NULL, &error);
  g_assert_no_error (error);
  arbor_store_put (store, "a", read, NULL, &error);
  g_assert_no_error (error);
  arbor_store_set_keys (store, "a", keys, ARBOR_KEY_UNIQUE, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  arbor = arbor_store_get (store, "a", &error);
  g_assert_no_error (error);
  measure ("find, there", arbor, peer, find_text, n, 0, TRUE);
  measure ("find, not there", arbor, peer, find_text, n, n, FALSE);
  measure ("find_one, parsed anew", arbor, NULL, find_condition, n, 0, TRUE);
  arbor_store_close (store);
  g_unlink (path);
  g_unlink (lock);
  if (peer != NULL)
    peer_free (peer);
  g_unlink (peer_path);
  g_rmdir (folder);
  return EXIT_SUCCESS;
}
