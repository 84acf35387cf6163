#include "server/auth/base64.h"
