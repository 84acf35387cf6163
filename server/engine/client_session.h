#pragma once

#include "server/base/shared_bytes.h"
#include "server/base/string_map.h"
#include "server/capture/event.h"
#include "server/engine/client.h"
#include "server/engine/history_stream.h"
#include "server/engine/hub.h"
#include "server/engine/loop.h"
#include "server/engine/loop_channel.h"
#include "server/engine/node.h"
#include "server/engine/policy.h"
#include "server/engine/project_config.h"
#include "server/engine/proxy.h"
#include "server/engine/subscription.h"
#include "server/engine/transport.h"
#include "server/protocol/codes.h"
#include "server/protocol/command_decoder.h"
#include "server/protocol/messages.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace xshathra::engine {

class NodeRegistry;

/// What stands behind Client. One file for each family of commands: client_session.cpp (life cycle, dispatch, output),
/// client_suspend.cpp (commands that wait), client_proxy.cpp (what the backend decides), client_token_keys.cpp (tokens
/// whose key has to be fetched), client_connect.cpp, client_subscribe.cpp, client_channels.cpp (publish, presence,
/// history and the rest), client_map.cpp (map subscriptions), client_map_publish.cpp (changes of maps),
/// client_shared_poll.cpp, client_refresh.cpp (expiry), client_ping.cpp, client_unidirectional.cpp, client_capture.cpp.
/// Lives on its loop's thread.
class ClientSession {
public:
    ClientSession(Client& owner, NodeRegistry& registry, Loop& loop, Transport& transport);
    ~ClientSession();
    ClientSession(const ClientSession&) = delete;
    ClientSession& operator=(const ClientSession&) = delete;

    void handleFrame(const SharedBytes& frame);
    void handleNativePong();
    void transportClosed(std::string_view reason);
    void disconnect(const protocol::Disconnect& disconnect,
                    std::shared_ptr<const capture::Decision> decision = nullptr);

    const ClientHandle& handle() const { return handle_; }
    const std::string& id() const { return id_; }
    const std::string& user() const { return user_; }
    const std::string& session() const { return session_; }
    bool isConnected() const { return state_ == State::Connected; }
    bool isClosed() const { return state_ == State::Closed; }

    /// A key that the client tracks has a new value, or is gone.
    void deliverPoll(const PollUpdate& update, PollFrames& frames);

    /// A broadcast found out that this subscriber can't go on.
    void onTrouble(const std::string& channel, Trouble trouble);

    // Server operations (protocol section 16), posted by Node.
    /// The caller has seen to it that the client can be given the grant's data.
    void serverSubscribe(const std::string& channel, const SubscribeGrant& grant,
                         const std::optional<protocol::StreamPosition>& recoverSince);
    /// Ends the subscription with a push; an empty channel means every one.
    /// With `evenIfNot` the client is told also of a channel that it isn't subscribed to, as Centrifugo's API does.
    void serverUnsubscribe(const std::string& channel, const protocol::Unsubscribe& reason, bool evenIfNot = false);
    void serverRefresh(std::optional<std::int64_t> expireAt, bool expired, const std::optional<SharedBytes>& info);

    /// What may wait behind a suspended command; above it the connection is closed with 3008. Centrifugo leaves it in
    /// the socket instead.
    static constexpr std::size_t kMaxWaitingFrames = 256;
    /// Bytes that may wait, with the suspended command's own frame. Where the endpoint takes large frames there is room
    /// for kMaxWaitingLargeFrames of them.
    static constexpr std::size_t kMaxWaitingBytes = std::size_t{1} << 20;
    static constexpr std::size_t kMaxWaitingLargeFrames = 4;

private:
    enum class State : std::uint8_t {
        Connecting,
        Connected,
        /// The connect command got an error reply: nothing else is accepted.
        Unusable,
        Closed,
    };
    /// A command being carried out.
    struct Context {
        std::uint32_t id = 0;
        Nanoseconds startedAt{};
        capture::Kind kind = capture::Kind::Other;
        std::string_view channel;
        /// The command is in the capture already.
        bool recorded = false;
    };
    /// What a handler came to: a result that was sent already, or why not. A handler that called suspend() comes to
    /// nothing yet and returns the same as after a result.
    using Outcome = std::optional<Failure>;
    /// What is left of a suspended command, run on the loop with the command as it came.
    using Resumed =
        std::function<Outcome(ClientSession& self, const Context& context, const protocol::Command& command)>;
    /// Commands of one frame, from `next` on.
    struct Batch {
        std::vector<protocol::Command> commands;
        std::size_t next = 0;
        std::optional<protocol::DecodeError> error;
        std::size_t bytes = 0;
    };
    /// A command that waits, and what came after it.
    struct Suspended {
        protocol::Command command;
        Context context;
        std::uint32_t ticket = 0;
        std::function<void()> cancel;
        /// The first is what is left of the command's own frame.
        std::deque<Batch> waiting;
        std::size_t waitingBytes = 0;
    };

