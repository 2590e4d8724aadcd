// SPDX-License-Identifier: MIT
//
// The same sentences as the daemon's.
#include <errno.h>
#include <timecast/now.h>

const char* timecast_state_text(uint32_t state) {
  switch (state) {
    case TIMECAST_SEARCHING: return "searching";
    case TIMECAST_TENTATIVE: return "tentative";
    case TIMECAST_SYNCHRONISED: return "synchronised";
    case TIMECAST_HOLDOVER: return "holdover";
    case TIMECAST_LOST: return "lost";
    default: return "unnamed";
  }
}

const char* timecast_reason_text(uint32_t reason) {
  switch (reason) {
    case TIMECAST_NOTHING_HEARD: return "no announcement heard yet";
    case TIMECAST_EVERYTHING_REFUSED: return "announcements are heard and refused";
    case TIMECAST_ANNOUNCER_UNSYNCHRONISED:
      return "the announcer says that its own clock is not synchronised";
    case TIMECAST_FEW_ANNOUNCEMENTS: return "fewer than three announcements agree so far";
    case TIMECAST_DELAY_UNVERIFIED:
      return "the delay is assumed until the announcer answers a query";
    case TIMECAST_LISTEN_ONLY: return "listening only: the delay is assumed, lateness has no limit";
    case TIMECAST_NOT_SIGNED:
      return "announcements and answers are not signed, and keys count here";
    case TIMECAST_AGREEING: return "announcements agree and the delay was measured";
    case TIMECAST_SILENCE: return "the announcer is silent; its last rate is kept";
    case TIMECAST_BOUND_TOO_LARGE: return "the error bound has passed the limit of --max-bound";
    case TIMECAST_ANNOUNCERS_DISAGREE:
      return "announcers contradict each other, and no majority says which is right";
    case TIMECAST_NO_PAGE: return "there is no page that could be read";
    case TIMECAST_DAEMON_SILENT:
      return "timecast-listener has written nothing for 3 s; its last rate is kept";
    case TIMECAST_EXPIRED: return "what timecast-listener wrote last is no longer valid";
    case TIMECAST_SUSPENDED:
      return "this host slept, and timecast-listener has written nothing since";
    case TIMECAST_CLOCKS_DIFFER:
      return "the page was written by clocks that are not this program's";
    default: return "unnamed";
  }
}

const char* timecast_error_text(int error) {
  switch (error) {
    case 0: return "there is a time";
    case -ENODATA: return "there is no time; state and reason say why";
    case -ENOENT:
      return "there is no page; start timecast-listener, or name the page that its status shows";
    case -EACCES: return "the page may not be read by this user";
    case -EPROTO:
      return "the file is no page that this library knows; timecast-listener and it have different "
             "versions, or it is another file";
    case -ESTALE:
      return "the page was written before this host was started, or in another time namespace";
    case -EAGAIN: return "the page changes too fast to be read; ask again";
    case -EINVAL: return "no clock, no place for the time, or its size is not set";
    case -ENOMEM: return "there is no memory";
    default: return "the system refuses the page, for the errno value with the sign changed";
  }
}
