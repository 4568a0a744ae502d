#pragma once

// The only include of napi.h: its meaning depends on these definitions, which must be the same in
// every translation unit.

#define NAPI_VERSION 8
// No C++ exception may cross into Node, which it would end.
#define NODE_ADDON_API_CPP_EXCEPTIONS_ALL
// A worker thread that is terminated takes no exceptions any more: they are dropped instead of
// ending the process.
#define NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS
// Electron refuses array buffers whose memory V8 does not own; without these constructors no such
// buffer can be made by accident.
#define NODE_API_NO_EXTERNAL_BUFFERS_ALLOWED

#include <napi.h>
