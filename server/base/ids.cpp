#include "server/base/ids.h"

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <random>

#if defined(__linux__)
#include <sys/random.h>
#endif

namespace xshathra {

namespace {

constexpr std::string_view kCrockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

}  // namespace

void fillRandom(std::span<unsigned char> out) {
#if defined(__linux__)
    while (!out.empty()) {
        const ssize_t got = getrandom(out.data(), out.size(), 0);
        if (got < 0) {
            // Only EINTR can happen here; without entropy nothing that follows would be safe.
            if (errno == EINTR)
                continue;
            std::abort();
        }
        out = out.subspan(static_cast<std::size_t>(got));
    }
#else
    thread_local std::random_device device;
    for (auto& byte : out)
        byte = static_cast<unsigned char>(device());
#endif
}

std::string makeUuid() {
    std::array<unsigned char, 16> bytes;
    fillRandom(bytes);
    bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0f) | 0x40);
    bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3f) | 0x80);
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(36);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            text += '-';
        text += digits[bytes[i] >> 4];
        text += digits[bytes[i] & 15];
    }
    return text;
}

std::string makeRandomLetters(std::size_t length) {
    constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    constexpr unsigned limit = 256 - 256 % letters.size();
    std::string text;
    text.reserve(length);
    std::array<unsigned char, 32> bytes;
    while (text.size() < length) {
        fillRandom(bytes);
        for (unsigned char byte : bytes) {
            if (byte < limit && text.size() < length)
                text += letters[byte % letters.size()];
        }
    }
    return text;
}

std::string makeUlid(Nanoseconds wall) {
    auto milliseconds = static_cast<std::uint64_t>(std::chrono::duration_cast<Milliseconds>(wall).count());
    std::string text(26, '0');
    for (int i = 9; i >= 0; --i) {
        text[static_cast<std::size_t>(i)] = kCrockford[milliseconds & 31];
        milliseconds >>= 5;
    }
    std::array<unsigned char, 16> bytes;
    fillRandom(bytes);
    for (std::size_t i = 0; i < 16; ++i)
        text[10 + i] = kCrockford[bytes[i] & 31];
    return text;
}

bool isUlid(std::string_view text) {
    return text.size() == 26 && text[0] <= '7' && text.find_first_not_of(kCrockford) == std::string_view::npos;
}

}  // namespace xshathra
