/* What every fuzz target defines: libFuzzer calls it, and fuzz-main.c where there is no libFuzzer. */

#pragma once

#include <glib.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);
