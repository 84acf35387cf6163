#include "server/engine/hub.h"

namespace xshathra::engine {

void ClientRecord::addChannel(const std::string& channel) {
    const std::lock_guard lock(mutex_);
    channels_.insert(channel);
}

void ClientRecord::removeChannel(const std::string& channel) {
    const std::lock_guard lock(mutex_);
    channels_.erase(channel);
}

std::vector<std::string> ClientRecord::channels() const {
    const std::lock_guard lock(mutex_);
    return {channels_.begin(), channels_.end()};
}

bool Hub::add(const RecordPtr& record, std::size_t userLimit, std::size_t limit) {
    // Reserved first and given back, so that two threads can't both take the last place.
    const auto before = clientCount_.fetch_add(1, std::memory_order_relaxed);
    if (limit > 0 && before >= limit) {
        clientCount_.fetch_sub(1, std::memory_order_relaxed);
        return false;
    }
    auto& stripe = users_.of(record->user);
    const std::lock_guard lock(stripe.mutex);
    auto found = stripe.entries.find(record->user);
    if (userLimit > 0 && !record->user.empty() && found != stripe.entries.end() && found->second.size() >= userLimit) {
        clientCount_.fetch_sub(1, std::memory_order_relaxed);
        return false;
    }
    if (found == stripe.entries.end()) {
        found = stripe.entries.try_emplace(record->user).first;
        userCount_.fetch_add(1, std::memory_order_relaxed);
    }
    found->second.emplace(record->client, record);
    return true;
}

void Hub::remove(const RecordPtr& record) {
    auto& stripe = users_.of(record->user);
    const std::lock_guard lock(stripe.mutex);
    const auto found = stripe.entries.find(record->user);
    if (found == stripe.entries.end() || found->second.erase(record->client) == 0)
        return;
    clientCount_.fetch_sub(1, std::memory_order_relaxed);
    if (found->second.empty()) {
        stripe.entries.erase(found);
        userCount_.fetch_sub(1, std::memory_order_relaxed);
    }
}

std::vector<Hub::RecordPtr> Hub::find(std::string_view user, std::string_view client, std::string_view session) const {
    std::vector<RecordPtr> records;
    const auto& stripe = users_.of(user);
    const std::lock_guard lock(stripe.mutex);
    const auto found = stripe.entries.find(user);
    if (found == stripe.entries.end())
        return records;
    for (const auto& [id, record] : found->second) {
        if ((client.empty() || client == id) && (session.empty() || session == record->session))
            records.push_back(record);
    }
    return records;
}

std::vector<Hub::RecordPtr> Hub::all(std::size_t limit) const {
    std::vector<RecordPtr> records;
    for (const auto& stripe : users_) {
        const std::lock_guard lock(stripe.mutex);
        for (const auto& [user, clients] : stripe.entries) {
            for (const auto& [id, record] : clients) {
                if (records.size() >= limit)
                    return records;
                records.push_back(record);
            }
        }
    }
    return records;
}

}  // namespace xshathra::engine
