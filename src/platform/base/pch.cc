// A home for the precompiled headers; all targets reuse them.
