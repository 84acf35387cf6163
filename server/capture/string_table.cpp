#include "server/capture/string_table.h"

namespace xshathra::capture {

StringTable::Id StringTable::acquire(std::string_view text) {
    if (text.empty()) {
        return kEmpty;
    }
    if (const auto known = ids_.find(text); known != ids_.end()) {
        ++entries_[known->second].uses;
        return known->second;
    }
    Id id = 0;
    if (unused_.empty()) {
        id = static_cast<Id>(entries_.size());
        entries_.emplace_back();
    } else {
        id = unused_.back();
        unused_.pop_back();
    }
    Entry& entry = entries_[id];
    entry.text.assign(text);
    entry.uses = 1;
    ids_.emplace(entry.text, id);
    return id;
}

void StringTable::release(Id id) {
    if (id == kEmpty) {
        return;
    }
    Entry& entry = entries_[id];
    if (--entry.uses == 0) {
        ids_.erase(entry.text);
        std::string().swap(entry.text);
        unused_.push_back(id);
    }
}

StringTable::Id StringTable::find(std::string_view text) const {
    const auto known = ids_.find(text);
    return known == ids_.end() ? kEmpty : known->second;
}

void StringTable::clear() {
    ids_.clear();
    unused_.clear();
    entries_.clear();
    entries_.emplace_back();
}

}  // namespace xshathra::capture
