// SPDX-License-Identifier: MIT
#include "listener/now/reader.hpp"

#include <doctest/doctest.h>
#include <errno.h>
#include <unistd.h>

#include <optional>
#include <string>

#include "listener/daemon/shared_page.hpp"
#include "tests/unit/host_directory.hpp"
#include "tests/unit/shared_page.hpp"

using namespace timecast;

namespace {

PageClocks clocks;
PageClocks clocks_now() noexcept { return clocks; }

void pass(std::int64_t ns) {
  clocks.raw_ns += ns;
  clocks.boot_ns += ns;
}

PageValues written_now(std::int64_t utc_s) {
  PageValues v = synchronised_page();
  v.raw_ns = clocks.raw_ns;
  v.boot_ns = clocks.boot_ns;
  v.valid_until_ns = clocks.boot_ns + 3'600 * kSecondNs;
  v.utc_ns = utc_s * kSecondNs;
  return v;
}

struct Host {
  Host() { clocks = {4'000 * kSecondNs, 5'000 * kSecondNs}; }

  SharedPage daemon(std::int64_t utc_s) const {
    auto page = SharedPage::open(path, written_now(utc_s));
    REQUIRE(page);
    return std::move(*page);
  }
  // As it is after SIGKILL, and where the directory went with the daemon.
  void lose_page() const { REQUIRE(::unlink(path.c_str()) == 0); }

  TemporaryDirectory directory;
  std::string path = directory / "page";
};

struct Reader {
  explicit Reader(const std::string& path) : place{path} {
    reader.add_place(place.c_str());
    error = reader.look();
  }
  int now() {
    error = reader.now(time);
    return error;
  }
  // UTC in seconds, 0 if there is none.
  std::int64_t seconds() { return now() == 0 ? time.time_ns / kSecondNs : 0; }

  std::string place;
  PageReader reader{clocks_now};
  int error = 0;
  timecast_time time{};
};

}  // namespace

TEST_CASE("page's reader: tells what the daemon wrote, at once") {
  const Host host;
  SharedPage page = host.daemon(100);
  Reader reader{host.path};
  CHECK(reader.error == 0);
  CHECK(reader.seconds() == 100);
  page.write(written_now(200));
  CHECK(reader.seconds() == 200);
}

TEST_CASE("page's reader: where there is no page yet it is found later, a look a second") {
  const Host host;
  Reader reader{host.path};
  CHECK(reader.error == -ENOENT);
  CHECK(reader.now() == -ENOENT);
  CHECK(reader.time.reason == TIMECAST_NO_PAGE);
  const SharedPage page = host.daemon(100);
  pass(kSecondNs - 1);
  CHECK(reader.now() == -ENOENT);
  pass(1);
  CHECK(reader.seconds() == 101);
}

TEST_CASE("page's reader: a directory that is none, or may not be read, is said") {
  const Host host;
  put_file(host.directory / "file", "");
  CHECK(Reader{host.directory / "file/page"}.error == -ENOENT);
  CHECK(Reader{host.directory.path()}.error == -EPROTO);
  CHECK(Reader{host.directory / std::string(300, 'x')}.error == -ENAMETOOLONG);
}

TEST_CASE("page's reader: errno is kept") {
  const Host host;
  errno = EXDEV;
  Reader reader{host.path};
  CHECK(reader.now() == -ENOENT);
  CHECK(errno == EXDEV);
}