    // client_session.cpp
    /// Carries out the batch; where a command of it is suspended, the rest waits behind it.
    void run(Batch batch);
    void dispatch(protocol::Command& command);
    Outcome handle(const Context& context, const protocol::Command& command);
    Outcome carryOut(const Context& context, const protocol::Command& command);
    void fail(const Context& context, const Failure& failure, std::shared_ptr<const capture::Decision> decision);
    bool exceedsRate();
    void leaveEverything();
    void finish(const protocol::Disconnect& disconnect, std::shared_ptr<const capture::Decision> decision,
                std::string_view note, bool byPeer);
    void send(const protocol::Frame& frame);
    void sendReply(const Context& context, protocol::Reply reply,
                   std::shared_ptr<const capture::Decision> decision = nullptr);
    /// Ends a command with its result: no failure.
    Outcome replyWith(const Context& context, protocol::Reply::Result result,
                      std::shared_ptr<const capture::Decision> decision = nullptr);
    void sendPush(const protocol::Push& push, capture::Kind kind);
    /// The snapshot in force. While a command is carried out it stays the same, and outside of commands the one before
    /// stays alive too, since what was found in it (a resolved channel, say) points into it.
    const ProjectConfig& config();
    /// Takes the newest snapshot, between commands.
    void renewConfig();
    void setTimer(TimerId& timer, Nanoseconds after, void (ClientSession::*action)());
    void clearTimer(TimerId& timer);
    protocol::ClientInfo clientInfo(const Subscription* subscription) const;
    std::int64_t nowSeconds() const;

    // client_suspend.cpp
    /// Puts the command that is being carried out on hold: the handler returns an empty Outcome after it, and the
    /// commands behind it wait in their order (pongs don't), while timers, pings, deliveries and the server's own
    /// operations go on. `cancel` is called on the loop when the connection ends first.
    /// @return ends the wait: callable from any thread, the first call counts; a connection that has closed meanwhile
    /// ignores it. What it is given runs on the loop as the rest of the handler, with the Outcome of a handler: it
    /// sends the reply, or fails, or suspends again.
    std::function<void(Resumed)> suspend(const Context& context, std::function<void()> cancel = {});
    void setCancel(std::function<void()> cancel);
    /// suspend() until the project's backend has answered.
    Outcome ask(
        const Context& context, ProxyCall call,
        std::function<Outcome(ClientSession&, const Context&, const protocol::Command&, const ProxyAnswer&)> then);
    /// Runs a task on the loop if the connection is still there then. Any thread.
    std::function<void(std::function<void(ClientSession&)>)> poster() const;
    void resume(std::uint32_t ticket, const Resumed& resumed);
    void wait(Batch batch);
    static void hold(Suspended& suspended, protocol::Command&& command, Context context);

