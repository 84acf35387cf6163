// The Centrifugo configuration that the tests of the registries' clients run against.
const history = { history_size: 100, history_ttl: "300s", force_recovery: true };
export const config = {
  client: { token: { hmac_secret_key: "secret" }, subscribe_to_user_personal_channel: { enabled: true }, allowed_origins: ["*"] },
  http_stream: { enabled: true },
  sse: { enabled: true },
  http_api: { key: "api-key" },
  channel: {
    without_namespace: {
      ...history, presence: true, join_leave: true, force_push_join_leave: true, allowed_delta_types: ["fossil"], delta_publish: true,
      allow_subscribe_for_client: true, allow_publish_for_subscriber: true, allow_presence_for_subscriber: true, allow_history_for_subscriber: true,
    },
    namespaces: [{ name: "small", ...history, history_size: 2, allow_subscribe_for_client: true, allow_publish_for_subscriber: true }, { name: "closed" }],
  },
};
