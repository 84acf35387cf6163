// The configuration most groups use: one namespace per option, so that a scenario names what it is about.
import { apiKey } from "./steps.mjs";

const history = { history_size: 10, history_ttl: "300s" };
const clients = { allow_subscribe_for_client: true, allow_subscribe_for_anonymous: true };
const everything = {
  ...clients, allow_publish_for_client: true, allow_publish_for_anonymous: true, allow_presence_for_client: true,
  allow_presence_for_anonymous: true, allow_history_for_client: true, allow_history_for_anonymous: true,
};

export const namespaces = {
  all: { ...everything, ...history, presence: true, join_leave: true },
  plain: clients,
  users: { allow_subscribe_for_client: true },
  closed: {},
  pubclient: { ...clients, allow_publish_for_client: true },
  pubsubscriber: { ...clients, allow_publish_for_subscriber: true },
  pubanon: { ...clients, allow_publish_for_client: true, allow_publish_for_anonymous: true },
  pubanononly: { ...clients, allow_publish_for_anonymous: true },
  pressub: { ...clients, presence: true, allow_presence_for_subscriber: true },
  presclient: { ...clients, presence: true, allow_presence_for_client: true },
  presanon: { ...clients, presence: true, allow_presence_for_client: true, allow_presence_for_anonymous: true },
  presoff: { ...clients, allow_presence_for_client: true },
  presclosed: { ...clients, presence: true },
  histsub: { ...clients, ...history, allow_history_for_subscriber: true },
  histclient: { ...clients, ...history, allow_history_for_client: true },
  histoff: { ...clients, allow_history_for_client: true },
  histclosed: { ...clients, ...history },
  joins: { ...clients, presence: true, join_leave: true, allow_presence_for_subscriber: true, allow_presence_for_anonymous: true },
  joinsforced: { ...clients, join_leave: true, force_push_join_leave: true },
  joinsclosed: { ...clients, presence: true, join_leave: true },
  forcepos: { ...everything, ...history, force_positioning: true },
  allowpos: { ...clients, ...history, allow_positioning: true },
  forcerec: { ...everything, ...history, force_recovery: true },
  allowrec: { ...clients, ...history, allow_recovery: true },
  cache: { ...everything, ...history, force_recovery: true, force_recovery_mode: "cache" },
  autocache: { ...everything, ...history, force_recovery: true, force_recovery_mode: "cache", auto_cache_recover: true },
  small: { ...everything, history_size: 2, history_ttl: "300s", force_recovery: true },
  short: { ...everything, history_size: 10, history_ttl: "1s", force_recovery: true },
  delta: { ...everything, ...history, force_recovery: true, allowed_delta_types: ["fossil"], delta_publish: true },
  deltaask: { ...everything, ...history, force_recovery: true, allowed_delta_types: ["fossil"] },
  deltanohist: { ...everything, allowed_delta_types: ["fossil"], delta_publish: true },
  tags: { ...everything, ...history, force_recovery: true, allow_tags_filter: true },
  limited: { ...everything, ...history, presence: true, allow_user_limited_channels: true },
  limitedonly: { allow_user_limited_channels: true },
  regex: { ...everything, channel_regex: "^[a-z]{2,5}$" },
  json: { ...everything, publication_data_format: "json" },
  jsonobject: { ...everything, publication_data_format: "json_object" },
  binary: { ...everything, publication_data_format: "binary" },
};

export const mainConfig = {
  client: {
    allow_anonymous_connect_without_token: true,
    token: { hmac_secret_key: "secret" },
    allowed_origins: ["http://app.example", "https://*.example.com"],
  },
  http_api: { key: apiKey },
  health: { enabled: true },
  http_stream: { enabled: true },
  sse: { enabled: true },
  uni_websocket: { enabled: true },
  uni_sse: { enabled: true },
  uni_http_stream: { enabled: true },
  init: { enabled: true },
  channel: {
    without_namespace: { ...everything, ...history, presence: true, allow_user_limited_channels: true },
    namespaces: Object.entries(namespaces).map(([name, options]) => ({ name, ...options })),
  },
};

/** Configurations by reference, since recordings would repeat them. */
export const main = { base: "main" };
export const changed = (changes) => ({ base: "main", changes });
export const configurations = { main: mainConfig };
