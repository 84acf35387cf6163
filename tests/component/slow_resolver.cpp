#include "tests/component/slow_resolver.h"

#include <chrono>
#include <condition_variable>
#include <dlfcn.h>
#include <mutex>
#include <netdb.h>
#include <string_view>

namespace {

std::mutex mutex;
std::condition_variable changed;
bool slow = false;
int hanging = 0;

}  // namespace

/// In the place of the C library's, for libcurl too, since the program's own symbols come first.
extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints, addrinfo** result) {
    if (node != nullptr && std::string_view(node) == xshathra::test::SlowResolver::kHost) {
        std::unique_lock lock(mutex);
        ++hanging;
        changed.notify_all();
        changed.wait(lock, [] { return !slow; });
        --hanging;
        changed.notify_all();
        return EAI_NONAME;
    }
    using Function = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
    static const auto kSystems = reinterpret_cast<Function>(dlsym(RTLD_NEXT, "getaddrinfo"));
    return kSystems(node, service, hints, result);
}

namespace xshathra::test {

SlowResolver::SlowResolver() {
    const std::lock_guard lock(mutex);
    slow = true;
}

SlowResolver::~SlowResolver() {
    std::unique_lock lock(mutex);
    slow = false;
    changed.notify_all();
    changed.wait(lock, [] { return hanging == 0; });
}

bool SlowResolver::waitForLookup() {
    std::unique_lock lock(mutex);
    return changed.wait_until(lock, std::chrono::system_clock::now() + std::chrono::seconds(10),
                              [] { return hanging > 0; });
}

}  // namespace xshathra::test