    // client_proxy.cpp
    /// A call on behalf of this connection; its options are null when there is no such proxy.
    ProxyCall proxyCall(std::shared_ptr<const ProjectConfig> project, std::string_view name,
                        ProxyRequest request) const;
    /// Whether a payload from a backend can go to this client as it is.
    bool fitsEncoding(const std::optional<SharedBytes>& payload) const;
    /// `project` is the one in which the proxy was found: a newer configuration may be without it.
    Outcome askConnect(const Context& context, const protocol::ConnectRequest& request, std::shared_ptr<Node> node,
                       std::shared_ptr<const ProjectConfig> project);
    Outcome askSubscribe(const Context& context, const protocol::SubscribeRequest& request);
    Outcome askPublish(const Context& context, const protocol::PublishRequest& request, const ChannelOptions& options);
    Outcome onPublishAnswer(const Context& context, const protocol::PublishRequest& request, const ProxyAnswer& answer);
    Outcome rpc(const Context& context, const protocol::RpcRequest& request);
    Outcome onRpcAnswer(const Context& context, const ProxyAnswer& answer);
    /// Asks the backend whether the connection may go on. False when there is nobody to ask.
    bool askRefresh();
    void onRefreshAnswer(const ProxyAnswer& answer);
    /// The same for a subscription, whose expiry is over.
    bool askSubRefresh(Subscription& subscription);
    void onSubRefreshAnswer(const std::string& channel, const ProxyAnswer& answer);

    // client_token_keys.cpp
    /// Where the command's token was made with a key that has to be fetched first: suspends the command, which is
    /// carried out when the key has come or can't be had.
    bool waitForKey(const Context& context, const protocol::Command& command);

    // client_connect.cpp
    Outcome connect(const Context& context, const protocol::ConnectRequest& request);
    /// connect() from the moment on at which it is known what the connection is granted, or that it isn't.
    Outcome completeConnect(const Context& context, const protocol::ConnectRequest& request, std::shared_ptr<Node> node,
                            Decided<ConnectGrant> grant, DecisionBuilder& decision);
    Decided<std::shared_ptr<Node>> chooseNode(const protocol::ConnectRequest& request, DecisionBuilder& decision) const;
    Outcome accept(const protocol::ConnectRequest& request, ConnectGrant& grant, DecisionBuilder& decision);
    protocol::ConnectResult connectResult();
    Outcome subscribeServerSide(const protocol::ConnectRequest& request, const std::vector<ServerSubscription>& wanted,
                                protocol::ConnectResult& result);
    void leaveNode();

    // client_subscribe.cpp
    Outcome subscribe(const Context& context, const protocol::SubscribeRequest& request);
    /// subscribe() from the moment on at which it is known what the subscription is granted, or that it isn't.
    Outcome completeSubscribe(const Context& context, const protocol::SubscribeRequest& request,
                              const Decided<SubscribeGrant>& grant, DecisionBuilder& decision);
    SubscribeQuestion subscribeQuestion(const protocol::SubscribeRequest& request);
    Outcome unsubscribe(const Context& context, const protocol::UnsubscribeRequest& request);
    /// Registers and recovers; the reply or push is the caller's, and the join after it.
    Decided<protocol::SubscribeResult> establish(const protocol::SubscribeRequest& request, const SubscribeGrant& grant,
                                                 bool serverSide);
    /// What a broker is given of a subscription that begins behind that message and at that place.
    Subscriber subscriberOf(Subscription& subscription, std::uint64_t sequence, std::uint64_t offset,
                            std::uint32_t stream);
    /// Puts the client among the channel's members, or its info in place of the one before; false where it doesn't fit.
    bool addPresence(const Subscription& subscription);
    /// The connection's info is another: Centrifugo shows it from the next presence update on.
    void renewPresence();
    /// The subscribe push, once more.
    void tellOfSubscription(const Subscription& subscription, const std::optional<SharedBytes>& data);
    void announceJoin(const Subscription& subscription);
    /// The server wanted to subscribe the client, and it can't be done. Whoever asked for it was answered before.
    void failServerSubscribe(const std::string& channel, const Failure& failure);
    /// Takes a subscription away on this side: hub, presence, leave. False when there is none.
    bool drop(std::string_view channel);
    Subscription* find(std::string_view channel);

