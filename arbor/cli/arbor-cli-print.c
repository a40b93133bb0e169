/* Messages in the locale's encoding. GLib writes ? for what that lacks, which makes a name
 * unreadable; here come letters that look like it (o for ö), and for the rest the escape that JSON
 * has, which at least can be told from others.
 */

#include "arbor-cli.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <stdlib.h>

static void
append_char (GString *out, gunichar c, const char *charset)
{
  char text[7] = { 0 };
  g_autofree char *encoded = NULL;
  g_autofree char *similar = NULL;
  gsize length;

  g_unichar_to_utf8 (c, text);
  encoded = g_convert (text, -1, charset, "UTF-8", NULL, &length, NULL);
  if (encoded != NULL)
    {
      g_string_append_len (out, encoded, (gssize) length);
      return;
    }
  similar = g_str_to_ascii (text, NULL);
  if (similar[0] != '\0' && strchr (similar, '?') == NULL)
    g_string_append (out, similar);
  else
    g_string_append_printf (out, c > 0xffff ? "\\U%08x" : "\\u%04x", c);
}

/* FALSE: errno says why it could not be written. */
static gboolean
write_text (FILE *file, const char *text)
{
  const char *charset;

  if (g_get_charset (&charset))
    fputs (text, file);
  else
    {
      g_autoptr (GString) out = g_string_new (NULL);
      g_autofree char *valid = g_utf8_make_valid (text, -1);

      for (const char *at = valid; *at != '\0'; at = g_utf8_next_char (at))
        append_char (out, g_utf8_get_char (at), charset);
      fputs (out->str, file);
    }
  return fflush (file) == 0 && !ferror (file);
}

/* Help and the version: nothing comes after them, and GLib ends the program then as if all were well. */
static void
print_out (const char *text)
{
  int code;

  if (write_text (stdout, text))
    return;
  code = errno;
  if (code == EPIPE) /* the reader has seen enough */
    exit (EXIT_SUCCESS);
  arbor_cli_complain (_("Cannot write to the standard output: %s"), g_strerror (code));
  exit (EXIT_FAILURE);
}

static void
print_error (const char *text)
{
  write_text (stderr, text);
}

void
arbor_cli_set_print_handlers (void)
{
  g_set_print_handler (print_out);
  g_set_printerr_handler (print_error);
}
