// SPDX-License-Identifier: MIT
#include "listener/daemon/key_options.hpp"

namespace timecast {

namespace {

constexpr std::pair<std::string_view, SignatureMode> kSignatureModes[] = {
    {"first-use", SignatureMode::first_use},
    {"pinned", SignatureMode::pinned},
    {"off", SignatureMode::off}};

constexpr const char* kKeys =
    "trusted public keys, one base64 line each; nobody else counts then but those of `keys add`; "
    "without it those in trusted-keys where settings are, if there are any. And the symmetric keys "
    "that --hear names, as lines of ntpd's or chrony's";

OptionValue signatures(ListenerOptions& options) {
  const auto take = [&options](std::string_view text) -> Result<void> {
    for (const auto& [name, mode] : kSignatureModes) {
      if (text != name) continue;
      options.signatures = mode;
      return {};
    }
    return because(unfit(text, "is none of first-use, pinned, off"));
  };
  const auto said = [&options] {
    OptionValue::Texts texts;
    for (const auto& mode : kSignatureModes) {
      if (mode.second == options.signatures) texts.emplace_back(mode.first);
    }
    return texts;
  };
  return {take, {}, "first-use", JsonForm::text, said};
}

}  // namespace

Option signatures_option(ListenerOptions& options) {
  return {"--signatures", "MODE",
          "whose announcements count: first-use (keys that answer a signed challenge within ten "
          "minutes of the first announcement), pinned (those of --keys), off (anybody's)",
          signatures(options)};
}

Option keys_file_option(ListenerOptions& options) {
  return {"--keys", "FILE", kKeys, text(options.keys_file)};
}

}  // namespace timecast
