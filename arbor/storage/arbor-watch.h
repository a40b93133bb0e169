/* A source for a main context that calls its function when a file was perhaps written: soon after the
 * kernel tells of a write, if it does, and once a second besides, because it does not for files that
 * another machine or another container writes, nor when inotify is not to be had. Writes that come
 * fast are told of at most ten times a second.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

GSource *arbor_watch_source_new (const char *path);

G_END_DECLS
