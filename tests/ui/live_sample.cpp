#include "tests/ui/live_sample.h"

#include <QDateTime>

#include <memory>
#include <string>

namespace xshathra::test {

namespace {

using capture::Check;
using capture::Decision;
using capture::Direction;
using capture::Event;
using capture::Kind;
using capture::Outcome;

/// Builds events one after the other on a clock of its own.
class Script {
public:
    explicit Script(capture::Recorder& recorder) : recorder_(recorder) {
        const QDateTime start(QDate(2026, 3, 2), QTime(12, 4, 31, 232));
        wall_ = Milliseconds(start.toMSecsSinceEpoch()) + std::chrono::microseconds(10);
        monotonic_ = Seconds(500);
    }

    Event& next(int microseconds, Direction dir, Kind kind, const char* channel, const std::string& payload) {
        flush();
        wall_ += std::chrono::microseconds(microseconds);
        monotonic_ += std::chrono::microseconds(microseconds);
        event_ = Event{};
        event_.wall = wall_;
        event_.monotonic = monotonic_;
        event_.dir = dir;
        event_.kind = kind;
        event_.project = SharedBytes::fromStatic("proj_01J9Z3T8QH");
        event_.channel = SharedBytes::copyOf(channel);
        event_.payload = SharedBytes(payload);
        waiting_ = true;
        return event_;
    }

