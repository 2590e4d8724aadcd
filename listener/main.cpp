// SPDX-License-Identifier: MIT
#include "listener/daemon/program.hpp"

int main(int argc, char** argv) { return timecast::listener_program(argc, argv); }
