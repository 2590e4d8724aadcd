// SPDX-License-Identifier: MIT
//
// Whose a file becomes that root makes in a service's directory: a command that an operator runs as
// root must not leave there what the service cannot read.
//
// Errors:  none; who may not give files away (CAP_CHOWN) keeps them.
// Threads: any.
#pragma once

#include <string>

namespace timecast {

// Gives the file that is about to be at `path` to the user whose file it replaces, or else to whom
// the directory belongs, and to his group. Does nothing where that is root or this is not root.
void give_to_its_user(int fd, const std::string& path);

}  // namespace timecast
