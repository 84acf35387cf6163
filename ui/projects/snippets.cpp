#include "ui/projects/snippets.h"

namespace xshathra::ui {

namespace {

using namespace Qt::StringLiterals;

QString fill(QString text, const SnippetFacts& facts) {
    text.replace(u"@webSocket@"_s, facts.webSocketUrl);
    text.replace(u"@token@"_s, facts.tokenUrl);
    text.replace(u"@publish@"_s, facts.publishUrl);
    text.replace(u"@origin@"_s, facts.origin);
    text.replace(u"@serverKey@"_s, facts.serverKey);
    text.replace(u"@clientKey@"_s, facts.clientKey);
    text.replace(u"@project@"_s, facts.projectId);
    return text;
}

}  // namespace

QString maskedKey(const QString& prefix, const QString& lastCharacters) {
    return prefix + QString(24, QChar(0x2022)) + lastCharacters;
}

QList<Snippet> makeSnippets(const SnippetFacts& facts) {
    using Language = CodeView::Language;
    const QList<Snippet> templates{
        {u"centrifuge-js"_s, u"centrifuge-js"_s,
         uR"(import { Centrifuge } from "centrifuge";

const centrifuge = new Centrifuge("@webSocket@", {
  getToken: async () => {
    const r = await fetch("/api/my-app/realtime-token");   // your backend, which holds the server key
    return (await r.json()).token;
  },
});
const sub = centrifuge.newSubscription("public:lobby");
sub.on("publication", ctx => console.log(ctx.data));
sub.subscribe(); centrifuge.connect();
)"_s,
         Language::JavaScript, false},
        {u"Node backend"_s, u"node"_s,
         uR"(const serverKey = process.env.XSHATHRA_SERVER_KEY;   // see the .env tab

export async function realtimeToken(userId) {
  const r = await fetch("@token@", {
    method: "POST",
    headers: { Authorization: `apikey ${serverKey}`, "Content-Type": "application/json" },
    body: JSON.stringify({ userId }),
  });
  if (!r.ok) throw new Error((await r.json()).error.message);
  return (await r.json()).token;
}
)"_s,
         Language::JavaScript, false},
        {u"curl token"_s, u"curl-token"_s,
         uR"(curl -sS -X POST @token@ \
  -H "Authorization: apikey @serverKey@" \
  -H "Content-Type: application/json" \
  -d '{"userId":"user_123"}'
)"_s,
         Language::Shell, true},
        {u"curl publish"_s, u"curl-publish"_s,
         uR"(curl -sS -X POST @publish@ \
  -H "Authorization: apikey @serverKey@" \
  -H "Content-Type: application/json" \
  -d '{"channel":"public:lobby","data":{"hello":"world"}}'
)"_s,
         Language::Shell, true},
        {u"wscat"_s, u"wscat"_s,
         uR"(TOKEN=$(curl -sS -X POST @token@ \
  -H "Authorization: apikey @serverKey@" \
  -H "Content-Type: application/json" -d '{"userId":"user_123"}' | jq -r .token)
echo "{\"id\":1,\"connect\":{\"token\":\"$TOKEN\"}}"
npx wscat -H "Sec-WebSocket-Protocol: centrifuge-json" \
  -c "@webSocket@?cf_ws_frame_ping_pong=true"
# paste the line that echo printed, then for example:
# {"id":2,"subscribe":{"channel":"public:lobby"}}
)"_s,
         Language::Shell, true},
        {u".env"_s, u"env"_s,
         uR"(# for the browser
NEXT_PUBLIC_XSHATHRA_REALTIME_URL=@webSocket@
# for the backend only
XSHATHRA_URL=@origin@
XSHATHRA_PROJECT_ID=@project@
XSHATHRA_SERVER_KEY=@serverKey@
)"_s,
         Language::Env, true},
    };
    QList<Snippet> snippets;
    for (auto snippet : templates) {
        snippet.code = fill(snippet.code, facts);
        snippets.append(snippet);
    }
    return snippets;
}

}  // namespace xshathra::ui