    // client_channels.cpp
    Outcome publish(const Context& context, const protocol::PublishRequest& request);
    Outcome presence(const Context& context, const protocol::PresenceRequest& request);
    Outcome presenceStats(const Context& context, const protocol::PresenceStatsRequest& request);
    Outcome history(const Context& context, const protocol::HistoryRequest& request);
    Outcome sendMessage();
    ChannelQuestion question(std::string_view channel);
    Failure refuseWith(const Failure& failure, DecisionBuilder& decision, std::string summary);

    // client_map.cpp
    /// A map subscription that isn't live yet.
    struct CatchUp {
        SubscribeGrant grant;
        /// Of the first page, where the changes to catch up with begin.
        protocol::StreamPosition position;
        Nanoseconds startedAt{};
        /// The stream's top when the client began to read the stream.
        std::optional<std::uint64_t> streamTop;
        std::optional<protocol::FilterNode> filter;
    };
    /// The last step of a map subscription.
    struct LiveStep {
        protocol::StreamPosition since;
        std::vector<PublicationPtr> state;
        /// Where the state has no positions: read its last page in the same step instead.
        std::optional<MapStateQuery> rest;
        /// The client continues from a position, so the result says whether it recovered.
        bool recovers = false;
    };
    /// Goes on with a map subscription; nothing when the request is no continuation.
    std::optional<Outcome> continueMap(const Context& context, const protocol::SubscribeRequest& request);
    Outcome subscribeMap(const Context& context, const protocol::SubscribeRequest& request,
                         const SubscribeGrant& grant);
    Outcome mapPhase(const Context& context, const protocol::SubscribeRequest& request, const SubscribeGrant& grant);
    Outcome mapState(const Context& context, const protocol::SubscribeRequest& request, const SubscribeGrant& grant,
                     DecisionBuilder& decision);
    Outcome mapStream(const Context& context, const protocol::SubscribeRequest& request, const SubscribeGrant& grant,
                      DecisionBuilder& decision);
    Outcome mapLive(const Context& context, const protocol::SubscribeRequest& request, const SubscribeGrant& grant,
                    DecisionBuilder& decision);
    Outcome mapGoLive(const Context& context, const protocol::SubscribeRequest& request, SubscribeGrant grant,
                      LiveStep step, DecisionBuilder& decision);
    const MapOptions& mapOptions(std::string_view channel);
    bool isCatchUpOver(const CatchUp& catchUp, std::string_view channel);
    bool takeFilter(const protocol::SubscribeRequest& request, std::optional<protocol::FilterNode>& filter,
                    DecisionBuilder& decision);
    bool mapDelta(const protocol::SubscribeRequest& request);
    std::size_t channelCount() const { return subscriptions_.size() + catchUps_.size(); }
    bool dropCatchUp(std::string_view channel);
    /// Takes the subscription out of broker or shared poll.
    void leave(Subscription& subscription);
    static void takeMapExtras(Subscription& subscription, const SubscribeGrant& grant);
    /// Sets, or keeps alive, the client's keys in the maps that show who is subscribed.
    void showInMaps(const Subscription& subscription);
    void hideFromMaps(const Subscription& subscription);

    // client_map_publish.cpp
    Outcome changeMap(const Context& context, const protocol::PublishRequest& request);
    Outcome finishMapChange(const Context& context, const ClientResult<MapUpdateResult>& changed);
    Outcome askMapChange(const Context& context, const protocol::PublishRequest& request, const MapOptions& options);
    Outcome onMapAnswer(const Context& context, const protocol::PublishRequest& request, const ProxyAnswer& answer);

    // client_shared_poll.cpp
    Outcome subscribeSharedPoll(const Context& context, const protocol::SubscribeRequest& request,
                                const SubscribeGrant& grant);
    Outcome track(const Context& context, const protocol::SubRefreshRequest& request, Subscription& subscription);
    Outcome untrack(const Context& context, const protocol::SubRefreshRequest& request, Subscription& subscription);
    /// Stops following the keys that are tracked.
    void untrack(Subscription& subscription, const std::vector<std::string>& keys);
    void untrackExpired(Subscription& subscription);

