#include "server/http/upgrade.h"
