#include "tests/unit/protocol/golden.h"

#include <cstdint>

namespace golden {

using namespace xshathra;
using namespace xshathra::protocol;

namespace {

SharedBytes bytes(std::string_view text) { return SharedBytes::fromStatic(text); }
Raw raw(std::string_view text) { return SharedBytes::fromStatic(text); }

Disconnect reconnecting(Disconnect disconnect) {
    disconnect.reconnect = true;
    return disconnect;
}

}  // namespace

const std::vector<Row<Command>>& commands() {
    static const std::vector<Row<Command>> rows{
        {"pong", Command{}, R"({})", "00"},
        {"connect", Command{1, ConnectRequest{}, {}}, R"({"id":1,"connect":{}})", "0408012200"},
        {"connect full",
         Command{1,
                 ConnectRequest{.token = "t",
                                .data = raw(R"({"a":1})"),
                                .subs = {{"s", SubscribeRequest{.recover = true, .epoch = "e", .offset = 5}}},
                                .name = "js",
                                .version = "1.0",
                                .headers = {{"h", "v"}},
                                .flag = 1,
                                .dict = "d",
                                .profile = "p"},
                 {}},
         R"({"id":1,"connect":{"token":"t","data":{"a":1},"subs":{"s":{"recover":true,"epoch":"e","offset":5}},"name")"
         R"(:"js","version":"1.0","headers":{"h":"v"},"flag":1,"dict":"d","profile":"p"}})",
         "37080122330a017412077b2261223a317d1a0c0a017312071801320165380522026a732a03312e3032060a016812017638014201644a0"
         "1"
         "70"},
        {"subscribe", Command{2, SubscribeRequest{.channel = "chat:1"}, {}},
         R"({"id":2,"subscribe":{"channel":"chat:1"}})", "0c08022a080a06636861743a31"},
        {"subscribe full",
         Command{2,
                 SubscribeRequest{.channel = "chat:1",
                                  .token = "t",
                                  .recover = true,
                                  .epoch = "ep",
                                  .offset = UINT64_MAX,
                                  .data = raw(R"("d")"),
                                  .positioned = true,
                                  .recoverable = true,
                                  .joinLeave = true,
                                  .delta = "fossil",
                                  .tf = FilterNode{.op = "and",
                                                   .nodes = {FilterNode{.key = "k", .cmp = "in", .vals = {"a", "b"}},
                                                             FilterNode{.key = "k", .cmp = "eq", .val = "v"}}},
                                  .flag = 3,
                                  .type = 1,
                                  .phase = 2,
                                  .cursor = "cur",
                                  .limit = 100,
                                  .asc = true},
                 {}},
         R"({"id":2,"subscribe":{"channel":"chat:1","token":"t","recover":true,"epoch":"ep","offset":1844674407370955)"
         R"(1615,"data":"d","positioned":true,"recoverable":true,"join_leave":true,"delta":"fossil","tf":{"op":"and",)"
         R"("nodes":[{"key":"k","cmp":"in","vals":["a","b"]},{"key":"k","cmp":"eq","val":"v"}]},"flag":3,"type":1,"ph)"
         R"(ase":2,"cursor":"cur","limit":100,"asc":true}})",
         "6808022a640a06636861743a3112017418013202657038ffffffffffffffffff0142032264224801500158016206666f7373696c6a200"
         "a"
         "03616e64320d12016b1a02696e2a01612a0162320a12016b1a026571220176700378018001028a0103637572900164980101"},
        {"unsubscribe", Command{3, UnsubscribeRequest{"a"}, {}}, R"({"id":3,"unsubscribe":{"channel":"a"}})",
         "07080332030a0161"},
        {"publish", Command{4, PublishRequest{.channel = "a", .data = bytes(R"({"n":1})")}, {}},
         R"({"id":4,"publish":{"channel":"a","data":{"n":1}}})", "1008043a0c0a016112077b226e223a317d"},
        {"publish map", Command{4, PublishRequest{"a", bytes("1"), 1, "k", true}, {}},
         R"({"id":4,"publish":{"channel":"a","data":1,"type":1,"key":"k","removed":true}})",
         "1108043a0d0a0161120131180122016b2801"},
        {"presence", Command{5, PresenceRequest{"a"}, {}}, R"({"id":5,"presence":{"channel":"a"}})",
         "07080542030a0161"},
        {"presence_stats", Command{6, PresenceStatsRequest{"a"}, {}}, R"({"id":6,"presence_stats":{"channel":"a"}})",
         "0708064a030a0161"},
        {"history", Command{7, HistoryRequest{"a", -1, StreamPosition{3, "e"}, true}, {}},
         R"({"id":7,"history":{"channel":"a","limit":-1,"since":{"offset":3,"epoch":"e"},"reverse":true}})",
         "1b080752170a016138ffffffffffffffffff01420508031201654801"},
        {"ping", Command{8, PingRequest{}, {}}, R"({"id":8,"ping":{}})", "0408085a00"},
        {"send", Command{0, SendRequest{bytes("true")}, {}}, R"({"send":{"data":true}})", "0862060a0474727565"},
        {"rpc", Command{9, RpcRequest{bytes("[]"), "m"}, {}}, R"({"id":9,"rpc":{"data":[],"method":"m"}})",
         "0b08096a070a025b5d12016d"},
        {"refresh", Command{10, RefreshRequest{"t"}, {}}, R"({"id":10,"refresh":{"token":"t"}})", "07080a72030a0174"},
        {"sub_refresh",
         Command{UINT32_MAX, SubRefreshRequest{"a", "t", 1, {TrackBatch{"s", {KeyedItem{"k", 4}}}}, {"x", "y"}}, {}},
         R"({"id":4294967295,"sub_refresh":{"channel":"a","token":"t","type":1,"track":[{"signature":"s","items":[{"k)"
         R"(ey":"k","version":4}]}],"untrack":["x","y"]}})",
         "2208ffffffff0f7a1a0a01611201741801220a0a017312050a016b10042a01782a0179"},
    };
    return rows;
}