    void flush() {
        if (waiting_) {
            recorder_.record(std::move(event_));
            waiting_ = false;
        }
    }

private:
    capture::Recorder& recorder_;
    Nanoseconds wall_;
    Nanoseconds monotonic_;
    Event event_;
    bool waiting_ = false;
};

std::string pushOf(int tick, int hp, const char* pos, const char* more = "") {
    return "{\"push\":{\"channel\":\"match:proj_01J9Z3T8QH:42\",\"pub\":{\"data\":{\"tick\":" + std::to_string(tick) +
           ",\"hp\":" + std::to_string(hp) + ",\"pos\":" + pos + more + "},\"offset\":" + std::to_string(tick) +
           ",\"tags\":{\"src\":\"sim\"}}}}";
}

void user(Event& event, const char* name, const char* client) {
    event.user = SharedBytes::copyOf(name);
    event.client = SharedBytes::copyOf(client);
}

std::shared_ptr<const Decision> refusal() {
    auto decision = std::make_shared<Decision>();
    decision->verdict = capture::Verdict::Refused;
    decision->code = 103;
    decision->summary =
        "The client asked for $vip with a subscription token whose channel claim is vip. The leading $ is "
        "part of the channel name.";
    decision->took = Nanoseconds(80'000);
    decision->checks = {
        Check{"Connection", Outcome::Pass, "u9, client 41ab6c0e, authenticated", "", ""},
        Check{"Signature", Outcome::Pass, "HS256, signed with the engine secret", "", ""},
        Check{"Expiry", Outcome::Pass, "valid for another 14 min 45 s", "", ""},
        Check{"Subject", Outcome::Pass, "sub = u9, same as the connection", "", ""},
        Check{"Channel", Outcome::Fail, "channel = \"vip\"", "channel = \"$vip\"",
              "Mint a subscription token for $vip, the name with its leading $."},
        Check{"Namespace", Outcome::NotReached, "", "", ""},
    };
    return decision;
}

}  // namespace

void recordSampleTraffic(capture::Recorder& recorder) {
    constexpr const char* kMatch = "match:proj_01J9Z3T8QH:42";
    constexpr const char* kLobby = "chat:proj_01J9Z3T8QH:lobby";
    constexpr const char* kU7 = "c9f3a2e1-0b7d-4c7e-9a55-2f6f5a1f0c11";
    constexpr const char* kU9 = "41ab6c0e-77aa-4b54-8f0e-6a1f3c9d2b20";
    Script script(recorder);
    const auto reply = [&](int us, const char* channel, const char* to, const char* client,
                           const std::string& payload) -> Event& {
        Event& event = script.next(us, Direction::Out, Kind::Reply, channel, payload);
        user(event, to, client);
        event.latency = Nanoseconds(100'000);
        return event;
    };
    const auto push = [&](int us, int tick, int hp, const char* pos, const char* more = "") -> Event& {
        Event& event = script.next(us, Direction::Out, Kind::Push, kMatch, pushOf(tick, hp, pos, more));
        event.recipients = 2;
        event.latency = Nanoseconds(200'000);
        return event;
    };
    const auto publish = [&](int us, int id, const std::string& data) {
        Event& event = script.next(
            us, Direction::In, Kind::Publish, kMatch,
            "{\"id\":" + std::to_string(id) + ",\"publish\":{\"channel\":\"" + kMatch + "\",\"data\":" + data + "}}");
        user(event, "u7", kU7);
        event.commandId = static_cast<std::uint32_t>(id);
    };

    Event& connect =
        script.next(0, Direction::In, Kind::Connect, "",
                    "{\"id\":1,\"connect\":{\"token\":\"eyJhbGciOi\",\"name\":\"js\",\"version\":\"5.2.2\"}}");
    user(connect, "u7", kU7);
    connect.commandId = 1;
    Event& http =
        script.next(300, Direction::In, Kind::Http, kMatch, "{\"channel\":\"match:42\",\"data\":{\"tick\":1808}}");
    http.note = SharedBytes::fromStatic("POST /api/realtime/publish 200");
    http.code = 0;
    http.latency = Nanoseconds(400'000);
    reply(600, kLobby, "u4", "e02b77d4-1111-4b54-8f0e-6a1f3c9d2b20",
          "{\"id\":4,\"subscribe\":{\"recoverable\":true,\"epoch\":\"pW8z\",\"offset\":88,\"positioned\":true}}")
        .commandId = 4;
    Event& join = script.next(90, Direction::Out, Kind::Join, kLobby,
                              "{\"join\":{\"info\":{\"user\":\"u4\",\"client\":\"e02b77d4\"}}}");
    join.recipients = 4;
    join.latency = Nanoseconds(100'000);
    push(3770, 1809, 31, "[11,5]");
    publish(660, 904, "{\"mv\":[0,1],\"seq\":904}");
    reply(140, kMatch, "u7", kU7, "{\"id\":904,\"publish\":{}}").commandId = 904;
    push(4200, 1810, 31, "[11,5]");
    publish(2030, 905, "{\"mv\":[1,0],\"seq\":905}");
    push(210, 1811, 31, "[12,4]");
    Event& subscribe =
        script.next(580, Direction::In, Kind::Subscribe, "$vip",
                    "{\"id\":3,\"subscribe\":{\"channel\":\"$vip\",\"token\":\"eyJhbGciOiJIUzI1NiJ9\"}}");
    user(subscribe, "u9", kU9);
    subscribe.commandId = 3;
    Event& error = script.next(90, Direction::Out, Kind::Error, "$vip",
                               "{\"id\":3,\"error\":{\"code\":103,\"message\":\"permission denied\"}}");
    user(error, "u9", kU9);
    error.commandId = 3;
    error.code = 103;
    error.note = SharedBytes::fromStatic("permission denied");
    error.latency = Nanoseconds(100'000);
    error.decision = refusal();
    push(410, 1812, 27, "[12,4]", ",\"boost\":true");
    publish(960, 906, "{\"mv\":[1,1],\"seq\":906}");
    reply(130, kMatch, "u7", kU7, "{\"id\":906,\"publish\":{}}").commandId = 906;
    Event& slow = push(3770, 1813, 27, "[13,5]", ",\"boost\":true,\"note\":\"a longer payload\"");
    slow.latency = Nanoseconds(200'400'000);
    slow.fault = SharedBytes::fromStatic("+200 ms");
    Event& leave = script.next(2900, Direction::Out, Kind::Leave, kLobby,
                               "{\"leave\":{\"info\":{\"user\":\"u3\",\"client\":\"77de01b9\"}}}");
    leave.recipients = 4;
    leave.latency = Nanoseconds(100'000);
    Event& ping = script.next(100, Direction::Out, Kind::Ping, "", "{}");
    user(ping, "u7", kU7);
    script.flush();
}

}  // namespace xshathra::test