TEST_CASE("page's reader: another file is no page") {
  const Host host;
  { const SharedPage page = host.daemon(100); }
  const std::string page = file_content(host.path);
  REQUIRE(page.size() == kPageOctets);
  CHECK(Reader{host.path}.error == 0);
  const auto is_refused = [&](std::size_t offset, char octet, int error) {
    std::string other = page;
    other[offset] = octet;
    put_file(host.directory / "other", other);
    CHECK(Reader{host.directory / "other"}.error == error);
  };
  is_refused(0, 'X', -EPROTO);                                  // magic
  is_refused(7, 'X', -EPROTO);                                  //
  is_refused(8, '\2', -EPROTO);                                 // version
  is_refused(13, '\0', -EPROTO);                                // octets
  is_refused(16, static_cast<char>(page[16] ^ '\1'), -ESTALE);  // clocks: another time namespace
  is_refused(20, static_cast<char>(page[20] ^ '\1'), -ESTALE);  // and another boot
  is_refused(4'000, 'X', 0);                                    // what means nothing yet
  for (const std::size_t size : {std::size_t{0}, std::size_t{64}, kPageOctets - 1}) {
    CAPTURE(size);
    put_file(host.directory / "short", page.substr(0, size));
    CHECK(Reader{host.directory / "short"}.error == -EPROTO);
  }
}

TEST_CASE("page's reader: what does not make sense inside is no page either") {
  const Host host;
  SharedPage page = host.daemon(100);
  Reader reader{host.path};
  page.write(all_of(-1));
  CHECK(reader.now() == -EPROTO);
  page.write(written_now(200));
  CHECK(reader.seconds() == 200);
}

TEST_CASE("page's reader: a daemon that is started again in the same directory is followed") {
  const Host host;
  std::optional<SharedPage> page{host.daemon(100)};
  Reader reader{host.path};
  CHECK(reader.seconds() == 100);
  page.reset();
  pass(4 * kSecondNs);
  CHECK(reader.seconds() == 104);
  CHECK(reader.time.state == TIMECAST_HOLDOVER);
  CHECK(reader.time.reason == TIMECAST_DAEMON_SILENT);
  page.emplace(host.daemon(200));
  CHECK(reader.seconds() == 200);
  CHECK(reader.time.state == TIMECAST_SYNCHRONISED);
}

TEST_CASE("page's reader: a daemon whose directory went with its predecessor is found") {
  const Host host;
  std::optional<SharedPage> page{host.daemon(100)};
  Reader reader{host.path};
  page.reset();
  host.lose_page();
  page.emplace(host.daemon(200));
  pass(2 * kSecondNs);
  page->write(written_now(202));
  CHECK(reader.seconds() == 102);  // there is no reason to look yet
  pass(2 * kSecondNs);
  page->write(written_now(204));
  CHECK(reader.seconds() == 204);
}

TEST_CASE("page's reader: a page that was replaced is left within a second") {
  const Host host;
  std::optional<SharedPage> page{host.daemon(100)};
  Reader reader{host.path};
  page.reset();
  // Of another version, so that the next daemon replaces it.
  std::fstream file{host.path, std::ios::in | std::ios::out | std::ios::binary};
  REQUIRE(file.seekp(8).put('\2').flush());
  page.emplace(host.daemon(200));
  CHECK(reader.seconds() == 100);
  pass(kSecondNs);
  CHECK(reader.seconds() == 201);
}

TEST_CASE("page's reader: without a daemon it goes on until the page expires, and says so") {
  const Host host;
  std::optional<SharedPage> page{host.daemon(100)};
  Reader reader{host.path};
  page.reset();
  host.lose_page();
  pass(3'599 * kSecondNs);
  CHECK(reader.seconds() == 3'699);
  pass(kSecondNs);
  CHECK(reader.now() == -ENODATA);
  CHECK(reader.time.state == TIMECAST_LOST);
  CHECK(reader.time.reason == TIMECAST_EXPIRED);
}

TEST_CASE("page's reader: of two places the one that was written last counts") {
  const Host old_one;
  const Host new_one;
  const SharedPage old_page = old_one.daemon(100);
  pass(10 * kSecondNs);
  const SharedPage new_page = new_one.daemon(200);
  for (const bool old_first : {true, false}) {
    CAPTURE(old_first);
    PageReader reader{clocks_now};
    reader.add_place((old_first ? old_one : new_one).path.c_str());
    reader.add_place((old_first ? new_one : old_one).path.c_str());
    CHECK(reader.look() == 0);
    timecast_time time{};
    CHECK(reader.now(time) == 0);
    CHECK(time.time_ns == 200 * kSecondNs);
  }
}

TEST_CASE(
    "page's reader: of a place without a page and one with a broken one, the latter is told") {
  const Host host;
  put_file(host.path, "no page");
  PageReader reader{clocks_now};
  const std::string nowhere = host.directory / "nowhere";
  reader.add_place(host.path.c_str());
  reader.add_place(nowhere.c_str());
  CHECK(reader.look() == -EPROTO);
}

namespace {

int readings = 0;
// The first pair was read by a process that had to wait in between.
PageClocks clocks_of_busy_process() noexcept {
  PageClocks read = clocks;
  if (readings++ == 0) read.boot_ns += kSecondNs;
  return read;
}

}  // namespace

TEST_CASE("page's reader: one that had to wait between two clocks has not slept") {
  const Host host;
  const SharedPage page = host.daemon(100);
  PageReader reader{clocks_of_busy_process};
  reader.add_place(host.path.c_str());
  CHECK(reader.look() == 0);
  readings = 0;
  timecast_time time{};
  CHECK(reader.now(time) == 0);
  CHECK(readings == 2);
}