const std::vector<Row<Reply>>& replies() {
    static const std::vector<Row<Reply>> rows{
        {"ping push", Reply{}, R"({})", "00"},
        {"error", Reply{3, ClientError(ErrorCode::PermissionDenied), {}, {}},
         R"({"id":3,"error":{"code":103,"message":"permission denied"}})",
         "1908031215086712117065726d697373696f6e2064656e696564"},
        {"temporary error", Reply{3, ClientError(ErrorCode::Internal), {}, {}},
         R"({"id":3,"error":{"code":100,"message":"internal server error","temporary":true}})",
         "1f0803121b08641215696e7465726e616c20736572766572206572726f721801"},
        {"connect", Reply{1, {}, ConnectResult{.client = "c", .version = "6.9.1 OSS", .ping = 25, .pong = true}, {}},
         R"({"id":1,"connect":{"client":"c","version":"6.9.1 OSS","ping":25,"pong":true}})",
         "1608012a120a01631209362e392e31204f535338194001"},
        {"connect full",
         Reply{1,
               {},
               ConnectResult{.client = "c",
                             .version = "v",
                             .expires = true,
                             .ttl = 60,
                             .data = raw("{}"),
                             .subs = {{"s", SubscribeResult{}}},
                             .ping = 25,
                             .pong = true,
                             .session = "se",
                             .node = "no",
                             .time = 1'700'000'000'000,
                             .flag = 1,
                             .dict = Dictionary{"di", raw(R"("b")"), "YQ=="}},
               {}},
         R"({"id":1,"connect":{"client":"c","version":"v","expires":true,"ttl":60,"data":{},"subs":{"s":{}},"ping":25)"
         R"(,"pong":true,"session":"se","node":"no","time":1700000000000,"flag":1,"dict":{"id":"di","data":"b","data_)"
         R"(b64":"YQ=="}}})",
         "3f08012a3b0a01631201761801203c2a027b7d32050a01731200381940014a02736552026e6f5880d095ffbc3160016a0f0a026469120"
         "3"
         "2262221a0459513d3d"},
        {"subscribe", Reply{2, {}, SubscribeResult{.recoverable = true, .epoch = "xqVf", .positioned = true}, {}},
         R"({"id":2,"subscribe":{"recoverable":true,"epoch":"xqVf","positioned":true}})",
         "0e0802320a18013204787156665001"},
        {"subscribe full",
         Reply{2,
               {},
               SubscribeResult{.expires = true,
                               .ttl = 9,
                               .recoverable = true,
                               .epoch = "e",
                               .publications = {Publication{.data = bytes("1"), .offset = 1}},
                               .recovered = true,
                               .offset = 2,
                               .positioned = true,
                               .data = raw("2"),
                               .wasRecovering = true,
                               .delta = true,
                               .id = 4,
                               .type = 1,
                               .phase = 2,
                               .cursor = "c",
                               .state = {Publication{.data = bytes("3"), .key = "k"}},
                               .publishDebounce = 50},
               {}},
         R"({"id":2,"subscribe":{"expires":true,"ttl":9,"recoverable":true,"epoch":"e","publications":[{"data":1,"off)"
         R"(set":1}],"recovered":true,"offset":2,"positioned":true,"data":2,"was_recovering":true,"delta":true,"id":4)"
         R"(,"type":1,"phase":2,"cursor":"c","state":[{"data":3,"key":"k"}],"publish_debounce":50}})",
         "38080232340801100918013201653a0522013130014001480250015a013260016801700478018001028a0101639201062201335a016b9"
         "8"
         "0132"},
        {"unsubscribe", Reply{4, {}, UnsubscribeResult{}, {}}, R"({"id":4,"unsubscribe":{}})", "0408043a00"},
        {"publish", Reply{5, {}, PublishResult{}, {}}, R"({"id":5,"publish":{}})", "0408054200"},
        {"presence", Reply{6, {}, PresenceResult{{{"c", ClientInfo{"u", "c", raw(R"({"a":1})"), raw("[2]")}}}}, {}},
         R"({"id":6,"presence":{"presence":{"c":{"user":"u","client":"c","conn_info":{"a":1},"chan_info":[2]}}}})",
         "1f08064a1b0a190a016312140a01751201631a077b2261223a317d22035b325d"},
        {"presence nobody", Reply{6, {}, PresenceResult{}, {}}, R"({"id":6,"presence":{"presence":{}}})", "0408064a00"},
        {"presence_stats", Reply{7, {}, PresenceStatsResult{2, 1}, {}},
         R"({"id":7,"presence_stats":{"num_clients":2,"num_users":1}})", "080807520408021001"},
        {"presence_stats nobody", Reply{7, {}, PresenceStatsResult{}, {}},
         R"({"id":7,"presence_stats":{"num_clients":0,"num_users":0}})", "0408075200"},
        {"history", Reply{8, {}, HistoryResult{{Publication{.data = bytes(R"({"n":1})"), .offset = 1}}, "e", 1}, {}},
         R"({"id":8,"history":{"publications":[{"data":{"n":1},"offset":1}],"epoch":"e","offset":1}})",
         "1608085a120a0b22077b226e223a317d30011201651801"},
        {"history empty", Reply{8, {}, HistoryResult{}, {}},
         R"({"id":8,"history":{"publications":[],"epoch":"","offset":0}})", "0408085a00"},
        {"ping", Reply{9, {}, PingResult{}, {}}, R"({"id":9,"ping":{}})", "0408096200"},
        {"rpc", Reply{10, {}, RpcResult{bytes(R"({"r":1})")}, {}}, R"({"id":10,"rpc":{"data":{"r":1}}})",
         "0d080a6a090a077b2272223a317d"},
        {"refresh", Reply{11, {}, RefreshResult{"c", "v", true, 60}, {}},
         R"({"id":11,"refresh":{"client":"c","version":"v","expires":true,"ttl":60}})",
         "0e080b720a0a01631201761801203c"},
        {"sub_refresh",
         Reply{12, {}, SubRefreshResult{true, 60, {Publication{.data = bytes("1"), .key = "k", .version = 2}}}, {}},
         R"({"id":12,"sub_refresh":{"expires":true,"ttl":60,"items":[{"data":1,"key":"k","version":2}]}})",
         "13080c7a0f0801103c1a092201315a016b800102"},
        {"pub", Reply{0, {}, Push{0, "chat:1", Publication{.data = bytes(R"({"n":1})"), .offset = 1}}, {}},
         R"({"push":{"channel":"chat:1","pub":{"data":{"n":1},"offset":1}}})",
         "1722151206636861743a31220b22077b226e223a317d3001"},
        {"pub full",
         Reply{0,
               {},
               Push{5, "",
                    Publication{.data = bytes(R"({"x":1.10})"),
                                .info = ClientInfo{"u", "c"},
                                .offset = 7,
                                .tags = {{"k", "v"}},
                                .delta = true,
                                .time = 1'700'000'000'000,
                                .channel = "ch",
                                .key = "key",
                                .removed = true,
                                .score = -3,
                                .epoch = "ep",
                                .prevData = raw("null"),
                                .version = 9}},
               {}},
         R"({"push":{"id":5,"pub":{"data":{"x":1.10},"info":{"user":"u","client":"c"},"offset":7,"tags":{"k":"v"},"de)"
         R"(lta":true,"time":1700000000000,"channel":"ch","key":"key","removed":true,"score":-3,"epoch":"ep","prev_da)"
         R"(ta":null,"version":9}}})",
         "47224508052241220a7b2278223a312e31307d2a060a017512016330073a060a016b12017640014880d095ffbc31520263685a036b657"
         "9"
         "60016805720265707a046e756c6c800109"},
        {"join", Reply{0, {}, Push{0, "a", Join{ClientInfo{"u", "c"}}}, {}},
         R"({"push":{"channel":"a","join":{"info":{"user":"u","client":"c"}}}})", "0f220d1201612a080a060a0175120163"},
        {"leave anonymous", Reply{0, {}, Push{0, "a", Leave{ClientInfo{"", "c"}}}, {}},
         R"({"push":{"channel":"a","leave":{"info":{"user":"","client":"c"}}}})", "0c220a12016132050a03120163"},
        {"unsubscribe push", Reply{0, {}, Push{0, "a", Unsubscribe(UnsubscribeCode::InsufficientState)}, {}},
         R"({"push":{"channel":"a","unsubscribe":{"code":2500,"reason":"insufficient state"}}})",
         "1e221c1201613a1710c4131a12696e73756666696369656e74207374617465"},
        {"message", Reply{0, {}, Push{0, "", Message{bytes(R"("hi")")}}, {}}, R"({"push":{"message":{"data":"hi"}}})",
         "0a220842060a0422686922"},
        {"subscribe push", Reply{0, {}, Push{0, "a", Subscribe{true, "e", 3, true, raw("{}")}}, {}},
         R"({"push":{"channel":"a","subscribe":{"recoverable":true,"epoch":"e","offset":3,"positioned":true,"data":{})"
         R"(}}})",
         "1422121201614a0d0801220165280330013a027b7d"},
        {"connect push",
         Reply{0,
               {},
               Push{0, "",
                    Connect{"c",
                            "v",
                            raw("1"),
                            {{"s", SubscribeResult{.recoverable = true}}},
                            true,
                            60,
                            25,
                            true,
                            "se",
                            "no",
                            5}},
               {}},
         R"({"push":{"connect":{"client":"c","version":"v","data":1,"subs":{"s":{"recoverable":true}},"expires":true,)"
         R"("ttl":60,"ping":25,"pong":true,"session":"se","node":"no","time":5}}})",
         "28222652240a01631201761a013122070a0173120218012801303c381940014a02736552026e6f5805"},
        {"disconnect push", Reply{0, {}, Push{0, "", reconnecting(Disconnect(DisconnectCode::Shutdown))}, {}},
         R"({"push":{"disconnect":{"code":3001,"reason":"shutdown","reconnect":true}}})",
         "1322115a0f08b917120873687574646f776e1801"},
        {"refresh push", Reply{0, {}, Push{0, "", Refresh{true, 60}}, {}},
         R"({"push":{"refresh":{"expires":true,"ttl":60}}})", "08220662040801103c"},
    };
    return rows;
}

}  // namespace golden
