#include "server/auth/cipher.h"
