#pragma once

#include "server/centrifugo/schema.h"

namespace xshathra::centrifugo::schema {

/// Objects that several files of the schema share, named as Centrifugo's documentation names their types.
extern const ObjectSpec kBroker;
extern const ObjectSpec kChannel;
extern const ObjectSpec kClient;
extern const ObjectSpec kConsumer;
extern const ObjectSpec kController;
extern const ObjectSpec kEngine;
extern const ObjectSpec kHttpAPI;
extern const ObjectSpec kMapBroker;
extern const ObjectSpec kNamedProxy;
extern const ObjectSpec kPresenceManager;
extern const ObjectSpec kRPC;
extern const ObjectSpec kSharedPoll;
extern const ObjectSpec kTLSConfig;
extern const ObjectSpec kRoot;

}  // namespace xshathra::centrifugo::schema
