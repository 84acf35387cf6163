#include "server/http/router.h"
