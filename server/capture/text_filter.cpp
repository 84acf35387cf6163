#include "server/capture/text_filter.h"

namespace xshathra::capture {

namespace {

constexpr std::array<unsigned char, 256> makeFold() {
    std::array<unsigned char, 256> fold{};
    for (unsigned i = 0; i < fold.size(); ++i) {
        fold[i] = static_cast<unsigned char>(i >= 'A' && i <= 'Z' ? i - 'A' + 'a' : i);
    }
    return fold;
}
constexpr std::array<unsigned char, 256> kFold = makeFold();

unsigned char fold(char c) { return kFold[static_cast<unsigned char>(c)]; }

bool isBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

}  // namespace

TextMatcher::TextMatcher(std::string_view needle) : needle_(needle) {
    for (char& c : needle_) {
        c = static_cast<char>(fold(c));
    }
    const auto length = static_cast<std::uint32_t>(needle_.size());
    shift_.fill(length);
    for (std::uint32_t i = 0; i + 1 < length; ++i) {
        const auto c = static_cast<unsigned char>(needle_[i]);
        shift_[c] = length - 1 - i;
        if (c >= 'a' && c <= 'z') {
            shift_[c - 'a' + 'A'] = length - 1 - i;
        }
    }
}

bool TextMatcher::foundIn(std::string_view text) const {
    const std::size_t length = needle_.size();
    if (length == 0) {
        return true;
    }
    if (text.size() < length) {
        return false;
    }
    const auto last = static_cast<unsigned char>(needle_[length - 1]);
    const char* const end = text.data() + text.size() - length;
    for (const char* at = text.data(); at <= end;) {
        const char atLast = at[length - 1];
        if (fold(atLast) == last) {
            std::size_t i = 0;
            while (i + 1 < length && fold(at[i]) == static_cast<unsigned char>(needle_[i])) {
                ++i;
            }
            if (i + 1 == length) {
                return true;
            }
        }
        const std::uint32_t shift = shift_[static_cast<unsigned char>(atLast)];
        if (static_cast<std::size_t>(end - at) < shift) {
            break;
        }
        at += shift;
    }
    return false;
}

TextFilter::TextFilter(std::string_view text) {
    std::size_t i = 0;
    while (i < text.size() && words_.size() < kMaxWords) {
        while (i < text.size() && isBlank(text[i])) {
            ++i;
        }
        std::string word;
        bool quoted = false;
        for (; i < text.size() && (quoted || !isBlank(text[i])); ++i) {
            if (text[i] == '"' && !quoted && word.empty() && text.find('"', i + 1) != std::string_view::npos) {
                const std::size_t close = text.find('"', i + 1);
                if (close + 1 == text.size() || isBlank(text[close + 1])) {
                    quoted = true;
                    continue;
                }
            }
            if (text[i] == '"' && quoted && (i + 1 == text.size() || isBlank(text[i + 1]))) {
                quoted = false;
                ++i;
                break;
            }
            word += text[i];
        }
        if (!word.empty()) {
            words_.emplace_back(word);
        }
    }
}

bool TextFilter::matches(const CaptureStore& store, const StoredEvent& event, std::string_view payload) const {
    for (const TextMatcher& word : words_) {
        const bool found = word.foundIn(store.text(event.channel)) || word.foundIn(name(event.kind)) ||
                           word.foundIn(store.text(event.user)) || word.foundIn(store.text(event.client)) ||
                           word.foundIn(payload) || word.foundIn(store.text(event.note)) ||
                           word.foundIn(store.text(event.fault));
        if (!found) {
            return false;
        }
    }
    return true;
}

}  // namespace xshathra::capture
