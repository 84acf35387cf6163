#include "server/auth/api_key.h"
