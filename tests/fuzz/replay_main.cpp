// Runs one fuzz target over each file of a folder: what fuzzing once found is tried again in every build, without
// libFuzzer.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: %s CORPUS_FOLDER\n", argv[0]);
        return EXIT_FAILURE;
    }
    std::error_code error;
    std::size_t count = 0;
    std::filesystem::recursive_directory_iterator it(argv[1], error);
    for (const std::filesystem::recursive_directory_iterator end; !error && it != end; it.increment(error)) {
        if (!it->is_regular_file())
            continue;
        std::ifstream file(it->path(), std::ios::binary);
        const std::vector<char> bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
        // An own block of exactly this size, so that AddressSanitizer sees the first byte read past the end.
        const auto exact = std::make_unique<std::uint8_t[]>(bytes.size());
        std::copy(bytes.begin(), bytes.end(), exact.get());
        std::printf("%s\n", it->path().filename().c_str());
        std::fflush(stdout);
        LLVMFuzzerTestOneInput(exact.get(), bytes.size());
        ++count;
    }
    if (error) {
        std::fprintf(stderr, "cannot read %s: %s\n", argv[1], error.message().c_str());
        return EXIT_FAILURE;
    }
    if (count == 0) {
        std::fprintf(stderr, "%s holds no file to replay\n", argv[1]);
        return EXIT_FAILURE;
    }
    std::printf("%zu inputs replayed\n", count);
    return EXIT_SUCCESS;
}
