#include "server/engine/node_registry.h"

#include "server/auth/api_key.h"
#include "server/base/ascii.h"
#include "server/base/ids.h"
#include "server/capture/recorder.h"
#include "server/engine/client.h"
#include "server/engine/node.h"

#include <algorithm>
#include <cstring>
#include <set>
#include <utility>

namespace xshathra::engine {

namespace {

/// One stripe of every project's channels is swept at each step, so all of them within about seven seconds.
constexpr Milliseconds kHousekeepingInterval{100};

std::shared_ptr<const std::vector<std::string>> headersToKeep(const EngineConfig& config) {
    std::set<std::string> names;
    for (const auto& project : config.projects) {
        for (auto& name : project->proxies.forwardedHeaders())
            names.insert(std::move(name));
        if (const auto& user = project->client.userIdHttpHeader; !user.empty())
            names.insert(toLower(user));
    }
    if (names.empty())
        return nullptr;
    return std::make_shared<const std::vector<std::string>>(names.begin(), names.end());
}

}  // namespace

std::size_t NodeRegistry::DigestHash::operator()(const auth::Digest& digest) const {
    std::size_t hash = 0;
    std::memcpy(&hash, digest.data(), sizeof hash);
    return hash;
}

NodeRegistry::NodeRegistry(const Clock& clock, capture::Recorder& recorder)
    : clock_(clock), recorder_(recorder), nodeUid_(makeUuid()), config_(std::make_shared<const EngineConfig>()) {}

NodeRegistry::~NodeRegistry() = default;

void NodeRegistry::apply(std::shared_ptr<const EngineConfig> config) {
    std::vector<std::shared_ptr<Node>> removed;
    auto kept = headersToKeep(*config);
    {
        const std::lock_guard lock(mutex_);
        decltype(nodes_) nodes;
        decltype(nodesByClientKey_) byKey;
        for (const auto& project : config->projects) {
            const auto found = nodes_.find(project->id);
            std::shared_ptr<Node> node;
            if (found == nodes_.end()) {
                node = std::make_shared<Node>(clock_, recorder_, project);
            } else {
                node = found->second;
                if (node->config() != project)
                    node->apply(project);
            }
            for (const auto& hash : project->clientKeyHashes)
                byKey.emplace(hash, node);
            nodes.emplace(project->id, std::move(node));
        }
        for (const auto& [id, node] : nodes_) {
            if (nodes.find(id) == nodes.end())
                removed.push_back(node);
        }
        nodes_ = std::move(nodes);
        nodesByClientKey_ = std::move(byKey);
        keptHeaders_ = std::move(kept);
        config_ = std::move(config);
    }
    for (const auto& node : removed)
        node->remove();
}

void NodeRegistry::setProxy(Proxy* proxy) { proxy_.store(proxy, std::memory_order_release); }

std::shared_ptr<const std::vector<std::string>> NodeRegistry::keptHeaders() const {
    const std::lock_guard lock(mutex_);
    return keptHeaders_;
}

std::shared_ptr<const EngineConfig> NodeRegistry::config() const {
    const std::lock_guard lock(mutex_);
    return config_;
}

std::shared_ptr<Node> NodeRegistry::find(std::string_view projectId) const {
    const std::lock_guard lock(mutex_);
    const auto found = nodes_.find(projectId);
    return found == nodes_.end() ? nullptr : found->second;
}

std::shared_ptr<Node> NodeRegistry::findByClientKey(std::string_view key) const {
    const auto parsed = auth::parseApiKey(key);
    if (!parsed || parsed->kind != auth::KeyKind::Client)
        return nullptr;
    const std::lock_guard lock(mutex_);
    const auto found = nodesByClientKey_.find(parsed->hash);
    return found == nodesByClientKey_.end() ? nullptr : found->second;
}

std::vector<std::shared_ptr<Node>> NodeRegistry::nodes() const {
    std::vector<std::shared_ptr<Node>> all;
    const std::lock_guard lock(mutex_);
    all.reserve(nodes_.size());
    for (const auto& [id, node] : nodes_)
        all.push_back(node);
    return all;
}

EngineCounters NodeRegistry::counters() const {
    EngineCounters sum;
    {
        const std::lock_guard lock(loopsMutex_);
        const auto addLoop = [&sum](const LoopCounters& loop) {
            sum.connections += loop.clients;
            sum.messagesIn += loop.messagesIn;
            sum.messagesOut += loop.messagesOut;
            sum.bytesIn += loop.bytesIn;
            sum.bytesOut += loop.bytesOut;
            sum.slowClients += loop.slowClients;
        };
        addLoop(ended_);
        for (const auto& attached : loops_)
            addLoop(attached.loop->counters());
    }
    for (const auto& node : nodes()) {
        const auto info = node->info();
        sum.clients += info.numClients;
        sum.users += info.numUsers;
        sum.channels += info.numChannels;
        sum.subscriptions += info.numSubscriptions;
        sum.publications += info.publications;
    }
    return sum;
}

void NodeRegistry::disconnectAll(const protocol::Disconnect& reason) {
    const std::lock_guard lock(loopsMutex_);
    // By loop, so that connections without a project yet are closed too.
    for (const auto& attached : loops_)
        attached.loop->post([loop = attached.loop, reason] { loop->disconnectAll(reason); });
}

void NodeRegistry::attach(Loop& loop) {
    auto timer = std::make_shared<TimerId>(TimerId::None);
    {
        const std::lock_guard lock(loopsMutex_);
        loops_.push_back({&loop, timer});
    }
    housekeep(loop, timer);
}

void NodeRegistry::detach(Loop& loop) {
    const std::lock_guard lock(loopsMutex_);
    const auto found =
        std::find_if(loops_.begin(), loops_.end(), [&loop](const auto& attached) { return attached.loop == &loop; });
    if (found == loops_.end())
        return;
    loop.cancel(*found->timer);
    const auto counters = loop.counters();
    ended_.messagesIn += counters.messagesIn;
    ended_.messagesOut += counters.messagesOut;
    ended_.bytesIn += counters.bytesIn;
    ended_.bytesOut += counters.bytesOut;
    ended_.slowClients += counters.slowClients;
    loops_.erase(found);
}

/// The first attached loop does the work for all; the others keep their timer in case it goes.
void NodeRegistry::housekeep(Loop& loop, const std::shared_ptr<TimerId>& timer) {
    bool first = false;
    {
        const std::lock_guard lock(loopsMutex_);
        first = !loops_.empty() && loops_.front().loop == &loop;
    }
    if (first) {
        for (const auto& node : nodes())
            node->sweep();
    }
    *timer = loop.schedule(first ? kHousekeepingInterval : Milliseconds(10'000),
                           [this, &loop, timer] { housekeep(loop, timer); });
}

void NodeRegistry::addSession(const std::string& session, ClientHandle handle) {
    const std::lock_guard lock(sessionsMutex_);
    sessions_.insert_or_assign(session, std::move(handle));
}

void NodeRegistry::removeSession(const std::string& session) {
    const std::lock_guard lock(sessionsMutex_);
    sessions_.erase(session);
}

bool NodeRegistry::handleEmulation(std::string_view session, SharedBytes data) {
    ClientHandle handle;
    {
        const std::lock_guard lock(sessionsMutex_);
        const auto found = sessions_.find(session);
        if (found == sessions_.end())
            return false;
        handle = found->second;
    }
    if (handle.mailbox->put(std::function<void(Loop&)>([handle, data = std::move(data)](Loop& loop) {
            if (auto* client = loop.client(handle))
                client->handleFrame(data);
        })))
        handle.mailbox->wake();
    return true;
}

}  // namespace xshathra::engine
