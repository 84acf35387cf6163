#pragma once

#include "server/capture/recorder.h"

namespace xshathra::test {

/// Records the traffic of a small game: two players, ticks of a match, a chat room, and a refused subscription with its
/// decision. The first event gets number `firstSeq`, as far as the recorder is new. Project `proj_01J9Z3T8QH`.
void recordSampleTraffic(capture::Recorder& recorder);

}  // namespace xshathra::test
