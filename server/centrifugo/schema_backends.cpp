#include "server/centrifugo/schema_parts.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>

/// Brokers, presence managers, controllers and consumers: other programs that Centrifugo stores or reads in.
namespace xshathra::centrifugo::schema {

namespace {

/// Options that several objects have in common, and an object's own, in one list.
template <std::size_t... N>
constexpr auto joined(const OptionSpec (&... parts)[N]) {
    std::array<OptionSpec, (N + ...)> all;
    auto next = all.begin();
    ((next = std::copy(std::begin(parts), std::end(parts), next)), ...);
    return all;
}

constexpr OptionSpec kRedisReplicaClientFields[] = {
    {"enabled", Kind::Bool},
};
const ObjectSpec kRedisReplicaClient{"RedisReplicaClient", kRedisReplicaClientFields};

constexpr OptionSpec kRedisPrefix[] = {{"prefix", Kind::Text, "centrifugo"}};

constexpr OptionSpec kRedisConnection[] = {
    {"address", Kind::TextList, "redis://127.0.0.1:6379"},
    {"connect_timeout", Kind::Duration, "1s"},
    {"io_timeout", Kind::Duration, "4s"},
    {"db", Kind::Integer, "0"},
    {"user", Kind::Text},
    {"password", Kind::Text},
    {"client_name", Kind::Text},
    {"force_resp2", Kind::Bool},
    {"cluster_address", Kind::TextList},
    {"tls", Kind::Object, "", &kTLSConfig},
    {"sentinel_address", Kind::TextList},
    {"sentinel_user", Kind::Text},
    {"sentinel_password", Kind::Text},
    {"sentinel_master_name", Kind::Text},
    {"sentinel_client_name", Kind::Text},
    {"sentinel_tls", Kind::Object, "", &kTLSConfig},
    {"replica_client", Kind::Object, "", &kRedisReplicaClient},
};

constexpr OptionSpec kRedisHistory[] = {{"history_use_lists", Kind::Bool}};

constexpr OptionSpec kRedisPresence[] = {
    {"presence_ttl", Kind::Duration, "60s"},
    {"presence_hash_field_ttl", Kind::Bool},
    {"presence_user_mapping", Kind::Bool},
};

constexpr auto kRedisEngineFields = joined(kRedisPrefix, kRedisConnection, kRedisHistory, kRedisPresence);
const ObjectSpec kRedisEngine{"RedisEngine", kRedisEngineFields};

constexpr OptionSpec kEngineFields[] = {
    {"type", Kind::Text, "memory"},
    {"redis", Kind::Object, "", &kRedisEngine},
};

}  // namespace

const ObjectSpec kEngine{"Engine", kEngineFields};

namespace {

constexpr auto kRedisBrokerFields = joined(kRedisPrefix, kRedisConnection, kRedisHistory);
const ObjectSpec kRedisBroker{"RedisBroker", kRedisBrokerFields};

constexpr OptionSpec kRawModeConfigFields[] = {
    {"enabled", Kind::Bool},
    {"channel_replacements", Kind::TextMap},
    {"prefix", Kind::Text},
};
const ObjectSpec kRawModeConfig{"RawModeConfig", kRawModeConfigFields};

constexpr OptionSpec kNatsBrokerFields[] = {
    {"prefix", Kind::Text, "centrifugo"},
    {"url", Kind::Text, "nats://localhost:4222"},
    {"dial_timeout", Kind::Duration, "1s"},
    {"write_timeout", Kind::Duration, "1s"},
    {"tls", Kind::Object, "", &kTLSConfig},
    {"allow_wildcards", Kind::Bool},
    {"raw_mode", Kind::Object, "", &kRawModeConfig},
};
const ObjectSpec kNatsBroker{"NatsBroker", kNatsBrokerFields};

constexpr OptionSpec kPostgresMapBrokerOutboxFields[] = {
    {"poll_interval", Kind::Duration, "100ms"},
    {"batch_size", Kind::Integer, "1000"},
};
const ObjectSpec kPostgresMapBrokerOutbox{"PostgresMapBrokerOutbox", kPostgresMapBrokerOutboxFields};

constexpr OptionSpec kPostgresShards[] = {
    {"dsn", Kind::Text},
    {"tls", Kind::Object, "", &kTLSConfig},
    {"pool_size", Kind::Integer, "16"},
    {"num_shards", Kind::Integer, "8"},
};

constexpr OptionSpec kPostgresStream[] = {
    {"cleanup_interval", Kind::Duration, "1m"},
    {"idempotent_result_ttl", Kind::Duration, "5m"},
    {"binary_data", Kind::Bool},
    {"stream_retention", Kind::Duration, "24h"},
    {"use_notify", Kind::Bool},
    {"notify_dsn", Kind::Text},
    {"table_prefix", Kind::Text, "cf"},
    {"skip_schema_init", Kind::Bool},
    {"outbox", Kind::Object, "", &kPostgresMapBrokerOutbox},
    {"partition_lookahead_days", Kind::Integer, "2"},
    {"partition_retention_days", Kind::Integer, "7"},
};

constexpr auto kPostgresStreamBrokerFields = joined(kPostgresShards, kPostgresStream);
const ObjectSpec kPostgresStreamBroker{"PostgresStreamBroker", kPostgresStreamBrokerFields};

constexpr OptionSpec kBrokerFields[] = {
    {"enabled", Kind::Bool},
    {"type", Kind::Text, "memory"},
    {"redis", Kind::Object, "", &kRedisBroker},
    {"nats", Kind::Object, "", &kNatsBroker},
    {"postgres", Kind::Object, "", &kPostgresStreamBroker},
};

}  // namespace

const ObjectSpec kBroker{"Broker", kBrokerFields};

namespace {

constexpr auto kRedisPresenceManagerFields = joined(kRedisPrefix, kRedisConnection, kRedisPresence);
const ObjectSpec kRedisPresenceManager{"RedisPresenceManager", kRedisPresenceManagerFields};

constexpr OptionSpec kPresenceManagerFields[] = {
    {"enabled", Kind::Bool},
    {"type", Kind::Text, "memory"},
    {"redis", Kind::Object, "", &kRedisPresenceManager},
};

}  // namespace

const ObjectSpec kPresenceManager{"PresenceManager", kPresenceManagerFields};

namespace {

constexpr OptionSpec kRedisMapBrokerOptions[] = {
    {"cleanup_interval", Kind::Duration, "1s"},
    {"cleanup_batch_size", Kind::Integer, "100"},
    {"idempotent_result_ttl", Kind::Duration, "5m"},
    {"skip_pub_sub", Kind::Bool},
};

constexpr auto kRedisMapBrokerFields = joined(kRedisPrefix, kRedisConnection, kRedisMapBrokerOptions);
const ObjectSpec kRedisMapBroker{"RedisMapBroker", kRedisMapBrokerFields};

constexpr OptionSpec kPostgresMapExpiry[] = {{"ttl_check_interval", Kind::Duration, "1s"}};

constexpr auto kPostgresMapBrokerFields = joined(kPostgresShards, kPostgresMapExpiry, kPostgresStream);
const ObjectSpec kPostgresMapBroker{"PostgresMapBroker", kPostgresMapBrokerFields};

constexpr OptionSpec kMapBrokerFields[] = {
    {"type", Kind::Text, "memory"},
    {"redis", Kind::Object, "", &kRedisMapBroker},
    {"postgres", Kind::Object, "", &kPostgresMapBroker},
};

}  // namespace

const ObjectSpec kMapBroker{"MapBroker", kMapBrokerFields};

namespace {

constexpr OptionSpec kPostgresControllerFields[] = {
    {"dsn", Kind::Text},
    {"tls", Kind::Object, "", &kTLSConfig},
    {"pool_size", Kind::Integer, "8"},
    {"num_shards", Kind::Integer, "1"},
    {"table_prefix", Kind::Text, "cf"},
    {"poll_interval", Kind::Duration, "50ms"},
    {"use_notify", Kind::Bool},
    {"notify_dsn", Kind::Text},
    {"partition_retention_days", Kind::Integer, "1"},
    {"partition_lookahead_days", Kind::Integer, "2"},
    {"partition_cleanup_interval", Kind::Duration, "1m"},
    {"batch_size", Kind::Integer, "1000"},
    {"skip_schema_init", Kind::Bool},
};
const ObjectSpec kPostgresController{"PostgresController", kPostgresControllerFields};

constexpr OptionSpec kControllerFields[] = {
    {"enabled", Kind::Bool},
    {"type", Kind::Text},
    {"postgres", Kind::Object, "", &kPostgresController},
};

}  // namespace

const ObjectSpec kController{"Controller", kControllerFields};

namespace {

constexpr OptionSpec kPostgresConsumerConfigFields[] = {
    {"dsn", Kind::Text},
    {"outbox_table_name", Kind::Text},
    {"num_partitions", Kind::Integer, "1"},
    {"partition_select_limit", Kind::Integer, "100"},
    {"partition_poll_interval", Kind::Duration, "300ms"},
    {"partition_notification_channel", Kind::Text},
    {"partition_notification_dsn", Kind::Text},
    {"tls", Kind::Object, "", &kTLSConfig},
    {"use_try_lock", Kind::Bool, "false"},
};
const ObjectSpec kPostgresConsumerConfig{"PostgresConsumerConfig", kPostgresConsumerConfigFields};

constexpr OptionSpec kKafkaPublicationDataModeConfigFields[] = {
    {"enabled", Kind::Bool},
    {"channels_header", Kind::Text, "centrifugo-channels"},
    {"idempotency_key_header", Kind::Text, "centrifugo-idempotency-key"},
    {"delta_header", Kind::Text, "centrifugo-delta"},
    {"version_header", Kind::Text, "centrifugo-version"},
    {"version_epoch_header", Kind::Text, "centrifugo-version-epoch"},
    {"tags_header_prefix", Kind::Text, "centrifugo-tag-"},
};
const ObjectSpec kKafkaPublicationDataModeConfig{"KafkaPublicationDataModeConfig",
                                                 kKafkaPublicationDataModeConfigFields};

constexpr OptionSpec kKafkaConsumerConfigFields[] = {
    {"brokers", Kind::TextList},
    {"topics", Kind::TextList},
    {"consumer_group", Kind::Text},
    {"max_poll_records", Kind::Integer, "100"},
    {"fetch_max_bytes", Kind::Integer},
    {"fetch_max_wait", Kind::Duration, "500ms"},
    {"fetch_read_uncommitted", Kind::Bool, "false"},
    {"partition_queue_max_size", Kind::Integer, "1000"},
    {"dial_timeout", Kind::Duration, "3s"},
    {"tls", Kind::Object, "", &kTLSConfig},
    {"sasl_mechanism", Kind::Text},
    {"sasl_user", Kind::Text},
    {"sasl_password", Kind::Text},
    {"assume_role_arn", Kind::Text},
    {"instance_id", Kind::Text},
    {"method_header", Kind::Text, "centrifugo-method"},
    {"publication_data_mode", Kind::Object, "", &kKafkaPublicationDataModeConfig},
};
const ObjectSpec kKafkaConsumerConfig{"KafkaConsumerConfig", kKafkaConsumerConfigFields};

constexpr OptionSpec kNatsJetStreamPublicationDataModeConfigFields[] = {
    {"enabled", Kind::Bool},
    {"channels_header", Kind::Text, "centrifugo-channels"},
    {"idempotency_key_header", Kind::Text, "centrifugo-idempotency-key"},
    {"delta_header", Kind::Text, "centrifugo-delta"},
    {"version_header", Kind::Text, "centrifugo-version"},
    {"version_epoch_header", Kind::Text, "centrifugo-version-epoch"},
    {"tags_header_prefix", Kind::Text, "centrifugo-tag-"},
};
const ObjectSpec kNatsJetStreamPublicationDataModeConfig{"NatsJetStreamPublicationDataModeConfig",
                                                         kNatsJetStreamPublicationDataModeConfigFields};

constexpr OptionSpec kNatsJetStreamConsumerConfigFields[] = {
    {"url", Kind::Text, "nats://127.0.0.1:4222"},
    {"credentials_file", Kind::Text},
    {"username", Kind::Text},
    {"password", Kind::Text},
    {"token", Kind::Text},
    {"stream_name", Kind::Text},
    {"use_existing_consumer", Kind::Bool, "false"},
    {"subjects", Kind::TextList},
    {"durable_consumer_name", Kind::Text},
    {"deliver_policy", Kind::Text, "new"},
    {"max_ack_pending", Kind::Integer, "100"},
    {"method_header", Kind::Text, "centrifugo-method"},
    {"publication_data_mode", Kind::Object, "", &kNatsJetStreamPublicationDataModeConfig},
    {"tls", Kind::Object, "", &kTLSConfig},
};
const ObjectSpec kNatsJetStreamConsumerConfig{"NatsJetStreamConsumerConfig", kNatsJetStreamConsumerConfigFields};

constexpr OptionSpec kRedisStreamPublicationDataModeConfigFields[] = {
    {"enabled", Kind::Bool},
    {"channels_value", Kind::Text, "centrifugo-channels"},
    {"idempotency_key_value", Kind::Text, "centrifugo-idempotency-key"},
    {"delta_value", Kind::Text, "centrifugo-delta"},
    {"version_value", Kind::Text, "centrifugo-version"},
    {"version_epoch_value", Kind::Text, "centrifugo-version-epoch"},
    {"tags_value_prefix", Kind::Text, "centrifugo-tag-"},
};
const ObjectSpec kRedisStreamPublicationDataModeConfig{"RedisStreamPublicationDataModeConfig",
                                                       kRedisStreamPublicationDataModeConfigFields};

constexpr OptionSpec kRedisStreamConsumerOptions[] = {
    {"streams", Kind::TextList},
    {"consumer_group", Kind::Text},
    {"visibility_timeout", Kind::Duration, "30s"},
    {"num_workers", Kind::Integer, "1"},
    {"payload_value", Kind::Text, "payload"},
    {"method_value", Kind::Text, "method"},
    {"publication_data_mode", Kind::Object, "", &kRedisStreamPublicationDataModeConfig},
};

constexpr auto kRedisStreamConsumerConfigFields = joined(kRedisConnection, kRedisStreamConsumerOptions);
const ObjectSpec kRedisStreamConsumerConfig{"RedisStreamConsumerConfig", kRedisStreamConsumerConfigFields};

constexpr OptionSpec kGooglePubSubPublicationDataModeConfigFields[] = {
    {"enabled", Kind::Bool},
    {"channels_attribute", Kind::Text, "centrifugo-channels"},
    {"idempotency_key_attribute", Kind::Text, "centrifugo-idempotency-key"},
    {"delta_attribute", Kind::Text, "centrifugo-delta"},
    {"version_attribute", Kind::Text, "centrifugo-version"},
    {"version_epoch_attribute", Kind::Text, "centrifugo-version-epoch"},
    {"tags_attribute_prefix", Kind::Text, "centrifugo-tag-"},
};
const ObjectSpec kGooglePubSubPublicationDataModeConfig{"GooglePubSubPublicationDataModeConfig",
                                                        kGooglePubSubPublicationDataModeConfigFields};

constexpr OptionSpec kGooglePubSubConsumerConfigFields[] = {
    {"project_id", Kind::Text},
    {"subscriptions", Kind::TextList},
    {"max_outstanding_messages", Kind::Integer, "100"},
    {"max_outstanding_bytes", Kind::Integer, "1000000"},
    {"auth_mechanism", Kind::Text},
    {"credentials_file", Kind::Text},
    {"method_attribute", Kind::Text, "centrifugo-method"},
    {"publication_data_mode", Kind::Object, "", &kGooglePubSubPublicationDataModeConfig},
};
const ObjectSpec kGooglePubSubConsumerConfig{"GooglePubSubConsumerConfig", kGooglePubSubConsumerConfigFields};

constexpr OptionSpec kAWSPublicationDataModeConfigFields[] = {
    {"enabled", Kind::Bool},
    {"channels_attribute", Kind::Text, "centrifugo-channels"},
    {"idempotency_key_attribute", Kind::Text, "centrifugo-idempotency-key"},
    {"delta_attribute", Kind::Text, "centrifugo-delta"},
    {"version_attribute", Kind::Text, "centrifugo-version"},
    {"version_epoch_attribute", Kind::Text, "centrifugo-version-epoch"},
    {"tags_attribute_prefix", Kind::Text, "centrifugo-tag-"},
};
const ObjectSpec kAWSPublicationDataModeConfig{"AWSPublicationDataModeConfig", kAWSPublicationDataModeConfigFields};

constexpr OptionSpec kAwsSqsConsumerConfigFields[] = {
    {"queues", Kind::TextList},
    {"sns_envelope", Kind::Bool},
    {"region", Kind::Text},
    {"max_number_of_messages", Kind::Integer, "10"},
    {"wait_time_time", Kind::Duration, "20s"},
    {"visibility_timeout", Kind::Duration, "30s"},
    {"max_concurrency", Kind::Integer, "1"},
    {"credentials_profile", Kind::Text},
    {"assume_role_arn", Kind::Text},
    {"method_attribute", Kind::Text, "centrifugo-method"},
    {"localstack_endpoint", Kind::Text},
    {"publication_data_mode", Kind::Object, "", &kAWSPublicationDataModeConfig},
};
const ObjectSpec kAwsSqsConsumerConfig{"AwsSqsConsumerConfig", kAwsSqsConsumerConfigFields};

constexpr OptionSpec kAzureServiceBusPublicationDataModeConfigFields[] = {
    {"enabled", Kind::Bool},
    {"channels_property", Kind::Text, "centrifugo-channels"},
    {"idempotency_key_property", Kind::Text, "centrifugo-idempotency-key"},
    {"delta_property", Kind::Text, "centrifugo-delta"},
    {"version_property", Kind::Text, "centrifugo-version"},
    {"version_epoch_property", Kind::Text, "centrifugo-version-epoch"},
    {"tags_property_prefix", Kind::Text, "centrifugo-tag-"},
};
const ObjectSpec kAzureServiceBusPublicationDataModeConfig{"AzureServiceBusPublicationDataModeConfig",
                                                           kAzureServiceBusPublicationDataModeConfigFields};

constexpr OptionSpec kAzureServiceBusConsumerConfigFields[] = {
    {"connection_string", Kind::Text},
    {"use_azure_identity", Kind::Bool},
    {"fully_qualified_namespace", Kind::Text},
    {"tenant_id", Kind::Text},
    {"client_id", Kind::Text},
    {"client_secret", Kind::Text},
    {"queues", Kind::TextList},
    {"use_sessions", Kind::Bool},
    {"max_concurrent_calls", Kind::Integer, "1"},
    {"max_receive_messages", Kind::Integer, "1"},
    {"method_property", Kind::Text, "centrifugo-method"},
    {"publication_data_mode", Kind::Object, "", &kAzureServiceBusPublicationDataModeConfig},
};
const ObjectSpec kAzureServiceBusConsumerConfig{"AzureServiceBusConsumerConfig", kAzureServiceBusConsumerConfigFields};

constexpr OptionSpec kConsumerFields[] = {
    {"name", Kind::Text},
    {"enabled", Kind::Bool},
    {"type", Kind::Text},
    {"postgresql", Kind::Object, "", &kPostgresConsumerConfig},
    {"kafka", Kind::Object, "", &kKafkaConsumerConfig},
    {"nats_jetstream", Kind::Object, "", &kNatsJetStreamConsumerConfig},
    {"redis_stream", Kind::Object, "", &kRedisStreamConsumerConfig},
    {"google_pub_sub", Kind::Object, "", &kGooglePubSubConsumerConfig},
    {"aws_sqs", Kind::Object, "", &kAwsSqsConsumerConfig},
    {"azure_service_bus", Kind::Object, "", &kAzureServiceBusConsumerConfig},
};

}  // namespace

const ObjectSpec kConsumer{"Consumer", kConsumerFields};

}  // namespace xshathra::centrifugo::schema
