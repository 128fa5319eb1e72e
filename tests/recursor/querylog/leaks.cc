// What the leak sanitizer is told: after a fault inside of LMDB its environment is given up, not closed, since closing
// it would touch what faulted.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() { return "leak:liblmdb\n"; }
