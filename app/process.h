#pragma once

namespace xshathra::app {

/// What both programs set up before anything else: new files are for this user alone (umask 077), and a peer that has
/// gone is an error of write(), not the end of the process.
void prepareProcess();

/// Names the application for Qt, its folders and `xshathra status`.
void nameApplication(const char* name);

}  // namespace xshathra::app