    // client_refresh.cpp
    Outcome refresh(const Context& context, const protocol::RefreshRequest& request);
    Outcome subRefresh(const Context& context, const protocol::SubRefreshRequest& request);
    void setExpiry(std::optional<std::int64_t> expireAt);
    void onExpiry();
    void scheduleTick();
    void onTick();
    bool endIfExpired(Subscription& subscription);
    void endExpired(Subscription& subscription);
    void checkPosition(Subscription& subscription);
    void loseState(const std::string& channel);

    // client_unidirectional.cpp
    /// Whether this end of the connection is told by a push, because the transport has no better way or in addition.
    bool pushesDisconnect(const protocol::Disconnect& disconnect) const;
    /// Connect of a unidirectional connection has failed: no error reply can say so.
    void failUnidirectional(const Failure& failure, std::shared_ptr<const capture::Decision> decision);
    protocol::Disconnect unidirectionalDisconnect(const protocol::ClientError& error) const;
    /// The connect result as the first push.
    void sendConnectPush(const Context& context, protocol::Reply reply,
                         std::shared_ptr<const capture::Decision> decision);
    /// A push as the client gets it, for the capture.
    protocol::Frame asSent(const protocol::Frame& frame) const;

    // client_ping.cpp
    void onStale();
    void startPings();
    void onPing();
    void onPongTimeout();
    Outcome pong();

    // client_capture.cpp
    bool watched() const;
    capture::Event event(capture::Direction direction, capture::Kind kind, std::string_view channel) const;
    void recordCommand(const Context& context, const protocol::Command& command,
                       std::shared_ptr<const capture::Decision> decision);
    void recordReply(const Context& context, const protocol::Frame& frame, std::uint32_t code,
                     std::shared_ptr<const capture::Decision> decision);
    void recordPush(capture::Kind kind, std::string_view channel, const protocol::Frame& frame, std::uint32_t code);
    /// Something that the server wanted and the client hears nothing of.
    void recordRefusal(capture::Kind kind, std::string_view channel, std::shared_ptr<const capture::Decision> decision);
    void recordDisconnect(const protocol::Disconnect& disconnect, std::shared_ptr<const capture::Decision> decision,
                          std::string_view note, bool byPeer);

    Client& owner_;
    NodeRegistry& registry_;
    Loop& loop_;
    Transport& transport_;
    const protocol::Encoding encoding_;
    const std::string id_;
    ClientHandle handle_;
    State state_ = State::Connecting;
    bool slow_ = false;

    // Known from the connect command on.
    std::shared_ptr<Node> node_;
    std::shared_ptr<const ProjectConfig> config_;
    std::shared_ptr<const ProjectConfig> previousConfig_;
    std::uint64_t configVersion_ = 0;
    std::string user_;
    std::string session_;
    std::optional<SharedBytes> info_;
    /// What the credentials say about the connection for backends alone; raw JSON.
    std::optional<SharedBytes> meta_;
    /// Of the connect command. Null where no proxy reads them.
    std::shared_ptr<const std::map<std::string, std::string>> emulatedHeaders_;
    /// The backend is asked when the connection expires, so the client isn't told.
    bool serverSideRefresh_ = false;
    std::vector<std::string> tokenChannels_;
    std::optional<std::int64_t> expireAt_;
    Hub::RecordPtr record_;

    StringMap<std::unique_ptr<Subscription>> subscriptions_;
    StringMap<std::unique_ptr<CatchUp>> catchUps_;

    TimerId staleTimer_ = TimerId::None;
    TimerId pingTimer_ = TimerId::None;
    TimerId pongTimer_ = TimerId::None;
    TimerId expiryTimer_ = TimerId::None;
    TimerId tickTimer_ = TimerId::None;
    bool awaitsPong_ = false;
    Nanoseconds rateWindowStart_{};
    std::size_t commandsInWindow_ = 0;

    // Kept only while somebody watches: texts shared by all events.
    mutable SharedBytes idBytes_;
    mutable SharedBytes userBytes_;
    std::shared_ptr<const capture::Decision> failureDecision_;
    const protocol::Command* current_ = nullptr;

    std::unique_ptr<Suspended> suspended_;
    std::uint32_t suspensions_ = 0;
};

}  // namespace xshathra::engine
