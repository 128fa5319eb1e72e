// SIGBUS and SIGSEGV, handled by whoever expects them on this thread; else they do what they always did.
#include "recursor/querylog/faultguard.hh"

#include <csetjmp>
#include <csignal>
#include <cstring>

namespace rec {
namespace {

thread_local sigjmp_buf* t_return = nullptr; // where the thread goes on after a fault; null: nobody expects one

void onFault(int signal) {
  leaveGuarded();
  ::signal(signal, SIG_DFL); // the instruction is run again
}

// Each time: others may have put theirs in its place. It costs little beside what it is for.
void installHandler() {
  struct sigaction action{};
  action.sa_handler = onFault;
  sigemptyset(&action.sa_mask);
  ::sigaction(SIGBUS, &action, nullptr);
  ::sigaction(SIGSEGV, &action, nullptr);
}

struct Copy {
  void* to;
  const void* from;
  std::size_t size;
};

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ROOTWALK_ADDRESS_SANITIZER
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define ROOTWALK_ADDRESS_SANITIZER
#endif

// A damaged file may give a length that leads out of the file: what is read there is refused by its checksum, or faults
// and is caught. The address sanitizer, which knows neither, is not asked.
#ifdef ROOTWALK_ADDRESS_SANITIZER
[[gnu::no_sanitize("address")]] void copyOctets(void* to, const void* from, std::size_t size) {
  auto* out = static_cast<volatile char*>(to);
  const auto* in = static_cast<const volatile char*>(from);
  for (std::size_t i = 0; i < size; ++i) out[i] = in[i];
}
#else
void copyOctets(void* to, const void* from, std::size_t size) { std::memcpy(to, from, size); }
#endif

} // namespace

void leaveGuarded() {
  if (t_return != nullptr) siglongjmp(*t_return, 1);
}

int guarded(int (*call)(void* context), void* context, int faultCode) {
  installHandler();
  sigjmp_buf here;
  if (sigsetjmp(here, 1) != 0) {
    t_return = nullptr;
    return faultCode;
  }
  t_return = &here;
  const int result = call(context);
  t_return = nullptr;
  return result;
}

bool guardedCopy(void* to, const void* from, std::size_t size) {
  if (size == 0) return true;
  Copy copy{to, from, size};
  const auto run = [](void* context) {
    const auto* wanted = static_cast<Copy*>(context);
    copyOctets(wanted->to, wanted->from, wanted->size);
    return 0;
  };
  return guarded(run, &copy, 1) == 0;
}

} // namespace rec
