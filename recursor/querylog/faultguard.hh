// FaultGuard: reads and writes of a mapped file that survive what happens to the file. When somebody truncates it, or a
// disk fails, the kernel sends SIGBUS, and what stands in a damaged one may lead anywhere; within guarded() that ends
// the call instead of the process. Used around all that LMDB does.
#pragma once

#include <cstddef>

namespace rec {

// What call(context) gives, or `faultCode` when it ran into memory that has no file behind it any more. The call must
// hold nothing that needs a destructor: after a fault it is left where it was.
int guarded(int (*call)(void* context), void* context, int faultCode);

// As after a fault, for code within the call that cannot go on; returns when there is no such call.
void leaveGuarded();

// memcpy; false when the source is gone.
[[nodiscard]] bool guardedCopy(void* to, const void* from, std::size_t size);

} // namespace rec
